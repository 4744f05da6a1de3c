"""The fast engine does what the reference engine does, cycle by cycle."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from experiments.checks.side_by_side import asleep, awake
from spiking_agent.config import NetworkConfig
from spiking_agent.core import life
from tests.spiking_agent.networks import SIDE, copied, freeze_some, lively, spikes, world


@pytest.mark.parametrize("stage", ["task", "unsupervised"])
def test_awake_they_see_the_same_make_the_same_moves_and_learn_the_same(stage):
    reference = lively(engine="reference")
    reference.net[0].plastic_input = stage == "unsupervised"
    worlds = world("task1" if stage == "task" else "all")

    cycles = list(islice(awake(reference, copied(reference), worlds), 700))

    assert all(cycle.input for cycle in cycles)
    assert np.mean([cycle.hidden for cycle in cycles]) > 0.95
    assert np.mean([cycle.moves for cycle in cycles]) >= 0.97
    same_spikes = [cycle for cycle in cycles if cycle.spikes]
    assert len(same_spikes) > 500
    if stage == "task":
        assert {cycle.value for cycle in same_spikes} == {-1, 0, 1}  # rewarded cycles are among them
    assert max(cycle.weight_gap for cycle in same_spikes) < 1e-9


def test_asleep_they_fire_and_learn_the_same():
    reference = lively(engine="reference")
    worlds = world()
    fast = copied(reference)
    list(islice(awake(reference, fast, worlds), 3))  # so that something is left over when sleep begins

    cycles = list(islice(asleep(reference, fast, np.full(784, 0.02)), 200))

    assert np.mean([cycle.hidden for cycle in cycles]) > 0.95
    same_spikes = [cycle for cycle in cycles if cycle.spikes]
    assert len(same_spikes) > 150
    assert max(cycle.weight_gap for cycle in same_spikes) < 1e-9


def test_they_agree_on_frozen_synapses_and_pruned_neurons():
    rng = np.random.default_rng(0)
    reference = lively(engine="reference")
    freeze_some(reference.net[0], rng)
    pruned = rng.choice(784, 100, replace=False)
    reference.net[0].alive[pruned] = 0
    fast = copied(reference)

    for living in (awake(reference, fast, world()), asleep(reference, fast, np.full(784, 0.02))):
        fired = set()
        for cycle in islice(living, 100):
            assert cycle.weight_gap < 1e-9 or not cycle.spikes
            for brain in (reference, fast):
                fired |= {i for row in range(6) for i, _ in spikes(brain.net[0], "hidden", row)}
        assert len(fired) > 30
        assert not fired & set(pruned.tolist())


def test_they_agree_on_another_model_of_another_size():
    # The printed values; neurons and ages that are no whole number of eights.
    printed = NetworkConfig.as_printed()
    config = replace(
        printed,
        wiring=replace(printed.wiring, n_hidden=98, output_weight=0.16),
        plasticity=replace(printed.plasticity, live_cycles=9),
    )
    reference = lively(engine="reference", config=config)
    fast = copied(reference, config=config)

    for living in (awake(reference, fast, world()), asleep(reference, fast, np.full(98, 0.15))):
        cycles = list(islice(living, 100))
        same_spikes = [cycle for cycle in cycles if cycle.spikes]
        assert len(same_spikes) > 60
        assert max(cycle.weight_gap for cycle in same_spikes) < 1e-9
    assert reference.net[0].spikes.output.count.any()


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_outputs_that_fire_as_fast_as_they_can_are_recorded_whole(engine):
    # Homeostasis takes the resistance far down while outputs are silent; then food drives them to hundreds of spikes.
    brain = lively(engine=engine)
    brain.net[0].resistance = 0.002
    life.think(brain, np.ones((SIDE, SIDE), np.uint8))
    assert brain.net[0].spikes.output.count[0] > 512
    assert not brain.net[0].overflow
