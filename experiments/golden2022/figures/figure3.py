"""Figure 3 of Golden et al. 2022: learning two tasks in turn forgets the first, learning them interleaved does not.

Task 1, then Task 2, then both in turn every 100 cycles; see `sequence` for the panels and for what differs.
"""

from collections.abc import Iterator

from matplotlib.figure import Figure

from experiments.golden2022.figures import sequence
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

_WANTED = sequence.ThreeStages("fig3", "T1-T2-Int(T1,T2)", "interleaving\nTask 1, Task 2", "Int(T1,T2)")


def draw(networks: Networks) -> Figure:
    """The figure, over all seeds that have lived through its stages."""
    return sequence.draw(networks, _WANTED)


def measure(networks: Networks) -> Iterator[Measurement]:
    """Its numbers."""
    return sequence.measure(networks, _WANTED)
