"""The single environment: Gymnasium's and SB3's contracts for every registered id, and clear words for bad input."""

import doctest
import pickle
import subprocess
import sys
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env as gymnasium_check
from stable_baselines3.common.env_checker import check_env as sb3_check

import foraging_env
from foraging_env import TASKS, ForageEnv, Task

IDS = [name for name, spec in gym.registry.items() if str(spec.entry_point).startswith("foraging_env")]

VARIANTS = {
    "plain": {},
    "patterns": {"observation": "pattern"},
    "task cue": {"task_cue": True},
    "everything": {"observation": "pattern", "task_cue": True, "last_action": True},
    "flat": {"space": "flat"},
    "flat, everything": {"space": "flat", "observation": "pattern", "task_cue": True, "last_action": True},
    "image": {"space": "image", "view": 37},  # SB3's check wants an image that its CnnPolicy can take
    "image of patterns": {"space": "image", "view": 37, "observation": "pattern"},
    "odd geometry": {"size": (9, 80), "view": 9, "density": 0.15},
}


def life(env, seed, n=300):
    """All that an agent meets in ``n`` random steps."""
    told = [env.reset(seed=seed)]
    for action in np.random.default_rng(seed).integers(0, 8, n):
        told.append(env.step(action))
        if told[-1][3]:
            told.append(env.reset())
    return [(told_now[0].tolist(), *told_now[1:]) for told_now in told]


@pytest.mark.parametrize("name", IDS)
def test_every_id_passes_both_checkers(name):
    env = gym.make(name)
    gymnasium_check(env.unwrapped)
    sb3_check(env)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("render_mode", ["rgb_array", "ansi"])
def test_every_way_to_see_passes_both_checkers(variant, render_mode):
    gymnasium_check(gym.make("Forage-v0", render_mode=render_mode, **variant).unwrapped)
    sb3_check(ForageEnv(**variant))


@pytest.mark.parametrize("name", IDS)
def test_same_seed_same_life(name):
    one, other = (life(gym.make(name, max_episode_steps=100), seed=3) for _ in range(2))
    assert one == other
    assert one != life(gym.make(name, max_episode_steps=100), seed=4)


@pytest.mark.parametrize("name", IDS)
def test_a_pickled_life_goes_on(name):
    env = gym.make(name, max_episode_steps=250)
    life(env, seed=5, n=123)
    copy = pickle.loads(pickle.dumps(env))
    for action in np.random.default_rng(0).integers(0, 8, 100):
        for one, other in zip(env.step(action), copy.step(action), strict=True):
            np.testing.assert_equal(one, other)


def test_the_name_with_the_module_needs_no_import():
    code = "import gymnasium as gym; gym.make('foraging_env:Forage-v0').reset()"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("module", [foraging_env, foraging_env.tasks, foraging_env.schedules], ids=lambda m: m.__name__)
def test_the_examples_in_the_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0


def test_registering_again_is_harmless():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gym.register_envs(foraging_env)


