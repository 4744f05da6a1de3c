"""A result folder, read back; what no run of ours can have written is refused, with its line."""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from experiments.errors import UserError
from experiments.evidence.scores import Summary, summary
from experiments.plans.plan import Plan
from experiments.running.storage import RunFolder
from experiments.running.tables import Expense, Point, Result

Row = TypeVar("Row", Result, Point, Expense)

_NOT_BELOW_ZERO = ("seed", "phase", "trained", "rewarded", "punished", "steps", "bytes_kept", "peak_bytes")


@dataclass(frozen=True)
class RunResults:
    """What a result folder holds. Its tables are read when they are asked for.

    A table that is not there yet, or that cannot be read, raises UserError.
    """

    path: Path
    config: dict[str, Any]
    plans: tuple[Plan, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """Those that were asked for, or, if the configuration does not say, those that there are."""
        return tuple(self.config.get("seeds") or sorted({row.seed for row in self.results}))

    @cached_property
    def results(self) -> list[Result]:
        """Tests after every stage."""
        return self._table("results.csv", read_results)

    @cached_property
    def curve(self) -> list[Point]:
        """Short tests along the stages."""
        return self._table("curve.csv", read_curve)

    @cached_property
    def costs(self) -> list[Expense]:
        """What the stages took."""
        return self._table("costs.csv", read_costs)

    def _table(self, name: str, read: Callable[[Path], list[Row]]) -> list[Row]:
        try:
            return read(self.path / name)
        except FileNotFoundError as error:
            raise UserError(
                f"{self.path} has no {name} yet; it comes when the first agent has finished, or start its run again"
            ) from error


def read_run(path: Path) -> RunResults:
    """The run in a result folder, finished or not.

    Raises UserError if it is no result folder, or one of another format.
    """
    if not path.is_dir():
        raise UserError(f"{path} is not a folder; give result folders, such as forage run writes")
    folder = RunFolder(path)
    return RunResults(path, folder.config(), tuple(folder.plans()))


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
