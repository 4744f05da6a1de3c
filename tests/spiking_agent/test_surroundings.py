"""The environment an agent is in: its first world, where it goes on, and the compiled loop that stands in for it."""

import gymnasium as gym
import numpy as np
import pytest

from foraging_env.env import ForageEnv
from spiking_agent import SpikingAgent
from spiking_agent.surroundings import Surroundings


@pytest.fixture
def surroundings(make_env):
    """A foraging world with episodes of 20 steps, and the tasks it said it was in."""

    def make(limit=20, seed=3):
        entered = []
        made = Surroundings(7, seed=seed, entered=entered.append)
        made.set_env(make_env(limit=limit))
        return made, entered

    return make


def test_the_first_world_is_seeded_and_later_ones_go_on_in_its_stream(surroundings):
    (one, _), (same, _), (other, _) = (surroundings(seed=seed) for seed in (3, 3, 4))
    for each in (one, same, other):
        each.reset()
        assert each.first_seed is None
    np.testing.assert_array_equal(one.observation, same.observation)
    assert (one.world.get_state()["food"] != other.world.get_state()["food"]).any()
    first = one.world.get_state()["food"]
    for each in (one, same):
        each.reset()
    np.testing.assert_array_equal(one.observation, same.observation)
    assert (one.world.get_state()["food"] != first).any()


def test_a_task_may_come_before_the_first_world_and_a_misspelt_one_costs_nothing(surroundings):
    (one, entered), (other, _) = surroundings(), surroundings()
    with pytest.raises(ValueError, match="unknown task 'task9'"):
        one.set_task("task9")
    for each in (one, other):
        each.set_task("task2")
    np.testing.assert_equal(one.world.get_state(), other.world.get_state())
    one.set_task("task1")
    one.enter_fresh_world()
    assert entered == ["task2", "task1", "task1"]


def test_a_compiled_loop_in_its_place_is_caught_up_with(surroundings):
    (stepped, _), (stood_in_for, _) = surroundings(), surroundings()
    for each in (stepped, stood_in_for):
        each.reset()
    assert stood_in_for.steps_at_once(15) == 15
    for length in (15, 5):
        for _ in range(length):
            _, done, _ = stepped.step(4)
        for _ in range(length):
            stood_in_for.worlds.step(np.array([4]))
        if done:
            stepped.reset()
        stood_in_for.catch_up(length)
        np.testing.assert_equal(stepped.world.get_state(), stood_in_for.world.get_state())
        np.testing.assert_array_equal(stepped.observation, stood_in_for.observation)
        assert stepped.elapsed_steps == stood_in_for.elapsed_steps == (15 if length == 15 else 0)
        assert stood_in_for.steps_at_once(1000) == 20 - stood_in_for.elapsed_steps


def test_only_a_foraging_world_has_tasks_and_a_compiled_loop():
    class Corridor(gym.Env):
        observation_space, action_space = gym.spaces.MultiBinary((7, 7)), gym.spaces.Discrete(8)

        def reset(self, *, seed=None, options=None):
            return np.zeros((7, 7), np.int8), {}

        def step(self, move):
            return np.ones((7, 7), np.int8), -2.5, True, False, {}

    entered = []
    surroundings = Surroundings(7, seed=0, entered=entered.append)
    for attempt in (surroundings.reset, surroundings.enter_fresh_world, lambda: surroundings.set_task("task1")):
        with pytest.raises(ValueError, match="no environment; give it one with set_env"):
            attempt()
    surroundings.set_env(Corridor())
    surroundings.enter_fresh_world()
    assert surroundings.step(0) == (-2.5, True, {"value": -1})
    assert entered == ["task", "task"]
    assert (surroundings.world, surroundings.worlds, surroundings.elapsed_steps) == (None, None, None)
    with pytest.raises(TypeError, match="set_task needs a foraging world, not Corridor"):
        surroundings.set_task("task1")
    with pytest.raises(ValueError, match="no compiled loop stands in"):
        surroundings.catch_up(1)


def test_the_world_may_be_bare(surroundings):
    made, _ = surroundings()
    made.set_env(ForageEnv("task1"))
    made.reset()
    assert made.steps_at_once(10**6) == 10**6


def test_an_environment_goes_on_where_it_is_if_asked_to(make_agent, make_env, same_life):
    whole, moved = make_agent(limit=90).learn(60), make_agent(limit=90).learn(60)
    moved.set_env(moved.get_env(), force_reset=False)
    for agent in (whole, moved):
        agent.learn(60, reset_num_timesteps=False)
    same_life(whole, moved)

    moved.set_env(make_env(), force_reset=False)  # it has no world yet, so it gets one
    moved.learn(60, reset_num_timesteps=False)
    assert moved.get_env().envs[0].unwrapped.has_world


def test_every_environment_that_a_life_goes_on_in_has_a_seed_of_its_own(make_agent, make_env, same_life, tmp_path):
    lives = []
    for _ in range(2):
        agent = make_agent().learn(60)
        agent.set_env(make_env())
        agent.learn(60, reset_num_timesteps=False)
        lives.append(agent)
    same_life(*lives)
    assert lives[0].surroundings.environments == 2

    lives[0].save(tmp_path / "moved")
    loaded = SpikingAgent.load(tmp_path / "moved", env=make_env())
    for agent in (lives[1], loaded):
        agent.set_env(make_env())
        agent.learn(60, reset_num_timesteps=False)
    same_life(lives[1], loaded)


def test_the_same_environment_again_is_not_seeded_again(make_agent):
    agent = make_agent().learn(60)

    agent.set_env(agent.get_env())

    assert agent.surroundings.first_seed is None
    assert agent.surroundings.environments == 1


def test_who_never_was_in_a_world_seeds_the_first_one_after_loading_too(make_env, same_life, tmp_path):
    born = SpikingAgent(None, seed=3)
    born.save(tmp_path / "nowhere")

    lives = [SpikingAgent.load(tmp_path / "nowhere", env=make_env()).learn(60) for _ in range(2)]

    same_life(*lives)
