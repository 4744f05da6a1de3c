"""How long things last: presets, one row each.

Lengths are in the steps of the agent's own life: movement cycles for the spiking agent (a cycle asleep counts like one
awake), environment steps of all worlds together for deep agents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Lengths:
    """Lengths for one kind of agent.

    ``output_resistance`` (dimensionless; None leaves it alone) is given to the spiking network's output neurons when
    task training begins. It skips the slow climb of their homeostasis to its resting point, and nothing else.
    """

    stage: int  # of an ordinary stage
    segments: int  # pieces of a stage; after each a short test, and the state is saved
    test: int  # per task, after every stage
    probe: int  # per task, after every segment
    unsupervised: int = 0  # of the stage in which the spiking agent's input layer learns
    output_resistance: float | None = None
    snapshots: int = 0  # of the output weights in every segment, kept for figures; 0 keeps none


@dataclass(frozen=True)
class Preset:
    """Lengths for every kind of agent in it, and the number of seeds unless the command says otherwise."""

    name: str
    summary: str
    seeds: int
    lengths: Mapping[str, Lengths]  # by kind: "spiking", "deep"


_QUICK_SPIKING = Lengths(
    unsupervised=2_000_000, stage=1_000_000, segments=10, test=50_000, probe=5_000, output_resistance=5.0
)
_PAPER_SPIKING = Lengths(unsupervised=10_000_000, stage=5_000_000, segments=10, test=1_000_000, probe=50_000)

SLEEP_PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="shorter stages; output resistance set by hand when task training begins",
            seeds=2,
            lengths={"spiking": _QUICK_SPIKING},
        ),
        Preset(
            name="paper",
            summary="the lengths of Golden et al. 2022",
            seeds=10,
            lengths={"spiking": _PAPER_SPIKING},
        ),
    )
}
"""Presets of the protocols that the spiking agent alone lives through."""

GOLDEN_PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="shorter stages; output resistance set by hand when task training begins",
            seeds=2,
            lengths={"spiking": replace(_QUICK_SPIKING, snapshots=5)},
        ),
        Preset(
            name="paper",
            summary="the lengths of Golden et al. 2022",
            seeds=10,
            lengths={"spiking": replace(_PAPER_SPIKING, probe=25_000, snapshots=5)},
        ),
    )
}
"""Presets of the paper's conditions: lengths of `SLEEP_PRESETS`, and weights kept for the figures."""

BEYOND_PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="a first look: stages too short for more than the direction of an effect",
            seeds=2,
            lengths={"spiking": replace(_QUICK_SPIKING, unsupervised=1_000_000, stage=400_000)},
        ),
        Preset(
            name="full",
            summary="stages of 0.8 million cycles; output resistance set by hand when task training begins",
            seeds=5,
            lengths={"spiking": replace(_QUICK_SPIKING, stage=800_000, test=100_000, probe=10_000)},
        ),
    )
}
"""Presets of the protocols beyond the paper."""

FORGETTING_PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="a first look: 0.1 million steps a task for deep agents, 1 million cycles for the spiking one",
            seeds=2,
            lengths={
                "spiking": _QUICK_SPIKING,
                "deep": Lengths(stage=102_400, segments=5, test=50_000, probe=10_000),
            },
        ),
        Preset(
            name="full",
            summary="0.2 million steps a task for deep agents, 2 million cycles for the spiking one",
            seeds=5,
            lengths={
                "spiking": Lengths(
                    unsupervised=4_000_000,
                    stage=2_000_000,
                    segments=10,
                    test=200_000,
                    probe=20_000,
                    output_resistance=5.0,
                ),
                "deep": Lengths(stage=204_800, segments=10, test=100_000, probe=20_000),
            },
        ),
    )
}
"""Presets of the comparison of spiking and deep agents."""
