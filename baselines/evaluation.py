"""Frozen tests: how a model forages in worlds of their own, while nothing of it changes."""

from typing import Any, NamedTuple

import numpy as np

from baselines.worlds import evaluation_worlds
from foraging_env.scores import intake, performance

N_WORLDS = 50
"""Worlds of a test, unless its steps are fewer."""


class Counts(NamedTuple):
    """What was eaten in a test: pairs rewarded and punished, and the steps it lasted, of all worlds together."""

    rewarded: int
    punished: int
    steps: int

    @property
    def performance(self) -> float:
        """rewarded / (rewarded + punished); 0.5 if nothing was eaten."""
        return float(performance(self.rewarded, self.punished))

    @property
    def intake(self) -> float:
        """(rewarded - punished) per 100 steps."""
        return float(intake(self.rewarded, self.punished, self.steps))


def count(model: Any, task: str, steps: int, seed: int, *, task_cue: bool = False) -> Counts:
    """Let ``model`` (anything with SB3's ``predict``) forage for ``steps`` steps, as it thinks best (deterministic).

    The steps are shared by `N_WORLDS` worlds that descend from ``seed``, rounded down to whole steps of all of them.
    Raises ValueError for less than one step or an unknown task.
    """
    if steps < 1:
        raise ValueError(f"steps={steps} must be at least 1")
    n = min(N_WORLDS, steps)
    env = evaluation_worlds(n, task, task_cue=task_cue)
    seeds: Any = np.random.SeedSequence(seed).generate_state(n).tolist()
    seen, infos = env.reset(seed=seeds)
    state: Any = None
    starts = np.ones(n, dtype=bool)
    for _ in range(steps // n):
        actions, state = model.predict(seen, state, starts, deterministic=True)
        starts[:] = False
        seen, _, _, _, infos = env.step(actions)
    return Counts(int(infos["rewarded"].sum()), int(infos["punished"].sum()), n * (steps // n))
