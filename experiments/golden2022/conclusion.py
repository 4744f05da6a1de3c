"""What ``forage run golden2022`` ends with: the results of the conditions in one table, beside the paper's."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from experiments.evidence.results import read_run
from experiments.golden2022.analysis.replication import (
    FEWEST,
    MARGIN,
    PAPER_NETWORKS,
    Replication,
    Verdict,
    replications,
)
from experiments.golden2022.conditions import CONDITIONS, PROTOCOL
from experiments.printing import DASH, table
from experiments.running.tables import Result
from foraging_env.files import write_csv


class Outcome(NamedTuple):
    """A row of ``golden2022.csv``: the test of one task after one condition of one network."""

    condition: str
    seed: int
    task: str
    performance: float
    intake: float  # (rewarded - punished) per 100 cycles
    rewarded: int  # pairs eaten
    punished: int  # pairs eaten
    cycles: int  # of the test


def conclude(folder: Path, console: Console) -> None:
    """Write ``golden2022.csv`` into a result folder, print what came out beside the paper, and how to draw figures.

    Raises UserError if the folder has no ``results.csv``.
    """
    results = read_run(folder).results
    path = folder / "golden2022.csv"
    write_csv(path, Outcome._fields, outcomes(results))
    compared = replications(results, CONDITIONS, PROTOCOL.tests)
    if not compared:
        console.print(f"No condition in {folder} has come to its test yet.", soft_wrap=True)
        return
    console.print(agreement_table(compared))
    for sentence in notes(compared):
        console.print(sentence, style="dim")
    console.print(f"Results: {path}", soft_wrap=True)
    console.print(f"Figures: forage figures golden2022 --run {folder}", soft_wrap=True)


def outcomes(results: Sequence[Result]) -> Iterator[Outcome]:
    """The tests of the conditions' own stages, each once, in the paper's order and then by seed.

    The stages that lead to a condition stand in its rows of ``results`` too; those are left out here.
    """
    for condition in CONDITIONS:
        for row in results:
            if row.agent == row.stage == condition:
                values = row._asdict()
                yield Outcome(condition, **{name: values[name] for name in Outcome._fields[1:]})


def agreement_table(rows: Sequence[Replication]) -> Table:
    """One row a condition and task, 80 columns wide."""
    grid = table(
        "Performance = rewarded / (rewarded + punished); chance is 0.5",
        caption="mean±standard deviation; difference: ours - paper; interval: 95%, of our mean",
        padding=0,
        show_edge=False,
    )
    for heading in ("condition", "task"):
        grid.add_column(heading, no_wrap=True)
    for heading in ("paper", "ours", "diff.", "n", "interval"):
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("verdict", no_wrap=True)
    above = ""
    for row in rows:
        mean, low, high, n = row.ours
        grid.add_row(
            row.condition if row.condition != above else "",
            row.task.removeprefix("task"),
            f"{row.paper.mean:.2f}±{row.paper.sd:.2f}",
            f"{mean:.3f}" + ("" if math.isnan(row.sd) else f"±{row.sd:.3f}"),
            f"{row.difference:+.3f}",
            str(n),
            DASH if math.isnan(low) else f"[{low:.3f}, {high:.3f}]",
            row.verdict,
        )
        above = row.condition
    return grid


def notes(rows: Sequence[Replication]) -> Iterator[str]:
    """What the verdicts mean, and how often each was reached."""
    if all(row.verdict is Verdict.TOO_FEW for row in rows):
        yield f"Too few networks for a verdict; there is one from {FEWEST} seeds on."
        return
    yield (
        f"agrees: the 90% Welch interval of the difference lies within ±{MARGIN}. differs: it does not, and no "
        f"difference is rejected at 5% (Welch, Holm over the table). unclear: neither. The paper's means are taken as "
        f"those of {PAPER_NETWORKS} networks; it says at least so many."
    )
    for each in Verdict:
        which = [f"{row.condition} {row.task}" for row in rows if row.verdict is each]
        if which:
            yield f"{each}: {len(which)} of {len(rows)}" + ("" if each is Verdict.AGREES else f" ({'; '.join(which)})")
