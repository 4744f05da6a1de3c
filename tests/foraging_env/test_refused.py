"""A call that is refused changes nothing: not the worlds, not what wrappers remember, not what comes after."""

import copy
import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_vector import assert_equal

from foraging_env import ForageEnv, ForageVectorEnv, Schedule
from foraging_env.state import get_state, set_state
from foraging_env.wrappers import (
    ForagingStatistics,
    RecordPath,
    ScheduledTasks,
    VectorForagingStatistics,
    VectorScheduledTasks,
)

N = 3
SMALL = {"size": (9, 10), "view": 5, "density": 0.13}
SCHEDULE = Schedule((("task1", 7), ("task2", 9), ("n+h-", 8)), order="shuffled", repeat=True)
REFUSALS = (TypeError, ValueError, RuntimeError, gym.error.Error)


def single():
    return ForageEnv(**SMALL)


def wrapped():
    return RecordPath(ForagingStatistics(ScheduledTasks(ForageEnv(**SMALL), SCHEDULE)))


def vector(mode):
    return ForageVectorEnv(N, max_episode_steps=6, autoreset_mode=mode, **SMALL)


def wrapped_vector(mode, truncate=False):
    return VectorForagingStatistics(VectorScheduledTasks(vector(mode), SCHEDULE, truncate))


MAKERS = {
    "single": single,
    "wrapped": wrapped,
    **{f"vector, {mode.value}": lambda mode=mode: vector(mode) for mode in AutoresetMode},
    **{f"wrapped vector, {mode.value}": lambda mode=mode: wrapped_vector(mode) for mode in AutoresetMode},
    "truncating vector": lambda: wrapped_vector(AutoresetMode.SAME_STEP, truncate=True),
}

WRONG_SEED = st.one_of(
    st.integers(max_value=-1),
    st.booleans(),
    st.floats(),
    st.text(max_size=2),
    st.sampled_from([np.True_, np.int64(-3), np.array(-1), np.array([[1, 2, 3]]), np.array(2.0), {}, object]),
)
WRONG_TASK = st.sampled_from(["task3", "", None, 1, ("task1", "task2"), 2.5])
WRONG_ACTION = st.sampled_from([8, -1, 2**70, 1.0, None, "up", True])
GOOD_TASK = st.sampled_from(["task1", "task2", "all", "n+h-"])


@st.composite
def refused_calls(draw, is_vector):
    """A call that must be refused, as a function of the environment."""
    kind = draw(st.sampled_from(["seed", "options", "task", "step", "state", "mask"]))
    seed = draw(st.integers(0, 2**40) | st.none())
    good = {"task": draw(GOOD_TASK)} if draw(st.booleans()) else {}
    where = draw(st.integers(0, N - 1))
    if kind == "seed":
        wrong = draw(WRONG_SEED)
        if is_vector and draw(st.booleans()):
            wrong = [wrong if w == where else w for w in range(draw(st.integers(where + 1, N + 1)))]
        return lambda env: env.reset(seed=wrong, options=good)
    if kind == "options":
        wrong = draw(st.sampled_from([{"tusk": "task1"}, "task", ["task"], 3]))
        return lambda env: env.reset(seed=seed, options=good | wrong if isinstance(wrong, dict) else wrong)
    if kind == "task":
        wrong = draw(WRONG_TASK)
        if is_vector and draw(st.booleans()):
            wrong = [wrong if w == where else "all" for w in range(draw(st.integers(where + 1, N + 1)))]
        if draw(st.booleans()):
            return lambda env: env.unwrapped.set_task(wrong)
        return lambda env: env.reset(seed=seed, options={"task": wrong})
    if kind == "step":
        wrong = draw(WRONG_ACTION)
        if is_vector:
            wrong = [wrong if w == where else w for w in range(draw(st.sampled_from([N, N, N, N - 1, N + 1])))]
            wrong[where if where < len(wrong) else 0] = draw(WRONG_ACTION)
            return lambda env: env.step(np.array([9 if a is True else a for a in wrong]))
        return lambda env: env.step(wrong)
    if kind == "state" or not is_vector:
        name = draw(
            st.sampled_from(["position", "task", "value", "share", "arriving", "food", "views", "quota", "rng"])
        )
        damage = draw(st.sampled_from(["missing", "other shape", "other dtype", "out of range"]))
        return lambda env: set_state(env, damaged(get_state(env), name, damage))
    wrong = draw(
        st.sampled_from(
            [np.zeros(N, bool), np.ones(N + 1, bool), [True] * N, np.ones(N, int), np.ones((N, 1), bool), 1]
        )
    )
    if draw(st.booleans()):
        return lambda env: env.unwrapped.set_task("all", wrong)
    return lambda env: env.reset(seed=seed, options=good | {"reset_mask": wrong})


def damaged(saved, name, damage):
    saved = copy.deepcopy(saved)
    worlds = saved["worlds"].get("worlds", saved["worlds"])
    if damage == "missing":
        del worlds[name]
    elif damage == "other shape":
        worlds[name] = worlds[name][None]
    elif damage == "other dtype" or name == "rng":  # any 64 bits are a good stream
        worlds[name] = worlds[name].astype(np.float32)
    else:
        worlds[name][...] = np.nan if name == "share" else 77
    return saved


def all_of(env):
    """Everything that a refused call could have changed."""
    said = {"state": get_state(env), "task": getattr(env.unwrapped, "tasks", None) or env.unwrapped.task}
    layer = env
    while layer is not env.unwrapped:
        for name in ("so_far", "path", "phase"):
            if name in dir(type(layer)):
                told = getattr(layer, name)
                said[name] = told() if callable(told) else told
        layer = layer.env
    return said


