"""Frozen tests: how a model forages in worlds of their own, while nothing of it changes.

A test is sampled by default: the model acts as it does while it learns. A policy without memory and chance can walk in
a circle, and as nothing is eaten there, the world stays as it is and the policy stays in the circle. So what a
deterministic test says depends on how long it lasts. Intake on ``task1``, two networks each, in the last 1000 of 2000
steps of 50 worlds (DQN with the settings it had before they were searched):

=====  =========  =============  ==========  =================================================================
agent  trained    deterministic  sampled     worlds that eat nothing any more, deterministic
=====  =========  =============  ==========  =================================================================
PPO    100,000    12.0, 11.5     19.9, 19.5  19, 14 of 50
PPO    400,000    22.7, 17.1     24.2, 24.0  2, 11
A2C    100,000    15.5, 14.8     16.6, 15.2  none
A2C    400,000    18.8, 16.7     18.7, 17.0  none
DQN    100,000    0.0, 0.0       4.9, 3.6    all, most of them within 200 steps
DQN    400,000    0.0, 0.05      17.8, 19.0  50, 49; in the first 200 steps its intake was 12.4, 14.5
=====  =========  =============  ==========  =================================================================

DQN with the settings of today after 100,000 steps: 16.2, 7.2, 4.3 in tests of 200, 1000, 2000 steps a world when
deterministic, 19.1 and 19.0 in those of 200 and 1000 when sampled.

Sampled tests of all lengths agree. It costs some performance: of
PPO 0.01 after 100,000 steps and 0.001 after 400,000, of A2C as little, of DQN 0.01 to 0.05.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary, WeakMethod

import numpy as np

from baselines.randomness import Streams
from baselines.worlds import evaluation_worlds
from foraging_env.habitat import Habitat
from foraging_env.scores import Counts

N_WORLDS = 50
"""Worlds of a test, unless its steps are fewer."""


def count(
    model: Any,
    task: str,
    steps: int,
    seed: int,
    *,
    habitat: Habitat = Habitat(),
    deterministic: bool = False,
) -> Counts:
    """Let ``model`` (anything with SB3's ``predict``) forage for ``steps`` steps, in worlds of that ``habitat``.

    It acts as it does while it learns: PPO and A2C sample their policy, DQN explores at its rate.
    ``deterministic``: as it thinks best instead; mind the circles (above). The steps are shared by `N_WORLDS` worlds,
    rounded down to whole steps of all of them. Worlds and whatever is drawn descend from ``seed``; the global
    generators and the model's action space are left as they were.

    Raises ValueError for less than one step, an unknown task, or a model that learned with other senses.
    """
    if steps < 1:
        raise ValueError(f"steps={steps} must be at least 1")
    n = min(N_WORLDS, steps)
    env = evaluation_worlds(n, task, habitat)
    expected = getattr(model, "observation_space", env.single_observation_space)
    if expected != env.single_observation_space:
        raise ValueError(
            f"the model sees {expected}, but worlds with {habitat.senses} show {env.single_observation_space}; "
            "test it in the habitat that it learned in, such as habitat=Habitat(Senses(task_cue=True))"
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


_OWN_TESTS: WeakKeyDictionary[Any, "WeakMethod[Callable[..., Counts]]"] = WeakKeyDictionary()


def register_own_test(model: Any, evaluate: Callable[..., Counts]) -> None:
    """Let callbacks test ``model`` by this method of its agent, which knows more than the model of how it is tested.

    Neither is kept alive by that.
    """
    _OWN_TESTS[model] = WeakMethod(evaluate)


def own_test(model: Any) -> Callable[..., Counts] | None:
    """The method that was registered for a model, if there is one."""
    found = _OWN_TESTS.get(model)
    return None if found is None else found()


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
