"""`TaskEvaluation`: a callback that tests what an agent knows of every task while it learns one of them.

>>> known = TaskEvaluation(["task1", "task2"], every=50_000, seed=1)
>>> agent.learn_task("task1", 200_000, callback=known)
>>> known.results[-1].counts.performance
"""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stable_baselines3.common.callbacks import BaseCallback

from baselines.evaluation import count, own_test
from baselines.worlds import EPISODE_STEPS
from foraging_env.habitat import Habitat
from foraging_env.normalisation import normalised_intake
from foraging_env.scores import Counts
from foraging_env.tasks import named_task

COLUMNS = ("num_timesteps", "at_end", "task", "rewarded", "punished", "steps", "performance", "intake")
"""Of the csv file."""


class Result(NamedTuple):
    """One test of one task."""

    num_timesteps: int  # environment steps learned before it
    task: str
    counts: Counts
    at_end: bool  # of a learn(), after its last update


class TaskEvaluation(BaseCallback):
    """Test every task of ``tasks`` whenever ``every`` environment steps have passed, and at the end of each learn().

    Args:
        tasks: names, such as ``task1`` or ``h+n-``
        every: environment steps (of all worlds together) between two tests; None: at the end of learn() only
        steps: of one test of one task (`baselines.evaluation.count`)
        seed: of the tests' worlds and draws; every test of a task meets the same ones
        habitat: the worlds that the model learned in, and what it sensed there
        deterministic: tests are sampled unless this is set; see `baselines.evaluation`
        csv_path: file that gets a row (`COLUMNS`) for each test; rows are added to one that has these columns already

    Every test is in ``results``, and in SB3's logger under ``eval/<task>/`` (TensorBoard shows ``h+n-`` as ``h_n-``):

    - ``performance`` and ``intake``
    - ``return``: the rewards of an episode of 1000 steps, (rewarded - punished) of that many
    - ``normalised_return``: on the scale from the random forager (0) to the full-knowledge forager (1); only for tasks
      with values
    - ``eaten``: the patterns that performance is the share of

    Learning is the same to the bit with and without it. It works with SB3's models; with `DeepAgent`, whose own
    ``evaluate`` it asks (so remedies that are told the task are, and ``habitat`` is the agent's); and with any learner
    that has a frozen test of its own, ``evaluate(task, steps, seed)`` returning ``rewarded`` and ``punished``, as the
    spiking agent has; that one acts as it does, whatever ``deterministic`` says, and is called only when a test is due.

    Raises TypeError or ValueError for bad arguments, ValueError for a csv file with other columns.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        every: int | None = None,
        *,
        seed: int,
        steps: int = 10_000,
        habitat: Habitat = Habitat(),
        deterministic: bool = False,
        csv_path: str | os.PathLike[str] | None = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(verbose)
        if isinstance(tasks, str):
            raise TypeError(f"tasks={tasks!r} must be a list of names; write [{tasks!r}]")
        if not tasks or len({named_task(task) for task in tasks}) < len(tasks):
            raise ValueError(f"tasks={list(tasks)} must name at least one task, and none of them twice")
        for name, value, least in (("every", every, 1), ("steps", steps, 1), ("seed", seed, 0)):
            if value is not None and (int(value) != value or value < least):
                raise ValueError(f"{name}={value} must be a whole number, at least {least}")
        self.tasks = list(tasks)
        self.every = every
        self.steps = steps
        self.seed = seed
        self.habitat = habitat
        self.deterministic = deterministic
        self.results: list[Result] = []
        self._csv = None if csv_path is None else _table(Path(csv_path))
        self._tested_at = 0

    def cycles_until_due(self) -> int:
        """Steps that may pass before the next call, for learners that do not call in every step."""
        return 1_000_000 if self.every is None else self.every - self.model.num_timesteps % self.every

    def test(self, at_end: bool = False) -> list[Result]:
        """Test every task now."""
        tested = [Result(self.model.num_timesteps, task, self._count(task), at_end) for task in self.tasks]
        self.results += tested
        for result in tested:
            self._log(result)
        self.logger.record("time/total_timesteps", self.model.num_timesteps, exclude="tensorboard")
        self.logger.dump(self.model.num_timesteps)
        if self._csv is not None:
            _append(self._csv, [_row(result) for result in tested])
        return tested

    def _on_training_start(self) -> None:
        self._tested_at = self.num_timesteps

    def _on_step(self) -> bool:
        if self.every is not None and self.num_timesteps // self.every > self._tested_at // self.every:
            self._tested_at = self.num_timesteps
            if self.num_timesteps < self.locals["total_timesteps"]:  # else the test at the end is the same moment
                self.test()
        return True

    def _on_training_end(self) -> None:
        self.test(at_end=True)

    def _count(self, task: str) -> Counts:
        model: Any = self.model
        if hasattr(model, "evaluate"):
            eaten = model.evaluate(task, self.steps, self.seed)
            return Counts(eaten.rewarded, eaten.punished, self.steps)
        agents = own_test(model)
        if agents is not None:
            return agents(task, self.steps, self.seed, deterministic=self.deterministic)
        return count(model, task, self.steps, self.seed, habitat=self.habitat, deterministic=self.deterministic)

    def _log(self, result: Result) -> None:
        counts = result.counts
        values = {
            "performance": counts.performance,
            "intake": counts.intake,
            "return": counts.intake * EPISODE_STEPS / 100,
            "eaten": counts.rewarded + counts.punished,
        }
        if named_task(result.task).rewarded is not None:
            values["normalised_return"] = normalised_intake(counts.intake, "Forage-v0", result.task)
        for name, value in values.items():
            self.logger.record(f"eval/{result.task}/{name}", value)


def _row(result: Result) -> list[Any]:
    counts = result.counts
    return [
        result.num_timesteps,
        int(result.at_end),
        result.task,
        *counts,
        f"{counts.performance:.6f}",
        f"{counts.intake:.6f}",
    ]


def _table(path: Path) -> Path:
    """The path, if rows can be added there; a new file gets its head."""
    if not path.exists():
        _append(path, [list(COLUMNS)])
    with path.open(newline="") as file:
        head = next(csv.reader(file), [])
    if tuple(head) != COLUMNS:
        raise ValueError(f"{path} has the columns {head}, not {list(COLUMNS)}; give another csv_path")
    return path


def _append(path: Path, rows: list[list[Any]]) -> None:
    with path.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
