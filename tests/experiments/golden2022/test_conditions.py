"""Stages that freeze, sleep in other ways or with other rates, and keep their weights on the way."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from miniature import PRESET
from same_files import assert_same_bytes

from experiments.beyond.protocols import PROTOCOLS as BEYOND
from experiments.beyond.protocols import RATIOS, ratio_name
from experiments.catalogue import EXPERIMENTS
from experiments.errors import UserError
from experiments.evidence.paper import published
from experiments.golden2022.conditions import CONDITIONS
from experiments.golden2022.conditions import PROTOCOL as GOLDEN2022
from experiments.plans.drawn import actual_task
from experiments.plans.experiment import names_in
from experiments.plans.plan import Agent, Plan, Species, Unit, plan_from
from experiments.plans.stages import Protocol, Sleep, Stage
from experiments.running.life import live
from experiments.running.snapshots import read_snapshots
from experiments.running.storage import Stages
from foraging_env.tasks import DISTINCT_TASKS
from spiking_agent import SpikingAgent

LENGTHS = replace(PRESET.lengths["spiking"], stage=8_000, snapshots=2)
GOLDEN = Plan(Species("spiking"), GOLDEN2022, LENGTHS, (Agent("all", GOLDEN2022.way_to(*CONDITIONS)),))
UNIT = Unit(0, GOLDEN.agents[0], 0)


def lived(path: Path, plan: Plan = GOLDEN) -> Stages:
    stages = Stages(path, {"spiking": {}}, {})
    for _ in live(plan, replace(UNIT, agent=plan.agents[0]), stages):
        pass
    return stages


@pytest.fixture(scope="module")
def golden(tmp_path_factory) -> Stages:
    return lived(tmp_path_factory.mktemp("golden"))


def end_of(stages: Stages, name: str, plan: Plan = GOLDEN) -> SpikingAgent:
    return SpikingAgent.load(folder_of(stages, name, plan).state(2))


def folder_of(stages: Stages, name: str, plan: Plan = GOLDEN):
    return stages.folder(plan, plan.protocol.stage(name), 0)


def test_the_conditions_are_those_of_the_paper():
    given = json.loads((Path(__file__).parents[3] / "experiments" / "evidence" / "paper_results.json").read_text())[
        "conditions"
    ]

    assert sorted(CONDITIONS) == sorted(condition["id"] for condition in given)
    assert all(published(name, task) for name in CONDITIONS for task in GOLDEN2022.tests)


def test_names_with_commas_between_parentheses_stay_whole():
    assert names_in(" T1, T1-T2-Int(T1,T2),freeze top 1% ,") == ["T1", "T1-T2-Int(T1,T2)", "freeze top 1%"]
    assert names_in(",".join(CONDITIONS)) == list(CONDITIONS)


@pytest.mark.parametrize(
    ("conditions", "text"),
    [(["T3"], "unknown condition 'T3'; known: T1; T2; T1-T2;"), (["T1", "T1"], "condition 'T1' is named twice")],
)
def test_conditions_that_cannot_be_are_refused(conditions, text):
    row = EXPERIMENTS["golden2022"]
    with pytest.raises(UserError, match=text):
        row.plans("golden2022", conditions, row.presets["quick"])


def test_a_condition_brings_all_that_it_needs_and_no_more():
    assert GOLDEN2022.way_to("naive + sleep") == ("unsupervised", "T2", "naive + sleep")
    assert GOLDEN2022.way_to("T1-T2-Int(S,T1)") == ("unsupervised", "T1", "T1-T2", "T1-T2-Int(S,T1)")


def test_a_stage_before_the_one_that_lends_its_rates_is_refused():
    lender = Stage("a", None, ("task1",), remedy="sleep", sleep=Sleep(rates_from="b"))

    with pytest.raises(ValueError, match="stage 'a' needs stage 'b' before it"):
        Protocol("p", "", (lender, Stage("b", None, ("task2",))), ("task1",))


def test_a_plan_comes_back_from_its_description():
    assert plan_from(json.loads(json.dumps(GOLDEN.describe()))) == GOLDEN


@pytest.mark.parametrize(
    "changed",
    [
        {"frozen": 0.05},
        {"remedy": "sleep"},
        {"remedy": "sleep", "sleep": Sleep(noise="uniform")},
        {"remedy": "sleep", "sleep": Sleep(asleep=3)},
        {"remedy": "sleep", "sleep": Sleep(rates_from="T1")},
    ],
    ids=str,
)
def test_whatever_changes_the_training_changes_the_name(stages, changed):
    first = Stage("T1", None, ("task1",))
    plain = Stage("stage", "T1", ("task2",))
    names = set()
    for stage in (plain, replace(plain, **changed), replace(plain, remedy="sleep", sleep=Sleep(awake=3))):
        protocol = Protocol("p", "", (first, stage), ("task1",))
        plan = Plan(GOLDEN.species, protocol, replace(LENGTHS, stage=4_800), (Agent("a", ("T1", "stage")),))
        names.add(stages.folder(plan, stage, 0).path)

    assert len(names) == 3


def test_the_strongest_synapses_of_every_output_neuron_stay_frozen(golden):
    before, after = (end_of(golden, name).weights for name in ("T1", "freeze top 10%"))
    for j in range(8):
        strongest = np.argsort(-before[j], kind="stable")[:79]
        others = np.setdiff1d(np.arange(784), strongest)
        np.testing.assert_array_equal(after[j, strongest], before[j, strongest])
        assert (after[j, others] != before[j, others]).any()


def test_asleep_with_the_rates_of_another_network(golden, monkeypatch, tmp_path):
    given = []
    sleep = SpikingAgent.sleep
    monkeypatch.setattr(
        SpikingAgent, "sleep", lambda self, n, rates=None, noise="rates": given.append(rates) or sleep(self, n, rates)
    )
    stages = lived(tmp_path, replace(GOLDEN, agents=(Agent("naive", GOLDEN2022.way_to("naive + sleep")),)))
    expected = end_of(golden, "T2").measured_rates()["task2"]

    assert len(given) == 40  # blocks of 100 cycles in 8,000, half of them awake
    for rates in given:
        np.testing.assert_array_equal(rates, expected)
    assert "task2" not in end_of(stages, "naive + sleep").measured_rates()


def test_the_last_snapshot_is_the_weights_at_the_end_in_half_precision(golden):
    for name in ("T1", "T1-Int(S,T2)"):
        kept = read_snapshots(folder_of(golden, name), 2)

        assert kept.shape == (4, 8, 784)
        np.testing.assert_array_equal(kept[-1], end_of(golden, name).weights.astype(np.float16))
        assert all((kept[i] != kept[i + 1]).any() for i in range(3))


def test_missing_snapshots_are_told_with_a_remedy(golden):
    with pytest.raises(UserError, match=r"lacks snapshots of its weights .* delete it, and the stage is run again"):
        read_snapshots(folder_of(golden, "T1"), 3)


def test_snapshots_on_the_way_change_nothing(golden, tmp_path):
    plain = replace(GOLDEN, lengths=replace(LENGTHS, snapshots=0), agents=(Agent("a", GOLDEN2022.way_to("T1")),))
    stages = lived(tmp_path, plain)

    np.testing.assert_array_equal(end_of(stages, "T1", plain).weights, end_of(golden, "T1").weights)


def test_a_stage_with_borrowed_rates_and_snapshots_goes_on_where_it_stopped(golden, tmp_path):
    plan = replace(GOLDEN, agents=(Agent("naive", GOLDEN2022.way_to("naive + sleep")),))
    stages = Stages(tmp_path, {"spiking": {}}, {})
    starts = 0
    while True:
        steps = live(plan, replace(UNIT, agent=plan.agents[0]), stages)
        pieces = [next(steps, None) for _ in range(4)]  # a segment, its tests, and a piece that is lost
        steps.close()
        starts += 1
        if pieces[0] is None:
            break
    assert starts > 5
    whole = folder_of(golden, "naive + sleep").path
    again = folder_of(stages, "naive + sleep", plan).path
    for file in sorted(path.name for path in whole.iterdir() if path.name not in ("cost.json", ".lock")):
        assert_same_bytes(again / file, whole / file)


@pytest.mark.parametrize("ratio", RATIOS, ids=str)
def test_wake_and_sleep_last_as_their_ratio_says(ratio):
    (plan,) = EXPERIMENTS["beyond"].plans("dose", ["spiking"], EXPERIMENTS["beyond"].presets["full"])
    stage = plan.protocol.stage(ratio_name(*ratio))

    assert plan.steps(stage) == 880_000
    assert plan.segment_steps(stage) % plan.round_steps(stage) == 0
    assert plan.round_steps(stage) == 100 * sum(ratio)


def test_sleep_alone_needs_no_task_and_no_world(tmp_path):
    sleep = Stage("T1-S", "T1", remedy="sleep", length=0.5)
    stages = (Stage("T1", None, ("task1",)), sleep)
    plan = Plan(GOLDEN.species, Protocol("p", "", stages, ("task1",)), LENGTHS, (Agent("a", ("T1", "T1-S")),))
    there = lived(tmp_path, plan)
    before, after = (end_of(there, name, plan) for name in ("T1", "T1-S"))

    assert after.num_timesteps == before.num_timesteps == 8_000
    assert after.asleep_cycles == 4_000
    assert (after.weights != before.weights).any()


def test_tasks_that_the_seed_draws_are_different_ones_and_the_same_again():
    with_values = {task.name for task in DISTINCT_TASKS if task.rewarded}
    orders = [[actual_task(f"drawn-{i}", seed) for i in range(1, 13)] for seed in (0, 0, 1, 2)]

    assert all(set(order) == with_values for order in orders)
    assert orders[0] == orders[1]
    assert orders[1] != orders[2] != orders[3]
    assert actual_task("task1", 5) == "task1"


def test_beyond_begins_with_the_same_networks_everywhere(stages):
    preset = EXPERIMENTS["beyond"].presets["full"]
    plans = [EXPERIMENTS["beyond"].plans(name, ["spiking"], preset)[0] for name in BEYOND]
    born = {stages.folder(plan, plan.protocol.stage("unsupervised"), 3).path for plan in plans}
    first = {stages.folder(plan, plan.protocol.stage("T1"), 3).path for plan in plans[:2]}

    assert len(born) == 1
    assert len(first) == 1
