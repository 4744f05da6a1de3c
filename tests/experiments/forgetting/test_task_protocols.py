"""A user's own task sequence is a protocol like ours."""

import pytest
from miniature import PRESET

from experiments.errors import UserError
from experiments.forgetting import agents as forgetting
from experiments.forgetting.protocols import PROTOCOLS, TaskProtocol, protocol_named
from foraging_env.sequences import SEQUENCES, TaskSequence


def test_every_task_sequence_whose_order_is_given_is_a_protocol():
    given = [sequence for sequence in SEQUENCES.values() if sequence.order == "given"]

    assert [protocol.sequence for protocol in PROTOCOLS.values()] == given
    assert {"paper", "cycle", "reversal", "reversal-cue", "rounds"} <= set(PROTOCOLS)


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
