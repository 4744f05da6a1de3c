"""The noise that drives sleep, by name: which hidden neurons are kicked how often, and in which cycles.

| name | hidden neuron i is kicked |
|---|---|
| ``rates`` | as often as it fired awake, mean over the tasks (Golden et al. 2022, Methods, "Sleep") |
| ``uniform`` | as often as all others: the mean of that over the neurons (the paper's control) |
| ``cue:TASK`` | as often as it fired in TASK, scaled to as many kicks in all as ``rates``: targeted reactivation |
| ``rhythm`` | as with ``rates``, but in up-states of `UP` cycles at double rates, with `DOWN` silent cycles between |
"""

from collections.abc import Iterator, Mapping

import numpy as np

UP = 10
"""Cycles of an up-state; every sleep begins with one."""

DOWN = 10
"""Silent cycles between two up-states."""

KNOWN = ("rates", "uniform", "rhythm", "cue:TASK")
"""Names of noise; TASK stands for the name of a task."""

_CUE = "cue:"


def check_noise(noise: str) -> None:
    """Raise ValueError unless there is such a noise."""
    if noise not in KNOWN[:-1] and not (noise.startswith(_CUE) and len(noise) > len(_CUE)):
        raise ValueError(f"unknown noise {noise!r}; known: {', '.join(KNOWN)}")


def mean_kicks(noise: str, rates: Mapping[str, np.ndarray]) -> np.ndarray:
    """float64[H]: kicks per cycle of every hidden neuron, from its spikes per cycle in every task, each float64[H].

    Raises ValueError for an unknown noise, without rates, or for a cue to a task that has none.
    """
    check_noise(noise)
    if not rates:
        raise ValueError("no task has been lived in yet, so there is nothing to replay; learn first or give rates")
    mean: np.ndarray = np.mean(list(rates.values()), axis=0)
    if noise == "uniform":
        return np.full_like(mean, mean.mean())
    if not noise.startswith(_CUE):
        return mean
    task = noise.removeprefix(_CUE)
    if task not in rates:
        raise ValueError(f"noise {noise!r} cues a task that was never lived in; known: {', '.join(rates)}")
    total = rates[task].sum()
    return rates[task] * (mean.sum() / total if total else 1.0)


def spells(noise: str, n_cycles: int, kicks: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """``n_cycles`` of sleep as spells of equal drive: cycles, and the probability of a kick, float64[H], at most 1."""
    if noise != "rhythm":
        yield n_cycles, np.minimum(kicks, 1.0)
        return
    up, down = np.minimum(kicks * (UP + DOWN) / UP, 1.0), np.zeros_like(kicks)
    while n_cycles > 0:
        for length, probability in ((UP, up), (DOWN, down)):
            if n_cycles > 0:
                yield min(length, n_cycles), probability
            n_cycles -= length
