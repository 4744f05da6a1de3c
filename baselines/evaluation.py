"""Frozen tests: how a model forages in worlds of their own, while nothing of it changes.

A test is sampled by default: the model acts as it does while it learns. A policy without memory and chance that
meets a view without a decision walks in a circle, and because nothing is eaten there, the world never changes and it
stays for ever. So what a deterministic test says depends on how long it lasts. Measured on ``task1``, two networks
each, intake in the first 200 and in the last 1000 of 2000 steps of 50 worlds, deterministic and sampled:

======  =========  =====================  ===================  ==========================================
agent   trained    deterministic          sampled              worlds where nothing is eaten any more
======  =========  =====================  ===================  ==========================================
PPO     100,000    20 to 20, then 12      19 to 20             14 to 19 of 50, deterministic
PPO     400,000    22 to 23, then 17, 23  23, then 24          2 to 11 of 50, deterministic
A2C     400,000    17 to 18, then the     17 to 18, then the   none
                   same                   same
DQN     100,000    2 to 3, then 0         6 to 8, then 4 to 5  50 of 50, deterministic
DQN     400,000    12, then 0             18, then 18          50 of 50, deterministic
======  =========  =====================  ===================  ==========================================

Performance says little about it: 0.99 to 1.00 for all of them, at most 0.02 less when sampled after 100,000 steps.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from baselines.randomness import Streams
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


def count(
    model: Any, task: str, steps: int, seed: int, *, task_cue: bool = False, deterministic: bool = False
) -> Counts:
    """Let ``model`` (anything with SB3's ``predict``) forage for ``steps`` steps.

    It acts as it does while it learns: PPO and A2C sample their policy, DQN explores at its rate.
    ``deterministic``: as it thinks best instead; mind the circles (above). The steps are shared by `N_WORLDS` worlds,
    rounded down to whole steps of all of them. Worlds and whatever is drawn descend from ``seed``; the global
    generators and the model's action space are left as they were.

    Raises ValueError for less than one step, an unknown task, or a model that sees something else than these worlds
    show.
    """
    if steps < 1:
        raise ValueError(f"steps={steps} must be at least 1")
    n = min(N_WORLDS, steps)
    env = evaluation_worlds(n, task, task_cue=task_cue)
    expected = getattr(model, "observation_space", env.single_observation_space)
    if expected != env.single_observation_space:
        raise ValueError(
            f"the model sees {expected}, worlds with task_cue={task_cue} show {env.single_observation_space}; "
            "a model that learned with the task in its observation is tested with task_cue=True"
        )
    worlds_seed, draws_seed = np.random.SeedSequence(seed).spawn(2)
    seeds: Any = worlds_seed.generate_state(n).tolist()
    seen, infos = env.reset(seed=seeds)
    state: Any = None
    starts = np.ones(n, dtype=bool)
    with _drawing_from(model, int(draws_seed.generate_state(1)[0])):
        for _ in range(steps // n):
            actions, state = model.predict(seen, state, starts, deterministic=deterministic)
            starts[:] = False
            seen, _, _, _, infos = env.step(actions)
    return Counts(int(infos["rewarded"].sum()), int(infos["punished"].sum()), n * (steps // n))


@contextmanager
def _drawing_from(model: Any, seed: int) -> Iterator[None]:
    """SB3's models draw from the global generators, and DQN from its action space too."""
    space = getattr(model, "action_space", None)
    before = None if space is None else space.np_random.bit_generator.state
    with Streams(seed):
        try:
            if space is not None:
                space.seed(seed)
            yield
        finally:
            if space is not None:
                space.np_random.bit_generator.state = before
