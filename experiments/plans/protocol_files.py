"""Protocols from a user's file, TOML or JSON.

A protocol of the spiking agent is a list of stages; only ``name``, and for all but the first ``parent``, must be
there::

    name = "late-sleep"                # the file's name if not given
    summary = "sleep after a while"
    tests = ["task1", "task2"]         # the tasks of all stages if not given

    [[stages]]
    name = "unsupervised"
    tasks = ["all"]
    unsupervised = true

    [[stages]]
    name = "T1"
    parent = "unsupervised"
    tasks = ["task1"]

    [[stages]]
    name = "T1-Int(S,T2)"
    parent = "T1"
    tasks = ["task2"]                  # several: in turn; none: sleep alone
    sleep = { noise = "rates", awake = 1, asleep = 1 }   # an empty table sleeps by default; without one, no sleep
    length = 0.5                       # in ordinary stages
    frozen = 0.05                      # share of every output neuron's strongest inputs that is frozen

    [lengths.spiking]                  # in place of the preset's
    stage = 400_000

A protocol of the comparison is a list of tasks: `experiments.forgetting.protocols`.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from experiments.errors import UserError, known
from experiments.plans.drawn import is_drawn
from experiments.plans.stages import Protocol, Sleep, Stage
from foraging_env.files import read_json
from foraging_env.tasks import named_task

_IN_STAGE = ("name", "parent", "tasks", "unsupervised", "length", "probed", "frozen", "sleep")
_IN_SLEEP = tuple(field.name for field in fields(Sleep))


def is_file(protocol: str) -> bool:
    """Whether the name of a protocol is that of a file."""
    return protocol.endswith((".toml", ".json"))


def read_table(path: Path, entries: Iterable[str]) -> dict[str, Any]:
    """The content of a TOML or JSON file, which may have these entries.

    Raises UserError if the file cannot be read, or has others.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = read_json(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as a protocol: {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} must hold a table, not {type(content).__name__}")
    for name in content:
        known(dict.fromkeys(entries), name, f"entry of {path}")
    return content


def name_in(content: Mapping[str, Any], path: Path) -> str:
    """The protocol's name; the file's if it has none. Raises UserError if it is no text."""
    name = content.get("name", path.stem)
    if not isinstance(name, str) or not name:
        raise UserError(f"{path}: name = {name!r} must be a text")
    return name


def lengths_in(content: Mapping[str, Any], path: Path) -> dict[str, dict[str, Any]]:
    """Lengths in place of a preset's, by kind of agent. Raises UserError if they are no positive numbers."""
    lengths = content.get("lengths", {})
    if not isinstance(lengths, dict) or not all(isinstance(part, dict) for part in lengths.values()):
        raise UserError(f"{path}: lengths must be tables, [lengths.deep] and [lengths.spiking]")
    for kind, part in lengths.items():
        for key, value in part.items():
            number = (
                isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
            )
            if not number or not (isinstance(value, int) or key == "output_resistance"):
                rule = "a number above 0" if key == "output_resistance" else "a whole number above 0"
                raise UserError(f"{path}: {key} = {value!r} in [lengths.{kind}] must be {rule}")
    return lengths


def task_names(tasks: Any, where: str) -> tuple[str, ...]:
    """Names of tasks as the project writes them. Raises UserError if it is no list of them."""
    if not isinstance(tasks, list) or not all(isinstance(task, str) for task in tasks):
        raise UserError(f'{where} must be a list of tasks, such as ["h+n-", "v+p-"]; got {tasks!r}')
    try:
        return tuple(task if is_drawn(task) else named_task(task).name for task in tasks)
    except ValueError as error:
        raise UserError(f"{where}: {error}") from error


def read_protocol(path: Path) -> tuple[Protocol, dict[str, dict[str, Any]]]:
    """The protocol of the spiking agent in a file, and the lengths that it wants.

    Raises UserError naming what is wrong with it.
    """
    content = read_table(path, ("name", "summary", "tests", "stages", "lengths"))
    rows = content.get("stages")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{path} must have its stages as [[stages]] tables, parents before children; got {rows!r}")
    stages = tuple(_stage(row, f"{path}: stage {number}") for number, row in enumerate(rows, start=1))
    trained = dict.fromkeys(task for stage in stages for task in stage.tasks if not stage.unsupervised)
    tests = task_names(content.get("tests", list(trained)), f"{path}: tests")
    if not tests or "all" in tests:
        raise UserError(f"{path}: tests = {list(tests)} must name one task or more, and all of them with values")
    try:
        protocol = Protocol(name_in(content, path), str(content.get("summary", "")), stages, tests)
    except ValueError as error:
        raise UserError(f"{path}: {error}") from error
    return protocol, lengths_in(content, path)


def _stage(row: dict[str, Any], where: str) -> Stage:
    path, _, place = where.rpartition(": ")
    for entry in row:
        known(dict.fromkeys(_IN_STAGE), entry, f"entry of {place} in {path}")
    name: Any = row.get("name")
    parent = row.get("parent")
    if not isinstance(name, str) or not name:
        raise UserError(f"{where} has no name; write name = ...")
    where = f"{where} ({name})"
    if parent is not None and not isinstance(parent, str):
        raise UserError(f"{where}: parent = {parent!r} must be the name of a stage before it")
    for flag in ("unsupervised", "probed"):
        if not isinstance(row.get(flag, True), bool):
            raise UserError(f"{where}: {flag} = {row[flag]!r} must be true or false")
    length, frozen = (_number(row.get(key, default), key, where) for key, default in (("length", 1), ("frozen", 0.0)))
    if length <= 0 or not 0 <= frozen < 1:
        raise UserError(f"{where}: length = {length} must be above 0, frozen = {frozen} at least 0 and below 1")
    return Stage(
        name,
        parent,
        task_names(row.get("tasks", []), f"{where}: tasks"),
        remedy="sleep" if "sleep" in row else "none",
        unsupervised=row.get("unsupervised", False),
        length=length,
        probed=row.get("probed", True),
        sleep=_sleep(row.get("sleep", {}), where),
        frozen=frozen,
    )


def _sleep(row: Any, where: str) -> Sleep:
    from spiking_agent.stimulation import check_noise  # here, because its package brings the agent along

    if not isinstance(row, dict):
        raise UserError(f"{where}: sleep = {row!r} must be a table, such as {{ awake = 1, asleep = 1 }}")
    for name in row:
        known(dict.fromkeys(_IN_SLEEP), name, f"entry of sleep in {where}")
    for key in ("awake", "asleep"):
        blocks = row.get(key, 1)
        if not isinstance(blocks, int) or isinstance(blocks, bool) or blocks < 1:
            raise UserError(f"{where}: {key} = {blocks!r} must be a whole number of blocks, at least 1")
    try:
        check_noise(row.get("noise", Sleep.noise))
    except (ValueError, AttributeError) as error:
        raise UserError(f"{where}: {error}") from error
    return Sleep(**row)


def _number(value: Any, name: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError(f"{where}: {name} = {value!r} must be a finite number")
    return value
