"""From output spikes to a move."""

import numpy as np
import pytest

from spiking_agent.core import life
from tests.spiking_agent.networks import copied, lively, newborn, some_view

NO_FOOD = np.zeros((7, 7), np.uint8)


def moves_of(brain, view, n, hunger=0):
    """Moves of ``n`` cycles that all begin with the same hunger and the same last direction."""
    net = brain.net[0]
    moves = np.empty(n, int)
    for t in range(n):
        net.hunger, net.direction = hunger, 3
        moves[t] = life.think(brain, view)
        life.feel(brain, 0)
    return moves


@pytest.mark.parametrize(("hunger", "percent"), [(0, 0), (1, 0), (2, 1), (3, 1), (41, 20), (200, 100), (1000, 100)])
def test_a_silent_network_goes_straight_on_but_for_exploration_that_grows_with_hunger(hunger, percent):
    moves = moves_of(newborn(), NO_FOOD, 4000, hunger)
    # One in eight random moves leads straight on as well.
    share = percent / 100 * 7 / 8
    assert (moves != 3).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 4000))
    if percent == 100:
        assert np.bincount(moves, minlength=8).min() > 400


def test_most_votes_win_and_ties_are_broken_by_a_fair_lot():
    brain = newborn()
    net = brain.net[0]
    brain.params[0].release_noise = 0.0
    net.free, net.n_frozen = 0.0, 784  # no inhibition, so that equal weights fire equally
    view = some_view(np.random.default_rng(0), 7)

    moves = moves_of(brain, view, 2000)
    assert (net.votes == net.votes[0]).all()
    assert net.votes[0] > 0
    counts = np.bincount(moves, minlength=8)
    assert ((counts - 250) ** 2 / 250).sum() < 26  # chi squared, 7 degrees of freedom: p < 0.0005

    net.w_out[:, [2, 6]] *= 3
    counts = np.bincount(moves_of(brain, view, 400), minlength=8)
    assert counts[[2, 6]].sum() == 400
    assert counts[[2, 6]].min() > 150


def test_the_printed_rule_counts_only_spikes_of_the_first_half():
    brain = lively(engine="reference")
    rng = np.random.default_rng(0)
    half = copied(brain, "reference")
    half.params[0].counted_steps = 140
    for _ in range(10):
        view = some_view(rng)
        life.think(half, view)
        net = half.net[0]
        row = net.cycle % 6
        n = net.spikes.output.count[row]
        early = net.spikes.output.neuron[row, :n][net.spikes.output.time[row, :n] <= 140]
        assert net.votes.tolist() == np.bincount(early, minlength=8).tolist()
        life.feel(half, 0)


def test_hunger_counts_cycles_since_a_pattern_with_a_value():
    brain = newborn()
    seen = []
    for value in (0, 0, 1, 0, -1, 0, 0, 0):
        life.think(brain, NO_FOOD)
        life.feel(brain, value)
        seen.append(int(brain.net[0].hunger))
    assert seen == [1, 2, 0, 1, 0, 1, 2, 3]
