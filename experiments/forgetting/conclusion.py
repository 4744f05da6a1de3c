"""What ``forage run forgetting`` ends with: scores, tables, words and a figure, made from the files of a run alone."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from experiments.drawing.keeping import draw_keeping, points
from experiments.evidence.contest import Contest, contest_of
from experiments.evidence.ranking import ranking
from experiments.evidence.reference import beside, reference
from experiments.evidence.results import read_run
from experiments.evidence.scoring import Score, scores
from experiments.evidence.words import words
from experiments.forgetting.figure import draw_comparison
from experiments.forgetting.tables import cost_table, end_table, notes, ranking_table, relearning_table
from foraging_env.files import write_csv


def conclude(folder: Path, console: Console, *, beside_shipped: bool = False) -> None:
    """Write ``scores.csv`` and the figures into a result folder, print what came out, and say where it lies.

    ``beside_shipped``: what is printed and drawn has the agents of the shipped results, too.

    Raises UserError if the folder holds no configuration, or a table is missing.
    """
    contest = contest_of(read_run(folder))
    rows = scores(contest)
    write_csv(folder / "scores.csv", Score._fields, rows)
    if not rows:
        console.print(f"No agent in {folder} has been through all its stages yet.", soft_wrap=True)
        return
    courses = draw_comparison(contest, folder / "forgetting.png")
    shipped = reference(contest.protocol) if beside_shipped else None
    if shipped is not None:
        contest, others = beside(contest, shipped)
        rows = scores(contest)
        console.print(f"From the shipped results: {', '.join(others)}.", style="dim")
    report(contest, rows, console)
    if points(contest):
        console.print(f"Who keeps, who learns: {draw_keeping(contest, folder / 'keeping.png')}", soft_wrap=True)
    console.print(f"Courses: {courses}", soft_wrap=True)
    names = ("results.csv", "curve.csv", "costs.csv", "scores.csv")
    console.print(f"Tests, curves, costs, scores: {', '.join(str(folder / name) for name in names)}", soft_wrap=True)


def report(contest: Contest, rows: Sequence[Score], console: Console) -> None:
    """Print the tables, what their columns mean, and what is to be said in words."""
    console.print(ranking_table(ranking(contest, rows)))
    console.print(end_table(contest, rows))
    console.print(cost_table(contest, rows))
    if (again := relearning_table(contest, rows)) is not None:
        console.print(again)
    for sentence in notes(contest):
        console.print(sentence, style="dim")
    for sentence in words(contest, rows):
        console.print(sentence)
