"""What ``forage run sleep`` ends with: a table and a figure, made from the files of the run alone."""

from pathlib import Path

from rich.console import Console

from experiments.drawing.stages import draw_run
from experiments.evidence.results import read_run
from experiments.evidence.tables import performance_table


def conclude(folder: Path, console: Console) -> None:
    """Print performance after every stage, draw the figure, and say where all of it lies.

    Raises UserError if the folder holds no configuration, or a table is missing.
    """
    run = read_run(folder)
    console.print(performance_table(run.plans[0].protocol, run.results))
    console.print(f"Figure: {draw_run(folder)}", soft_wrap=True)
    console.print(f"Results: {folder / 'results.csv'}, learning curves: {folder / 'curve.csv'}", soft_wrap=True)
