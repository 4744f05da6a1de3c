"""Every remedy, one row each: what comes after the ``+`` in an agent's name."""

from collections.abc import Container

from baselines.algorithms import ALGORITHMS
from baselines.remedies.anchor import Anchor
from baselines.remedies.clear import Clear
from baselines.remedies.contract import Remedy
from baselines.remedies.distillation import Cloning, Distillation
from baselines.remedies.ewc import ElasticWeights, OnlineElasticWeights
from baselines.remedies.freezing import Freezing
from baselines.remedies.gpm import GradientProjection
from baselines.remedies.heads import HeadReset, Heads
from baselines.remedies.initial import InitialPull, ShrinkPerturb
from baselines.remedies.mas import MemoryAwareSynapses
from baselines.remedies.packnet import PackNet
from baselines.remedies.perfect_memory import PerfectMemory
from baselines.remedies.redo import RecycledUnits
from baselines.remedies.rehearsal import Rehearsal
from baselines.remedies.si import SynapticIntelligence
from baselines.remedies.sleep import Sleep, SleepDuring
from baselines.settings import split

REMEDIES: dict[str, type[Remedy]] = {
    remedy.name: remedy
    for remedy in (
        Remedy,
        ElasticWeights,
        OnlineElasticWeights,
        SynapticIntelligence,
        MemoryAwareSynapses,
        GradientProjection,
        Anchor,
        Freezing,
        ShrinkPerturb,
        InitialPull,
        Rehearsal,
        PerfectMemory,
        Clear,
        Distillation,
        Cloning,
        Sleep,
        SleepDuring,
        Heads,
        HeadReset,
        PackNet,
        RecycledUnits,
    )
}
"""Every remedy, by name. ``none`` is the control."""


def remedy(name: str, algorithm: str, chosen_settings: Container[str] = ()) -> type[Remedy]:
    """The remedy of that name, such as ``ewc``, or ``ewc:strength=100`` with another setting.

    Raises ValueError for an unknown one, one that does not work with ``algorithm``, a setting that it does not have, or
    one that itself sets what was chosen for the algorithm.
    """
    plain, settings = split(name)
    if plain not in REMEDIES:
        raise ValueError(f"unknown remedy {plain!r}; known: {', '.join(REMEDIES)}")
    chosen = REMEDIES[plain]
    if not works_with(chosen, algorithm):
        others = [name for name in ALGORITHMS if works_with(chosen, name)]
        raise ValueError(f"remedy {plain!r} does not work with {algorithm!r}; it works with {', '.join(others)}")
    chosen = chosen.with_settings(name, settings) if settings else chosen
    for argument in chosen().arguments():
        if argument in chosen_settings:
            raise ValueError(f"remedy {name!r} sets {argument} itself; leave it out of the settings of {algorithm!r}")
    return chosen


def works_with(kind: type[Remedy], algorithm: str) -> bool:
    """Whether a remedy can be given to an algorithm; to be without one is always possible."""
    if not ALGORITHMS[algorithm].takes_remedies:
        return kind is Remedy
    return not kind.algorithms or algorithm in kind.algorithms


def agent_names() -> tuple[str, ...]:
    """All agents there are: every algorithm, alone and with every remedy that works with it."""
    return tuple(
        algorithm if name == Remedy.name else f"{algorithm}+{name}"
        for algorithm in ALGORITHMS
        for name, kind in REMEDIES.items()
        if works_with(kind, algorithm)
    )
