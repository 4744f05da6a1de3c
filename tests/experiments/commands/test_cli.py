"""What a person meets: help that teaches, and refusals in one message."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from miniature import PRESET

from baselines.remedies.table import REMEDIES
from experiments.__main__ import main
from experiments.catalogue import EXPERIMENTS
from experiments.forgetting.protocols import PROTOCOLS
from experiments.running.life import live
from experiments.running.workers import Failed, Finished, Started


def forage(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["forage", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["slep"], "unknown experiment 'slep'; known: sleep, golden2022, beyond, forgetting"),
        (["sleep", "--preset", "huge"], "unknown preset of sleep 'huge'; known: quick, paper"),
        (["sleep", "--agents", "ppo"], "experiment 'sleep' is about the spiking agent alone, not ppo"),
        (["forgetting", "--protocol", "circle"], "unknown protocol 'circle'; known: cycle-cue, paper"),
        (["forgetting", "--agents", "ppo+luck"], "unknown agent 'ppo+luck'; known after 'ppo+':"),
        (["sleep", "--seeds", "0"], "Invalid value for '--seeds'"),
        (["sleep", "--seed", "-1"], "Invalid value for '--seed'"),
        (["sleep", "--jobs", "0"], "Invalid value for '--jobs'"),
        (["sleep", "--out", __file__], "test_cli.py is a file; results need a folder, choose another --out"),
        (["sleep", "--protocol", "paper"], "unknown protocol of sleep 'paper'; known: sleep"),
        (["forgetting", "--agents", "ppo,ppo"], "agent 'ppo' is named twice"),
        (["golden2022", "--conditions", "T1,T1-Int(S,T3)"], "unknown condition 'T1-Int(S,T3)'; known: T1; T2; T1-T2;"),
        (["golden2022", "--protocol", "dose"], "experiment 'golden2022' is one protocol, the paper's"),
        (["beyond", "--protocol", "doze"], "unknown protocol of beyond 'doze'; known: dose, interruption"),
        (["beyond", "--agents", "ppo"], "experiment 'beyond' is about the spiking agent alone, not ppo"),
        (["forgetting", "--protocol", "gone.toml"], "gone.toml cannot be read as a protocol"),
        (["forgetting", "--agent", "gone:make"], "agent 'gone:make': gone cannot be imported"),
        (["forgetting", "--stages", __file__], "test_cli.py cannot hold stages (File exists); choose another --stages"),
    ],
)
def test_what_cannot_be_is_refused_with_value_rule_and_remedy(monkeypatch, capsys, arguments, text):
    assert forage(monkeypatch, "run", *arguments) == 2

    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["watch", "nobody"], "nobody: no saved agent, nor a scripted forager; known ones: random"),
        (["watch", __file__], "test_cli.py is no saved agent, or is damaged"),
        (["watch", "random", "--task", "task9"], "unknown task 'task9'; known: task1, task2"),
        (["movie", "random", "--out", "x.avi"], "x.avi: a movie is a .gif or an .mp4; choose another --out"),
        (["movie", "random", "--out", "folder.gif"], "folder.gif cannot be written (Is a directory); choose another"),
        (["movie", "random", "--out", "/dev/null/x.gif"], "cannot be written (File exists); choose another --out"),
        (["play", "--task", "h+h-"], "unknown task 'h+h-'; known: task1, task2"),
        (["bench", "envs"], "No such command 'envs'"),
        (["figures", "forgetting"], "experiment 'forgetting' has no gallery; known: golden2022"),
        (["figures", "--only", "fig1,fig9"], "unknown figure 'fig9'; known: overview, fig1"),
        (["figures", "--run", "gone"], "gone is not a folder; give result folders, such as forage run writes"),
    ],
)
def test_other_commands_refuse_in_one_message_too(monkeypatch, capsys, tmp_path, arguments, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.gif").mkdir()

    assert forage(monkeypatch, *arguments) == 2

    told = capsys.readouterr().err
    assert text in told
    assert "Traceback" not in told


def test_a_missing_extra_is_named_without_a_traceback(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pygame", None)

    assert forage(monkeypatch, "watch", "random") == 2

    assert capsys.readouterr().err == 'forage: a window needs pygame: pip install "foraging-env[human]"\n'


@pytest.fixture
def in_no_time(monkeypatch, tmp_path) -> Path:
    """Runs are short and live in this process; the working folder is a new one."""
    monkeypatch.chdir(tmp_path)
    deep = replace(PRESET.lengths["deep"], stage=4_096, segments=1)
    row = EXPERIMENTS["forgetting"]
    short = replace(PRESET, lengths={**PRESET.lengths, "deep": deep})
    monkeypatch.setitem(EXPERIMENTS, "forgetting", replace(row, presets={"quick": short}))
    monkeypatch.setattr("experiments.running.runner.run_units", live_here)
    return tmp_path


def live_here(plans, units, stages, jobs):
    for unit in units:
        yield Started(unit)
        yield from live(plans[unit.plan], unit, stages)
        yield Finished(unit)


RUN = ("run", "forgetting", "--agents", "ppo", "--seeds", "1", "--jobs", "1")


def test_the_end_of_a_run_is_told_with_where_its_results_are(monkeypatch, capsys, in_no_time):
    assert forage(monkeypatch, *RUN) == 0

    told = capsys.readouterr().out
    assert "results in runs/forgetting-cycle-cue-quick" in told
    assert "Done in 0:0" in told
    assert told.strip().endswith("all is in runs/forgetting-cycle-cue-quick")

    assert forage(monkeypatch, *RUN, "--quiet", "--tensorboard", "logs") == 0
    assert capsys.readouterr().out == ""
    assert len(list(in_no_time.glob("logs/ppo-seed-0/events.out.tfevents.*"))) == 1


def test_a_quiet_run_tells_what_failed_and_ends_with_status_1(monkeypatch, capsys, in_no_time):
    def failing(plans, units, stages, jobs):
        yield Started(units[0])
        yield Failed(units[0], "its state is gone; delete the folder")

    monkeypatch.setattr("experiments.running.runner.run_units", failing)

    assert forage(monkeypatch, *RUN, "--quiet") == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert "ppo seed 0 stopped: its state is gone; delete the folder" in told.err
    assert "the same command goes on" in told.err


def test_ctrl_c_says_how_to_go_on_and_ends_with_status_130(monkeypatch, capsys, in_no_time):
    def stopped(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("experiments.running.runner.run", stopped)

    assert forage(monkeypatch, *RUN) == 130

    told = capsys.readouterr().err
    assert "go on with the same command:\n  forage run forgetting --agents ppo --seeds 1 --jobs 1" in told


def test_a_dry_run_says_what_is_lacking_and_writes_nothing(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    forage(monkeypatch, "run", "forgetting", "--agents", "ppo,ppo+ewc", "--seeds", "1", "--dry-run")

    told = capsys.readouterr().out
    assert "ppo seed 0  2-n+v-+ewc: 204,800 steps of training, 60,000 of tests" in told
    assert "2 agents in all, 0:00:00 of " in told
    assert not list(tmp_path.iterdir())


def test_the_list_has_every_experiment_protocol_and_remedy(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")

    forage(monkeypatch, "list")

    told = capsys.readouterr().out
    for name in (*EXPERIMENTS, *PROTOCOLS, *(f"+{name}" for name in REMEDIES if name != "none"), "+interleaved"):
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

    assert 'pip install "foraging-env[contrib]"' in capsys.readouterr().err


def test_a_protocol_that_shows_the_task_leaves_out_who_cannot_sense_it_and_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    assert forage(monkeypatch, "run", "forgetting", "--protocol", "reversal-cue", "--seeds", "1", "--dry-run") == 0

    told = capsys.readouterr()
    assert "agent 'spiking+sleep' sees where food is and nothing else, but protocol 'reversal-cue'" in told.err
    assert "7 agents in all" in told.out
