"""Checks at the border: every message names the value, the rule and the remedy."""

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from gymnasium.error import Error

from foraging_env.tasks import PATTERNS

MAX_SIDE = 4096
MAX_VIEW = 61
MAX_DENSITY = 0.16


class SeedError(Error, ValueError):
    """A seed that is none: Gymnasium's own kind of error, and a ValueError."""


def whole(name: str, value: Any, low: int, high: int) -> int:
    """``value`` as an int in ``low`` to ``high``.

    Raises TypeError for anything but a whole number (booleans too), ValueError outside the range.
    """
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise TypeError(f"{name}={value!r} must be a whole number from {low} to {high}, not {type(value).__name__}")
    number = operator.index(value)
    if not low <= number <= high:
        raise ValueError(f"{name}={number} must be from {low} to {high}")
    return number


def real(name: str, value: Any) -> float:
    """``value`` as a finite float. Raises TypeError for what is no number, ValueError for nan and infinities."""
    if isinstance(value, bool | np.bool_ | str) or not hasattr(value, "__float__"):
        raise TypeError(f"{name}={value!r} must be a number, not {type(value).__name__}")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{name}={number} must be finite")
    return number


def geometry(size: Any, view: Any, density: Any) -> tuple[int, int, int, int]:
    """Rows, cols, view side and number of pairs.

    Raises TypeError or ValueError if no world can be like that.
    """
    if isinstance(size, str) or not isinstance(size, Sequence | np.ndarray) or len(size) != 2:
        raise TypeError(f"size={size!r} must be two whole numbers (rows, cols), for example (50, 50)")
    rows, cols = (whole(f"size[{i}]", side, 1, MAX_SIDE) for i, side in enumerate(size))
    side = whole("view", view, 3, MAX_VIEW)
    if side % 2 == 0:
        raise ValueError(f"view={side} must be odd, so that the forager is at its centre; try {side - 1} or {side + 1}")
    least = max(side, 5)
    if min(rows, cols) < least:
        raise ValueError(
            f"size=({rows}, {cols}) is too small: both sides must be at least {least} "
            f"(the view is {side} cells wide, and a pair with its empty ring needs up to 5)"
        )
    share = real("density", density)
    if not 0 < share <= MAX_DENSITY:
        raise ValueError(
            f"density={share} must be above 0 and at most {MAX_DENSITY}: pairs laid at random without touching "
            "jam when they cover about 0.19 of the cells; lower the density"
        )
    n_pairs = round(share * rows * cols / 2)
    if n_pairs < 1:
        raise ValueError(
            f"density={share} lays no pair at all in {rows} x {cols} cells; "
            f"{2 / (rows * cols):.3g} lays one, or enlarge the world"
        )
    return rows, cols, side, n_pairs


def pattern_names(patterns: Any) -> tuple[str, ...]:
    """The chosen patterns in their usual order.

    Raises TypeError for what is no list of names, ValueError for unknown, doubled or too few ones.
    """
    if isinstance(patterns, str) or not isinstance(patterns, Sequence):
        raise TypeError(f"patterns={patterns!r} must be a list of names out of {', '.join(PATTERNS)}")
    for pattern in patterns:
        if pattern not in PATTERNS:
            raise ValueError(f"unknown pattern {pattern!r}; known patterns: {', '.join(PATTERNS)}")
    if len(set(patterns)) != len(patterns) or len(patterns) < 2:
        raise ValueError(f"patterns={tuple(patterns)} must be two or more different ones of {', '.join(PATTERNS)}")
    return tuple(p for p in PATTERNS if p in patterns)


def reward_table(rewards: Any) -> np.ndarray:
    """float64[3], what a punished pattern, an ordinary step and a rewarded pattern earn, in this order.

    ``rewards`` is (rewarded, punished, step), as users write it. Raises TypeError or ValueError for other things.
    """
    if isinstance(rewards, str) or not isinstance(rewards, Sequence | np.ndarray) or len(rewards) != 3:
        raise TypeError(f"rewards={rewards!r} must be three numbers (rewarded, punished, step), such as (1, -1, 0)")
    rewarded, punished, step = (real(f"rewards[{i}]", value) for i, value in enumerate(rewards))
    return np.array([punished, step, rewarded])


def flag(name: str, value: Any) -> bool:
    """``value``, which must be a bool. Raises TypeError for anything else."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}={value!r} must be True or False")
    return value


def seed(value: Any) -> int | None:
    """One seed as an int; NumPy's integers and arrays without axes are seeds too. None stays None.

    Raises SeedError for anything else, and for negative numbers.
    """
    if value is None:
        return None
    try:
        number = -1 if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        number = -1
    if number < 0:
        raise SeedError(f"seed={value!r} must be a whole number, 0 or more, or None")
    return number


def entries(what: str, saved: Any, names: Iterable[str]) -> dict[str, Any]:
    """``saved``, which must be a dict with just these names. Raises ValueError for anything else."""
    expected = sorted(names)
    if not isinstance(saved, dict) or set(saved) != set(expected):
        raise ValueError(f"{what} has {expected}; got {list(saved) if isinstance(saved, dict) else saved!r}")
    return saved


def like(name: str, value: Any, own: np.ndarray) -> np.ndarray:
    """``value`` as an array of the shape and dtype of ``own``.

    Raises ValueError for any other array.
    """
    new = np.asarray(value)
    if new.shape != own.shape or new.dtype != own.dtype:
        raise ValueError(
            f"{name} of the saved state is {new.dtype}{list(new.shape)}, this one needs "
            f"{own.dtype}{list(own.shape)}; make an environment with the same arguments"
        )
    return new


def only_options(options: dict[str, Any] | None, *known: str) -> dict[str, Any]:
    """The options of a reset, or {}.

    Raises ValueError for options nobody would read, TypeError for what is no dict.
    """
    if options is not None and not isinstance(options, dict):
        raise TypeError(f"options={options!r} must be a dict with {' and '.join(known) or 'nothing in it'}, or None")
    for name in options or {}:
        if name not in known:
            raise ValueError(f"unknown reset option {name!r}; known options: {', '.join(known) or 'none'}")
    return options or {}
