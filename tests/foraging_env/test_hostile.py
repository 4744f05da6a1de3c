"""Hostile use: whatever is done to an environment, in whatever order, its world stays whole."""

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from foraging_env import DISTINCT_TASKS, ForageEnv
from foraging_env.core import world as core
from foraging_env.core.world import SECOND_COL, SECOND_ROW

SIDES = st.integers(5, 70)
TASKS = st.sampled_from(DISTINCT_TASKS)
NO_ACTIONS = st.one_of(
    st.integers().filter(lambda a: not 0 <= a <= 7),
    st.floats(),
    st.booleans(),
    st.none(),
    st.text(max_size=3),
    st.sampled_from([np.array([1, 2]), np.float32(3), [1], {}]),
)


def assert_whole(worlds, w=0):
    """Exact number of pairs, each of two cells, none touching another; margins repeat the other side; counts add up."""
    state, (rows, cols, _) = worlds.state, worlds.shape
    which = worlds.pattern_map(w)
    assert (which >= 0).sum() == 2 * worlds.n_pairs
    food = which >= 0
    for pattern in range(4):
        own = which == pattern
        assert own.sum() == 2 * state.quota[w, pattern]
        d_row, d_col = SECOND_ROW[pattern], SECOND_COL[pattern]
        ahead, behind = (np.roll(own, (s * d_row, s * d_col), (0, 1)) for s in (-1, 1))
        assert (ahead[own] ^ behind[own]).all()
    neighbours = sum(np.roll(food, (i, j), (0, 1)).astype(int) for i in (-1, 0, 1) for j in (-1, 0, 1)) - food
    assert (neighbours[food] == 1).all()

    margin = core.margin_of(worlds.shape.radius)
    stored = np.unpackbits(state.food[w].astype("<u8").view(np.uint8), axis=1, bitorder="little")
    wrapped = np.ix_((np.arange(rows + 2 * margin) - margin) % rows, (np.arange(cols + 2 * margin) - margin) % cols)
    np.testing.assert_array_equal(stored[:, : cols + 2 * margin], food[wrapped])
    assert not stored[:, cols + 2 * margin :].any()

    assert state.quota[w].sum() == worlds.n_pairs
    assert (state.counts[w] >= 0).all()
    position, reach = state.position[w], np.arange(worlds.view) - worlds.view // 2
    seen = food[np.ix_((position[0] + reach) % rows, (position[1] + reach) % cols)]
    np.testing.assert_array_equal(worlds.views[w], seen)


class HostileUse(RuleBasedStateMachine):
    """Random sequences of everything that an environment can be asked for."""

    @initialize(
        size=st.tuples(SIDES, SIDES),
        view=st.integers(1, 10).map(lambda k: 2 * k + 1),
        density=st.floats(0.001, 0.16),
        task=TASKS,
        mode=st.sampled_from(["binary", "pattern"]),
        cues=st.tuples(st.booleans(), st.booleans()),
    )
    def make(self, size, view, density, task, mode, cues):
        assume(min(size) >= view and round(density * size[0] * size[1] / 2) >= 1)
        self.env = ForageEnv(
            task, size=size, view=view, density=density, observation=mode, task_cue=cues[0], last_action=cues[1]
        )
        self.saved = None
        self.eaten = 0
        self.env.reset(seed=1)

    @rule(actions=st.lists(st.integers(0, 7), min_size=1, max_size=40))
    def step(self, actions):
        for action in actions:
            seen, reward, _, _, info = self.env.step(action)
            self.eaten += info["pattern"] >= 0
            assert self.env.observation_space.contains(seen)
            assert reward == info["value"]

    @rule(task=TASKS | st.none(), seed=st.integers(0, 2**31) | st.none())
    def reset(self, task, seed):
        self.env.reset(seed=seed, options=None if task is None else {"task": task})
        self.eaten = 0

    @rule(task=TASKS)
    def switch(self, task):
        self.env.set_task(task)
        self.eaten = 0

    @rule(task=TASKS, share=st.floats(0, 1))
    def blend(self, task, share):
        self.env.worlds.blend(0, task, share)

    @rule()
    def save(self):
        self.saved = self.env.get_state(), self.eaten

    @rule()
    def load(self):
        if self.saved is not None:
            self.env.set_state(self.saved[0])
            self.eaten = self.saved[1]
            np.testing.assert_equal(self.env.get_state(), self.saved[0])

    @rule(action=NO_ACTIONS)
    def step_wrongly(self, action):
        before = self.env.get_state()
        with pytest.raises((TypeError, ValueError)):
            self.env.step(action)
        np.testing.assert_equal(self.env.get_state(), before)

    @rule(options=st.sampled_from([{"task": "nonsense"}, {"tusk": "task1"}, {"task": 7}, {"task": None}]))
    def reset_wrongly(self, options):
        before = self.env.get_state()
        with pytest.raises((TypeError, ValueError)):
            self.env.reset(options=options)
        np.testing.assert_equal(self.env.get_state(), before)

    @invariant()
    def is_whole(self):
        if hasattr(self, "env"):
            assert_whole(self.env.worlds)
            assert self.env.worlds.state.counts.sum() == self.eaten


HostileUse.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
TestHostileUse = HostileUse.TestCase


def test_every_world_of_a_batch_stays_whole_through_a_long_life():
    env = gym.make_vec("Forage-v0", num_envs=6, max_episode_steps=700, size=(20, 67), density=0.15)
    env.reset(seed=0, options={"task": ["task1", "task2", "all", "h+p-", "n+v-", "p+h-"]})
    rng = np.random.default_rng(0)
    for t in range(3000):
        env.step(rng.integers(0, 8, 6))
        if t % 100 == 0:
            for w in range(6):
                assert_whole(env.unwrapped.worlds, w)


def test_the_densest_worlds_can_be_built_and_never_hang():
    for size in ((5, 5), (6, 9), (64, 64), (500, 500)):
        for task in ("p+n-", "h+n-", "all"):
            env = ForageEnv(task, size=size, view=3, density=0.16)
            env.reset(seed=0)
            assert_whole(env.worlds)
