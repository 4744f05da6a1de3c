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
    """The remedy of that name.

    Raises ValueError for an unknown one, or one that does not work with ``algorithm``.
    """
    if name not in REMEDIES:
        raise ValueError(f"unknown remedy {name!r}; known: {', '.join(REMEDIES)}")
    chosen = REMEDIES[name]
    if chosen.algorithms and algorithm not in chosen.algorithms:
        raise ValueError(
            f"remedy {name!r} does not work with {algorithm!r}; it works with {', '.join(chosen.algorithms)}"
        )
    return chosen


def agent_names() -> tuple[str, ...]:
    """All agents there are: every algorithm, alone and with every remedy that works with it."""
    return tuple(
        algorithm if name == Remedy.name else f"{algorithm}+{name}"
        for algorithm in ALGORITHMS
        for name, kind in REMEDIES.items()
        if not kind.algorithms or algorithm in kind.algorithms
    )
