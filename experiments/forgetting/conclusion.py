"""What ``forage run forgetting`` ends with: scores, tables, words and a figure, made from the files of a run alone."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from experiments.evidence.contest import Contest, contest_of
from experiments.evidence.results import read_run
from experiments.evidence.scoring import Score, scores
from experiments.evidence.words import words
from experiments.forgetting.figure import draw_comparison
from experiments.forgetting.tables import cost_table, end_table, notes
from foraging_env.files import write_csv


def conclude(folder: Path, console: Console) -> None:
    """Write ``scores.csv`` and ``forgetting.png`` into a result folder, print what came out, and say where it lies.

    Raises UserError if the folder holds no configuration, or a table is missing.
    """
    contest = contest_of(read_run(folder))
    rows = scores(contest)
    write_csv(folder / "scores.csv", Score._fields, rows)
    if not rows:
        console.print(f"No agent in {folder} has been through all its stages yet.", soft_wrap=True)
        return
    report(contest, rows, console)
    console.print(f"Figure: {draw_comparison(contest, folder / 'forgetting.png')}", soft_wrap=True)
    names = ("results.csv", "curve.csv", "costs.csv", "scores.csv")
    console.print(f"Tests, curves, costs, scores: {', '.join(str(folder / name) for name in names)}", soft_wrap=True)


def report(contest: Contest, rows: Sequence[Score], console: Console) -> None:
    """Print the tables, what their columns mean, and what is to be said in words."""
    console.print(end_table(contest, rows))
    console.print(cost_table(contest, rows))
    for sentence in notes(contest):
        console.print(sentence, style="dim")
    for sentence in words(contest, rows):
        console.print(sentence)
