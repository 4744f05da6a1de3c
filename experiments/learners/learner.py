"""What the runner needs of an agent, whoever it is: to be born, trained for a segment of a stage, tested, saved."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from experiments.errors import UserError
from experiments.plans.plan import Plan, Species
from experiments.plans.stages import Stage
from foraging_env.scores import Counts


class Learner(ABC):
    """An agent on its way through the stages of a plan.

    Equal plans and seeds give equal learners, and one that was saved and loaded goes on to the bit.
    """

    suffix: ClassVar[str]
    """Of the files it is saved in."""

    @classmethod
    @abstractmethod
    def born(cls, plan: Plan, seed: int) -> "Learner":
        """A new agent; all that is random in it descends from ``seed``."""

    @classmethod
    @abstractmethod
    def loaded(cls, plan: Plan, path: Path) -> "Learner":
        """The agent as it was saved."""

    @classmethod
    @abstractmethod
    def describe(cls, species: Species) -> dict[str, Any]:
        """Its whole configuration, for ``config.json`` and the keys of stages."""

    @classmethod
    @abstractmethod
    def remedies(cls, species: Species) -> dict[str, bool]:
        """What may be done against forgetting, and whether it begins to act only after the first task."""

    @classmethod
    def told(cls, species: Species, remedy: str) -> tuple[str, ...]:
        """What a remedy of `remedies` is told that plain agents are not, as in `baselines.remedies.contract`."""
        return ()

    @classmethod
    def check_remedy(cls, species: Species, name: str) -> None:
        """Raise UserError unless ``name`` is one of `remedies`, with such settings as it has."""
        known = cls.remedies(species)
        if name not in known:
            raise UserError(f"unknown remedy {name!r} of {species.name!r}; known: {', '.join(known)}, without settings")

    @classmethod
    @abstractmethod
    def rollout(cls, species: Species) -> int:
        """Steps that it lives before it learns from them."""

    @abstractmethod
    def enter(self, stage: Stage, parent: Stage | None) -> None:
        """Make ready for the first segment of a stage."""

    def borrow_rates(self, path: Path, task: str) -> None:
        """Sleep with the rates that the agent saved in ``path`` measured in ``task``, until the stage is over.

        Raises UserError for a species that does not sleep.
        """
        raise UserError(f"{type(self).__name__} does not sleep, so it has no use for the rates in {path}")

    def snapshot(self) -> np.ndarray:
        """The weights that learn, as they are now: of the spiking agent, float[outputs, hidden].

        Raises UserError for a species that keeps no snapshots.
        """
        raise UserError(f"{type(self).__name__} keeps no snapshots; set snapshots = 0 in its lengths")

    @abstractmethod
    def train(self, stage: Stage, steps: int) -> None:
        """One segment; ``steps`` are whole rounds, so nothing is left over."""

    @abstractmethod
    def leave(self, stage: Stage) -> None:
        """After the last segment."""

    @abstractmethod
    def evaluate(self, task: str, steps: int, seed: int) -> Counts:
        """A frozen test in worlds of its own; the agent is as it was."""

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write all that its future depends on."""

    @property
    @abstractmethod
    def bytes_kept(self) -> int:
        """Bytes that it keeps from earlier tasks, beside its weights."""
