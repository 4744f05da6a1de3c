"""Deep agents as the runner needs them."""

from pathlib import Path
from typing import Any

from gymnasium.error import DependencyNotInstalled

from baselines.agent import DeepAgent
from baselines.algorithms import Algorithm, algorithm
from baselines.remedies.contract import FirstTask
from baselines.remedies.table import REMEDIES, remedy, works_with
from experiments.errors import UserError
from experiments.learners.learner import Learner
from experiments.plans.plan import Plan, Species
from experiments.plans.stages import Stage
from foraging_env.scores import Counts


class DeepLearner(Learner):
    """A `DeepAgent` in its worlds; it takes up the remedy of the first stage that has one."""

    suffix = ".pt"

    def __init__(self, agent: DeepAgent) -> None:
        self._agent = agent

    @classmethod
    def born(cls, plan: Plan, seed: int) -> "DeepLearner":
        """An agent before its first task, still without a remedy."""
        species = plan.species
        return cls(DeepAgent(species.name, seed=seed, habitat=species.habitat, settings=dict(species.settings)))

    @classmethod
    def loaded(cls, plan: Plan, path: Path) -> "DeepLearner":
        """The agent as it was saved."""
        return cls(DeepAgent.load(path))

    @classmethod
    def describe(cls, species: Species) -> dict[str, Any]:
        """The algorithm's settings."""
        row = _row(species)
        return {
            **species.describe(),
            "n_envs": row.n_envs,
            "layers": list(row.layers),
            "settings": dict(row.settings),
            "policy": dict(row.policy),
        }

    @classmethod
    def remedies(cls, species: Species) -> dict[str, bool]:
        """Those of `baselines.remedies.table` that work with the algorithm."""
        return {
            name: kind.first_task is FirstTask.ABSENT
            for name, kind in REMEDIES.items()
            if name != "none" and works_with(kind, species.name)
        }

    @classmethod
    def told(cls, species: Species, remedy: str) -> tuple[str, ...]:
        """As the remedy's class says."""
        return REMEDIES[remedy].told

    @classmethod
    def rollout(cls, species: Species) -> int:
        """Of all worlds together."""
        return _row(species).rollout

    @classmethod
    def check_remedy(cls, species: Species, name: str) -> None:
        """Known, and with settings that it has."""
        try:
            remedy(name, species.name, dict(species.settings))
        except ValueError as error:
            raise UserError(str(error)) from error

    def enter(self, stage: Stage, parent: Stage | None) -> None:
        """Take up the stage's remedy if it is new, and begin its tasks."""
        if stage.remedy != self._agent.remedy.name:
            self._agent.adopt(stage.remedy)
        if stage.trains:
            self._agent.begin_task(stage.tasks)

    def train(self, stage: Stage, steps: int) -> None:
        """``steps`` of all worlds together: whole rollouts."""
        self._agent.learn(steps)

    def leave(self, stage: Stage) -> None:
        """End the task."""
        if stage.trains:
            self._agent.end_task()

    def evaluate(self, task: str, steps: int, seed: int) -> Counts:
        """Sampled, as it acts while it learns; see `baselines.evaluation`."""
        return self._agent.evaluate(task, steps, seed)

    def save(self, path: Path) -> None:
        """The whole agent."""
        self._agent.save(path)

    @property
    def bytes_kept(self) -> int:
        """What the remedy keeps."""
        return self._agent.bytes_kept


def _row(species: Species) -> Algorithm:
    try:
        return algorithm(species.name).with_settings(dict(species.settings))
    except (DependencyNotInstalled, ValueError) as error:
        raise UserError(str(error)) from error
