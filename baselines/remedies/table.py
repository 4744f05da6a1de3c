"""Every remedy, one row each: what comes after the ``+`` in an agent's name."""

from baselines.algorithms import ALGORITHMS
from baselines.remedies.anchor import Anchor
from baselines.remedies.contract import Remedy
from baselines.remedies.distillation import Cloning, Distillation
from baselines.remedies.ewc import ElasticWeights, OnlineElasticWeights
from baselines.remedies.freezing import Freezing
from baselines.remedies.initial import InitialPull, ShrinkPerturb
from baselines.remedies.rehearsal import Rehearsal
from baselines.remedies.sleep import Sleep, SleepDuring
from baselines.settings import split

REMEDIES: dict[str, type[Remedy]] = {
    remedy.name: remedy
    for remedy in (
        Remedy,
        ElasticWeights,
        OnlineElasticWeights,
        Anchor,
        Freezing,
        ShrinkPerturb,
        InitialPull,
        Rehearsal,
        Distillation,
        Cloning,
        Sleep,
        SleepDuring,
    )
}
"""Every remedy, by name. ``none`` is the control."""


def remedy(name: str, algorithm: str) -> type[Remedy]:
    """The remedy of that name, such as ``ewc``, or ``ewc:strength=100`` with another setting.

    Raises ValueError for an unknown one, one that does not work with ``algorithm``, or a setting that it does not have.
    """
    plain, settings = split(name)
    if plain not in REMEDIES:
        raise ValueError(f"unknown remedy {plain!r}; known: {', '.join(REMEDIES)}")
    chosen = REMEDIES[plain]
    if chosen.algorithms and algorithm not in chosen.algorithms:
        raise ValueError(
            f"remedy {plain!r} does not work with {algorithm!r}; it works with {', '.join(chosen.algorithms)}"
        )
    return chosen.with_settings(name, settings) if settings else chosen


def agent_names() -> tuple[str, ...]:
    """All agents there are: every algorithm, alone and with every remedy that works with it."""
    return tuple(
        algorithm if name == Remedy.name else f"{algorithm}+{name}"
        for algorithm in ALGORITHMS
        for name, kind in REMEDIES.items()
        if not kind.algorithms or algorithm in kind.algorithms
    )
