"""A result folder: what lies where, and how it gets there without ever being half written.

::

    DIR/config.json                     what is run, with versions and command
    DIR/results.csv, curve.csv          tests after stages, short tests along them
    DIR/<protocol>.png                  the figure
    DIR/costs.csv                       what every stage took
    STAGES/ppo-seed-0/T1-0123456789/    a stage of a seed, named by all that it depends on:
        record.json                     what its training has reached
        state-07.npz                    the agent after its last finished segment
        weights-03.npy                  output weights along the third segment, where the preset asks for them
        tests-0123456789.json           tests of its last state
        cost.json                       seconds and memory

STAGES is ``DIR/stages`` unless runs are told to share another folder. Files are written under another name and then
renamed, so a reader or a killed run finds the old one or the new one.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import filelock

from experiments.errors import UserError
from experiments.plans.plan import Plan, plan_from
from experiments.plans.stages import Stage
from foraging_env.files import DRAFTS, read_json, remove_drafts, replacing, write_json
from foraging_env.scores import Counts

FORMAT = 2
"""Raised when the layout of a result folder changes; folders of another format are refused."""

Probe = dict[str, Counts]
"""A test of every task, by task name."""


@dataclass
class Cost:
    """What a stage took: wall-clock seconds and processor seconds, and the largest memory of its process in bytes."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """Of both together."""
        return Cost(
            self.wall_seconds + other.wall_seconds,
            self.cpu_seconds + other.cpu_seconds,
            max(self.peak_bytes, other.peak_bytes),
        )


@dataclass
class Record:
    """What the training of one stage of one seed has reached: segments, a short test after each, what is kept."""

    segments: int = 0
    probes: list[Probe] = field(default_factory=list)
    bytes_kept: int = 0


class StageFolder:
    """The record of one stage of one seed, the agent's state that belongs to it, and the tests of that state."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out of this stage, or wait until they have left it; a killed process leaves it too."""
        self.path.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(self.path / ".lock"):
            for draft in self.path.glob(DRAFTS):  # left by one that was killed while it wrote
                draft.unlink()
            self._keep_only_state(self.read().segments)  # one that was killed here may not have come to it
            yield

    def read(self) -> Record:
        """The record; an empty one if the stage was not begun.

        Raises UserError if the file is no record.
        """
        content = self._content("record.json", "a record of a stage")
        if content is None:
            return Record()
        try:
            segments, kept = (_count(content[name]) for name in ("segments", "bytes_kept"))
            return Record(segments, [_probe(row) for row in content["probes"]], kept)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._damaged("record.json", "a record of a stage", error) from error

    def state(self, segment: int) -> Path:
        """Where the agent's state after that many segments lies, whatever its suffix.

        Raises UserError if it is gone.
        """
        found = sorted(self.path.glob(f"state-{segment:02d}.*"))
        if not found:
            raise UserError(f"{self.path} lacks the state of segment {segment}; delete it, and the stage is run again")
        return found[0]

    def commit(self, record: Record, save: Callable[[Path], None], suffix: str, cost: Cost) -> None:
        """Make ``record`` and the state that ``save`` writes what this stage has reached, both or neither."""
        state = self.path / f"state-{record.segments:02d}{suffix}"
        with replacing(state) as draft:
            save(draft)
        write_json(self.path / "cost.json", asdict(self.cost().plus(cost)))
        write_json(
            self.path / "record.json",
            {
                "segments": record.segments,
                "probes": [_plain(probe) for probe in record.probes],
                "bytes_kept": record.bytes_kept,
            },
        )
        self._keep_only_state(record.segments)

    def _keep_only_state(self, segment: int) -> None:
        for state in self.path.glob("state-*"):
            if state.stem != f"state-{segment:02d}":
                state.unlink()

    def tests(self, key: str) -> Probe | None:
        """The tests of the stage's last state under this key; None if there were none.

        Raises UserError if the file is no table of tests.
        """
        name = f"tests-{key}.json"
        content = self._content(name, "a table of tests")
        try:
            return None if content is None else _probe(content)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._damaged(name, "a table of tests", error) from error

    def commit_tests(self, key: str, tests: Probe, cost: Cost) -> None:
        """Keep tests of the last state."""
        write_json(self.path / "cost.json", asdict(self.cost().plus(cost)))
        write_json(self.path / f"tests-{key}.json", _plain(tests))

    def cost(self) -> Cost:
        """What the stage has taken so far, as far as it was committed."""
        content = self._content("cost.json", "a table of costs")
        try:
            cost = Cost(**(content or {}))
            if not all(isinstance(spent, int | float) and math.isfinite(spent) for spent in asdict(cost).values()):
                raise TypeError("not numbers")
            return cost
        except TypeError as error:
            raise self._damaged("cost.json", "a table of costs", error) from error

    def _content(self, name: str, what: str) -> Any:
        path = self.path / name
        if not path.exists():
            return None
        try:
            content = read_json(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict):
                raise ValueError("not an object")
            return content
        except ValueError as error:
            raise self._damaged(name, what, error) from error

    def _damaged(self, name: str, what: str, error: Exception) -> UserError:
        return UserError(f"{self.path / name} is not {what} ({error}); delete its folder, and the stage is run again")


