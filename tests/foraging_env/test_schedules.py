"""Food that changes by a schedule: as data, around one world and around many, and what the other wrappers say of it."""

import json

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from test_vector import assert_equal

from foraging_env import DISTINCT_TASKS, PATTERNS, TASKS, ForageEnv, ForageVectorEnv, Schedule
from foraging_env.sequences import SEQUENCES
from foraging_env.state import get_state, set_state
from foraging_env.wrappers import (
    ForagingStatistics,
    RecordPath,
    ScheduledTasks,
    VectorForagingStatistics,
    VectorScheduledTasks,
)

SMALL = {"size": (12, 14), "view": 5, "density": 0.13}
N = 4

SCHEDULES = {
    "sequence": Schedule((("task1", 37), ("task2", 37), ("n+h-", 20))),
    "repeated": Schedule((("task1", 31), ("v+h-", 9)), repeat=True),
    "drawn": Schedule.interleaved(["task1", "task2", "all"], every=17, order="drawn"),
    "shuffled": Schedule((("task1", 20), ("task2", 30), ("all", 40)), order="shuffled", repeat=True),
    "fading": Schedule((("task1", 40), ("task2", 50)), repeat=True, fade=33),
    "always fading": Schedule((("task1", 9), ("h+p-", 9), ("v+h-", 11)), repeat=True, fade=9),
}


def tasks_of(schedule, n_steps, seed=0):
    """The task of every step."""
    tasks, n = [], 0
    while len(tasks) < n_steps:
        phase = schedule.phase(n, seed)
        if phase is None:
            return tasks + [tasks[-1]] * (n_steps - len(tasks))
        tasks += [phase[0]] * phase[1]
        n += 1
    return tasks[:n_steps]


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule_comes_back_from_json(schedule, tmp_path):
    assert Schedule.from_json(schedule.to_json()) == schedule
    (tmp_path / "schedule.json").write_text(schedule.to_json())
    assert Schedule.from_json(tmp_path / "schedule.json") == schedule
    data = json.loads(schedule.to_json()) | {"repaet": True}
    with pytest.raises(ValueError, match="an object with phases and perhaps order, repeat, fade, fade_by"):
        Schedule.from_json(json.dumps(data))


def test_orders_are_what_they_are_called():
    pairs = (("task1", 1), ("task2", 2), ("all", 3))
    assert tasks_of(Schedule(pairs), 8) == ["task1", "task2", "task2", "all", "all", "all", "all", "all"]
    assert tasks_of(Schedule(pairs, repeat=True), 8)[6:] == ["task1", "task2"]
    shuffled = [{Schedule(pairs, order="shuffled").phase(n, seed) for n in range(3)} for seed in range(10)]
    assert shuffled == [set(pairs)] * 10  # every round holds every phase once
    drawn = Schedule.interleaved(["task1", "task2"], every=1, order="drawn")
    share = np.mean([task == "task1" for task in tasks_of(drawn, 2000)])
    assert 0.45 < share < 0.55
    assert tasks_of(drawn, 50, seed=1) != tasks_of(drawn, 50, seed=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"phases": ()}, "one or more entries"),
        ({"phases": (("task1",),)}, "a phase is"),
        ({"phases": (("task9", 5),)}, "unknown task 'task9'"),
        ({"phases": (("task1", 0),)}, "must be from 1"),
        ({"phases": (("task1", 1.5),)}, "must be a whole number"),
        (
            {"phases": (("task1", 5),), "order": "random"},
            "unknown order 'random'; known orders: given, shuffled, drawn",
        ),
        ({"phases": (("task1", 9), ("task2", 5)), "fade": 6}, "longer than a phase that fades in, 5 steps"),
        ({"phases": (("task1", 5),), "fade_by": "time"}, "unknown fade_by"),
    ],
    ids=str,
)
def test_schedules_that_cannot_be_followed_are_answered_with_the_rule(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Schedule(**arguments)


@pytest.mark.parametrize("schedule", [SCHEDULES[k] for k in ("sequence", "repeated", "drawn", "shuffled")])
def test_the_food_changes_when_the_schedule_says_and_episodes_go_on(schedule):
    env = ScheduledTasks(gym.make("Forage-v0", max_episode_steps=50, **SMALL), schedule)
    env.reset(seed=0)
    told, ends = [], []
    for t in range(300):
        seen, _, terminated, truncated, info = env.step(t % 8)
        told.append(info["task"])
        np.testing.assert_array_equal(seen, env.unwrapped.worlds.views[0])  # never a view of a world that is gone
        assert not terminated
        if truncated:
            ends.append(t)
            env.reset()
    assert told == tasks_of(schedule, 300)
    assert ends == list(range(49, 300, 50))


def test_a_switch_truncates_if_asked_to():
    env = ScheduledTasks(ForageEnv(), [("task1", 10), ("task2", 10)], truncate=True)
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(10)] == [False] * 9 + [True]
    assert env.reset()[1]["task"] == "task2"


