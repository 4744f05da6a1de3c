"""SB3 and torch draw from global generators; here every agent has its own state of them.

Whatever an agent draws is drawn inside ``with agent.streams:``. So agents in one process do not disturb one another,
a test draws nothing from training, and the state can be saved.
"""

import random
from typing import Any, NamedTuple

import numpy as np
import torch


class Seeds(NamedTuple):
    """The seeds of everything random in an agent, each of 32 bits unless it says otherwise."""

    worlds: int  # of the first training world; the others get the numbers that follow
    model: int  # what SB3 makes a model with; 31 bits
    python: int
    numpy: int
    torch: int


def seeds_from(seed: int) -> Seeds:
    """The seeds that descend from an agent's one seed.

    Three of them are the same word: another choice would change every number that was measured so far.
    """
    first, second, third = (int(word) for word in np.random.SeedSequence(seed).generate_state(3))
    return Seeds(worlds=first, model=first >> 1, python=first, numpy=second, torch=third)


class Streams:
    """The state of Python's, NumPy's and torch's global generators, put in place while the block runs."""

    def __init__(self, seed: int) -> None:
        seeds = seeds_from(seed)
        self._own: dict[str, Any] = {
            "python": random.Random(seeds.python).getstate(),
            "numpy": np.random.RandomState(seeds.numpy).get_state(),
            "torch": torch.Generator().manual_seed(seeds.torch).get_state(),
        }
        self._outside: list[dict[str, Any]] = []

    def __enter__(self) -> "Streams":
        self._outside.append(_now())
        _set(self._own)
        return self

    def __exit__(self, *_: object) -> None:
        self._own = _now()
        _set(self._outside.pop())

    def get_state(self) -> dict[str, Any]:
        """The state, of plain numbers and tensors."""
        kind, keys, position, has_gauss, cached = self._own["numpy"]
        version, words, gauss = self._own["python"]
        return {
            "python": [version, list(words), gauss],
            "numpy": [kind, [int(key) for key in keys], position, has_gauss, cached],
            "torch": self._own["torch"].clone(),
        }

    def set_state(self, saved: dict[str, Any]) -> None:
        """Go on from `get_state`."""
        version, words, gauss = saved["python"]
        kind, keys, position, has_gauss, cached = saved["numpy"]
        self._own = {
            "python": (version, tuple(words), gauss),
            "numpy": (kind, np.array(keys, dtype=np.uint32), position, has_gauss, cached),
            "torch": saved["torch"].clone(),
        }


def _now() -> dict[str, Any]:
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(legacy=True),  # noqa: NPY002  it is SB3's
        "torch": torch.random.get_rng_state(),
    }


def _set(state: dict[str, Any]) -> None:
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])  # noqa: NPY002  it is SB3's
    torch.random.set_rng_state(state["torch"])
