"""The spiking agent as the runner needs it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

import foraging_env  # noqa: F401  registers Forage-v0
from experiments.learners.learner import Learner
from experiments.plans.plan import Plan, Species
from experiments.plans.stages import BLOCK, Stage
from foraging_env.habitat import Habitat
from foraging_env.scores import Counts
from spiking_agent import InterleaveCallback, NetworkConfig, SleepCallback, SpikingAgent
from spiking_agent.callbacks import CycleCallback


class SpikingLearner(Learner):
    """A `SpikingAgent` in one continuing world."""

    suffix = ".npz"

    def __init__(self, agent: SpikingAgent, plan: Plan) -> None:
        self.agent = agent
        self._resistance = plan.lengths.output_resistance
        self._borrowed: np.ndarray | None = None

    @classmethod
    def born(cls, plan: Plan, seed: int) -> "SpikingLearner":
        """A new network in a new world without values; both descend from ``seed``."""
        return cls(SpikingAgent(_world(plan.species.habitat), seed=seed), plan)

    @classmethod
    def loaded(cls, plan: Plan, path: Path) -> "SpikingLearner":
        """The agent as it was saved, in its world."""
        return cls(SpikingAgent.load(path, env=_world(plan.species.habitat)), plan)

    @classmethod
    def describe(cls, species: Species) -> dict[str, Any]:
        """The network's configuration, and what is unusual about its worlds."""
        worlds = species.habitat.describe()
        del worlds["task_cue"]  # which it cannot sense
        return {"name": species.name, **worlds, "config": asdict(NetworkConfig())}

    @classmethod
    def remedies(cls, species: Species) -> dict[str, bool]:
        """Sleep."""
        return {"sleep": True}

    @classmethod
    def rollout(cls, species: Species) -> int:
        """It learns at every cycle."""
        return 1

    def enter(self, stage: Stage, parent: Stage | None) -> None:
        """Go to the stage's first task, if it has one; freeze what it freezes."""
        if stage.tasks:
            self.agent.set_task(stage.tasks[0])
        self.agent.freeze_strongest(stage.frozen)
        begins_tasks = not stage.unsupervised and (parent is None or parent.unsupervised)
        if begins_tasks and self._resistance is not None:
            self.agent.set_output_resistance(self._resistance)

    def borrow_rates(self, path: Path, task: str) -> None:
        """From another network of the same birth, whose hidden neurons are therefore the same ones."""
        self._borrowed = SpikingAgent.load(path).measured_rates()[task]

    def snapshot(self) -> np.ndarray:
        """The excitatory weights onto the output neurons, float64[8, H]."""
        return self.agent.weights

    def train(self, stage: Stage, steps: int) -> None:
        """``steps`` cycles, those asleep included."""
        sleep = stage.sleep
        if stage.sleeps and not stage.tasks:
            self.agent.sleep(steps, rates=self._borrowed, noise=sleep.noise)
            return
        callbacks: list[CycleCallback] = []
        if len(stage.tasks) > 1:
            callbacks.append(InterleaveCallback(tasks=stage.tasks, every=BLOCK))
        if stage.sleeps:
            steps = steps // (sleep.awake + sleep.asleep) * sleep.awake
            every, duration = BLOCK * sleep.awake, BLOCK * sleep.asleep
            callbacks.append(SleepCallback(every, duration, noise=sleep.noise, rates=self._borrowed))
        self.agent.learn(steps, callback=callbacks, reset_num_timesteps=False)

    def leave(self, stage: Stage) -> None:
        """The input layer of a network that learned unsupervised is frozen for good."""
        if stage.unsupervised:
            self.agent.freeze_hidden()

    def evaluate(self, task: str, steps: int, seed: int) -> Counts:
        """With noise and exploration, as in the paper."""
        return self.agent.evaluate(task, steps, seed)

    def save(self, path: Path) -> None:
        """The whole life."""
        self.agent.save(path)

    @property
    def bytes_kept(self) -> int:
        """The rates that sleep replays: one number for every hidden neuron and task."""
        return sum(rates.nbytes for rates in self.agent.activity.rates().values())


def _world(habitat: Habitat) -> gym.Env:
    return gym.make("Forage-v0", task="all", max_episode_steps=-1, **habitat.arguments())
