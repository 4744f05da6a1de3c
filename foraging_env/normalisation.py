"""Fixed ends of the scale for each id: what the random and the full-knowledge forager take in.

``normalisation.json`` was made by ``python -m baselines.scripted.normalise`` (its head says how). Its numbers never
move; whatever would move them gets a new id.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from foraging_env.tasks import Task, named_task


class Scale(NamedTuple):
    """Intake, (rewarded - punished) in 100 steps, of the two foragers between which others are measured."""

    random: float  # moves at random: normalised 0
    full_knowledge: float  # knows the world and the values (`baselines.scripted.foragers.FullKnowledge`): normalised 1


def scale(env_id: str, task: str | Task) -> Scale:
    """The scale of a task of a registered id, made with that id's own size, view and density.

    Raises ValueError for an id or a task that has none.
    """
    tasks = _data()["ids"]
    if env_id not in tasks:
        raise ValueError(f"no scale for {env_id!r}; known ids: {', '.join(tasks)}")
    name = named_task(task).name
    if name not in tasks[env_id]:
        raise ValueError(f"no scale for task {name!r} of {env_id}; known tasks: {', '.join(tasks[env_id])}")
    return Scale(**tasks[env_id][name])


def normalised_intake(intake: float, env_id: str, task: str | Task) -> float:
    """``intake`` (in 100 steps) on the scale from 0, the random forager, to 1, the full-knowledge forager."""
    low, high = scale(env_id, task)
    return (intake - low) / (high - low)


@cache
def _data() -> Any:
    return json.loads(files("foraging_env").joinpath("normalisation.json").read_text())
