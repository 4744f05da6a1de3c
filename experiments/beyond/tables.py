"""The tables of a protocol beyond the paper: on the screen and as files."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.table import Table

from experiments.beyond.comparisons import Comparison, smallest_p
from experiments.evidence.results import Result, performance_after
from experiments.plans.stages import Protocol
from foraging_env.files import write_csv


class Measurement(NamedTuple):
    """A row of ``measurements.csv``: a number that the figure shows, of one seed."""

    protocol: str
    quantity: str  # with its unit, if it has one
    condition: str  # the stage after which, or along which, it was measured
    seed: int
    value: float


_TEST_COLUMNS = (
    *("protocol", "quantity", "condition", "reference", "n", "mean_difference", "bca_low", "bca_high"),
    *("t_low", "t_high", "cohens_dz", "sign_flip_p", "sign_flip_p_holm", "t_p", "t_p_holm"),
)


def performance_table(protocol: Protocol, results: Sequence[Result]) -> Table:
    """One row a stage that was tested; mean ± standard deviation [n] for every task."""
    table = _table(f"{protocol.name}: performance after every stage (chance is 0.5)", "mean±s.d. over seeds \\[n]")
    table.add_column("stage", no_wrap=True)
    for task in protocol.tests:
        table.add_column(task, justify="right", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    tested = {row.stage for row in results}
    for stage in protocol.stages:
        if stage.name in tested:
            found = [performance_after(results, stage.name, task) for task in protocol.tests]
            cells = [f"{mean:.3f}" + (f"±{sd:.3f}" if n > 1 else "") for mean, sd, n in found]
            table.add_row(stage.name, *cells, f"\\[{found[0].n}]")
    return table


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """One row a comparison: mean difference, Student's interval, and both kinds of p, corrected."""
    n = comparisons[0].n
    table = _table(
        f"Paired differences over n = {n} seeds",
        f"[ ]: Student's 95% interval; p: sign flips, never below {smallest_p(n):.3g} for n = {n}; t: Student's; "
        f"Holm: each corrected for {len(comparisons)} comparisons",
    )
    table.add_column("of", overflow="fold")
    table.add_column("difference", justify="right", no_wrap=True)
    for name in ("p", "Holm", "t", "Holm"):
        table.add_column(name, justify="right", no_wrap=True)
    for i, row in enumerate(comparisons):
        if not i or row.quantity != comparisons[i - 1].quantity:
            table.add_section()
            table.add_row(f"[bold]{row.quantity}[/]")
        table.add_row(
            f"  {contrast_text(row)}",
            f"{row.mean:+.3f} \\[{row.t_low:+.3f}, {row.t_high:+.3f}]",
            *(p_text(p) for p in (row.p, row.p_holm, row.t_p, row.t_p_holm)),
        )
    return table


def contrast_text(row: Comparison) -> str:
    """What is compared with what."""
    return row.condition if row.reference == "0" else f"{row.condition} − {row.reference}"


def p_text(p: float) -> str:
    """A p value for people; – for nan."""
    return "–" if p != p else "<.001" if p < 0.001 else f"{p:.3f}"[1:] if p < 0.0995 else f"{p:.2f}".lstrip("0")


def write_measurements(path: Path, measurements: Iterable[Measurement]) -> None:
    """Write ``measurements.csv``: every seed's numbers, in long form."""
    write_csv(path, Measurement._fields, measurements)


def write_tests(path: Path, protocol: str, comparisons: Iterable[Comparison]) -> None:
    """Write ``tests.csv``: every comparison of a protocol."""
    rows = ((protocol, *row[:3], row.n, *row[4:]) for row in comparisons)
    write_csv(path, _TEST_COLUMNS, rows)


def _table(title: str, caption: str) -> Table:
    return Table(
        title=title,
        caption=caption,
        box=box.SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        pad_edge=False,
        title_justify="left",
        caption_justify="left",
    )
