"""Where the random numbers of agents come from."""

import random

import numpy as np
import pytest
import torch

from baselines.agent import DeepAgent
from baselines.randomness import Streams, seeds_from


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_all_seeds_descend_from_one_in_the_way_that_results_were_measured(seed):
    words = np.random.SeedSequence(seed).generate_state(3).tolist()
    assert seeds_from(seed) == (words[0], words[0] >> 1, *words)
    assert seeds_from(seed) != seeds_from(seed + 1)


def test_an_agent_uses_them():
    agent = DeepAgent("a2c", seed=3)
    assert agent.model.seed == seeds_from(3).model
    asked = []
    agent.worlds.seed = asked.append
    agent.begin_task("task1")
    assert asked == [seeds_from(3).worlds]


def test_inside_the_block_draws_are_its_own_and_outside_nothing_is_changed():
    def draw():
        return random.random(), np.random.random(), torch.rand(1).item()  # noqa: NPY002

    streams, again = Streams(5), Streams(5)
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(1)
    outside = [draw(), draw()]
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(1)
    found = [draw()]
    with streams:
        own = [draw(), draw()]
    found.append(draw())
    assert found == outside
    with again:
        first = draw()
    saved = again.get_state()
    with again:
        second = draw()
    assert [first, second] == own
    again.set_state(saved)
    with again:
        assert draw() == second
