"""Every draw belongs to one event of one synapse in one cycle: what else happens does not move it."""

import numpy as np
import pytest

from spiking_agent.core import life, noise
from tests.kernels import called
from tests.spiking_agent.networks import copied, lively, newborn, some_view, spikes

word_at, low_half, high_half = (called(draw) for draw in (noise.word_at, noise.low_half, noise.high_half))
release, cycle_key = called(noise.release), called(noise.cycle_key)
KEY = np.uint64(0x0123456789ABCDEF)


def test_release_varies_by_twelve_percent_around_one_and_both_halves_are_independent():
    p = newborn().params[0]
    words = [word_at(KEY, address) for address in range(20_000)]
    low = np.array([release(p, low_half(np.uint64(w))) for w in words])
    high = np.array([release(p, high_half(np.uint64(w))) for w in words])
    for factors in (low, high):
        assert 0.88 <= factors.min() < 0.8801
        assert 1.1199 < factors.max() <= 1.12
        assert factors.mean() == pytest.approx(1, abs=0.002)
        assert factors.std() == pytest.approx(0.24 / np.sqrt(12), rel=0.02)
        assert abs(np.corrcoef(factors[1:], factors[:-1])[0, 1]) < 0.03
    assert abs(np.corrcoef(low, high)[0, 1]) < 0.03


def test_draws_of_other_cycles_and_other_networks_are_others():
    keys = {int(cycle_key(np.uint64(stream), cycle)) for stream in (0, 1, 2**63) for cycle in range(1000)}
    assert len(keys) == 3000


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_a_spike_more_does_not_shift_the_draws_of_others(engine):
    rng = np.random.default_rng(0)
    few = lively(engine=engine)
    more = copied(few, engine)
    view = some_view(rng, 6)
    extra = view.copy()
    extra.flat[np.flatnonzero(view == 0)[0]] = 1
    added = {0, *few.wiring[0].target[np.flatnonzero(view == 0)[0]].tolist()}

    life.think(few, view)
    life.think(more, extra)

    untouched = [[s for s in spikes(b.net[0], "hidden") if s[0] not in added] for b in (few, more)]
    assert len(untouched[0]) > 3
    assert untouched[0] == untouched[1]


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_a_kick_more_does_not_shift_the_kicks_of_others_and_kicks_come_at_their_rate(engine):
    one = newborn(engine=engine)
    other = copied(one, engine)
    rates = np.full(784, 0.1)
    more = rates.copy()
    more[::2] = 0.0
    kicked = []
    for _ in range(20):
        row = one.net[0].cycle % 6
        life.sleep(one, 1, rates)
        life.sleep(other, 1, more)
        ones, others = (spikes(b.net[0], "hidden", row) for b in (one, other))
        assert [s for s in ones if s[0] % 2] == others
        assert {step for _, step in ones} == {65}
        kicked.append(len(ones))
    assert np.mean(kicked) == pytest.approx(78.4, abs=4 * np.sqrt(784 * 0.09 / 20))
