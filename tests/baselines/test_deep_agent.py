"""`DeepAgent`: its own behaviour, for every algorithm there is."""

import pickle
import tempfile

import numpy as np
import pytest
import torch
from same_files import assert_same_files

from baselines.agent import DeepAgent
from baselines.algorithms import ALGORITHMS
from baselines.worlds import evaluation_worlds
from foraging_env.habitat import Habitat
from foraging_env.senses import Senses

_OFF_POLICY = {"buffer_size": 3200, "learning_starts": 100, "batch_size": 16, "target_update_interval": 256}
SMALL = {
    "ppo": {"n_steps": 8, "batch_size": 64, "n_epochs": 1},
    "a2c": {},
    "dqn": _OFF_POLICY,
    "qrdqn": _OFF_POLICY,
    "ppo-frames": {"n_steps": 8, "batch_size": 64, "n_epochs": 1},
    "recurrent-ppo": {"n_steps": 8, "batch_size": 64, "n_epochs": 1},
}
CUED = Habitat(Senses(task_cue=True))
STEPS = 512  # a round of updates is 256 steps at most

algorithms = pytest.mark.parametrize("name", ALGORITHMS)


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def newborn(name, seed=1, **arguments):
    return DeepAgent(name, seed=seed, settings=SMALL[name], **arguments)


def bytes_of(agent, tmp_path):
    """All that its future depends on."""
    agent.save(tmp_path / "bytes.pt")
    return (tmp_path / "bytes.pt").read_bytes()


