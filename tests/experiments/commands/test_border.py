"""Whatever ends a command ends it in one message and a status that says whether something was done."""

import errno
import os
import signal
import sys
import time
from dataclasses import replace
from io import BytesIO, TextIOWrapper

import pytest
from miniature import PRESET, live_in
from test_cli import RUN, forage

from experiments.catalogue import EXPERIMENTS
from experiments.errors import UserError
from experiments.forgetting import agents
from experiments.forgetting.protocols import PROTOCOLS


@pytest.fixture
def failing(monkeypatch, tmp_path):
    """A run that ends, instead of living, in what is given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORAGE_DEBUG", raising=False)

    def with_error(error):
        def live(*arguments, **named):
            raise error
            yield

        monkeypatch.setattr("experiments.running.runner.run_units", live)

    return with_error


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "stages/state-01.pt")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FULL, "stages/state-01.pt: the disk is full. What is finished is saved in runs/forgetting-cycle-cue-quick;"),
        (
            MemoryError("Unable to allocate 3 TiB"),
            "out of memory (Unable to allocate 3 TiB). What is finished",
        ),
        (UserError("the scheduler has gone"), "the scheduler has gone. What is finished is saved"),
    ],
)
def test_what_breaks_off_a_run_says_what_is_saved_and_ends_with_status_1(failing, monkeypatch, capsys, error, text):
    failing(error)

    assert forage(monkeypatch, *RUN) == 1

    told = capsys.readouterr().err
    assert told.startswith(f"forage: {text}")
    assert "the same command goes on" in told
    assert "Traceback" not in told


def test_debug_shows_the_traceback(failing, monkeypatch):
    failing(FULL)
    monkeypatch.setattr(sys, "argv", ["forage", "--debug", *RUN])
    from experiments.__main__ import main

    with pytest.raises(UserError, match="the disk is full"):
        main()
    os.environ.pop("FORAGE_DEBUG")


def test_a_fault_of_ours_is_not_hidden(failing, monkeypatch):
    failing(ZeroDivisionError("ours"))

    with pytest.raises(ZeroDivisionError, match="ours"):
        forage(monkeypatch, *RUN)


def test_sigterm_is_answered_like_ctrl_c(monkeypatch, capsys, tmp_path):
    def asked_to_end(*arguments, **named):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("experiments.running.runner.run", asked_to_end)

    assert forage(monkeypatch, *RUN) == 143

    assert "What is finished is saved; go on with the same command:\n  forage run" in capsys.readouterr().err


def test_names_of_a_person_are_printed_as_they_are(tmp_path):
    named = replace(PROTOCOLS["paper"], name="fast [v2] [/v1] for $5 or $6")
    deep = replace(PRESET.lengths["deep"], stage=4_096, segments=1)
    plans = agents.plans(named, ["ppo"], replace(PRESET, lengths={"deep": deep}))

    told = live_in(tmp_path / "out[/x]", plans, seeds=[0], jobs=1)

    assert "Protocol fast [v2] [/v1] for $5 or $6: after the last phase" in " ".join(told.split())
    assert str(tmp_path / "out[/x]") in told


def test_a_console_that_lacks_characters_shows_the_others(monkeypatch):
    shown = BytesIO()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, TextIOWrapper(shown, encoding="ascii"))

    assert forage(monkeypatch, "list", "sleep") == 0

    sys.stdout.flush()
    assert b"T1-T2-Int(S,T1)" in shown.getvalue()


def test_a_folder_of_a_person_cannot_stand_in_for_ours(monkeypatch, tmp_path):
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines/__init__.py").write_text("raise RuntimeError('shadowed')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr("experiments.running.runner.run", lambda *arguments, **named: False)

    forage(monkeypatch, *RUN, "--agent", "own_agent:make")

    assert sys.path[-1] == str(tmp_path)
    assert EXPERIMENTS
