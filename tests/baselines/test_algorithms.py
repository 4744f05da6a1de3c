"""The table of settings, and the search that it comes from."""

import csv
import inspect
import subprocess
import sys

import optuna
import pytest
from gymnasium.error import DependencyNotInstalled
from same_files import assert_same_bytes
from typer.testing import CliRunner

from baselines import algorithms as settings
from baselines import tune
from baselines.algorithms import ALGORITHMS, algorithm
from baselines.tune import SPACES, Between, Row, learn_and_test, present, read, search, write

algorithms = pytest.mark.parametrize("name", ALGORITHMS)


@algorithms
def test_a_row_names_arguments_that_the_constructor_has(name):
    row = algorithm(name)
    assert (row.kind.__name__, row.name) == (row.class_name, name)
    assert set(row.settings) <= set(inspect.signature(row.kind).parameters)
    assert row.rollout % row.n_envs == 0


@algorithms
def test_exploration_and_rates_are_constant(name):
    row = algorithm(name).settings
    assert row.get("exploration_initial_eps") == row.get("exploration_final_eps")
    assert isinstance(row["learning_rate"], float)


def test_replay_buffers_are_small_enough_to_be_saved():
    assert all(row.settings.get("buffer_size", 0) <= 200_000 for row in ALGORITHMS.values())


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown algorithm 'sac'; known: ppo, a2c, dqn, qrdqn"):
        algorithm("sac")


def test_without_the_extra_its_algorithm_says_what_to_install(monkeypatch):
    monkeypatch.setattr(settings.importlib.util, "find_spec", lambda package: None)
    with pytest.raises(DependencyNotInstalled, match=r'qrdqn needs sb3_contrib: pip install "foraging-env\[contrib\]"'):
        algorithm("qrdqn")


def test_the_extra_is_not_imported_before_it_is_needed():
    code = (
        "import sys, baselines.agent, baselines.tune; sys.exit('sb3_contrib' in sys.modules or 'optuna' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", SPACES)
def test_the_table_lies_in_what_is_searched(name):
    assert present(name).keys() == SPACES[name].keys()


class Pretended:
    """A trial without learning: the nearer the learning rate to 0.001, the more is eaten."""

    def __init__(self):
        self.asked = []

    def __call__(self, parameters):
        self.asked.append(parameters)
        return 0.9, round(20 - abs(parameters["learning_rate"] - 1e-3) * 1e3, 3), 1000


def test_the_first_trial_is_the_table_and_all_lie_in_the_space(tmp_path):
    run = Pretended()
    *_, rows = search("dqn", 4, 100, 7, tmp_path / "t.csv", run)
    assert rows[0].parameters == present("dqn")
    for parameters in run.asked:
        for name, allowed in SPACES["dqn"].items():
            value = parameters[name]
            assert allowed.low <= value <= allowed.high if isinstance(allowed, Between) else value in allowed


def test_a_stopped_search_goes_on_as_if_it_had_not_been(tmp_path):
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    list(search("a2c", 10, 100, 7, whole, Pretended()))

    class Stopped(Pretended):
        def __call__(self, parameters):
            if len(self.asked) == 4:
                raise KeyboardInterrupt
            return super().__call__(parameters)

    with pytest.raises(KeyboardInterrupt):
        list(search("a2c", 10, 100, 7, parts, Stopped()))
    assert len(read(parts)) == 4
    rest = Pretended()
    list(search("a2c", 10, 100, 7, parts, rest))
    assert len(rest.asked) == 6
    assert_same_bytes(parts, whole)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_one_table_holds_several_algorithms(tmp_path):
    out = tmp_path / "t.csv"
    list(search("ppo", 2, 100, 7, out, Pretended()))
    list(search("a2c", 2, 200, 8, out, Pretended()))
    assert [(r.algorithm, r.trial, r.seed, r.steps) for r in read(out)] == [
        ("ppo", 0, 7, 100),
        ("ppo", 1, 7, 100),
        ("a2c", 0, 8, 200),
        ("a2c", 1, 8, 200),
    ]


def test_a_table_of_another_search_is_refused(tmp_path):
    out = tmp_path / "t.csv"
    row = Row("ppo", 0, 7, 100, present("ppo"), 0.9, 1.0, 1000)
    write(out, [row])
    with pytest.raises(ValueError, match="--seed 7 --steps 100, not --seed 7 --steps 200; give those, or another"):
        next(search("ppo", 2, 200, 7, out, Pretended()))
    write(out, [row._replace(trial=3)])
    with pytest.raises(ValueError, match="must count from 0"):
        next(search("ppo", 2, 100, 7, out, Pretended()))
    for text in ("", "a,b\n1,2\n", out.read_text().replace("0.9", "much")):
        out.write_text(text)
        with pytest.raises(ValueError, match=r"t\.csv is no table of trials"):
            read(out)


def test_a_trial_can_be_repeated_from_its_row(monkeypatch):
    monkeypatch.setattr(tune, "TEST_STEPS", 500)
    first = learn_and_test("a2c", {"learning_rate": 1e-3}, 3, 512)
    assert first[:2] == learn_and_test("a2c", {"learning_rate": 1e-3}, 3, 512)[:2]


def test_weights_that_go_to_infinity_are_a_bad_trial_and_no_crash():
    assert learn_and_test("a2c", {"learning_rate": 1e30}, 3, 5_000) == (0.5, 0.0, 0)


def invoke(*arguments):
    app = tune.typer.Typer()
    app.command()(tune.main)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_shows_the_best_and_refuses_in_one_message(tmp_path, monkeypatch):
    monkeypatch.setattr(tune, "TEST_STEPS", 100)
    out = tmp_path / "t.csv"
    result = invoke("a2c", "--trials", 2, "--steps", 256, "--out", out)
    assert result.exit_code == 0, result.output
    assert "best intake first" in result.stdout
    with out.open() as file:
        assert len(list(csv.reader(file))) == 3

    for arguments, message in (
        (("sac", "--out", out), "unknown algorithm 'sac'; known: ppo, a2c, dqn, qrdqn"),
        (("a2c", "--out", out, "--seed", 5), "not --seed 5"),
        (("a2c", "--out", tmp_path / "no" / "t.csv"), "is no folder"),
    ):
        result = invoke(*arguments)
        assert result.exit_code == 2
        assert message in result.output


def test_ctrl_c_says_how_to_go_on(tmp_path, monkeypatch):
    def stopped(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(tune, "learn_and_test", stopped)
    result = invoke("a2c", "--out", tmp_path / "t.csv")
    assert result.exit_code == 130
    assert "go on with the same command" in result.output


def test_without_optuna_the_command_says_what_to_install(tmp_path, monkeypatch):
    assert optuna
    monkeypatch.setitem(sys.modules, "optuna", None)
    result = invoke("a2c", "--out", tmp_path / "t.csv")
    assert result.exit_code == 2
    assert 'tuning needs optuna: pip install "foraging-env[tune]"' in result.output
