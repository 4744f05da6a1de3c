"""Curricula: the tasks of a comparison in their order, from the ladder or from a user's file.

A file is TOML or JSON. Only ``tasks`` must be there::

    name = "there-and-back"            # the file's name if not given
    tasks = ["h+n-", "v+p-", "h+n-"]
    task_cue = false                   # whether agents are shown which task it is

    [lengths.deep]                     # in place of the preset's, for deep agents; [lengths.spiking] likewise
    stage = 40_960                     # steps a task: a multiple of segments x rollout
    segments = 5
    test = 20_000
    probe = 5_000
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from experiments.errors import UserError, known
from experiments.plans.presets import Lengths, Preset
from foraging_env.ladder import LADDER
from foraging_env.tasks import named_task


@dataclass(frozen=True)
class Curriculum:
    """Tasks in order, whether agents are shown which one it is, and lengths in place of a preset's."""

    name: str
    tasks: tuple[str, ...]
    task_cue: bool = False
    lengths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def tests(self) -> tuple[str, ...]:
        """The tasks, each once."""
        return tuple(dict.fromkeys(self.tasks))

    def fitted(self, preset: Preset) -> Preset:
        """The preset with this curriculum's own lengths.

        Raises UserError for lengths that there are not.
        """
        fitted = dict(preset.lengths)
        for kind, given in self.lengths.items():
            known(fitted, kind, "kind of agents in [lengths]")
            for name in given:
                known({each.name: each for each in fields(Lengths)}, name, f"length of {kind} agents")
            fitted[kind] = replace(fitted[kind], **given)
        return replace(preset, lengths=fitted)


def _kebab(rung: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(rung))


CURRICULA = {
    _kebab(name): Curriculum(_kebab(name), rung.tasks, rung.task_cue)
    for name, rung in LADDER.items()
    if rung.order == "given"
}
"""Every protocol of the ladder whose order is the same for all seeds, by name."""


def curriculum(name: str) -> Curriculum:
    """The curriculum of that name, or of that file.

    Raises UserError for an unknown name, or a file that is none.
    """
    if name.endswith((".toml", ".json")):
        return read(Path(name))
    if name not in CURRICULA:
        raise UserError(
            f"unknown protocol {name!r}; known: {', '.join(CURRICULA)}, or a file of your own, such as mine.toml"
        )
    return CURRICULA[name]


def read(path: Path) -> Curriculum:
    """The curriculum in a TOML or JSON file.

    Raises UserError naming what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as a protocol: {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} must hold a table with tasks, not {type(content).__name__}")
    for name in content:
        known(dict.fromkeys(each.name for each in fields(Curriculum)), name, f"entry of {path}")
    tasks = content.get("tasks")
    if not isinstance(tasks, list) or not tasks or not all(isinstance(task, str) for task in tasks):
        raise UserError(f'{path} must name its tasks, such as tasks = ["h+n-", "v+p-"]; got {tasks!r}')
    try:
        named = tuple(named_task(task).name for task in tasks)
    except ValueError as error:
        raise UserError(f"{path}: {error}") from error
    if "all" in named:
        raise UserError(f"{path}: in task 'all' no food has a value, so there is nothing to learn; leave it out")
    return _checked(path, content, named)


def _checked(path: Path, content: dict[str, Any], tasks: tuple[str, ...]) -> Curriculum:
    name, cue, lengths = content.get("name", path.stem), content.get("task_cue", False), content.get("lengths", {})
    if not isinstance(name, str) or not name:
        raise UserError(f"{path}: name = {name!r} must be a text")
    if not isinstance(cue, bool):
        raise UserError(f"{path}: task_cue = {cue!r} must be true or false")
    if not isinstance(lengths, dict) or not all(isinstance(part, dict) for part in lengths.values()):
        raise UserError(f"{path}: lengths must be tables, [lengths.deep] and [lengths.spiking]")
    for kind, part in lengths.items():
        for key, value in part.items():
            whole = isinstance(value, int) and not isinstance(value, bool) and value > 0
            if not whole and not (key == "output_resistance" and isinstance(value, float)):
                raise UserError(f"{path}: {key} = {value!r} in [lengths.{kind}] must be a whole number above 0")
    return Curriculum(name, tasks, cue, lengths)
