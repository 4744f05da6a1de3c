"""Many worlds at once are, bit for bit, what SyncVectorEnv makes of single ones."""

import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from test_env import IDS

from foraging_env import ForageEnv, ForageVectorEnv

N = 5
SMALL = {"size": (12, 14), "view": 5, "density": 0.13}


def twins(mode, limit=23, **arguments):
    """The vector environment and Gymnasium's batch of single ones."""
    single = [lambda: gym.make("Forage-v0", max_episode_steps=limit, **SMALL, **arguments)] * N
    vector = gym.make_vec(
        "Forage-v0",
        num_envs=N,
        vectorization_mode="vector_entry_point",
        max_episode_steps=limit,
        autoreset_mode=mode,
        **SMALL,
        **arguments,
    )
    return vector, SyncVectorEnv(single, autoreset_mode=mode)


def assert_equal(one, other):
    """Equal values and types, in tuples, dicts and arrays of objects too."""
    assert type(one) is type(other)
    if isinstance(one, tuple | list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_equal(a, b)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_equal(one[key], other[key])
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        if one.dtype == object:
            one, other = list(one), list(other)
        np.testing.assert_equal(one, other)
    else:
        assert one == other


@pytest.mark.parametrize(
    "variant",
    [
        {},
        {"observation": "pattern", "task_cue": True, "last_action": True, "numeric_info": True},
        {"space": "flat", "last_action": True},
        {"space": "image", "observation": "pattern"},
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_bit_for_bit_what_sync_vector_env_gives(mode, variant):
    vector, sync = twins(mode, **variant)
    assert vector.observation_space == sync.observation_space
    assert vector.action_space == sync.action_space
    assert_equal(vector.reset(seed=11), sync.reset(seed=11))
    rng = np.random.default_rng(0)
    for t in range(2000):
        actions = rng.integers(0, 8, N)
        one, other = vector.step(actions), sync.step(actions)
        assert_equal(one, other)
        if mode is AutoresetMode.DISABLED and one[3].any():
            ended = one[3]
            assert_equal(
                vector.reset(options={"reset_mask": ended.copy()}), sync.reset(options={"reset_mask": ended.copy()})
            )
        if t % 300 == 150:
            assert_equal(vector.reset(options={"task": "task2"}), sync.reset(options={"task": "task2"}))
        if t % 300 == 10:  # between two steps, in the middle of the episodes
            vector.set_task("h+v-")
            sync.call("set_task", "h+v-")
        if t == 1000:
            seeds = [5, None, 7, 8, None]
            assert_equal(vector.reset(seed=seeds), sync.reset(seed=seeds))
    assert one[4]["rewarded"].sum() + one[4]["punished"].sum() > 0


@pytest.mark.parametrize("name", IDS)
def test_every_id_is_the_same_in_its_vector_form(name):
    arguments = {} if name == "Forage-v0" else {"steps_per_task": 30, "episode_steps": 20}
    vector = gym.make_vec(name, num_envs=3, vectorization_mode="vector_entry_point", **arguments)
    sync = gym.make_vec(name, num_envs=3, vectorization_mode="sync", **arguments)
    assert_equal(vector.reset(seed=2), sync.reset(seed=2))
    for t in range(200):
        actions = np.arange(3) * t % 8
        assert_equal(vector.step(actions), sync.step(actions))


def test_worlds_may_be_of_different_tasks():
    tasks = ["task1", "task2", "all", "n+h-", "task1"]
    vector = ForageVectorEnv(N, task=tasks)
    assert [task.name for task in vector.tasks] == tasks
    _, infos = vector.reset(seed=0)
    assert infos["task"].tolist() == tasks
    _, infos = vector.reset(options={"task": tasks[::-1]})
    assert infos["task"].tolist() == tasks[::-1]
    mask = np.array([True, False, False, False, True])
    vector.set_task("v+n-", mask)
    infos = vector.step(np.zeros(N, int))[4]
    assert infos["task"].tolist() == ["v+n-", "n+h-", "all", "task2", "v+n-"]


def test_each_world_lives_as_if_it_were_alone():
    vector = ForageVectorEnv(N, task=["task1", "task2", "all", "n+h-", "task1"])
    seen, _ = vector.reset(seed=3)
    for w, task in enumerate(vector.tasks):
        alone = ForageEnv(task)
        np.testing.assert_array_equal(alone.reset(seed=3 + w)[0], seen[w])


@pytest.mark.parametrize("limit", [None, -1])
def test_a_continuing_life_is_never_cut(limit):
    vector = gym.make_vec("Forage-v0", num_envs=2, max_episode_steps=limit, **SMALL)
    vector.reset(seed=0)
    assert not any(vector.step(np.array([t % 8, t % 7]))[3].any() for t in range(1200))


def test_gymnasiums_vector_wrappers_work():
    vector = gym.wrappers.vector.RecordEpisodeStatistics(gym.make_vec("Forage-v0", num_envs=3, max_episode_steps=10))
    vector = gym.wrappers.vector.FlattenObservation(vector)
    seen, _ = vector.reset(seed=0)
    assert seen.shape == (3, 49)
    for _ in range(10):
        *_, infos = vector.step(vector.action_space.sample())
    assert infos["episode"]["l"].tolist() == [10, 10, 10]


def test_a_saved_batch_goes_on_to_the_bit():
    vector, _ = twins(AutoresetMode.NEXT_STEP)
    vector.reset(seed=0)
    rng = np.random.default_rng(0)
    for _ in range(50):
        vector.step(rng.integers(0, 8, N))
    copy, (fresh, _) = pickle.loads(pickle.dumps(vector)), twins(AutoresetMode.NEXT_STEP)
    fresh.set_state(vector.get_state())
    for _ in range(100):
        actions = rng.integers(0, 8, N)
        expected = vector.step(actions)
        assert_equal(copy.step(actions), expected)
        assert_equal(fresh.step(actions), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda env: env.step(np.zeros(N)), "are of type float64"),
        (lambda env: env.step(np.zeros(N, bool)), "are of type bool"),
        (lambda env: env.step(np.zeros(N + 1, int)), "have shape"),
        (lambda env: env.step(np.array([0, 0, 9, 0, 0])), "action 9 is out of range"),
        (lambda env: env.step(np.array([0, 0, 0, 0, -1])), "action -1 is out of range"),
        (lambda env: env.reset(seed=[1, 2], options={"task": "all"}), "2 seeds for 5 worlds"),
        (lambda env: env.reset(options={"task": ["task1"]}), "1 tasks for 5 worlds"),
        (lambda env: env.reset(options={"task": ["task1"] * 4 + ["task3"]}), "unknown task 'task3'"),
        (lambda env: env.reset(options={"reset_mask": np.zeros(N, bool)}), "chooses no world"),
        (lambda env: env.reset(options={"reset_mask": [True] * N}), "must be a bool array"),
        (lambda env: env.reset(options={"mask": 1}), "unknown reset option 'mask'"),
        (lambda env: env.set_task("task1", np.ones(N + 1, bool)), "the mask has shape"),
    ],
    ids=range(12),
)
def test_bad_input_is_answered_with_the_rule_and_changes_nothing(call, message):
    vector, _ = twins(AutoresetMode.NEXT_STEP)
    vector.reset(seed=0)
    before = vector.get_state()
    with pytest.raises((TypeError, ValueError), match=message):
        call(vector)
    np.testing.assert_equal(vector.get_state(), before)
