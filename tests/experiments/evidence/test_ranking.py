"""A ranking tells apart what its tests tell apart, and says what so many seeds can show."""

import math

import numpy as np
import pytest
from scipy import stats

from experiments.evidence.contest import Contest, Line
from experiments.evidence.ranking import ranking, smallest_effect
from experiments.evidence.scoring import INTAKE, PERFORMANCE, Score
from experiments.evidence.statistics import holm
from experiments.plans.stages import Stage
from experiments.running.tables import Result
from foraging_env.habitat import Habitat

ROOT, PHASE = Stage("birth", None), Stage("1-task1", "birth", ("task1",))


def contest_with(intakes):
    """A contest of one task, and its scores: ``intakes`` holds a row of seeds for every agent."""
    lines = tuple(Line(agent, "paper", ("task1",), ROOT, (PHASE,), 100) for agent in intakes)
    results, scores = [], []
    for agent, values in intakes.items():
        for seed, intake in enumerate(values):
            for phase, stage in enumerate((ROOT, PHASE)):
                results.append(Result("paper", agent, seed, phase, stage.name, "task1", 50, 50, 1000, 0.5, intake))
            for measure, name, value in (
                (INTAKE, "average_performance", intake),
                (INTAKE, "eaten", 10.0 if intake > 0 else 0.5),
                (PERFORMANCE, "average_performance", 0.5),
            ):
                scores.append(Score("paper", agent, seed, measure, name, value))
    return Contest(lines, Habitat(), results, [], []), scores


def around(mean, n=10):
    return [mean + 0.1 * seed for seed in range(n)]


def test_agents_stand_in_the_order_of_intake_and_bounds_are_not_ranked():
    agents = {
        "ppo": around(1),
        "ppo+ewc": around(5),
        "ppo+mas": around(5),
        "ppo+interleaved": around(9),
        "dqn": around(3),
    }
    places = ranking(*contest_with(agents))

    assert [place.line.agent for place in places] == ["ppo+interleaved", "ppo+ewc", "ppo+mas", "dqn", "ppo"]
    assert [place.group for place in places] == [None, 1, 1, 2, 3]
    assert [place.is_bound for place in places] == [True, False, False, False, False]


def test_remedies_are_tested_against_plain_learning_with_holms_correction_over_the_table():
    rng = np.random.default_rng(3)
    agents = {name: rng.normal(mean, 1.0, 8).tolist() for name, mean in (("ppo", 1), ("ppo+ewc", 3), ("ppo+si", 1.2))}
    against = {place.line.agent: place.against for place in ranking(*contest_with(agents)) if place.against}

    assert set(against) == {"ppo+ewc", "ppo+si"}
    p = [against[name].paired.sign_flip_p for name in against]
    assert [against[name].holm_p for name in against] == pytest.approx(holm(p).tolist())


@pytest.mark.parametrize(("seeds", "groups"), [(1, {None}), (4, {None}), (5, {1}), (6, {1, 2})])
def test_too_few_seeds_tell_nobody_apart(seeds, groups):
    agents = {"ppo": around(1, seeds), "ppo+ewc": around(50, seeds)}

    assert {place.group for place in ranking(*contest_with(agents))} == groups


def test_performance_of_who_hardly_eats_is_left_out():
    places = ranking(*contest_with({"ppo": [0.0] * 3, "dqn": [2.0] * 3}))

    assert [place.performance is None for place in places] == [False, True]


@pytest.mark.parametrize(("n", "tests"), [(10, 1), (10, 17), (20, 5)])
def test_the_smallest_effect_is_found_as_often_as_it_says(n, tests):
    effect = smallest_effect(n, tests)
    samples = np.random.default_rng(1).normal(effect, 1.0, (4_000, n))

    found = stats.ttest_1samp(samples, 0.0, axis=1).pvalue < 0.05 / tests
    assert found.mean() == pytest.approx(0.8, abs=0.02)


def test_five_seeds_show_nothing_at_all():
    assert math.isinf(smallest_effect(5, 1))
