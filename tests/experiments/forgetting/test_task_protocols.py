"""A user's own task sequence is a protocol like ours."""

import pytest
from miniature import PRESET

from experiments.errors import UserError
from experiments.forgetting import agents as forgetting
from experiments.forgetting.presets import PRESETS
from experiments.forgetting.protocols import PROTOCOLS, TaskProtocol, protocol_named
from experiments.learners.species import learner
from experiments.plans.plan import plan_from
from foraging_env.habitat import Habitat
from foraging_env.sequences import SEQUENCES, TaskSequence


def test_every_task_sequence_whose_order_is_given_is_a_protocol():
    given = [sequence for sequence in SEQUENCES.values() if sequence.order == "given"]

    assert {name: protocol.name for name, protocol in PROTOCOLS.items()} == {name: name for name in PROTOCOLS}
    assert sorted(map(repr, (each.sequence for each in PROTOCOLS.values()))) == sorted(map(repr, given))
    assert next(iter(PROTOCOLS)) == "cycle-cue", "what is run when none is named has range"
    assert {"paper", "cycle", "cycle-wide", "relearning", "long-cue", "reversal-cue", "rounds"} <= set(PROTOCOLS)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_no_more_than_three_tenths_of_the_full_presets_steps_are_tests(name):
    for plan in forgetting.plans(PROTOCOLS[name], ["ppo"], PRESETS["full"]):
        stages = plan.protocol.stages
        learned = sum(plan.steps(stage) for stage in stages)
        assert sum(plan.total_steps(stage) for stage in stages) <= learned / 0.7


def test_a_round_that_comes_again_is_told_once():
    assert PROTOCOLS["rounds"].summary == "task1, task2, 5 times"
    assert PROTOCOLS["relearning"].summary == "h+n-, n+v-, v+h-, 5 times (pattern view11)"
    assert PROTOCOLS["cycle-cue"].summary == "h+n-, n+v-, v+h- (shown to the agent)"


FILES = {
    "mine.toml": 'tasks = ["h+n-", "v+p-", "h+n-"]\n[lengths.deep]\nstage = 4_096\nsegments = 1\n',
    "mine.json": '{"tasks": ["task1", "task2", "h+n-"], "lengths": {"deep": {"stage": 4096, "segments": 1}}}',
}


@pytest.mark.parametrize("name", FILES)
def test_a_protocol_may_come_from_a_file(tmp_path, name):
    (tmp_path / name).write_text(FILES[name])

    mine = protocol_named(str(tmp_path / name))
    (plan,) = forgetting.plans(mine, ["ppo"], PRESET)

    assert mine == TaskProtocol(
        "mine", TaskSequence(("task1", "task2", "task1")), {"deep": {"stage": 4096, "segments": 1}}
    )
    assert [stage.name for stage in plan.protocol.stages] == ["birth", "1-task1", "2-task2", "3-task1"]
    assert plan.protocol.tests == ("task1", "task2")
    assert (plan.lengths.stage, plan.lengths.segments, plan.lengths.test) == (4096, 1, 200)


def test_a_file_may_say_where_all_live(tmp_path):
    (tmp_path / "mine.toml").write_text("tasks = ['task1']\nsize = [20, 30]\ndensity = 0.05\nrewards = [1, -2, 0]\n")

    mine = protocol_named(str(tmp_path / "mine.toml"))
    plans = forgetting.plans(mine, ["spiking", "ppo"], PRESET)

    assert mine.summary == "task1 (size(20,30) density0.05 rewards(1,-2,0))"
    assert {plan.species.habitat for plan in plans} == {Habitat(size=(20, 30), density=0.05, rewards=(1, -2, 0))}
    assert [plan_from(plan.describe()) for plan in plans] == list(plans)
    for plan in plans:
        born = learner(plan.species).born(plan, 1)
        assert born.evaluate("task1", 100, 1).steps == 100


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tasks = [", "cannot be read as a protocol"),
        ("name = 'x'", "tasks must be a list of tasks"),
        ("tasks = []", "must name its tasks"),
        ("tasks = ['h+h-']", r"unknown task 'h\+h-'; known tasks"),
        ("tasks = ['all']", "in task 'all' no food has a value"),
        ("tasks = ['task1']\ncolour = 1", "unknown entry of .* 'colour'; known: name, tasks"),
        ("tasks = ['task1']\ntask_cue = 1", "task_cue=1 must be True or False"),
        ("tasks = ['task1']\nobservation = 'smell'", "unknown observation 'smell'; known observations: binary"),
        ("tasks = ['task1']\nview = 8", "view=8 must be odd"),
        ("tasks = ['task1']\ndensity = 0.3", "density=0.3 must be above 0 and at most 0.16"),
        ("tasks = ['task1']\nsize = 50", "size=50 must be two whole numbers"),
        ("tasks = ['task1']\nrewards = [1, 'x', 0]", "must be a number"),
        ("tasks = ['task1']\nlengths = 3", "lengths must be tables"),
        ("tasks = ['task1']\n[lengths.deep]\nstage = 0", "stage = 0 in .* must be a whole number above 0"),
    ],
)
def test_a_file_that_is_no_protocol_is_refused_with_the_reason(tmp_path, text, complaint):
    (tmp_path / "mine.toml").write_text(text)

    with pytest.raises(UserError, match=complaint):
        protocol_named(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize("lengths", [{"reptile": {"stage": 1}}, {"deep": {"duration": 1}}])
def test_lengths_that_there_are_not_are_refused(lengths):
    with pytest.raises(UserError, match=r"unknown (kind of agents|length of deep agents)"):
        PRESET.fitted(lengths)
