"""The spiking agent as the runner needs it: born, trained for one segment of a stage, tested, frozen."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import gymnasium as gym

import foraging_env  # noqa: F401  registers Forage-v0
from experiments.protocols import BLOCK, Preset, Stage
from experiments.scores import Counts
from spiking_agent import InterleaveCallback, NetworkConfig, SleepCallback, SpikingAgent

NAME = "spiking"
"""What result files call this agent."""


def describe() -> dict[str, Any]:
    """The agent's whole configuration, for ``config.json``."""
    return {"name": NAME, "config": asdict(NetworkConfig())}


def _world() -> gym.Env:
    return gym.make("Forage-v0", task="all", max_episode_steps=-1)


def born(seed: int) -> SpikingAgent:
    """A new network in a new world without values; both descend from ``seed``."""
    return SpikingAgent(_world(), seed=seed)


def loaded(path: Path) -> SpikingAgent:
    """The agent as it was saved, in its world."""
    return SpikingAgent.load(path, env=_world())


def enter(agent: SpikingAgent, stage: Stage, parent: Stage | None, preset: Preset) -> None:
    """Make the agent ready for the first segment of a stage."""
    agent.set_task(stage.tasks[0])
    begins_tasks = not stage.unsupervised and (parent is None or parent.unsupervised)
    if begins_tasks and preset.output_resistance is not None:
        agent.set_output_resistance(preset.output_resistance)


def train(agent: SpikingAgent, stage: Stage, cycles: int) -> None:
    """One segment of ``cycles`` cycles, those asleep included; whole rounds, so no phase is left over."""
    if stage.sleep:
        agent.learn(cycles // 2, callback=SleepCallback(every=BLOCK, duration=BLOCK), reset_num_timesteps=False)
    elif len(stage.tasks) > 1:
        agent.learn(cycles, callback=InterleaveCallback(tasks=stage.tasks, every=BLOCK), reset_num_timesteps=False)
    else:
        agent.learn(cycles, reset_num_timesteps=False)


def leave(agent: SpikingAgent, stage: Stage) -> None:
    """After the last segment: the input layer of a network that learned unsupervised is frozen for good."""
    if stage.unsupervised:
        agent.freeze_hidden()


def evaluate(agent: SpikingAgent, task: str, cycles: int, seed: int) -> Counts:
    """A frozen test in a world of its own; the agent is as it was."""
    tally = agent.evaluate(task, cycles, seed)
    return Counts(tally.rewarded, tally.punished, tally.cycles)
