"""A result folder: what lies where, and how it gets there without ever being half written.

::

    DIR/config.json                     what is run, with versions and command
    DIR/results.csv, curve.csv          tests after stages, short tests along them
    DIR/<protocol>.png                  the figure
    DIR/stages/seed-0/T1/record.json    what this stage of this seed has reached
    DIR/stages/seed-0/T1/state-07.npz   the agent after its last finished segment

Files are written under another name and then renamed, so a reader or a killed run finds the old one or the new one.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import filelock

from experiments.errors import UserError
from experiments.scores import Counts

FORMAT = 1
"""Raised when the layout of a result folder changes; folders of another format are refused."""

Probe = dict[str, Counts]
"""A test of every task, by task name."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; it becomes ``path`` when the block ends well, and nothing happens when it does not."""
    draft = path.with_name(f".draft-{os.getpid()}-{path.name}")
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as JSON, whole or not at all."""
    with replacing(path) as draft:
        draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table, whole or not at all; floats keep all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    with replacing(path) as draft:
        draft.write_text(text.getvalue(), encoding="utf-8")


@dataclass
class Record:
    """What one stage of one seed has reached: a short test per finished segment, and the tests at its end."""

    probes: list[Probe] = field(default_factory=list)
    tests: Probe = field(default_factory=dict)

    @property
    def segments(self) -> int:
        """Finished segments."""
        return len(self.probes)


class StageFolder:
    """The record of one stage of one seed, and the agent's state that belongs to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Record:
        """The record; an empty one if the stage was not begun.

        Raises UserError if the file is no record.
        """
        path = self._path / "record.json"
        if not path.exists():
            return Record()
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return Record([_probe(row) for row in content["probes"]], _probe(content["tests"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"{path} is not a record of a stage ({error}); delete its folder, and the stage is run again"
            ) from error

    def state(self, segment: int) -> Path:
        """Where the agent's state after that many segments lies."""
        return self._path / f"state-{segment:02d}.npz"

    def commit(self, record: Record, save: Callable[[Path], None]) -> None:
        """Make ``record`` and the state that ``save`` writes what this stage has reached, both or neither."""
        self._path.mkdir(parents=True, exist_ok=True)
        state = self.state(record.segments)
        with replacing(state) as draft:
            save(draft)
        write_json(
            self._path / "record.json",
            {"probes": [_plain(probe) for probe in record.probes], "tests": _plain(record.tests)},
        )
        for other in self._path.glob("state-*.npz"):
            if other != state:
                other.unlink()


def _plain(probe: Probe) -> dict[str, dict[str, int]]:
    return {task: counts._asdict() for task, counts in probe.items()}


def _probe(plain: dict[str, dict[str, int]]) -> Probe:
    return {task: Counts(**counts) for task, counts in plain.items()}


class RunFolder:
    """One result folder; it belongs to one configuration for good."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def stage(self, seed: int, stage: str) -> StageFolder:
        """The folder of a stage of a seed."""
        plain = "".join(c if c.isalnum() or c == "-" else "_" for c in stage)
        return StageFolder(self.path / "stages" / f"seed-{seed}" / plain)

    def config(self) -> dict[str, Any]:
        """What the folder was made for.

        Raises UserError if it holds no configuration that can be read.
        """
        path = self.path / "config.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict):
                raise ValueError("not an object")
            return content
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path} cannot be read as a configuration ({error}); choose another --out, or delete the folder"
            ) from error

    @contextmanager
    def claimed(self, config: dict[str, Any], identity: Sequence[str]) -> Iterator[None]:
        """Hold the folder for a run of ``config``: new, empty, or begun with a configuration of equal ``identity``.

        Raises UserError if it holds something else or if another run is at work in it.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"{self.path} is a file; results need a folder, choose another --out")
        if self.path.is_dir() and not (self.path / "config.json").exists():
            foreign = sorted(p.name for p in self.path.iterdir() if not p.name.startswith("."))
            if foreign:
                raise UserError(
                    f"{self.path} holds {foreign[0]!r} but no config.json, so it is not a result folder; "
                    "results go into a new or empty folder, choose another --out"
                )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.path / ".lock", timeout=0)
            lock.acquire()
        except filelock.Timeout:
            raise UserError(
                f"another run is at work in {self.path}; wait until it has ended, or choose another --out"
            ) from None
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error.strerror}); choose another --out") from error
        try:
            if (self.path / "config.json").exists():
                self._check(config, identity)
            else:
                write_json(self.path / "config.json", config)
            for draft in self.path.rglob(".*draft-*"):  # left by a run that was killed while it wrote
                draft.unlink()
            yield
        finally:
            lock.release()

    def _check(self, config: dict[str, Any], identity: Sequence[str]) -> None:
        there = self.config()
        here = json.loads(json.dumps(config))
        for key in identity:
            for name, old, new in _differences(key, there.get(key), here.get(key)):
                remedy = (
                    "go on with the versions in its config.json"
                    if key == "versions"
                    else "repeat the command in its config.json to go on with it"
                )
                raise UserError(
                    f"{self.path} holds another run: {name} is {old!r} there and {new!r} here. "
                    f"A folder holds one run: choose another --out, or {remedy}"
                )


def _differences(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differences(f"{name}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(f"{name}[{i}]", *pair)
    elif old != new:
        yield name, old, new
