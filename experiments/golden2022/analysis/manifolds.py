"""Manifolds of the tasks in weight space: sets of states, and distances to them.

As figure 7 of Golden et al. 2022, Methods, "Distance from solution manifolds": the manifold of a task is the set of
settled states (last fifth of a stage) after training on that task, together with those of all stages that interleave
both tasks, or a task and sleep; the intersection is the latter alone. The distance of a state to a set is Euclidean
in all 6,272 dimensions. The printed formula is lost in the text that could be read; the smallest distance to any
point of the set is what its words fit ("undersampled manifolds" explain an initial increase), and what is done here.

A trajectory whose own end belongs to the set comes to distance 0 whatever it does. ``figure7`` draws it so, as the
paper does; ``others`` leaves it out.

The paper pools its networks. Ours differ in wiring from input to hidden layer, so that the sets are made for each
network alone.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

ONE_TASK = {"task1": ("T1",), "task2": ("T2", "T1-T2")}
"""Stages that end with one task alone, by that task."""

INTERLEAVED = ("T1-T2-Int(T1,T2)", "T1-T2-Int(S,T1)", "T1-Int(T1,T2)", "T1-Int(S,T2)")
"""Stages that end with both tasks known."""

STAGES = (*ONE_TASK["task1"], *ONE_TASK["task2"], *INTERLEAVED)
"""All stages that the manifolds are made of."""


class Manifolds(NamedTuple):
    """Sets of states, each float64[n, D]."""

    task1: np.ndarray
    task2: np.ndarray
    intersection: np.ndarray


def manifolds_of(states: Mapping[str, np.ndarray], without: Sequence[str] = ()) -> Manifolds:
    """The sets, of settled states float64[m, D] by stage; stages in ``without`` are left out.

    Raises ValueError if a set would be empty.
    """
    chosen = {name: points for name, points in states.items() if name not in without}
    both = [chosen[name] for name in INTERLEAVED if name in chosen]
    if not both:
        raise ValueError(f"none of {', '.join(INTERLEAVED)} is left, so the intersection is empty")
    task1, task2 = ([chosen[name] for name in ONE_TASK[task] if name in chosen] for task in ("task1", "task2"))
    return Manifolds(np.concatenate([*task1, *both]), np.concatenate([*task2, *both]), np.concatenate(both))


def distance_to(states: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Euclidean distance of each state float[n, D] to the nearest of ``points`` float[m, D]; float64[n].

    Raises ValueError if there are no points.
    """
    if not len(points):
        raise ValueError("no points, so nothing has a distance to them")
    nearest: np.ndarray = cdist(states, points).min(axis=1)
    return nearest
