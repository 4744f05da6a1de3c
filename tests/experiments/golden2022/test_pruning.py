"""Pruning orders, and walks on a torus."""

import numpy as np
import pytest

from experiments.golden2022.analysis.paths import Walk, strokes, walk
from experiments.golden2022.figures import pruning
from foraging_env.env import ForageEnv
from spiking_agent import SpikingAgent


@pytest.fixture(scope="module")
def agent() -> SpikingAgent:
    """A newborn network that has been awake in Task 1 for a while."""
    newborn = SpikingAgent(ForageEnv("task1"), seed=0)
    newborn.set_output_resistance(5.0)
    newborn.learn(2_000)
    return newborn


@pytest.mark.parametrize("order", pruning.ORDERS)
def test_every_order_names_every_hidden_neuron_once(agent: SpikingAgent, order: str) -> None:
    assert sorted(pruning.ORDERS[order](agent, 0)) == list(range(784))


def test_the_least_active_go_first(agent: SpikingAgent) -> None:
    rates = agent.measured_rates()["task1"][pruning.least_active(agent, 0)]
    assert (np.diff(rates) >= 0).all()


def test_removals_grow_from_none_to_all() -> None:
    order = np.arange(10)[::-1]
    assert [len(pruning.removals(order, share)) for share in (0.0, 0.25, 1.0)] == [0, 2, 10]
    assert pruning.removals(order, 0.3).tolist() == [9, 8, 7]
    with pytest.raises(ValueError, match="from 0 to 1"):
        pruning.removals(order, 1.1)


def test_a_walk_counts_what_the_world_counts(agent: SpikingAgent) -> None:
    taken = walk(agent, "task1", steps=300, world_seed=3)
    again = walk(agent, "task1", steps=300, world_seed=3)
    assert (len(taken.row), len(taken.action)) == (301, 300)
    assert (taken.start == 1).sum() == (taken.start == -1).sum() + 2  # 63 and 62 pairs
    assert taken.count(1) + taken.count(-1) > 0
    assert 2 <= taken.eaten.sum() <= 2 * (taken.count(1) + taken.count(-1))
    assert ((taken.worth != 0) == taken.eaten).all()
    assert (again.start == taken.start).all()


def test_a_step_across_the_seam_is_drawn_on_both_sides_and_nothing_across_the_world() -> None:
    cells = np.zeros((50, 50), dtype=np.int64)
    taken = Walk(
        np.array([0, 49, 49]), np.array([49, 0, 1]), np.array([2, 4]), np.zeros(2, int), cells, cells != 0, cells
    )
    lines = strokes(taken)
    assert lines.tolist() == [[[49, 0], [50, -1]], [[0, 49], [1, 49]], [[-1, 50], [0, 49]]]
    assert (np.abs(lines[:, 1] - lines[:, 0]) <= 1).all()
