"""A user's own agents and protocols take part like ours."""

import pytest
from miniature import PRESET, comparison, contents, live_in
from test_readme import blocks

from experiments.errors import UserError
from experiments.evidence.results import read_costs, read_results
from experiments.forgetting import agents as forgetting
from experiments.forgetting.curricula import Curriculum, curriculum


def test_an_own_agent_has_its_rows_beside_ours(tmp_path):
    live_in(tmp_path, comparison(["own_agent:make", "own_agent:make_ppo"]), seeds=[0])

    rows = read_results(tmp_path / "results.csv")
    assert {row.agent for row in rows} == {"own_agent:make", "own_agent:make_ppo"}
    assert {(row.phase, row.task) for row in rows if row.agent == "own_agent:make"} == {
        (phase, task) for phase in (0, 1, 2) for task in ("task1", "task2")
    }
    assert {row.bytes_kept for row in read_costs(tmp_path / "costs.csv") if row.agent == "own_agent:make"} == {64}


def test_sb3s_own_ppo_comes_to_the_same_numbers_twice(tmp_path):
    for name in ("once", "again"):
        live_in(tmp_path / name, comparison(["own_agent:make_ppo"]), seeds=[0], jobs=1)

    once, again = contents(tmp_path / "once"), contents(tmp_path / "again")
    assert {name: once[name] for name in ("results.csv", "curve.csv")} == {
        name: again[name] for name in ("results.csv", "curve.csv")
    }


def test_the_readmes_own_agent_takes_part(tmp_path, monkeypatch):
    (program,) = (program for program in blocks("python") if "def make" in program)
    (tmp_path / "mine.py").write_text(program)
    monkeypatch.syspath_prepend(tmp_path)

    live_in(tmp_path / "out", comparison(["mine:make"]), seeds=[0])

    assert len(read_results(tmp_path / "out/results.csv")) == 3 * 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_such_module:make", "no_such_module cannot be imported"),
        ("own_agent:makes", "own_agent has no function 'makes'"),
    ],
)
def test_an_agent_that_cannot_be_found_is_refused(tmp_path, name, text):
    with pytest.raises(UserError, match=text):
        live_in(tmp_path, comparison([name]), seeds=[0])


FILES = {
    "mine.toml": 'tasks = ["h+n-", "v+p-", "h+n-"]\n[lengths.deep]\nstage = 4_096\nsegments = 1\n',
    "mine.json": '{"tasks": ["task1", "task2", "h+n-"], "lengths": {"deep": {"stage": 4096, "segments": 1}}}',
}


@pytest.mark.parametrize("name", FILES)
def test_a_protocol_may_come_from_a_file(tmp_path, name):
    (tmp_path / name).write_text(FILES[name])

    mine = curriculum(str(tmp_path / name))
    (plan,) = forgetting.plans(mine, ["ppo"], PRESET)

    assert mine == Curriculum("mine", ("task1", "task2", "task1"), lengths={"deep": {"stage": 4096, "segments": 1}})
    assert [stage.name for stage in plan.protocol.stages] == ["birth", "1-task1", "2-task2", "3-task1"]
    assert plan.protocol.tests == ("task1", "task2")
    assert (plan.lengths.stage, plan.lengths.segments, plan.lengths.test) == (4096, 1, 200)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tasks = [", "cannot be read as a protocol"),
        ("name = 'x'", "must name its tasks"),
        ("tasks = []", "must name its tasks"),
        ("tasks = ['h+h-']", r"unknown task 'h\+h-'; known tasks"),
        ("tasks = ['all']", "in task 'all' no food has a value"),
        ("tasks = ['task1']\ncolour = 1", "unknown entry of .* 'colour'; known: name, tasks"),
        ("tasks = ['task1']\ntask_cue = 1", "task_cue = 1 must be true or false"),
        ("tasks = ['task1']\nlengths = 3", "lengths must be tables"),
        ("tasks = ['task1']\n[lengths.deep]\nstage = 0", "stage = 0 in .* must be a whole number above 0"),
    ],
)
def test_a_file_that_is_no_protocol_is_refused_with_the_reason(tmp_path, text, complaint):
    (tmp_path / "mine.toml").write_text(text)

    with pytest.raises(UserError, match=complaint):
        curriculum(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize("lengths", [{"reptile": {"stage": 1}}, {"deep": {"duration": 1}}])
def test_lengths_that_there_are_not_are_refused(lengths):
    with pytest.raises(UserError, match=r"unknown (kind of agents|length of deep agents)"):
        Curriculum("mine", ("task1",), lengths=lengths).fitted(PRESET)
