"""Result folders as reports and comparisons of folders read them: every agent as a line of phases, whatever was run.

The stages of ``forage run sleep`` are a tree: its branches begin with the same network. Each branch becomes a line of
its own here, from the root to its leaf. The branch that goes on without anything against forgetting keeps the agent's
name; the others are called after their last stage, as in ``spiking+Int(S,T1)``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from experiments.errors import UserError
from experiments.evidence.contest import Contest, Line, contest_of
from experiments.evidence.results import RunResults, read_run
from experiments.plans.plan import SINGLE
from experiments.running.tables import Expense, Point, Result

Row = TypeVar("Row", Result, Point, Expense)


@dataclass(frozen=True)
class Folder:
    """What one result folder says."""

    name: str  # the last part of its path
    run: RunResults
    contest: Contest

    def configured(self, key: str) -> Any:
        """An entry of ``config.json``; None for one that is not there."""
        return self.run.config.get(key)


def read_folder(path: Path) -> Folder:
    """The run in a result folder, finished or not.

    Raises UserError if it is no result folder, has no tables yet, or was written in another format.
    """
    run = read_run(path)
    contest = contest_of(run)
    if len({(line.protocol, line.tests) for line in contest.lines}) != 1:
        raise UserError(f"{path} holds no agent, or agents of several protocols; give folders of one protocol each")
    return Folder(path.resolve().name, run, _branched(contest))


def together(folders: Sequence[Folder]) -> Contest:
    """The contest of all agents of several folders, which must have the same protocol and no agent in common."""
    parts = [folder.contest for folder in folders]
    return Contest(
        tuple(line for part in parts for line in part.lines),
        parts[0].habitat,
        [row for part in parts for row in part.results],
        [row for part in parts for row in part.curve],
        [row for part in parts for row in part.costs],
    )


def _branched(contest: Contest) -> Contest:
    """The same contest, with a line for every branch of an agent whose stages are a tree."""
    branches = {line.agent: list(_branches(line)) for line in contest.lines}
    if all(len(lines) == 1 for lines in branches.values()):
        return contest
    return Contest(
        tuple(branch for lines in branches.values() for branch in lines),
        contest.habitat,
        _named(contest.results, branches),
        _named(contest.curve, branches),
        _named(contest.costs, branches),
    )


def _branches(line: Line) -> Iterator[Line]:
    stages = {stage.name: stage for stage in (line.root, *line.phases)}
    parents = {stage.parent for stage in stages.values()}
    leaves = [stage for stage in stages.values() if stage.name not in parents]
    if len(leaves) == 1 or line.remedy == SINGLE:
        yield line
        return
    plain = next((leaf for leaf in leaves if leaf.remedy == "none" and len(leaf.tasks) == 1), leaves[0])
    for leaf in leaves:
        way = [leaf]
        while way[0].parent in stages:
            way.insert(0, stages[str(way[0].parent)])
        ending = leaf.name.removeprefix(f"{leaf.parent}-")
        name = line.agent if leaf is plain else f"{line.agent}+{ending}"
        yield replace(line, agent=name, root=way[0], phases=tuple(way[1:]))


def _named(rows: Sequence[Row], branches: dict[str, list[Line]]) -> list[Row]:
    """Every row once for each branch that its stage belongs to."""
    named: list[Row] = []
    for agent, lines in branches.items():
        for branch in lines:
            for row in rows:
                if row.agent == agent and _lives(branch, row):
                    named.append(row._replace(agent=branch.agent))
    return named


def _lives(branch: Line, row: Result | Point | Expense) -> bool:
    """Whether the row's stage is one of the branch's."""
    return any(stage.name == row.stage for stage in (branch.root, *branch.phases))
