"""How long things last; every experiment has its presets in its own folder.

Lengths are in the steps of the agent's own life: movement cycles for the spiking agent (a cycle asleep counts like one
awake), environment steps of all worlds together for deep agents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from experiments.errors import known


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

    def fitted(self, lengths: Mapping[str, Mapping[str, Any]]) -> "Preset":
        """This preset with other lengths here and there, by kind of agent and then by name.

        Raises UserError for a kind or a length that there is not.
        """
        fitted = dict(self.lengths)
        for kind, given in lengths.items():
            known(fitted, kind, "kind of agents in [lengths]")
            for name in given:
                known({each.name: each for each in fields(Lengths)}, name, f"length of {kind} agents")
            fitted[kind] = replace(fitted[kind], **given)
        return replace(self, lengths=fitted)


QUICK_SPIKING = Lengths(
    unsupervised=2_000_000, stage=1_000_000, segments=10, test=50_000, probe=5_000, output_resistance=5.0
)
"""A network for a first look: see the README, "How the results were made"."""

PAPER_SPIKING = Lengths(unsupervised=10_000_000, stage=5_000_000, segments=10, test=1_000_000, probe=50_000)
"""The lengths of Golden et al. 2022."""
