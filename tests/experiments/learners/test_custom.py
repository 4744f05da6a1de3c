"""A user's own agents and protocols take part like ours."""

import json
import os
import re
import zipfile

import pytest
import torch
from miniature import comparison, contents, live_in
from same_files import assert_same_files
from stable_baselines3.common.vec_env import VecMonitor, VecNormalize
from test_readme import blocks

from experiments.errors import UserError
from experiments.evidence.results import read_costs, read_results
from experiments.learners import custom
from experiments.learners.custom import CustomLearner
from experiments.plans.plan import Plan
from experiments.plans.stages import Stage


def test_an_own_agent_has_its_rows_beside_ours(tmp_path):
    live_in(tmp_path, comparison(["own_agent:make", "own_agent:make_ppo"]), seeds=[0])

    rows = read_results(tmp_path / "results.csv")
    assert {row.agent for row in rows} == {"own_agent:make", "own_agent:make_ppo"}
    assert {(row.phase, row.task) for row in rows if row.agent == "own_agent:make"} == {
        (phase, task) for phase in (0, 1, 2) for task in ("task1", "task2")
    }
    assert {row.bytes_kept for row in read_costs(tmp_path / "costs.csv") if row.agent == "own_agent:make"} == {64}


def test_sb3s_own_ppo_comes_to_the_same_numbers_twice(tmp_path):
    for name in ("once", "again"):
        live_in(tmp_path / name, comparison(["own_agent:make_ppo"]), seeds=[0], jobs=1)

    once, again = contents(tmp_path / "once"), contents(tmp_path / "again")
    tables = ("results.csv", "curve.csv")
    assert_same_files({name: again[name] for name in tables}, {name: once[name] for name in tables})


def test_the_readmes_own_agent_takes_part(tmp_path, monkeypatch):
    (program,) = (program for program in blocks("python") if "def make" in program)
    (tmp_path / "mine.py").write_text(program)
    monkeypatch.syspath_prepend(tmp_path)

    live_in(tmp_path / "out", comparison(["mine:make"]), seeds=[0])

    assert len(read_results(tmp_path / "out/results.csv")) == 3 * 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_such_module:make", "no_such_module cannot be imported"),
        ("own_agent:makes", "own_agent has no function 'makes'"),
    ],
)
def test_an_agent_that_cannot_be_found_is_refused(tmp_path, name, text):
    with pytest.raises(UserError, match=text):
        live_in(tmp_path, comparison([name]), seeds=[0])


def learner_of(name: str, seed: int = 3) -> CustomLearner:
    return CustomLearner.born(comparison([f"own_agent:{name}"])[0], seed)


def plan_of(name: str) -> Plan:
    return comparison([f"own_agent:{name}"])[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("make_two_files", "was given agent.zip and wrote agent.npy, agent.txt; let it write one file"),
        ("make_silent", "was given agent.zip and wrote nothing; let it write one file"),
    ],
)
def test_a_save_that_leaves_us_guessing_is_refused(tmp_path, name, text):
    with pytest.raises(UserError, match=re.escape(text)):
        learner_of(name).save(tmp_path / "state.zip")


def test_a_predict_without_a_state_is_refused_by_name():
    with pytest.raises(UserError, match=r"predict of own_agent:make_plain returned ndarray, not \(actions, state\)"):
        learner_of("make_plain").evaluate("task1", 100, 1)


def test_worlds_that_show_something_else_than_tests_do_are_refused():
    with pytest.raises(UserError, match=r"wraps its worlds so that they show MultiBinary\(\(2, 7, 7\)\)"):
        learner_of("make_stacked")


def test_worlds_stay_wrapped_and_remember_what_they_measured(tmp_path):
    stage = Stage("1-task1", "birth", ("task1",))
    learner = learner_of("make_normalised")
    learner.train(stage, 320)
    learner.save(tmp_path / "state.zip")

    again = CustomLearner.loaded(plan_of("make_normalised"), tmp_path / "state.zip")

    for each in (learner, again):
        each.train(stage, 320)
    wrapped = [each._agent.get_env() for each in (learner, again)]
    assert all(isinstance(env, VecNormalize) and isinstance(env.venv, VecMonitor) for env in wrapped)
    assert wrapped[0].ret_rms.var == wrapped[1].ret_rms.var
    assert wrapped[0].ret_rms.count > 640
    parameters = [each._agent.policy.state_dict() for each in (learner, again)]
    assert all(torch.equal(parameters[0][name], parameters[1][name]) for name in parameters[0])


def test_a_state_cannot_write_outside_of_its_folder(tmp_path):
    learner_of("make").save(tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "good.zip") as good, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        about = json.loads(good.read("about.json")) | {"file": "../../x"}
        bad.writestr("about.json", json.dumps(about))
        bad.writestr("../../x", b"gotcha")

    with pytest.raises(UserError, match=r"holds '\.\./\.\./x', which is no plain name of a file"):
        CustomLearner.loaded(plan_of("make"), tmp_path / "bad.zip")

    assert not list(tmp_path.parent.parent.glob("x"))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")
def test_the_state_of_another_user_is_not_loaded_unless_that_is_wanted(tmp_path, monkeypatch):
    learner_of("make").save(tmp_path / "state.zip")
    owner = (tmp_path / "state.zip").stat().st_uid
    monkeypatch.setattr(custom, "_ROOT", owner + 2)
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)

    with pytest.raises(UserError, match=r"belongs to another user .*FORAGE_TRUST_STAGES=1"):
        CustomLearner.loaded(plan_of("make"), tmp_path / "state.zip")

    monkeypatch.setenv("FORAGE_TRUST_STAGES", "1")
    CustomLearner.loaded(plan_of("make"), tmp_path / "state.zip")
