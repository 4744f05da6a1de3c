"""A run says how far it is, on a terminal and in a log."""

from io import StringIO

import pytest

from experiments.printing import console as new_console
from experiments.running.progress import reporter


@pytest.mark.parametrize("terminal", [False, True])
def test_the_end_of_the_last_agent_is_told_with_the_share_that_is_done(terminal):
    console = new_console(file=StringIO(), width=100, force_terminal=terminal)

    with reporter(console, 40.0, 160.0, 1) as report:
        report.begin("ppo seed 3")
        report.advance("ppo seed 3", "1-task1", 40.0, 1.0)
        report.end("ppo seed 3", "finished")

    told = console.file.getvalue()
    assert "1 of 1 agent" in told
    assert "50" in told


@pytest.mark.parametrize("terminal", [False, True])
def test_a_failure_is_named_at_once(terminal):
    console = new_console(file=StringIO(), width=100, force_terminal=terminal)

    with reporter(console, 0.0, 160.0, 5) as report:
        report.begin("ppo seed 3")
        report.end("ppo seed 3", "failed")

    assert "ppo seed 3 failed" in console.file.getvalue()


def test_a_log_reckons_the_time_left_from_the_first_news_on(monkeypatch):
    clock = iter([0.0, 1000.0, 1040.0])
    monkeypatch.setattr("experiments.running.progress.time.monotonic", lambda: next(clock))
    console = new_console(file=StringIO(), width=100)

    with reporter(console, 400.0, 1000.0, 2) as report:
        report.begin("spiking seed 0")
        report.advance("spiking seed 0", "T1", 100.0, 0.1)
        report.advance("spiking seed 0", "T1", 100.0, 0.1)

    assert "0:17:20   60.0%, 0 of 2 agents, about 0:02:40 left; spiking seed 0 in T1" in console.file.getvalue()


def test_an_agent_that_failed_is_not_counted_as_one_that_came_to_its_end():
    console = new_console(file=StringIO(), width=100)

    with reporter(console, 0.0, 2.0, 2) as report:
        for unit, outcome in (("ppo seed 0", "finished"), ("ppo seed 1", "failed")):
            report.begin(unit)
            report.end(unit, outcome)

    assert "1 of 2 agents, 1 failed; ppo seed 1 failed" in console.file.getvalue()
