"""What ``forage run beyond`` ends with: the protocol's tables, its figure, and the tests that answer its question."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from typing import Protocol as Interface

from rich.console import Console

from experiments.beyond.comparisons import Comparison, Contrast, compare
from experiments.beyond.lives import Lives, lives_in
from experiments.beyond.protocols import MODULES
from experiments.beyond.tables import (
    Measurement,
    comparison_table,
    write_measurements,
    write_tests,
)
from experiments.drawing.stages import draw_run
from experiments.evidence.results import read_run
from experiments.evidence.tables import performance_table
from foraging_env.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Subject(Interface):
    """What the module of a protocol has to be."""

    def measure(self, lives: Lives) -> Iterable[Measurement]:
        """The numbers in the figure, every seed on its own."""

    def contrasts(self, lives: Lives) -> Iterable[Contrast]:
        """The comparisons that answer the protocol's question."""

    def draw(self, lives: Lives, comparisons: list[Comparison]) -> "Figure":
        """The figure."""


def conclude(folder: Path, console: Console) -> None:
    """Print the protocol's tables, draw its figure, write its numbers, and say where they lie.

    Only seeds that have lived through the whole protocol enter the figure and the tests. Raises UserError if the folder
    holds no configuration or has no ``results.csv``.
    """
    lives = lives_in(folder)
    protocol = lives.plan.protocol
    console.print(performance_table(protocol, read_run(folder).results))
    if not lives.seeds:
        console.print("No seed has come to the end of this protocol yet; there is no figure.", soft_wrap=True)
        return
    if protocol.name not in MODULES:
        console.print(f"Figure: {draw_run(folder)}", soft_wrap=True)
        return
    subject = subject_of(protocol.name)
    comparisons = compare(subject.contrasts(lives))
    console.print(comparison_table(comparisons))
    write_measurements(folder / "measurements.csv", subject.measure(lives))
    write_tests(folder / "tests.csv", protocol.name, comparisons)
    picture = folder / f"{protocol.name}.png"
    with replacing(picture) as draft:
        subject.draw(lives, comparisons).savefig(draft, format="png", dpi=300)
    console.print(f"Figure: {picture}", soft_wrap=True)
    console.print(
        f"Numbers: {folder / 'measurements.csv'}, tests: {folder / 'tests.csv'}, all results: "
        f"{folder / 'results.csv'}, learning curves: {folder / 'curve.csv'}",
        soft_wrap=True,
    )


def subject_of(protocol: str) -> Subject:
    """The module of a protocol in `MODULES`, which is imported now."""
    subject: Subject = cast(Any, import_module(f"experiments.beyond.{MODULES[protocol]}"))
    return subject
