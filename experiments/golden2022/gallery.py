"""Every figure of golden2022, by name: the paper's, its supplement's, and those that it never drew."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from typing import Protocol as Interface

from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Subject(Interface):
    """What a module of this package has to be, to stand in the gallery."""

    def draw(self, networks: Networks) -> "Figure":
        """The figure."""

    def measure(self, networks: Networks) -> Iterator[Measurement]:
        """The numbers in it, every seed on its own."""


@dataclass(frozen=True)
class Picture:
    """A row of the gallery; ``module`` of this package is its `Subject`."""

    name: str
    summary: str
    module: str

    def subject(self) -> Subject:
        """The module, which is imported now."""
        subject: Subject = cast(Any, import_module(f"experiments.golden2022.figures.{self.module}"))
        return subject


GALLERY = {
    picture.name: picture
    for picture in (
        Picture("overview", "the story: learned, forgotten, kept by sleep", "overview"),
        Picture("fig1", "performance over time for each task; paths before and after training", "figure1"),
        Picture("fig2", "receptive fields of output and hidden neurons", "figure2"),
        Picture("fig3", "sequential and interleaved training, in performance and in weights", "figure3"),
        Picture("fig4", "the same with sleep in place of the old task", "figure4"),
        Picture("fig5", "receptive fields after sleep", "figure5"),
        Picture("fig6", "the synapses of one output neuron over time", "figure6"),
        Picture("fig7", "task manifolds in weight space, and the way to their intersection", "figure7"),
        Picture("s-pruning", "supplement: hidden neurons removed", "pruning"),
        Picture("s-controls", "supplement: the controls of sleep", "controls"),
        Picture("s-interleaved", "supplement: the weights of interleaved training", "interleaved"),
        Picture("s-freezing", "supplement: the strongest synapses frozen", "freezing"),
        Picture("tests", "beyond: tests of the paper's claims", "claims"),
        Picture("others", "beyond: distance to the intersection of other networks' manifolds", "others"),
        Picture("replay", "beyond: what is replayed in sleep", "replay"),
        Picture("cost", "beyond: what sleep costs, beside interleaved training and the baselines", "cost"),
    )
}
"""Every figure that ``forage figures golden2022`` draws, by name."""
