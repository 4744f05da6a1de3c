"""Tasks that the seed draws: ``drawn-1`` is the first of all tasks with values in the seed's order."""

import numpy as np

from foraging_env.tasks import DISTINCT_TASKS

DRAWN = "drawn-"
"""How the name of a place in the seed's order begins."""

_WITH_VALUES = [task.name for task in DISTINCT_TASKS if task.rewarded]


def is_drawn(task: str) -> bool:
    """Whether it is a place in the seed's order, ``drawn-1`` to ``drawn-12``, and not a task itself."""
    place = task.removeprefix(DRAWN)
    return task.startswith(DRAWN) and place.isdecimal() and 1 <= int(place) <= len(_WITH_VALUES)


def actual_task(task: str, seed: int) -> str:
    """The task itself, or the one that the seed drew for its place.

    The order descends from the third child of ``SeedSequence(seed)``.
    """
    if not task.startswith(DRAWN):
        return task
    order = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2,))).permutation(len(_WITH_VALUES))
    return _WITH_VALUES[order[int(task.removeprefix(DRAWN)) - 1]]
