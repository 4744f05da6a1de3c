"""A newcomer is ranked among shipped results, or told why not."""

from io import StringIO

import pytest
from written_by_hand import configured, write_folder

from experiments.drawing.keeping import points
from experiments.errors import UserError
from experiments.evidence.contest import contest_of
from experiments.evidence.reference import beside, cannot_compare, protocols, reference, ship
from experiments.evidence.results import read_run
from experiments.forgetting import agents
from experiments.forgetting import conclusion as ending
from experiments.forgetting.presets import PRESETS
from experiments.forgetting.protocols import PROTOCOLS, TaskProtocol
from experiments.plans.plan import plan_from
from experiments.printing import console as new_console
from foraging_env.files import read_json
from foraging_env.habitat import Habitat
from foraging_env.sequences import TaskSequence


@pytest.fixture
def shipped(tmp_path):
    """A folder with the results of four agents in it."""
    run, folder = tmp_path / "run", tmp_path / "shipped"
    run.mkdir()
    folder.mkdir()
    ship(configured(write_folder(run, seeds=3)), folder)
    return folder


def test_what_was_shipped_is_read_as_it_was_run(tmp_path, shipped):
    run = contest_of(read_run(tmp_path / "run"))
    back = reference("paper", shipped)

    assert protocols(shipped) == ["paper"]
    assert (back.lines, back.results, back.costs) == (run.lines, run.results, run.costs)
    assert reference("cycle", shipped) is None


def test_ones_own_agents_count_and_the_shipped_ones_stand_beside_them(tmp_path, shipped):
    own = tmp_path / "own"
    own.mkdir()
    mine = contest_of(read_run(write_folder(own, agents=("ppo",), seeds=3, eaten=200)))

    both, others = beside(mine, reference("paper", shipped))

    assert others == ["ppo+ewc", "ppo+interleaved", "ppo+single"]
    assert [line.agent for line in both.lines] == ["ppo", *others]
    assert {row.rewarded + row.punished for row in both.results if row.agent == "ppo"} == {200}
    assert [point.new.n for point in points(both)] == [3] * 4


def test_a_run_that_is_not_complete_is_not_shipped(tmp_path):
    with pytest.raises(UserError, match=r"ppo has no complete life of seeds \[1\]; finish the run first"):
        ship(configured(write_folder(tmp_path, agents=("ppo",), seeds=3, lost=[("ppo", 1, "2-task2")])), tmp_path)


def test_other_lengths_or_worlds_are_refused_with_the_reason(tmp_path, shipped):
    config = read_json((tmp_path / "run" / "config.json").read_text())
    same = [plan_from(plan) for plan in config["plans"]]

    assert cannot_compare(same, shipped) == ""
    longer = agents.plans(PROTOCOLS["paper"], ["ppo"], PRESETS["full"])
    assert "have 100 steps a task, these 409,600; --preset mini has the same" in cannot_compare(longer, shipped)
    elsewhere = TaskProtocol("paper", TaskSequence(("task1", "task2"), habitat=Habitat(density=0.05)))
    for agent in ("ppo", "spiking"):
        assert "of other tasks or worlds" in cannot_compare(agents.plans(elsewhere, [agent], PRESETS["full"]), shipped)
    other = agents.plans(PROTOCOLS["cycle"], ["ppo"], PRESETS["full"])
    assert "no shipped results of protocol 'cycle'; there are some of paper" in cannot_compare(other, shipped)


def test_a_conclusion_names_who_is_shipped(tmp_path, shipped, monkeypatch):
    own = tmp_path / "own"
    own.mkdir()
    write_folder(own, agents=("ppo",), seeds=3)
    monkeypatch.setattr(ending, "reference", lambda protocol: reference(protocol, shipped))
    console = new_console(file=StringIO(), width=100)

    ending.conclude(own, console, beside_shipped=True)

    text = console.file.getvalue()
    assert "From the shipped results: ppo+ewc, ppo+interleaved, ppo+single." in text
    assert "ppo+ewc" not in (own / "scores.csv").read_text(), "scores.csv is of the run alone"
    assert (own / "keeping.png").exists()


def test_every_shipped_result_is_complete_and_of_a_protocol_that_there_is():
    for name in protocols():
        contest = reference(name)
        assert name in PROTOCOLS
        assert contest.habitat == PROTOCOLS[name].sequence.habitat
        assert len({tuple(contest.seeds(line)) for line in contest.lines}) == 1
