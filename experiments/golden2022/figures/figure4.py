"""Figure 4 of Golden et al. 2022: Task 1 learned again with sleep in turn does not overwrite Task 2.

Task 1, then Task 2, then 100 cycles of Task 1 and 100 of sleep in turn; see `sequence` for the panels and for what
differs.
"""

from collections.abc import Iterator

from matplotlib.figure import Figure

from experiments.golden2022.figures import sequence
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

_WANTED = sequence.ThreeStages("fig4", "T1-T2-Int(S,T1)", "interleaving\nsleep, Task 1", "Int(S,T1)")


def draw(networks: Networks) -> Figure:
    """The figure, over all seeds that have lived through its stages."""
    return sequence.draw(networks, _WANTED)


def measure(networks: Networks) -> Iterator[Measurement]:
    """Its numbers."""
    return sequence.measure(networks, _WANTED)
