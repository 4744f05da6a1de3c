"""A run says how far it is, on a terminal and in a log."""

from io import StringIO

import pytest
from rich.console import Console

from experiments.progress import reporter


@pytest.mark.parametrize("terminal", [False, True])
def test_the_end_of_every_seed_is_told_with_the_share_that_is_done(terminal):
    console = Console(file=StringIO(), width=100, force_terminal=terminal)

    with reporter(console, {3: 40, 4: 0}, 80) as report:
        report.advance(3, "T1", 40)
        report.end(3, "finished")

    told = console.file.getvalue()
    assert "seed 3" in told
    assert "finished" in told
    assert "50" in told


def test_a_log_reckons_the_time_left_from_the_first_news_on(monkeypatch):
    clock = iter([0.0, 1000.0, 1040.0])
    monkeypatch.setattr("experiments.progress.time.monotonic", lambda: next(clock))
    console = Console(file=StringIO(), width=100)

    with reporter(console, {0: 400}, 1000) as report:
        report.advance(0, "T1", 100)
        report.advance(0, "T1", 100)

    assert "0:17:20   60.0% of all cycles, about 0:02:40 left; seed 0 in T1" in console.file.getvalue()
