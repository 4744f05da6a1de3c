"""What a person meets: help that teaches, and refusals in one message."""

import importlib.util
import sys

import pytest

from baselines.remedies import REMEDIES
from experiments.__main__ import main
from experiments.catalogue import EXPERIMENTS
from experiments.curricula import CURRICULA


def forage(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["forage", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["slep"], "unknown experiment 'slep'; known: sleep, forgetting"),
        (["sleep", "--preset", "huge"], "unknown preset of sleep 'huge'; known: quick, paper"),
        (["sleep", "--agents", "ppo"], "experiment 'sleep' is about the spiking agent alone, not ppo"),
        (["forgetting", "--protocol", "circle"], "unknown protocol 'circle'; known: paper, cycle"),
        (["forgetting", "--agents", "ppo+luck"], "unknown agent 'ppo+luck'; known after 'ppo+':"),
        (["sleep", "--seeds", "0"], "Invalid value for '--seeds'"),
        (["sleep", "--seed", "-1"], "Invalid value for '--seed'"),
        (["sleep", "--jobs", "0"], "Invalid value for '--jobs'"),
        (["sleep", "--out", __file__], "test_cli.py is a file; results need a folder, choose another --out"),
    ],
)
def test_what_cannot_be_is_refused_with_value_rule_and_remedy(monkeypatch, capsys, arguments, text):
    assert forage(monkeypatch, "run", *arguments) == 2

    assert text in capsys.readouterr().err


def test_a_dry_run_says_what_is_lacking_and_writes_nothing(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    forage(monkeypatch, "run", "forgetting", "--agents", "ppo,ppo+ewc", "--seeds", "1", "--dry-run")

    told = capsys.readouterr().out
    assert "ppo seed 0  2-task2+ewc: 302,400 steps" in told
    assert "2 agents in all, 0:00:00 of " in told
    assert not list(tmp_path.iterdir())


def test_the_list_has_every_experiment_protocol_and_remedy(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")

    forage(monkeypatch, "list")

    told = capsys.readouterr().out
    for name in (*EXPERIMENTS, *CURRICULA, *(f"+{name}" for name in REMEDIES if name != "none"), "+interleaved"):
        assert name in told


def test_the_help_shows_how_to_begin_and_examples(monkeypatch, capsys):
    assert forage(monkeypatch, "--help") == 0
    assert "forage run sleep" in capsys.readouterr().out

    assert forage(monkeypatch, "run", "--help") == 0
    assert "--preset paper" in capsys.readouterr().out


def test_an_algorithm_of_an_extra_says_what_to_install(monkeypatch, capsys, tmp_path):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sb3_contrib" else find(name))

    assert forage(monkeypatch, "run", "forgetting", "--agents", "qrdqn", "--out", str(tmp_path)) == 2

    assert 'pip install "forage[contrib]"' in capsys.readouterr().err
