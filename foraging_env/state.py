"""The whole state of a wrapped environment, out and in: mid-episode, to the bit.

    saved = get_state(env)  # env may be wrapped, single or vector
    set_state(env, saved)  # the same environment, or one made and wrapped in the same way

The world's state comes from the environment itself; every wrapper that remembers something adds its own: those of this
package and Gymnasium's ``TimeLimit``. Other wrappers are passed over; if they remember something, use pickle, which
copies an environment with everything around it.
"""

from collections.abc import Iterator
from typing import Any

import gymnasium as gym
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.wrappers import TimeLimit

from foraging_env import checks


def get_state(env: gym.Env | VectorEnv) -> dict[str, Any]:
    """``worlds``, the state of the innermost environment, and ``wrappers``, from the outermost inwards."""
    base: Any = env.unwrapped
    return {"worlds": base.get_state(), "wrappers": [_read(layer) for layer in _remembering(env)]}


def set_state(env: gym.Env | VectorEnv, saved: dict[str, Any]) -> None:
    """Go on from `get_state`.

    Raises TypeError or ValueError if the environment is wrapped in another way, or its worlds are of another kind, or
    the state is damaged. Then everything is as it was.
    """
    checks.entries("a state", saved, ("worlds", "wrappers"))
    names, expected = [name for name, _ in saved["wrappers"]], [type(layer).__name__ for layer in _remembering(env)]
    if names != expected:
        raise ValueError(f"the state is of an environment wrapped in {names}, this one is wrapped in {expected}")
    base: Any = env.unwrapped
    was_new = not base.has_world
    if was_new:
        env.reset()  # Gymnasium's own wrappers want to see one
    before = get_state(env)
    try:
        _write(env, saved)
    except Exception:
        _write(env, before)
        base.has_world = not was_new
        raise


def _write(env: Any, saved: dict[str, Any]) -> None:
    env.unwrapped.set_state(saved["worlds"])
    for layer, (_, own) in zip(_remembering(env), saved["wrappers"], strict=True):
        if isinstance(layer, TimeLimit):
            steps: Any = checks.whole("steps of the saved episode", own, 0, layer._max_episode_steps)
            layer._elapsed_steps = steps
        else:
            layer.set_own_state(own)


def _layers(env: Any) -> Iterator[Any]:
    while isinstance(env, gym.Wrapper | VectorWrapper):
        yield env
        env = env.env


def _remembering(env: Any) -> Iterator[Any]:
    return (layer for layer in _layers(env) if isinstance(layer, TimeLimit) or hasattr(layer, "get_own_state"))


def _read(layer: Any) -> tuple[str, Any]:
    own = layer._elapsed_steps if isinstance(layer, TimeLimit) else layer.get_own_state()
    return type(layer).__name__, own