@pytest.mark.parametrize("truncate", [False, True])
@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_many_scheduled_worlds_are_bit_for_bit_single_ones(schedule, mode, truncate):
    vector = gym.make_vec("Forage-v0", num_envs=N, max_episode_steps=37, autoreset_mode=mode, **SMALL)
    vector = VectorScheduledTasks(vector, schedule, truncate)
    single = [lambda: ScheduledTasks(gym.make("Forage-v0", max_episode_steps=37, **SMALL), schedule, truncate)] * N
    sync = SyncVectorEnv(single, autoreset_mode=mode)
    assert_equal(vector.reset(seed=3), sync.reset(seed=3))
    rng = np.random.default_rng(0)
    for t in range(400):
        actions = rng.integers(0, 8, N)
        one, other = vector.step(actions), sync.step(actions)
        assert_equal(one, other)
        if mode is AutoresetMode.DISABLED:
            over = one[3].copy()
            over[t % N] |= t % 29 == 5  # resets that are not asked for make the clocks of the episodes differ
            if over.any():
                assert_equal(
                    vector.reset(options={"reset_mask": over.copy()}), sync.reset(options={"reset_mask": over.copy()})
                )


def test_a_task_moves_in_pattern_by_pattern():
    env = ScheduledTasks(ForageEnv(), Schedule((("task1", 200), ("task2", 4000)), fade=2000))
    env.reset(seed=0)
    worlds = env.unwrapped.worlds
    new = [PATTERNS.index("vertical"), PATTERNS.index("positive")]
    shares, tasks = [], []
    for t in range(4000):
        info = env.step(np.random.default_rng(t).integers(8))[4]
        shares.append(worlds.state.quota[0, new].sum() / worlds.n_pairs)
        tasks.append(info["task"])
        assert worlds.state.quota.sum() == worlds.n_pairs
    assert shares[199] == 0 < shares[1500] < shares[3999]
    assert tasks[2198:2201] == ["task1", "task1", "task2"]


def test_a_task_moves_in_world_by_world():
    schedule = Schedule((("task1", 10), ("task2", 100)), fade=10, fade_by="worlds")
    env = VectorScheduledTasks(ForageVectorEnv(10), schedule)
    env.reset(seed=0)
    changed = [(env.step(np.zeros(10, int))[4]["task"] == "task2").sum() for _ in range(25)]
    assert changed[:10] == [0] * 10
    assert changed[10:20] == list(range(1, 11))
    with pytest.raises(ValueError, match="cannot fade by worlds"):
        ScheduledTasks(ForageEnv(), schedule)


def test_task_sequences_hold_what_their_names_promise():
    assert set(SEQUENCES["Long"].tasks) == {task.name for task in DISTINCT_TASKS if task.rewarded}
    one, other = (gym.make("ForageLong-v0", steps_per_task=5).reset(seed=seed)[1]["task"] for seed in (1, 3))
    assert one != other
    assert gym.make("ForageReversalCue-v0").observation_space.shape == (49 + 13,)
    for rung, chosen in SEQUENCES.items():
        if chosen.order == "given":
            env = gym.make(f"Forage{rung}-v0", steps_per_task=4, episode_steps=None)
            env.reset(seed=0)
            told = [env.step(0)[4]["task"] for _ in range(4 * len(chosen.tasks))]
            assert told[::4] == [TASKS[task].name for task in chosen.tasks]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"task": "task2"}, "its schedule chooses the tasks"), ({"max_episode_steps": 7}, "say episode_steps")],
    ids=str,
)
def test_a_rung_refuses_what_its_schedule_decides(arguments, message):
    with pytest.raises(TypeError, match=message):
        gym.make_vec("ForagePaper-v0", num_envs=2, **arguments)


