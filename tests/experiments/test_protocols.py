"""Protocols are trees whose stages can be cut into whole rounds."""

from dataclasses import replace

import pytest

from experiments.protocols import PRESETS, PROTOCOLS, Plan, Protocol, Stage


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_preset_fits_every_protocol(protocol, preset):
    plan = Plan(protocol, preset)

    assert all(plan.segment_cycles(stage) * preset.segments == plan.cycles(stage) for stage in protocol.stages)


def test_the_paper_takes_35_million_cycles_of_training_and_18_of_tests():
    plan = Plan(PROTOCOLS["sleep"], PRESETS["paper"])

    assert plan.total_cycles() == 10_000_000 + 5 * 5_000_000 + 6 * 2 * (1_000_000 + 10 * 50_000)


def test_the_three_branches_start_from_one_state():
    protocol = PROTOCOLS["sleep"]
    last = [stage for stage in protocol.stages if protocol.phase(stage) == 3]

    assert [stage.parent for stage in last] == ["T1-T2"] * 3
    assert [stage.round_cycles for stage in last] == [100, 200, 200]


def test_a_stage_that_cannot_be_cut_into_whole_rounds_is_refused():
    preset = replace(PRESETS["quick"], stage_cycles=1_000, segments=10)

    with pytest.raises(ValueError, match=r"'T1-T2-Int\(T1,T2\)' lasts 1000 cycles .* multiple of 2000"):
        Plan(PROTOCOLS["sleep"], preset)


def test_a_stage_before_its_parent_is_refused():
    with pytest.raises(ValueError, match=r"'b' needs its parent 'a' before it; known: \[\]"):
        Protocol("p", "", (Stage("b", "a", ("task1",)), Stage("a", None, ("task1",))), ("task1",))


def test_a_name_that_comes_twice_is_refused():
    with pytest.raises(ValueError, match="'a' comes twice"):
        Protocol("p", "", (Stage("a", None, ("task1",)), Stage("a", None, ("task1",))), ("task1",))
