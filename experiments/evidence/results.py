"""The tables of a run, read back."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.evidence.scores import Summary, summary
from experiments.running.tables import Expense, Point, Result


def read_results(path: Path) -> list[Result]:
    """The rows of a ``results.csv``."""
    return [Result(**_typed(row, Result)) for row in _rows(path)]


def read_curve(path: Path) -> list[Point]:
    """The rows of a ``curve.csv``."""
    return [Point(**_typed(row, Point)) for row in _rows(path)]


def read_costs(path: Path) -> list[Expense]:
    """The rows of a ``costs.csv``."""
    return [Expense(**_typed(row, Expense)) for row in _rows(path)]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _typed(row: dict[str, str], kind: type[Result] | type[Point] | type[Expense]) -> dict[str, Any]:
    return {name: kind.__annotations__[name](text) for name, text in row.items()}


def performance_after(results: Sequence[Result], stage: str, task: str) -> Summary:
    """Performance on a task after a stage, over seeds.

    Raises ValueError if no seed has it.
    """
    return summary([row.performance for row in results if row.stage == stage and row.task == task])