def live(env, is_vector, n, seed):
    """``n`` random steps, with the resets that are due; everything that they told."""
    told = []
    for action in np.random.default_rng(seed).integers(0, 8, (n, N)):
        told.append(env.step(action if is_vector else action[0]))
        disabled = is_vector and env.metadata["autoreset_mode"] is AutoresetMode.DISABLED
        if disabled and told[-1][3].any():
            told.append(env.reset(options={"reset_mask": told[-1][3]}))
    return told


@pytest.mark.parametrize("name", MAKERS)
@given(data=st.data())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_a_refused_call_changes_nothing(name, data):
    is_vector = "vector" in name
    env = MAKERS[name]()
    env.reset(seed=1)
    live(env, is_vector, data.draw(st.integers(0, 25)), seed=0)
    call = data.draw(refused_calls(is_vector))
    before, other = all_of(env), pickle.loads(pickle.dumps(env))
    with pytest.raises(REFUSALS):
        call(env)
    np.testing.assert_equal(all_of(env), before)
    assert_equal(live(env, is_vector, 12, seed=2), live(other, is_vector, 12, seed=2))
    assert_equal(env.reset(), other.reset())


@pytest.mark.parametrize("name", [name for name in MAKERS if "vector" in name])
def test_steps_that_are_refused_while_a_task_is_due_switch_nothing(name):
    env = MAKERS[name]()
    env.reset(seed=0)
    for t in range(40):
        before = all_of(env)
        with pytest.raises(ValueError, match="action 8 is out of range"):
            env.step(np.array([0, 0, 8]))
        np.testing.assert_equal(all_of(env), before)
        live(env, True, 1, seed=t)


def test_a_step_where_a_reset_is_due_is_refused_and_changes_nothing():
    env = wrapped_vector(AutoresetMode.DISABLED)
    env.reset(seed=0)
    for _ in range(6):
        env.step(np.zeros(N, int))
    before = all_of(env)
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(np.zeros(N, int))
    np.testing.assert_equal(all_of(env), before)


@pytest.mark.parametrize("name", ["wrapped", "wrapped vector, NextStep"])
@pytest.mark.parametrize("damage", ["missing", "wrong"])
def test_a_state_that_fits_only_the_worlds_is_refused_whole(name, damage):
    env, other = MAKERS[name](), MAKERS[name]()
    for one in (env, other):
        one.reset(seed=0)
    live(other, "vector" in name, 20, seed=0)
    for layer in range(len(get_state(other)["wrappers"])):
        for key in get_state(other)["wrappers"][layer][1]:
            saved = get_state(other)
            own = saved["wrappers"][layer][1]
            if damage == "missing":
                del own[key]
            else:
                own[key] = [1.5]
            before = all_of(env)
            with pytest.raises(REFUSALS):
                set_state(env, saved)
            np.testing.assert_equal(all_of(env), before)
    fresh = MAKERS[name]()
    with pytest.raises(REFUSALS):
        set_state(fresh, saved)
    with pytest.raises(gym.error.ResetNeeded):
        get_state(fresh)
    set_state(fresh, get_state(other))


def test_a_schedule_with_a_pattern_that_the_world_lacks_is_refused_when_it_is_wrapped():
    lacking = {"patterns": ["horizontal", "negative"]}
    for wrap in (
        lambda: ScheduledTasks(ForageEnv(**lacking), [("task1", 5), ("task2", 5)]),
        lambda: VectorScheduledTasks(ForageVectorEnv(2, **lacking), [("task1", 5), ("task2", 5)]),
    ):
        with pytest.raises(ValueError, match="task2 needs the pattern vertical"):
            wrap()


SEEDS = (5, np.int64(5), np.uint8(5), np.array(5), 2**63, 2**100)
LISTS = ([3, 4, 5], (3, np.int64(4), np.array(5)), np.array([3, 4, 5]), np.array([3, 4, 5], np.uint16), range(3, 6))


@pytest.mark.parametrize("seed", SEEDS, ids=repr)
def test_numpys_whole_numbers_are_seeds_like_ints(seed):
    for make in (single, lambda: vector("NextStep")):
        assert_equal(make().reset(seed=seed), make().reset(seed=int(seed)))
    assert_equal(wrapped().reset(seed=seed), wrapped().reset(seed=int(seed)))


@pytest.mark.parametrize("seeds", LISTS, ids=repr)
def test_lists_of_seeds_may_be_of_any_kind(seeds):
    for make in (lambda: vector("NextStep"), lambda: wrapped_vector("NextStep")):
        assert_equal(make().reset(seed=seeds), make().reset(seed=3))
    apart = [seeds[0], None, seeds[2]]
    seen, _ = vector("NextStep").reset(seed=apart)
    np.testing.assert_array_equal(seen[2], single().reset(seed=5)[0])


@pytest.mark.parametrize("seed", [-1, np.int64(-1), True, np.False_, 5.0, np.float64(5), "5", np.array(5.0)], ids=repr)
def test_other_seeds_are_refused_in_one_sentence(seed):
    for make in (single, wrapped, lambda: vector("NextStep"), lambda: wrapped_vector("NextStep")):
        for each in (seed,) if make in (single, wrapped) else (seed, [0, seed, 2]):
            with pytest.raises(gym.error.Error, match=r"seed=.* must be a whole number, 0 or more, or None") as caught:
                make().reset(seed=each)
            assert isinstance(caught.value, ValueError)


def test_a_seed_that_a_batch_of_clocks_cannot_hold_is_refused():
    with pytest.raises(gym.error.Error, match="take seeds below 2\\*\\*63"):
        wrapped_vector("NextStep").reset(seed=2**63)