def _plain(probe: Probe) -> dict[str, dict[str, int]]:
    return {
        task: {"rewarded": counts.rewarded, "punished": counts.punished, "cycles": counts.steps}
        for task, counts in probe.items()
    }


def _probe(plain: dict[str, dict[str, int]]) -> Probe:
    names = ("rewarded", "punished", "cycles")
    return {task: Counts(*(_count(row[name]) for name in names)) for task, row in plain.items()}


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def plain_name(text: str) -> str:
    """A name as a folder has it: letters, digits and hyphens, and an underscore for everything else."""
    return "".join(c if c.isalnum() or c == "-" else "_" for c in text)


class Stages:
    """The folders of all stages: each is named by what its state depends on, so runs may share them.

    A name that was made from other lengths, settings, versions or ancestors is another name.
    """

    def __init__(self, path: Path, species: Mapping[str, Any], versions: Mapping[str, Any]) -> None:
        """``species``: the description of every species, by name and cue (`Plan.describe`)."""
        self._path = path
        self._species = dict(species)
        self._versions = dict(versions)

    def folder(self, plan: Plan, stage: Stage, seed: int) -> StageFolder:
        """Of one stage of one seed."""
        content = {
            "format": FORMAT,
            "species": self._species[plan.species.key],
            "seed": seed,
            "training": plan.training_of(stage),
            "probes": [list(plan.protocol.tests), plan.lengths.probe] if stage.probed and stage.trains else [],
            "snapshots": plan.lengths.snapshots,
            "versions": self._versions,
        }
        name, species = plain_name(stage.name), plain_name(plan.species.name)
        return StageFolder(self._path / f"{species}-seed-{seed}" / f"{name}-{_digest(content)}")


def tests_key(plan: Plan) -> str:
    """Name of the tests of a plan: of which tasks, and how long."""
    return _digest([list(plan.protocol.tests), plan.lengths.test])


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


class RunFolder:
    """One result folder; it belongs to one configuration for good."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def config(self) -> dict[str, Any]:
        """What the folder was made for.

        Raises UserError if it holds no configuration that can be read.
        """
        path = self.path / "config.json"
        try:
            content = read_json(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict):
                raise ValueError("not an object")
            return content
        except FileNotFoundError as error:
            raise UserError(
                f"{self.path} holds no config.json, so it is not a result folder; give one that forage run wrote, "
                "or make one with forage run"
            ) from error
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path} cannot be read as a configuration ({error}); choose another --out, or delete the folder"
            ) from error

    def plans(self) -> list[Plan]:
        """The plans that the folder was made for.

        Raises UserError as `config` does, and if they are not this version's.
        """
        config = self.config()
        try:
            return [plan_from(plain) for plain in config["plans"]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(
                f"{self.path / 'config.json'} in format {config.get('format')!r} holds no plans that this version can "
                f"read ({type(error).__name__}: {error}); run its command again, or use the commit in it"
            ) from error

    @contextmanager
    def claimed(self, config: dict[str, Any], identity: Sequence[str]) -> Iterator[bool]:
        """Hold the folder for a run of ``config``: new, empty, or begun with a configuration of equal ``identity``.

        The block is told whether this run is alone in it; several of equal identity may share it.
        Raises UserError if the folder holds something else.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"{self.path} is a file; results need a folder, choose another --out")
        if self.path.is_dir():
            foreign = sorted(p.name for p in self.path.iterdir() if not p.name.startswith("."))
            if foreign and "config.json" not in foreign:
                raise UserError(
                    f"{self.path} holds {foreign[0]!r} but no config.json, so it is not a result folder; "
                    "results go into a new or empty folder, choose another --out"
                )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = self._lock_if_alone()
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error.strerror}); choose another --out") from error
        if lock is None:
            self._check(config, identity)
            yield False
            return
        try:
            if (self.path / "config.json").exists():
                self._check(config, identity)
            else:
                write_json(self.path / "config.json", config)
            remove_drafts(self.path)  # of runs that were killed; one that has let go may still be drawing
            yield True
        finally:
            lock.release()

    @contextmanager
    def writing_tables(self) -> Iterator[None]:
        """Keep others from reading stages and writing tables of them, or wait until they have: none undoes a later one.

        Else one that has read half a run, and is slow, writes over the tables of the whole run.
        """
        with filelock.FileLock(self.path / ".tables.lock"):
            yield

    def _lock_if_alone(self) -> filelock.BaseFileLock | None:
        """The folder's lock, taken; None if another run has it and has said in the folder what it is."""
        lock = filelock.FileLock(self.path / ".lock", timeout=0)
        while True:
            try:
                lock.acquire()
                return lock
            except filelock.Timeout:
                if (self.path / "config.json").exists():
                    return None
            time.sleep(0.02)  # it has only just begun

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
