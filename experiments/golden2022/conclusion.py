"""What ``forage run golden2022`` ends with: the results of the conditions in one table, beside the paper's."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from experiments.evidence.results import Result, read_results
from experiments.golden2022.agreement_table import agreement_table, notes
from experiments.golden2022.analysis.replication import replications
from experiments.golden2022.conditions import CONDITIONS, GOLDEN2022
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

    Raises OSError if the folder has no ``results.csv``.
    """
    results = read_results(folder / "results.csv")
    table = folder / "golden2022.csv"
    write_csv(table, Outcome._fields, outcomes(results))
    compared = replications(results, CONDITIONS, GOLDEN2022.tests)
    if not compared:
        console.print(f"No condition in {folder} has come to its test yet.", soft_wrap=True, markup=False)
        return
    console.print(agreement_table(compared))
    for sentence in notes(compared):
        console.print(sentence, markup=False, highlight=False, style="dim")
    console.print(f"Results: {table}", soft_wrap=True, markup=False)
    console.print(f"Figures: forage figures golden2022 --run {folder}", soft_wrap=True, markup=False)


def outcomes(results: Sequence[Result]) -> Iterator[Outcome]:
    """The tests of the conditions' own stages, each once, in the paper's order and then by seed.

    The stages that lead to a condition stand in its rows of ``results`` too; those are left out here.
    """
    for condition in CONDITIONS:
        for row in results:
            if row.agent == row.stage == condition:
                values = row._asdict()
                yield Outcome(condition, **{name: values[name] for name in Outcome._fields[1:]})