def test_statistics_say_what_happened_single_and_vector():
    schedule = [("task1", 150), ("task2", 100)]
    env = ForagingStatistics(ScheduledTasks(gym.make("Forage-v0", max_episode_steps=250, **SMALL), schedule))
    env.reset(seed=0)
    infos = [env.step(action)[4] for action in np.random.default_rng(0).integers(0, 8, 250)]
    said = infos[-1]["foraging"]
    values = [info["value"] for info in infos]
    assert (said["steps"], said["rewarded"], said["punished"]) == (250, values.count(1), values.count(-1))
    assert said["performance"] == said["rewarded"] / (said["rewarded"] + said["punished"])
    assert said["intake"] == pytest.approx(100 * (said["rewarded"] - said["punished"]) / 250)
    assert sum(said[p] for p in PATTERNS) == sum(info["pattern"] >= 0 for info in infos) > 10
    assert said["tasks"]["task1"]["steps"] == 150
    assert said["tasks"]["task2"]["rewarded"] == values[150:].count(1)

    for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP):
        vector = gym.make_vec("Forage-v0", num_envs=1, max_episode_steps=250, autoreset_mode=mode, **SMALL)
        vector = VectorForagingStatistics(VectorScheduledTasks(vector, schedule))
        vector.reset(seed=0)
        for action in np.random.default_rng(0).integers(0, 8, 250):
            infos = vector.step(np.array([action]))[4]
        assert {name: array[0] for name, array in infos["foraging"].items()} == {
            name: value for name, value in said.items() if name != "tasks"
        }
        assert vector.by_task(0) == said["tasks"]
        vector.step(np.array([0]))
        assert vector.so_far()["steps"][0] == (0 if mode is AutoresetMode.NEXT_STEP else 1)


def test_performance_without_a_meal_is_chance():
    env = ForagingStatistics(ForageEnv())
    env.reset(seed=0)
    assert env.so_far()["performance"] == 0.5


def test_the_path_leads_from_cell_to_cell():
    env = RecordPath(ScheduledTasks(ForageEnv(**SMALL), [("task1", 60), ("task2", 60)]))
    env.reset(seed=0)
    actions = np.random.default_rng(0).integers(0, 8, 100)
    values = [env.step(action)[4]["value"] for action in actions]
    path = env.path
    assert path["action"].tolist() == [-1, *actions]
    assert path["value"].tolist() == [0, *values]
    assert np.flatnonzero(path["jumps"]).tolist() == [0, 60]
    stays = ~path["jumps"][1:]
    for name, n in (("row", 12), ("col", 14)):
        step = (np.diff(path[name]) + 1) % n - 1
        assert set(step[stays]) == {-1, 0, 1}


def wrapped():
    env = gym.make("Forage-v0", max_episode_steps=40, **SMALL)
    return RecordPath(ForagingStatistics(ScheduledTasks(env, SCHEDULES["fading"])))


def wrapped_vector():
    env = gym.make_vec("Forage-v0", num_envs=N, max_episode_steps=40, **SMALL)
    return VectorForagingStatistics(VectorScheduledTasks(env, SCHEDULES["fading"]))


@pytest.mark.parametrize("make", [wrapped, wrapped_vector])
@pytest.mark.parametrize("age", [55, 81, 120])
def test_a_wrapped_life_saved_in_the_middle_goes_on_to_the_bit(make, age):
    def step(env, action):
        told = env.step(np.full(N, action) if make is wrapped_vector else action)
        if make is wrapped and told[3]:
            return told, env.reset()
        return told

    env, other = make(), make()
    env.reset(seed=1)
    for t in range(age):
        step(env, t % 8)
    set_state(other, get_state(env))
    for t in range(150):
        assert_equal(step(env, t % 7), step(other, t % 7))
    with pytest.raises(ValueError, match="this one is wrapped in"):
        set_state(env.env, get_state(env))


def test_a_schedule_goes_inside_of_what_changes_observations():
    with pytest.raises(TypeError, match="wrap the schedule first"):
        ScheduledTasks(gym.wrappers.FlattenObservation(ForageEnv()), [("task1", 5)])
    with pytest.raises(TypeError, match="only a ForageEnv can follow a schedule"):
        ScheduledTasks(gym.make("CartPole-v1"), [("task1", 5)])
