"""The tables of a protocol beyond the paper: on the screen and as files."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from experiments.beyond.comparisons import Comparison, smallest_p
from experiments.printing import short_p_value, table
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


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """One row a comparison: mean difference, Student's interval, and both kinds of p, corrected."""
    n = comparisons[0].n
    grid = table(
        f"Paired differences over n = {n} seeds",
        caption=f"[ ]: Student's 95% interval; p: sign flips, never below {smallest_p(n):.3g} for n = {n}; "
        f"t: Student's; Holm: each corrected for {len(comparisons)} comparisons",
    )
    grid.add_column("of", overflow="fold")
    grid.add_column("difference", justify="right", no_wrap=True)
    for name in ("p", "Holm", "t", "Holm"):
        grid.add_column(name, justify="right", no_wrap=True)
    for i, row in enumerate(comparisons):
        if not i or row.quantity != comparisons[i - 1].quantity:
            grid.add_section()
            grid.add_row(row.quantity, style="bold")
        grid.add_row(
            f"  {contrast_text(row)}",
            f"{row.mean:+.3f} [{row.t_low:+.3f}, {row.t_high:+.3f}]",
            *(short_p_value(p) for p in (row.p, row.p_holm, row.t_p, row.t_p_holm)),
        )
    return grid


def contrast_text(row: Comparison) -> str:
    """What is compared with what."""
    return row.condition if row.reference == "0" else f"{row.condition} − {row.reference}"


def write_measurements(path: Path, measurements: Iterable[Measurement]) -> None:
    """Write ``measurements.csv``: every seed's numbers, in long form."""
    write_csv(path, Measurement._fields, measurements)


def write_tests(path: Path, protocol: str, comparisons: Iterable[Comparison]) -> None:
    """Write ``tests.csv``: every comparison of a protocol."""
    rows = ((protocol, *row[:3], row.n, *row[4:]) for row in comparisons)
    write_csv(path, _TEST_COLUMNS, rows)
