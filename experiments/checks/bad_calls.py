"""Calls that an environment must refuse without any change."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Call = Callable[[Any], Any]


def _damaged(env: Any, name: str) -> None:
    base = env.unwrapped
    saved = base.get_state()
    worlds = saved.get("worlds", saved)
    if name == "food":
        worlds["food"][0, 0, 0] ^= np.uint64(1)
    elif name == "missing":
        del worlds["rng"]
    else:
        worlds[name][...] = 9999  # beyond the largest world
    base.set_state(saved)


_BAD_STATES: dict[str, Call] = {
    f"set_state, {name}": lambda env, name=name: _damaged(env, name)  # type: ignore[misc]
    for name in ("position", "eaten", "value", "last_action", "food", "missing")
}
_BAD_RESETS: dict[str, Call] = {
    "reset, an unknown option": lambda env: env.reset(options={"tusk": "task1"}),
    "reset, an unknown task": lambda env: env.reset(options={"task": "nonsense"}),
    "reset, a task of another type": lambda env: env.reset(options={"task": 7}),
    "reset, no task at all": lambda env: env.reset(options={"task": None}),
    "reset, seed -1": lambda env: env.reset(seed=-1),
    "reset, seed -1 with a task": lambda env: env.reset(seed=-1, options={"task": "v+h-"}),
    "reset, a word for a seed": lambda env: env.reset(seed="x"),
    "reset, half a seed": lambda env: env.reset(seed=1.5),
    "set_task, an unknown task": lambda env: env.unwrapped.set_task("nonsense"),
    "set_task, another type": lambda env: env.unwrapped.set_task(3),
}
_NO_MOVES: tuple[Any, ...] = (8, -1, 10**30, 1.0, True, None, "1", np.array([1, 2]), np.float32(3), {})
BAD_FOR_ONE: dict[str, Call] = {
    **{f"single: step {move!r}": lambda env, move=move: env.step(move) for move in _NO_MOVES},  # type: ignore[misc]
    **{f"single: {name}": call for name, call in (_BAD_RESETS | _BAD_STATES).items()},
}


def _last(env: Any, value: Any) -> NDArray[Any]:
    array = np.zeros(env.num_envs, dtype=np.asarray(value).dtype)
    array[-1] = value
    return array


BAD_FOR_MANY: dict[str, Call] = {
    "vector: step with numbers": lambda env: env.step(np.zeros(env.num_envs)),
    "vector: step with booleans": lambda env: env.step(np.zeros(env.num_envs, dtype=bool)),
    "vector: step with one too many": lambda env: env.step(np.zeros(env.num_envs + 1, dtype=int)),
    "vector: step with 8": lambda env: env.step(_last(env, 8)),
    "vector: step with -1": lambda env: env.step(_last(env, -1)),
    "vector: step with None": lambda env: env.step(None),
    "vector: reset, seeds for others": lambda env: env.reset(seed=[1] * (env.num_envs + 1)),
    "vector: reset, a bad seed among good ones": lambda env: env.reset(seed=[5] * (env.num_envs - 1) + [-1]),
    "vector: reset, tasks for others": lambda env: env.reset(options={"task": ["task1"] * (env.num_envs + 1)}),
    "vector: reset, a bad task among good ones": lambda env: env.reset(
        options={"task": ["v+h-"] * (env.num_envs - 1) + ["nonsense"]}
    ),
    "vector: reset, an empty mask": lambda env: env.reset(options={"reset_mask": np.zeros(env.num_envs, dtype=bool)}),
    "vector: reset, a list for a mask": lambda env: env.reset(options={"reset_mask": [True] * env.num_envs}),
    "vector: reset, a mask for others": lambda env: env.reset(
        options={"reset_mask": np.ones(env.num_envs + 1, dtype=bool)}
    ),
    "vector: set_task, a mask for others": lambda env: env.unwrapped.set_task(
        "v+h-", np.ones(env.num_envs + 1, dtype=bool)
    ),
    **{f"vector: {name}": call for name, call in (_BAD_RESETS | _BAD_STATES).items()},
}
N_BAD = len(BAD_FOR_ONE) * len(BAD_FOR_MANY)
"""Numbers below this choose every bad call equally often."""