@algorithms
def test_learning_without_a_log_leaves_no_temporary_folder(name, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    newborn(name).learn_task("task1", STEPS)
    assert [left.name for left in tmp_path.iterdir() if not left.name.startswith("torch")] == []  # that is torch's own


@algorithms
def test_the_same_seed_gives_the_same_bits_and_another_does_not(name, tmp_path):
    one, same, other = newborn(name), newborn(name), newborn(name, seed=2)
    for agent in (one, same, other):
        agent.learn_task("task1", STEPS)
    assert bytes_of(one, tmp_path) == bytes_of(same, tmp_path)
    assert not torch.equal(*(next(iter(a.model.policy.parameters())) for a in (one, other)))


@algorithms
def test_agents_in_one_process_do_not_disturb_each_other(name, tmp_path):
    alone = newborn(name)
    alone.learn_task("task1", STEPS)
    alone.learn_task("task2", STEPS)

    agent, neighbour = newborn(name), newborn("ppo", seed=5)
    agent.begin_task("task1")
    neighbour.learn_task("task2", STEPS)
    agent.learn(STEPS)
    np.random.random()  # noqa: NPY002
    torch.rand(3)
    agent.end_task()
    neighbour.predict(np.zeros((7, 7), dtype=bool), deterministic=False)
    agent.learn_task("task2", STEPS)
    assert bytes_of(agent, tmp_path) == bytes_of(alone, tmp_path)


@algorithms
def test_an_evaluation_changes_nothing(name, tmp_path):
    agent, untested = newborn(name), newborn(name)
    for each in (agent, untested):
        each.begin_task("task1")
        each.learn(STEPS)
    before, outside = bytes_of(agent, tmp_path), torch.random.get_rng_state()

    counts = agent.evaluate("task2", 500, seed=3)

    assert counts.steps == 500
    assert counts == agent.evaluate("task2", 500, seed=3) == untested.evaluate("task2", 500, seed=3)
    assert torch.equal(torch.random.get_rng_state(), outside)
    assert bytes_of(agent, tmp_path) == before
    for each in (agent, untested):
        each.learn(STEPS)
    parameters = zip(agent.model.policy.parameters(), untested.model.policy.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in parameters)


@algorithms
@pytest.mark.parametrize("ended", [True, False])
def test_a_loaded_agent_goes_on_to_the_bit(name, ended, tmp_path):
    agent = newborn(name, habitat=CUED)
    agent.begin_task("task1")
    agent.learn(STEPS)
    if ended:
        agent.end_task()
    agent.save(tmp_path / "agent.pt")
    loaded = DeepAgent.load(tmp_path / "agent.pt")
    assert_same_files({"loaded": bytes_of(loaded, tmp_path)}, {"loaded": (tmp_path / "agent.pt").read_bytes()})
    for each in (agent, loaded):
        if not ended:
            each.learn(STEPS)
            each.end_task()
        each.learn_task(["task2", "task1"], STEPS)
    assert_same_files({"gone on": bytes_of(loaded, tmp_path)}, {"gone on": bytes_of(agent, tmp_path)})
    again = DeepAgent.load(tmp_path / "bytes.pt")
    assert (again.seed, again.habitat, again.settings) == (1, CUED, SMALL[name])


def test_what_is_no_saved_agent_is_refused(tmp_path):
    path = tmp_path / "agent.pt"
    newborn("a2c").save(path)
    whole = path.read_bytes()

    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("code in the file was run",))

    for bad in (b"", b"text", whole[: len(whole) // 2], pickle.dumps(Trap()), pickle.dumps({"about": {"format": 1}})):
        path.write_bytes(bad)
        with pytest.raises(ValueError, match=r"agent\.pt is no saved agent"):
            DeepAgent.load(path)
    torch.save({"about": {"format": 0}}, path)
    with pytest.raises(ValueError, match="has format 0"):
        DeepAgent.load(path)
    with pytest.raises(FileNotFoundError):
        DeepAgent.load(tmp_path / "nowhere.pt")


def test_a_file_is_made_with_its_folders_and_a_suffix(tmp_path):
    agent = newborn("a2c")
    agent.save(tmp_path / "some" / "where" / "agent")
    agent.save(tmp_path / "agent.backup")
    assert sorted(path.name for path in tmp_path.rglob("agent*")) == ["agent.backup", "agent.pt"]
    assert DeepAgent.load(tmp_path / "some" / "where" / "agent").name == "a2c"
    assert DeepAgent.load(tmp_path / "agent.backup").name == "a2c"
    (tmp_path / "agent.backup").rename(tmp_path / "without")  # as earlier versions saved it
    assert DeepAgent.load(str(tmp_path / "without")).name == "a2c"


def test_what_cannot_be_saved_names_the_file_that_was_asked_for_and_leaves_nothing(tmp_path):
    agent = newborn("a2c")
    (tmp_path / "folder.pt").mkdir()
    (tmp_path / "file").write_text("mine")
    for bad in (tmp_path / "folder.pt", tmp_path / "file" / "agent.pt"):
        with pytest.raises(OSError, match=r"^[^']*'[^']*'$") as caught:
            agent.save(bad)
        assert caught.value.filename == str(bad)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.pt"]
    assert (tmp_path / "file").read_text() == "mine"


def test_a_save_that_is_stopped_leaves_the_old_file(tmp_path, monkeypatch):
    agent = newborn("a2c")
    agent.save(tmp_path / "agent.pt")
    before = (tmp_path / "agent.pt").read_bytes()
    agent.learn_task("task1", STEPS)

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("foraging_env.files.os.replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        agent.save(tmp_path / "agent.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["agent.pt"]
    assert_same_files({"agent": (tmp_path / "agent.pt").read_bytes()}, {"agent": before})


@pytest.mark.parametrize("lacks", ["model", "worlds", "streams", "returns", "kept"])
def test_a_file_that_lacks_something_is_refused(lacks, tmp_path):
    path = tmp_path / "agent.pt"
    newborn("a2c").save(path)
    content = torch.load(path, weights_only=True)
    del content[lacks]
    torch.save(content, path)
    with pytest.raises(ValueError, match=r"agent\.pt is no saved agent"):
        DeepAgent.load(path)


def test_a_task_is_begun_learned_and_ended_in_this_order():
    agent = newborn("a2c")
    with pytest.raises(RuntimeError, match=r"no task was begun; call begin_task\(task\) before learn"):
        agent.learn(1)
    with pytest.raises(RuntimeError, match="no task was begun, so none can be ended"):
        agent.end_task()
    agent.begin_task("task1")
    with pytest.raises(RuntimeError, match="was not ended; call"):
        agent.begin_task("task2")
    agent.end_task()
    with pytest.raises(RuntimeError, match="no task was begun"):
        agent.learn(1)


def test_unknown_tasks_are_refused_and_change_nothing(tmp_path):
    agent = newborn("a2c")
    before = bytes_of(agent, tmp_path)
    for bad in ("task9", [], ["task1"] * 33):
        with pytest.raises(ValueError, match="task"):
            agent.begin_task(bad)
    assert bytes_of(agent, tmp_path) == before
    agent.learn_task("task1", 1)


def test_the_worlds_hold_the_tasks_that_were_dealt():
    agent = newborn("a2c")

    def value_of_each_pattern():
        return agent.worlds.env.unwrapped.worlds.state.value.copy()

    agent.begin_task("task1")
    first = value_of_each_pattern()
    agent.learn(STEPS)
    agent.end_task()
    agent.begin_task(["task1", "task2"])
    both = value_of_each_pattern()
    assert (first == first[0]).all()
    assert (both[0::2] == first[0]).all()
    assert (both[1::2] == both[1]).all()
    assert not np.array_equal(both[0], both[1])


def test_returns_over_several_steps_end_with_their_task():
    agent = DeepAgent("dqn", seed=1, settings={**_OFF_POLICY, "n_steps": 4, "gamma": 0.5})
    agent.learn_task("task1", STEPS)
    buffer = agent.model.replay_buffer
    last = buffer.pos - 1
    agent.learn_task("task2", STEPS)
    buffer.rewards[last - 1 : last + 3] = 1.0
    with agent.streams:
        samples = buffer._get_samples(np.array([last - 1, last + 1]))
    assert samples.rewards.flatten().tolist()[0] == 1.5
    assert samples.discounts.flatten().tolist() == [0.25, 0.0625]
    assert samples.dones.sum() == 0.0


@algorithms
def test_the_cue_shows_the_task(name):
    plain, cued = newborn(name), newborn(name, habitat=CUED)
    shapes = [np.prod(agent.model.observation_space.shape) for agent in (plain, cued)]
    assert shapes[1] > shapes[0]
    cued.begin_task(["task1", "task2"])
    seen = cued.model._last_obs.reshape(32, -1)
    cue = seen[:, (seen[0::2] == seen[0]).all(axis=0) & (seen[1::2] == seen[1]).all(axis=0) & (seen[0] != seen[1])]
    assert cue.shape[1] >= 2, "nothing in the observation tells the tasks apart"


@algorithms
def test_predict_works_for_one_observation_and_for_many(name, tmp_path):
    agent = newborn(name)
    env = evaluation_worlds(5, "task1")
    seen, _ = env.reset(seed=0)
    many, _ = agent.predict(seen)
    assert many.shape == (5,)
    one, _ = agent.predict(seen[0])
    assert one == many[0]
    agent.learn_task("task1", STEPS)
    before = bytes_of(agent, tmp_path)
    agent.predict(seen)
    assert bytes_of(agent, tmp_path) == before
    drawn, _ = agent.predict(seen, deterministic=False)
    assert all(env.single_action_space.contains(move) for move in drawn)
    assert bytes_of(agent, tmp_path) != before, "a drawn move comes from the agent's own stream"
