"""Protocols of the comparison: the task sequences of `foraging_env.sequences`, or a user's file.

A file is TOML or JSON. Only ``tasks`` must be there::

    name = "there-and-back"            # the file's name if not given
    tasks = ["h+n-", "v+p-", "h+n-"]
    task_cue = false                   # whether agents are shown which task it is, and what else they sense:
    observation = "binary"             # or "pattern", a channel for each
    view = 7                           # cells a side
    last_action = false
    size = [50, 50]                    # rows and cols of the world
    density = 0.1                      # share of the cells that hold food
    rewards = [1, -1, 0]               # for a rewarded pattern, a punished one, any other step

    [lengths.deep]                     # in place of the preset's, for deep agents; [lengths.spiking] likewise
    stage = 40_960                     # steps a task: a multiple of segments x rollout
    segments = 5
    test = 20_000
    probe = 5_000
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from experiments.errors import UserError, known
from experiments.plans.protocol_files import is_file, lengths_in, name_in, read_table, task_names
from foraging_env.habitat import Habitat
from foraging_env.sequences import SEQUENCES, TaskSequence


@dataclass(frozen=True)
class TaskProtocol:
    """A task sequence under a name, with lengths in place of a preset's."""

    name: str
    sequence: TaskSequence
    lengths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def tests(self) -> tuple[str, ...]:
        """The tasks, each once."""
        return tuple(dict.fromkeys(self.sequence.tasks))

    @property
    def summary(self) -> str:
        """Its tasks, whether they are shown, and what else is not as usual, in one line."""
        habitat = self.sequence.habitat
        cued = habitat.senses.task_cue
        other = replace(habitat, senses=replace(habitat.senses, task_cue=False)).label.replace("+", " ").strip()
        return _repeated(self.sequence.tasks) + " (shown to the agent)" * cued + f" ({other})" * bool(other)


def _repeated(tasks: tuple[str, ...]) -> str:
    """Tasks with commas between; of a round that comes again and again only the first."""
    for length in range(1, len(tasks)):
        rounds = len(tasks) // length
        if tasks == tasks[:length] * rounds:
            return f"{', '.join(tasks[:length])}, {rounds} times"
    return ", ".join(tasks)


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


_FIRST = "cycle-cue"  # run when none is named: it has the widest range
_LENGTHS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    # Many tasks, each tested again and again: shorter tests, lest they take more steps than learning.
    "long-cue": {"deep": {"test": 10_000, "probe": 1_000}},
    # Short phases, for what counts is how fast a task comes back.
    "relearning": {"deep": {"stage": 102_400, "segments": 5, "test": 5_000, "probe": 1_500}},
}

PROTOCOLS = {
    name: TaskProtocol(name, sequence, _LENGTHS.get(name, {}))
    for name, sequence in sorted(
        ((_kebab(name), sequence) for name, sequence in SEQUENCES.items()), key=lambda pair: pair[0] != _FIRST
    )
    if sequence.order == "given"
}
"""Every task sequence whose order is the same for all seeds, by name."""


def protocol_named(name: str) -> TaskProtocol:
    """The protocol of that name, or in that file.

    Raises UserError for an unknown name, or a file that is none.
    """
    if is_file(name):
        return read(Path(name))
    return known(PROTOCOLS, name, "protocol", "a file of your own, such as mine.toml")


def read(path: Path) -> TaskProtocol:
    """The protocol in a TOML or JSON file.

    Raises UserError naming what is wrong with it.
    """
    arguments = tuple(Habitat().arguments())
    content = read_table(path, ("name", "tasks", *arguments, "lengths"))
    tasks = task_names(content.get("tasks"), f"{path}: tasks")
    if not tasks:
        raise UserError(f'{path} must name its tasks, such as tasks = ["h+n-", "v+p-"]')
    if "all" in tasks:
        raise UserError(f"{path}: in task 'all' no food has a value, so there is nothing to learn; leave it out")
    wanted = {name: content[name] for name in arguments if name in content}
    sequence = TaskSequence(tasks, habitat=_habitat(wanted, path))
    return TaskProtocol(name_in(content, path), sequence, lengths_in(content, path))


def _habitat(wanted: dict[str, Any], path: Path) -> Habitat:
    """Raises UserError for worlds that cannot be."""
    try:
        return Habitat.described(wanted)
    except (TypeError, ValueError) as error:
        raise UserError(f"{path}: {error}") from error
