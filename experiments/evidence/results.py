"""The tables of a run, read back; what no run of ours can have written is refused, with its line."""

import csv
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from experiments.errors import UserError
from experiments.evidence.scores import Summary, summary
from experiments.running.tables import Expense, Point, Result

Row = TypeVar("Row", Result, Point, Expense)

_NOT_BELOW_ZERO = ("seed", "phase", "trained", "rewarded", "punished", "steps", "bytes_kept", "peak_bytes")


def read_results(path: Path) -> list[Result]:
    """The rows of a ``results.csv``; each test stands there once.

    Raises UserError if they are no results, FileNotFoundError without the file.
    """
    return _read(path, Result, lambda row: (row.agent, row.seed, row.stage, row.task))


def read_curve(path: Path) -> list[Point]:
    """The rows of a ``curve.csv``; raises as `read_results`."""
    return _read(path, Point, lambda row: (row.agent, row.seed, row.stage, row.trained, row.task))


def read_costs(path: Path) -> list[Expense]:
    """The rows of a ``costs.csv``; raises as `read_results`."""
    return _read(path, Expense, lambda row: (row.agent, row.seed, row.stage))


def _read(path: Path, kind: type[Row], key: Callable[[Row], tuple[Any, ...]]) -> list[Row]:
    rows: list[Row] = []
    lines: dict[tuple[Any, ...], int] = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != kind._fields:
            raise UserError(
                f"{path} has the columns {', '.join(reader.fieldnames or ())}, not {', '.join(kind._fields)}; "
                "the command in its config.json writes it again"
            )
        for texts in reader:
            where = f"{path}, line {reader.line_num}"
            row = _typed(texts, kind, where)
            before = lines.setdefault(key(row), reader.line_num)
            if before != reader.line_num:
                raise UserError(
                    f"{where}: {' '.join(map(str, key(row)))} stands in line {before} already; keep one of the two, "
                    "or delete the table: the command in its config.json writes it again"
                )
            rows.append(row)
    return rows


def _typed(texts: dict[str, str], kind: type[Row], where: str) -> Row:
    values = {}
    for name, text in texts.items():
        try:
            values[name] = kind.__annotations__[name](text)
        except (KeyError, TypeError, ValueError):
            raise UserError(f"{where}: {name} = {text!r} is no value of that column") from None
    for name, value in values.items():
        wrong = isinstance(value, float) and not math.isfinite(value)
        wrong = wrong or (name in _NOT_BELOW_ZERO and value < 0) or (name == "cycles" and value < 1)
        if wrong or (name == "performance" and not 0.0 <= value <= 1.0):
            raise UserError(f"{where}: {name} = {value} cannot be; a run writes finite scores, and counts from 0 on")
    return kind(**values)


def performance_after(results: Sequence[Result], stage: str, task: str) -> Summary:
    """Performance on a task after a stage, over seeds.

    Raises ValueError if no seed has it.
    """
    return summary([row.performance for row in results if row.stage == stage and row.task == task])
