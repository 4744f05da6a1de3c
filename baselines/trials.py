"""Tables of trials, as the searches of settings keep them: a row a trial, written whole after each."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Row = TypeVar("Row")


def read_trials(path: Path, columns: tuple[str, ...], parse: Callable[[dict[str, str]], Row]) -> list[Row]:
    """The rows of a table with these columns, none if there is no file. Raises ValueError if it is no such file."""
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != columns:
                raise ValueError(f"its columns are {reader.fieldnames}")
            return [parse(line) for line in reader]
    except (ValueError, TypeError, OSError) as error:
        raise ValueError(f"{path} is no table of trials ({error}); choose another file") from error
