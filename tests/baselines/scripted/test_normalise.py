"""The command that measures scales adds what is missing and never touches what is published."""

import json

import gymnasium as gym
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from baselines.scripted import normalise
from baselines.scripted.foragers import SCRIPTED
from baselines.scripted.normalise import ENDS, SEQUENCES, TABLE, Place, Scales, intake, wanted

LIVES = {"seeds": 3, "steps": 40}


def invoke(*arguments):
    app = typer.Typer()
    app.command()(normalise.main)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write(path, data):
    path.write_text(json.dumps(data, indent=1) + "\n")


@pytest.fixture
def table(tmp_path):
    """As it is published, but for the number of lives, so that what is measured is measured quickly."""
    path = tmp_path / "table.json"
    write(path, json.loads(TABLE.read_text()) | LIVES)
    return path


@pytest.fixture
def measured(tmp_path):
    """Measured anew, every scale of it, in a few short lives."""
    path = tmp_path / "measured.json"
    write(path, {"what": "a test", **LIVES, "ids": {}})
    assert invoke("--table", path).exit_code == 0
    return path


def test_what_is_missing_is_added_and_what_is_published_stays_to_the_byte(table):
    data = json.loads(table.read_text())
    complete = json.loads(table.read_text())["ids"]
    del data["ids"]["ForagePaper-v0"]
    others = ("ForageLong-v0", "ForageLongCue-v0")
    for env_id in ("Forage-v0", *others):
        del data["ids"][env_id]["h+p-"]
    write(table, data)
    before = table.read_bytes()

    result = invoke("--table", table)

    assert result.exit_code == 0, result.output
    assert "5 scales added" in result.stdout
    after = json.loads(table.read_text())
    assert after["ids"]["ForagePaper-v0"] == complete["ForagePaper-v0"], "published for the same world under another id"
    new = after["ids"]["Forage-v0"].pop("h+p-")
    assert [after["ids"][env_id].pop("h+p-") for env_id in others] == [new, new]
    assert new == {end: round(intake(forager, "h+p-", **LIVES), 4) for end, forager in ENDS.items()}
    del after["ids"]["ForagePaper-v0"]
    write(table, after)
    assert table.read_bytes() == before


def test_where_nothing_is_missing_nothing_is_written(table):
    before, written = table.read_bytes(), table.stat().st_mtime_ns
    result = invoke("--table", table)
    assert result.exit_code == 0
    assert "lacks nothing" in result.stdout
    assert (table.read_bytes(), table.stat().st_mtime_ns) == (before, written)
    assert Scales(TABLE).missing == []


def test_a_new_row_of_the_registry_gets_its_scale_in_its_own_world(table, monkeypatch):
    before = json.loads(table.read_text())["ids"]
    paper = gym.spec("ForagePaper-v0")
    monkeypatch.setitem(SEQUENCES, "Small", SEQUENCES["Paper"])
    gym.register(
        "ForageSmall-v0",
        entry_point=paper.entry_point,
        vector_entry_point=paper.vector_entry_point,
        kwargs={**paper.kwargs, "size": (12, 15), "density": 0.12},
    )
    try:
        assert invoke("--table", table).exit_code == 0
        world = normalise.world_of("ForageSmall-v0")
    finally:
        gym.registry.pop("ForageSmall-v0")
    after = json.loads(table.read_text())["ids"]
    small = after.pop("ForageSmall-v0")
    assert after == before
    assert list(small) == ["task1", "task2"]
    env = gym.make_vec("Forage-v0", num_envs=1, **world._asdict()).unwrapped
    assert (env.worlds.shape.rows, env.worlds.shape.cols, env.worlds.n_pairs) == (12, 15, round(0.12 * 12 * 15 / 2))
    assert small["task1"]["full_knowledge"] == round(intake("full-knowledge", "task1", world=world, **LIVES), 4)


def test_check_measures_again_and_writes_nothing(measured):
    assert {Place(*place) for place in wanted()} == {
        Place(env_id, task) for env_id, tasks in json.loads(measured.read_text())["ids"].items() for task in tasks
    }
    before = measured.read_bytes()
    result = invoke("--check", "--table", measured)
    assert result.exit_code == 0, result.output
    assert "all scales are as in" in result.stdout
    assert measured.read_bytes() == before

    data = json.loads(before)
    data["ids"]["ForageCycle-v0"]["v+h-"]["random"] += 0.5
    del data["ids"]["ForagePaper-v0"]["task2"]
    write(measured, data)
    before = measured.read_bytes()
    result = invoke("--check", "--table", measured)
    assert result.exit_code == 1
    assert "2 scales are not what" in result.output
    assert "ForageCycle-v0 v+h-: random" in result.output
    assert "published nothing" in result.output.replace("\n", " ")
    assert measured.read_bytes() == before


def test_a_task_is_measured_once_for_all_ids_with_the_same_world(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(normalise, "intake", lambda forager, task, **_: asked.append((forager, task)) or 0.0)
    path = tmp_path / "table.json"
    write(path, {**LIVES, "ids": {}})
    assert invoke("--table", path).exit_code == 0
    assert len(asked) == len(set(asked)) == 12 * 2


def test_a_published_scale_cannot_be_written_over(table):
    with pytest.raises(ValueError, match="'task1' of Forage-v0 is published and never moves"):
        Scales(table).add(Place("Forage-v0", "task1"), {"random": 0.0, "full_knowledge": 1.0})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"ids": {}, "seeds": 1}'])
def test_what_is_no_table_is_refused(tmp_path, text):
    path = tmp_path / "table.json"
    path.write_text(text)
    result = invoke("--table", path)
    assert result.exit_code == 2
    assert "is no table of scales" in result.output
    assert path.read_text() == text
    assert invoke("--table", tmp_path / "nowhere.json").exit_code == 2


@pytest.mark.parametrize("forager", ENDS.values())
def test_what_is_shown_makes_no_difference_to_the_ends_of_the_scale(forager):
    eaten = []
    for shown in ({}, {"view": 11, "observation": "pattern", "task_cue": True}):
        env = gym.make_vec("Forage-v0", num_envs=3, max_episode_steps=-1, **shown)
        seen, infos = env.reset(seed=0)
        agent, state = SCRIPTED[forager](env, seed=0), None
        for _ in range(300):
            actions, state = agent.predict(seen, state)
            seen, _, _, _, infos = env.step(actions)
        eaten.append([infos["rewarded"], infos["punished"]])
    np.testing.assert_array_equal(*eaten)
    assert np.sum(eaten) > 0
