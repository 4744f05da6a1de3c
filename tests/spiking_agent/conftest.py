"""Agents to test with."""

import gymnasium as gym
import pytest
from same_files import assert_same_bytes

import foraging_env  # noqa: F401  registers Forage-v0
from spiking_agent import SpikingAgent


@pytest.fixture
def make_env():
    """A foraging world; a continuing life unless told otherwise."""
    return lambda task="task1", limit=-1, **options: gym.make(
        "Forage-v0", task=task, max_episode_steps=limit, **options
    )


@pytest.fixture
def make_agent(make_env):
    """An agent whose outputs fire from the first cycle on, in a world of its own."""

    def make(seed=3, limit=-1, env=None, **options):
        agent = SpikingAgent(env or make_env(limit=limit), seed=seed, **options)
        agent.set_output_resistance(0.3)
        return agent

    return make


@pytest.fixture
def same_life(tmp_path):
    """Assert that two agents would write the same file: network, world, measured activity, clocks and all."""

    def check(one, other):
        for name, agent in (("one", one), ("other", other)):
            agent.save(tmp_path / f"{name}.npz")
        assert_same_bytes(tmp_path / "one.npz", tmp_path / "other.npz")

    return check
