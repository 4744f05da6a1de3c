"""What protocols beyond the paper end with, on scores that nobody earned."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from experiments.beyond.comparisons import compare, smallest_p
from experiments.beyond.conclusion import conclude, subject_of
from experiments.beyond.four_tasks import ambiguous_patterns, servable_tasks, stages_of, summaries
from experiments.beyond.lives import Lives, lives_in, lives_of
from experiments.beyond.protocols import COMPATIBLE, MODULES, PROTOCOLS
from experiments.catalogue import EXPERIMENTS
from experiments.plans.plan import Plan
from experiments.plans.presets import Lengths, Preset
from experiments.plans.stages import Stage
from experiments.printing import console as new_console
from experiments.running.configuration import describe
from experiments.running.tables import Point, Result
from foraging_env.files import write_csv, write_json
from foraging_env.tasks import named_task

SEEDS = range(5)
LENGTHS = Lengths(unsupervised=8_000, stage=8_000, segments=2, test=200, probe=100, output_resistance=5.0)
EFFECT = 0.1
Score = Callable[[Stage, int, int], float]
"""Performance after a stage on the task of that place, with that seed."""


def plan_of(protocol: str) -> Plan:
    (plan,) = EXPERIMENTS["beyond"].plans(protocol, ["spiking"], Preset("mini", "", 5, {"spiking": LENGTHS}))
    return plan


def scattered(stage: Stage, task: int, seed: int) -> float:
    """Another score for every seed and task, +0.1 after sleep, and a little noise for every stage."""
    name = sum(map(ord, stage.name))
    noise = np.random.default_rng([name, task, seed]).normal(0.0, 0.005)
    return 0.55 + 0.02 * seed + 0.01 * task + EFFECT * stage_slept(stage) + noise


def exact(stage: Stage, task: int, seed: int) -> float:
    """The same without noise: all networks gain 0.1 by sleep."""
    return 0.55 + 0.02 * seed + 0.01 * task + EFFECT * stage_slept(stage)


def stage_slept(stage: Stage) -> bool:
    return stage.remedy == "sleep"


def results_of(plan: Plan, score: Score) -> list[Result]:
    return [
        Result(
            plan.protocol.name, "spiking", seed, plan.protocol.phase(stage), stage.name, task, 6, 4, 1000, value, 0.2
        )
        for seed in SEEDS
        for stage in plan.protocol.stages
        for place, task in enumerate(plan.protocol.tests)
        for value in [score(stage, place, seed)]
    ]


def curve_of(plan: Plan, results: list[Result]) -> list[Point]:
    """Along every stage that is probed, the same score in each of its short tests."""
    return [
        Point(*row[:5], segment * plan.segment_steps(stage), *row[5:])
        for row in results
        for stage in [plan.protocol.stage(row.stage)]
        if stage.probed
        for segment in (1, 2)
    ]


def lives(protocol: str, score: Score) -> Lives:
    plan = plan_of(protocol)
    results = results_of(plan, score)
    return lives_of(plan, results, curve_of(plan, results))


def written(folder: Path, protocol: str, results: list[Result]) -> str:
    """What `conclude` says of a folder with these results."""
    plan = plan_of(protocol)
    write_json(folder / "config.json", describe("beyond", "mini", (plan,), SEEDS, {"spiking": {}}, "forage run"))
    write_csv(folder / "results.csv", Result._fields, results)
    write_csv(folder / "curve.csv", Point._fields, curve_of(plan, results))
    console = new_console(file=StringIO(), width=200)
    conclude(folder, console)
    return console.file.getvalue()


def test_every_protocol_has_a_subject():
    assert set(MODULES) == set(PROTOCOLS)


@pytest.mark.parametrize("protocol", MODULES)
def test_a_protocol_is_concluded_with_figure_and_tables(protocol, tmp_path):
    said = written(tmp_path, protocol, results_of(plan_of(protocol), scattered))

    found = lives_in(tmp_path)
    assert found.seeds == tuple(SEEDS)
    rows = list(subject_of(protocol).measure(found))
    assert {row.protocol for row in rows} == {protocol}
    assert {row.seed for row in rows} == set(SEEDS)
    assert len({row[:4] for row in rows}) == len(rows), "a number of a seed is measured twice"
    comparisons = compare(subject_of(protocol).contrasts(found))
    assert all(row.n == len(SEEDS) for row in comparisons)
    assert len({row[:3] for row in comparisons}) == len(comparisons), "two contrasts have one name"
    for name, length in (("measurements.csv", len(rows)), ("tests.csv", len(comparisons))):
        assert len((tmp_path / name).read_text(encoding="utf-8").splitlines()) == 1 + length
    assert (tmp_path / f"{protocol}.png").stat().st_size > 10_000
    assert "Paired differences over n = 5 seeds" in said
    assert len(plt.get_fignums()) == 0, "a figure that pyplot keeps is never freed"


@pytest.mark.parametrize("protocol", MODULES)
def test_what_sleep_gives_every_network_comes_out_with_the_smallest_p_of_five(protocol):
    asked = plan_of(protocol).protocol
    slept = {stage.name: stage_slept(stage) for stage in asked.stages}
    comparisons = [
        row
        for row in compare(subject_of(protocol).contrasts(lives(protocol, exact)))
        if row.quantity.startswith(tuple(f"performance on {task}" for task in asked.tests))
        and {row.condition, row.reference} <= set(slept)
    ]

    assert any(row.mean == pytest.approx(EFFECT) for row in comparisons), "no contrast of sleep with none"
    for row in comparisons:
        effect = EFFECT * (slept[row.condition] - slept[row.reference])
        assert row.differences == pytest.approx(np.full(5, effect))
        assert (row.mean, row.low, row.high) == pytest.approx((effect, effect, effect))
        assert row.p == (smallest_p(5) if effect else 1.0)
    assert smallest_p(5) == 0.0625


@pytest.mark.parametrize("protocol", MODULES)
def test_no_finished_seed_no_figure(protocol, tmp_path):
    plan = plan_of(protocol)
    said = written(tmp_path, protocol, results_of(plan, scattered)[: len(plan.protocol.tests)])  # of the first stage

    assert "No seed has come to the end of this protocol yet; there is no figure." in said
    assert not list(tmp_path.glob("*.png"))


def test_a_seed_that_lacks_one_test_is_left_out():
    plan = plan_of("four")
    results = results_of(plan, exact)

    assert lives_of(plan, results[:-1], []).seeds == tuple(SEEDS)[:-1]


@pytest.mark.parametrize("protocol", ["long", "four"])
def test_what_is_learned_and_forgotten_of_four_tasks(protocol):
    def score(stage: Stage, task: int, seed: int) -> float:
        """0.9 after a task's own stage; then 0.5, and 0.8 with sleep. Before, 0.5; interleaved, 0.7."""
        if not stage.name[0].isdigit():
            return 0.7 if stage.name == "interleaved" else 0.5
        number = int(stage.name[0])
        return 0.5 if number < task + 1 else 0.9 if number == task + 1 else 0.8 if stage_slept(stage) else 0.5

    found = lives(protocol, score)
    plain, sleep = summaries(found, "plain"), summaries(found, "sleep")

    assert stages_of(found, "plain")[:2] == stages_of(found, "sleep")[:2]
    assert plain.average == pytest.approx([0.6] * 5)
    assert sleep.average == pytest.approx([0.825] * 5)
    assert plain.learned == pytest.approx([0.9] * 5) == sleep.learned
    assert plain.forgetting == pytest.approx([0.4] * 5)
    assert sleep.forgetting == pytest.approx([0.1] * 5)
    tests = {row[:3]: row for row in compare(subject_of(protocol).contrasts(found))}
    ends = found.plan.protocol.stages[-2].name, found.plan.protocol.stages[-3].name
    (average,) = [row for row in tests.values() if row.quantity.startswith("average") and set(row[1:3]) == set(ends)]
    assert average.mean == pytest.approx(0.225)
    assert average.p == 0.0625


def test_how_far_tasks_contradict_each_other():
    def tasks(*names):
        return [named_task(name) for name in names]

    assert (ambiguous_patterns(tasks(*COMPATIBLE)), servable_tasks(tasks(*COMPATIBLE))) == (set(), 4)
    assert (ambiguous_patterns(tasks("h+v-", "v+p-")), servable_tasks(tasks("h+v-", "v+p-"))) == ({"vertical"}, 2)
    assert servable_tasks(tasks("h+v-", "v+p-", "p+h-")) == 2
    assert servable_tasks(tasks("h+v-", "v+h-", "p+n-", "n+p-")) == 2
