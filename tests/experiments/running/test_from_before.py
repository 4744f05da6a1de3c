"""Result folders of earlier versions go on: what was lived then is found under the same names, and comes to the same.

The folders in ``tests/experiments/saved`` were made with commit a3e7959, by `miniature.live_in` with seed 0: once the
sleep experiment, once ``ppo,ppo+ewc``. Of the first, what came after the stage T1-T2 was taken away; of the second,
only tables and configuration are kept.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from miniature import SLEEP, comparison
from same_files import assert_same_files

from baselines.algorithms import ALGORITHMS
from experiments.catalogue import EXPERIMENTS
from experiments.evidence.results import read_results
from experiments.plans.plan import Plan, plan_from
from experiments.running import configuration, runner
from experiments.running.runner import Run, run
from experiments.running.storage import RunFolder, Stages

SAVED = Path(__file__).parents[1] / "saved"
NAMES = {
    "sleep": {
        "unsupervised": "unsupervised-7ce6fc4ddb",
        "T1": "T1-864b252143",
        "T1-T2": "T1-T2-edf39ddb1d",
        "T1-T2-T1": "T1-T2-T1-b6b119afcf",
        "T1-T2-Int(T1,T2)": "T1-T2-Int_T1_T2_-90322517fe",
        "T1-T2-Int(S,T1)": "T1-T2-Int_S_T1_-d8b251005e",
    },
    "paper": {
        "birth": "birth-2871e7c045",
        "1-task1": "1-task1-934abd3016",
        "2-task2": "2-task2-98ad99504f",
        "2-task2+ewc": "2-task2_ewc-3b880527f0",
    },
}
"""Stages, and the folders that the commit above kept them in."""


def told(name: str) -> dict:
    return json.loads((SAVED / name / "config.json").read_text(encoding="utf-8"))


@pytest.fixture(params=[("sleep", SLEEP), ("paper", comparison(["ppo", "ppo+ewc"]))], ids=lambda pair: pair[0])
def run_before(request) -> tuple[str, Plan]:
    name, (plan,) = request.param
    return name, plan


def test_a_configuration_reads_back_as_the_plan_that_it_is_now(run_before):
    name, plan = run_before
    (plain,) = told(name)["plans"]

    assert plan_from(plain) == plan
    assert json.loads(json.dumps(plan.describe())) == plain


def test_stages_are_found_in_the_folders_that_they_were_kept_in(run_before, monkeypatch):
    name, plan = run_before
    row = ALGORITHMS["ppo"]
    then = {setting: value for setting, value in row.settings.items() if setting != "ent_coef"}  # PPO had none
    monkeypatch.setitem(ALGORITHMS, "ppo", replace(row, settings=then))
    config = told(name)
    (species,) = runner._descriptions(Run(name, "mini", (plan,), (0,), SAVED)).values()
    stages = Stages(Path(), {plan.species.key: species}, config["versions"])

    assert json.loads(json.dumps(species)) == config["species"][plan.species.key]
    assert {stage.name: stages.folder(plan, stage, 0).path.name for stage in plan.protocol.stages} == NAMES[name]


def test_a_life_that_was_stopped_then_goes_on_to_the_same_tables(tmp_path, monkeypatch):
    out = tmp_path / "run"
    shutil.copytree(SAVED / "sleep", out)
    expected = {name: (out / name).read_bytes() for name in ("results.csv", "curve.csv")}
    for name in expected:
        (out / name).unlink()
    versions = told("sleep")["versions"]  # that would be others today, and so another folder
    for module in (configuration, runner):
        monkeypatch.setattr(module, "versions", lambda: versions)
    lived = sorted(path.name for path in (out / "stages/spiking-seed-0").iterdir())

    assert run(Run("sleep", "mini", SLEEP, (0,), out), jobs=1, console=silent(), command="forage run sleep")

    assert_same_files({name: (out / name).read_bytes() for name in expected}, expected)
    assert len(lived) == 3
    assert sorted(path.name for path in (out / "stages/spiking-seed-0").iterdir()) == sorted(NAMES["sleep"].values())


def test_old_tables_are_concluded(tmp_path):
    shutil.copytree(SAVED / "sleep", tmp_path / "run")

    EXPERIMENTS["sleep"].conclude(tmp_path / "run", silent())

    assert (tmp_path / "run/sleep.png").stat().st_size > 10_000
    assert RunFolder(tmp_path / "run").plans() == list(SLEEP)
    assert {row.task for row in read_results(tmp_path / "run/results.csv")} == {"task1", "task2"}


def silent():
    from experiments.printing import console as new_console

    return new_console(quiet=True)
