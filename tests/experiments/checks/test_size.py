"""Networks are compared at equal activity, or their costs say nothing of their size."""

from experiments.checks import size
from experiments.checks.size import FIRING, Lengths, costs


def test_networks_of_all_sizes_fire_about_alike(monkeypatch):
    monkeypatch.setattr(size, "SIZES", ((784, 7), (1_568, 7)))
    told = []

    found = costs(Lengths(repeats=1, living=100, timed=200), told.append)

    assert found == told
    for cost in found:
        assert 0.6 * FIRING < cost.firing < 1.5 * FIRING
        assert min(cost[3:]) > 0
