"""Protocols are trees whose stages can be cut into whole rounds; agents share what they have in common."""

from dataclasses import replace

import pytest
from miniature import comparison

from experiments.catalogue import EXPERIMENTS
from experiments.errors import UserError
from experiments.forgetting import agents as forgetting
from experiments.forgetting.presets import PRESETS as FORGETTING_PRESETS
from experiments.forgetting.protocols import PROTOCOLS
from experiments.plans.plan import Agent, Plan, units
from experiments.plans.stages import Protocol, Stage
from experiments.sleep.presets import PRESETS as SLEEP_PRESETS

EVERYTHING = [
    (row, protocol, preset) for row in EXPERIMENTS.values() for protocol in row.protocols for preset in row.presets
]


def sleep_plan(preset: str = "paper") -> Plan:
    (plan,) = EXPERIMENTS["sleep"].plans("sleep", ["spiking"], SLEEP_PRESETS[preset])
    return plan


@pytest.mark.parametrize(("row", "protocol", "preset"), EVERYTHING, ids=lambda part: getattr(part, "name", part))
def test_every_preset_fits_every_protocol(row, protocol, preset):
    agents, _ = row.default_agents(protocol, preset)

    for plan in row.plans(protocol, agents, row.presets[preset]):
        for stage in plan.protocol.stages:
            assert plan.segment_steps(stage) * plan.segments(stage) == plan.steps(stage)
            assert plan.segment_steps(stage) % plan.round_steps(stage) == 0


def test_the_paper_takes_35_million_cycles_of_training_and_18_of_tests():
    plan = sleep_plan()

    total = sum(plan.total_steps(stage) for stage in plan.protocol.stages)
    assert total == 10_000_000 + 5 * 5_000_000 + 6 * 2 * (1_000_000 + 10 * 50_000)


def test_the_three_branches_start_from_one_state():
    plan = sleep_plan()
    last = [stage for stage in plan.protocol.stages if plan.protocol.phase(stage) == 3]

    assert [stage.parent for stage in last] == ["T1-T2"] * 3
    assert [plan.round_steps(stage) for stage in last] == [100, 100, 200]


def test_a_stage_that_cannot_be_cut_into_whole_rounds_is_refused():
    plan = sleep_plan("quick")

    with pytest.raises(UserError, match=r"'T1-T2-Int\(S,T1\)' lasts 1000 steps .* multiple of 2000 .*: 2,000 would do"):
        replace(plan, lengths=replace(plan.lengths, stage=1_000, segments=10))


def test_an_agent_with_a_stage_that_hangs_in_the_air_is_refused():
    with pytest.raises(ValueError, match="agent 'a' has stage 'T1' without stage 'unsupervised'"):
        replace(sleep_plan(), agents=(Agent("a", ("T1",)),))


def test_a_stage_before_its_parent_is_refused():
    with pytest.raises(ValueError, match=r"'b' needs stage 'a' before it; known: \[\]"):
        Protocol("p", "", (Stage("b", "a", ("task1",)), Stage("a", None, ("task1",))), ("task1",))


def test_a_name_that_comes_twice_is_refused():
    with pytest.raises(ValueError, match="'a' comes twice"):
        Protocol("p", "", (Stage("a", None, ("task1",)), Stage("a", None, ("task1",))), ("task1",))


def test_remedies_leave_the_trunk_where_they_begin_to_act():
    (plan,) = comparison(["ppo", "ppo+ewc", "ppo+l2-init", "ppo+interleaved", "ppo+single"], "cycle")
    life = {agent.name: agent.stages for agent in plan.agents}

    assert life["ppo"] == ("birth", "1-h+n-", "2-n+v-", "3-v+h-")
    assert life["ppo+ewc"] == ("birth", "1-h+n-", "2-n+v-+ewc", "3-v+h-+ewc")
    assert life["ppo+l2-init"] == ("birth", "1-h+n-+l2-init", "2-n+v-+l2-init", "3-v+h-+l2-init")
    assert life["ppo+interleaved"] == ("birth", "all-interleaved")
    assert life["ppo+single"] == ("birth", "1-h+n-", "1-n+v-", "1-v+h-")
    together = next(stage for stage in plan.protocol.stages if stage.name == "all-interleaved")
    assert plan.steps(together) == 3 * plan.lengths.stage
    assert plan.protocol.phase(together) == 3


def test_equal_trainings_have_equal_names_and_others_have_others(stages):
    (two,), (three,) = comparison(["spiking"], "paper"), comparison(["spiking"], "cycle")
    born = [stages.folder(plan, plan.protocol.stages[0], 0).path for plan in (two, three)]
    longer = replace(two, lengths=replace(two.lengths, unsupervised=2_400))

    assert born[0] == born[1]
    assert stages.folder(longer, two.protocol.stages[0], 0).path != born[0]
    assert stages.folder(longer, two.protocol.stages[1], 0).path != stages.folder(two, two.protocol.stages[1], 0).path
    assert stages.folder(two, two.protocol.stages[0], 1).path != born[0]


def test_every_agent_meets_every_seed():
    plans = comparison()

    assert [unit.name for unit in units(plans, (3, 4))][:3] == [
        "spiking seed 3",
        "spiking seed 4",
        "spiking+sleep seed 3",
    ]
    assert len(list(units(plans, (3, 4)))) == 10


@pytest.mark.parametrize(
    ("agents", "protocol", "text"),
    [
        (["pppo"], "paper", "unknown agent 'pppo'; agents begin with one of: spiking, ppo"),
        (["ppo+ewcc"], "paper", r"unknown agent 'ppo\+ewcc'; known after 'ppo\+': .*ewc"),
        (["ppo", "ppo"], "paper", "agent 'ppo' is named twice"),
        (["spiking"], "reversal-cue", "sees where food is and nothing else, but protocol 'reversal-cue' shows more"),
    ],
)
def test_agents_that_cannot_be_are_refused(agents, protocol, text):
    with pytest.raises(UserError, match=text):
        forgetting.plans(PROTOCOLS[protocol], agents, FORGETTING_PRESETS["quick"])