def test_importing_the_world_loads_nothing_heavy():
    code = (
        "import sys, foraging_env; print([m for m in ('torch', 'matplotlib', 'pygame', 'stable_baselines3', 'imageio')"
    )
    done = subprocess.run([sys.executable, "-c", code + " if m in sys.modules])"], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_an_episode_is_truncated_after_a_thousand_steps_or_never():
    for limit, expected in ((None, 1000), (17, 17), (-1, None)):
        env = gym.make("Forage-v0", max_episode_steps=limit)
        env.reset(seed=0)
        ends = [n for n in range(1, 1501) if env.step(n % 8)[3]]
        assert (ends[0] if ends else None) == expected


def test_rewards_are_as_asked_for_and_counts_add_up():
    env = ForageEnv(rewards=(5, -2, -0.5))
    env.reset(seed=0)
    rewarded = punished = 0
    for action in np.random.default_rng(0).integers(0, 8, 2000):
        _, reward, terminated, _, info = env.step(action)
        expected = {0: (5, 1), 3: (-2, -1), -1: (-0.5, 0)}[info["pattern"]]
        assert (reward, info["value"]) == expected
        assert not terminated
        rewarded += info["value"] == 1
        punished += info["value"] == -1
        assert (info["rewarded"], info["punished"]) == (rewarded, punished)
    assert rewarded > 10 < punished


def test_patterns_without_value_are_eaten_for_nothing():
    env = ForageEnv("all")
    env.reset(seed=0)
    infos = [env.step(action)[4] for action in np.random.default_rng(0).integers(0, 8, 2000)]
    assert {info["pattern"] for info in infos} == {-1, 0, 1, 2, 3}
    assert {info["value"] for info in infos} == {0}


def test_the_task_changes_at_a_reset_or_in_mid_episode_and_stays():
    env = gym.make("Forage-v0", task="n+v-", max_episode_steps=30)
    assert env.unwrapped.task.name == "n+v-"
    _, info = env.reset(seed=0, options={"task": "task2"})
    assert info["task"] == "task2"
    assert env.reset()[1]["task"] == "task2"
    for _ in range(20):
        env.step(0)
    _, info = env.unwrapped.set_task(Task("horizontal", "vertical"))
    assert info == {"task": "h+v-", "pattern": -1, "value": 0, "rewarded": 0, "punished": 0}
    assert env.unwrapped.task.name == "h+v-"
    truncated = [env.step(1)[3] for _ in range(10)]
    assert truncated == [False] * 9 + [True]  # the episode went on


def test_what_the_forager_sees_does_not_tell_which_pattern_is_good():
    for variant in ({}, {"observation": "pattern", "last_action": True}):
        one, other = (life(ForageEnv(task, **variant), seed=1) for task in ("v+n-", "n+v-"))
        assert [step[0] for step in one] == [step[0] for step in other]
        assert [step[-1]["value"] for step in one] == [-step[-1]["value"] for step in other]


def test_cues_tell_the_task_and_the_last_action():
    env = ForageEnv("h+n-", task_cue=True, last_action=True)
    seen, _ = env.reset(seed=0)
    assert seen.shape == (49 + 13 + 8,)
    assert seen[49:].sum() == 1
    assert seen[49 + foraging_env.DISTINCT_TASKS.index(TASKS["task1"])] == 1
    seen = env.step(5)[0]
    assert np.flatnonzero(seen[49 + 13 :]).tolist() == [5]


def test_all_thirteen_tasks_have_a_name_each():
    assert len({task.name for task in TASKS.values()}) == len(foraging_env.DISTINCT_TASKS) == 13
    assert TASKS["h+n-"] == TASKS["task1"]
    assert TASKS["v+p-"] == TASKS["task2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task": "task3"}, "unknown task 'task3'; known tasks: task1, task2, all"),
        ({"task": 1}, "a task is a name or a Task, not 1"),
        ({"size": (4, 50)}, "too small: both sides must be at least 7"),
        ({"size": 50}, "must be two whole numbers"),
        ({"size": (50.0, 50)}, "must be a whole number from 1 to 4096, not float"),
        ({"size": (50, 5000)}, "must be from 1 to 4096"),
        ({"view": 8}, "must be odd.*try 7 or 9"),
        ({"view": True}, "must be a whole number"),
        ({"density": 0.2}, "at most 0.16.*lower the density"),
        ({"density": float("nan")}, "must be finite"),
        ({"density": "0.1"}, "must be a number"),
        ({"density": 0.0001}, "lays no pair at all"),
        ({"patterns": ["horizontal", "diagonal"]}, "unknown pattern 'diagonal'; known patterns: horizontal"),
        ({"patterns": ["horizontal"]}, "two or more"),
        ({"patterns": ["horizontal", "vertical"]}, "task1 needs the pattern negative"),
        ({"rewards": (1, -1)}, "must be three numbers"),
        ({"rewards": (1, float("inf"), 0)}, r"rewards\[1\]=inf must be finite"),
        ({"observation": "pixels"}, "unknown observation 'pixels'; known observations: binary, pattern"),
        ({"task_cue": 1}, "must be True or False"),
        ({"space": "box"}, "unknown space 'box'; known spaces: multibinary, flat, image"),
        ({"space": "image", "task_cue": True}, "no place for task_cue or last_action; use space='flat'"),
        ({"space": "image", "observation": "pattern", "view": 3}, "needs view=5 or more"),
        ({"render_mode": "video"}, "unknown render_mode 'video'; known: human, rgb_array, ansi"),
    ],
    ids=str,
)
def test_arguments_that_make_no_world_are_answered_with_the_rule(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        ForageEnv(**arguments)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (8, "action 8 is out of range"),
        (-1, "action -1 is out of range"),
        (2**70, "out of range"),
        (1.0, "is a float"),
        (np.float64(1), "is a float64"),
        (True, "is a bool"),
        (np.True_, "is a bool"),
        (None, "is a NoneType"),
        (np.array([1, 2]), "is a ndarray"),
        ("up", "is a str"),
    ],
    ids=str,
)
def test_actions_that_are_none_are_answered_with_the_rule(action, message):
    env = ForageEnv()
    env.reset(seed=0)
    before = env.get_state()
    with pytest.raises((TypeError, ValueError), match=message):
        env.step(action)
    np.testing.assert_equal(env.get_state(), before)


def test_nothing_works_before_the_first_reset():
    env = ForageEnv()
    for call in (lambda: env.step(0), env.get_state, lambda: env.set_task("task1")):
        with pytest.raises(gym.error.ResetNeeded, match="before the first reset"):
            call()
    with pytest.raises(ValueError, match="unknown reset option 'tsak'; known options: task"):
        env.reset(options={"tsak": "task1"})


def test_pictures_show_what_is_there():
    env = ForageEnv(size=(12, 20), render_mode="rgb_array")
    env.reset(seed=0)
    picture = env.render()
    assert picture.shape == (120, 200, 3)
    which = env.worlds.pattern_map(0)
    forager = tuple(env.worlds.state.position[0])
    for (row, col), pattern in np.ndenumerate(which):
        centre = tuple(picture[row * 10 + 5, col * 10 + 5])
        if (row, col) == forager:
            assert centre == foraging_env.rendering.FORAGER
        elif pattern >= 0:
            assert centre == tuple(foraging_env.rendering.PATTERN_COLOURS[pattern])
        else:
            assert centre in (foraging_env.rendering.GROUND, foraging_env.rendering.SEEN_GROUND)
    text = foraging_env.rendering.text(env.worlds).splitlines()
    assert [len(line) for line in text[1:]] == [20] * 12
    assert text[1 + forager[0]][forager[1]] == "@"
    assert sum(line.count("-") for line in text[1:]) + sum(line.count("\\") for line in text[1:]) in (23, 24)
