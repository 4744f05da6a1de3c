"""What the files of a comparison say: every agent as a line of phases, with its tests, curves and costs.

A line is one of three kinds. Agents that learn *in turn* have a phase for every task of the curriculum.
``+interleaved`` has one phase, which trains all tasks and is as long as all of theirs. ``+single`` is one agent for
every task: each of its phases begins at birth and trains one task, so there is no common last phase; a task's last
test is the one after its own training.

Only seeds whose life is complete count: every stage of the agent, tested on every task.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from experiments.evidence.metrics import Array
from experiments.evidence.results import RunResults
from experiments.plans.plan import INTERLEAVED, SINGLE, Plan
from experiments.plans.stages import Stage
from experiments.running.tables import Expense, Point, Result
from foraging_env.habitat import Habitat

FEWEST_FOR_INTERVAL = 3
"""Seeds from which on tables and figures show an interval."""


@dataclass(frozen=True)
class Line:
    """One agent of a comparison: what it trains, phase after phase, and for how many steps."""

    agent: str
    protocol: str
    tests: tuple[str, ...]
    root: Stage  # what it was before its first task
    phases: tuple[Stage, ...]
    phase_steps: int  # of an ordinary phase
    told: tuple[str, ...] = ()  # what its remedy is told that plain agents are not

    @property
    def species(self) -> str:
        """The name before the ``+``."""
        return self.agent.partition("+")[0]

    @property
    def remedy(self) -> str:
        """The name after the ``+``; empty for an agent that does nothing against forgetting."""
        return self.agent.partition("+")[2]

    @property
    def label(self) -> str:
        """Its name, and behind it in brackets what its remedy is told that plain agents are not."""
        return f"{self.agent} ({', '.join(self.told)})" if self.told else self.agent

    @property
    def in_turn(self) -> bool:
        """Whether it learns the tasks one after the other."""
        return self.remedy not in (INTERLEAVED, SINGLE)

    @property
    def trained(self) -> list[list[int]]:
        """The columns of the tasks that each phase trains."""
        return [[self.tests.index(task) for task in stage.tasks if task in self.tests] for stage in self.phases]

    def before(self, phase: int) -> Stage:
        """The stage that phase ``phase`` (from 0) starts from."""
        return self.root if phase == 0 or self.remedy == SINGLE else self.phases[phase - 1]


@dataclass(frozen=True)
class Contest:
    """All lines of a result folder and what is known of them."""

    lines: tuple[Line, ...]
    habitat: Habitat  # of all agents
    results: Sequence[Result]
    curve: Sequence[Point]
    costs: Sequence[Expense]

    @property
    def protocol(self) -> str:
        """Its name, which all lines share."""
        return self.lines[0].protocol

    @property
    def tests(self) -> tuple[str, ...]:
        """The tested tasks, which all lines share."""
        return self.lines[0].tests

    def line(self, agent: str) -> Line | None:
        """The line of that agent, if it takes part."""
        return next((line for line in self.lines if line.agent == agent), None)

    def seeds(self, line: Line) -> list[int]:
        """Seeds whose life is complete, in order."""
        needed = [(stage.name, task) for stage in (line.root, *line.phases) for task in line.tests]
        seeds = sorted({row.seed for row in self.results if row.agent == line.agent})
        return [seed for seed in seeds if all((line.agent, seed, *test) in self._tests for test in needed)]

    def unfinished(self, line: Line) -> list[int]:
        """Seeds that began and are not complete; they are left out everywhere."""
        seeds = sorted({row.seed for row in self.results if row.agent == line.agent})
        return sorted(set(seeds) - set(self.seeds(line)))

    def after(self, line: Line, seed: int, stage: Stage, measure: str) -> Array:
        """The scores of every task in the tests after a stage, float64[J]."""
        return np.array([getattr(self._tests[line.agent, seed, stage.name, task], measure) for task in line.tests])

    def matrix(self, line: Line, seed: int, measure: str) -> Array:
        """R, float64[K+1, J]: tests of every task (columns) before any training and after every phase (rows).

        For ``+single``, whose phases do not follow each other, rows have no order; see `last` for its scores.
        """
        return np.array([self.after(line, seed, stage, measure) for stage in (line.root, *line.phases)])

    def last(self, line: Line, seed: int, measure: str) -> Array:
        """The last score of every task, float64[J]: after the last phase; for ``+single`` after its own training."""
        R = self.matrix(line, seed, measure)
        if line.remedy != SINGLE:
            return R[-1]
        own = {task: phase for phase, tasks in enumerate(line.trained, start=1) for task in tasks}
        return np.array([R[own[task], task] for task in range(len(line.tests))])

    def has_curve(self, line: Line) -> bool:
        """Whether there are tests along its phases; results that were published without have none."""
        return any(agent == line.agent for agent, *_ in self._probes)

    def along(self, line: Line, seed: int, phase: int, task: str, measure: str) -> tuple[NDArray[np.int64], Array]:
        """Steps in a phase (from 0) and the scores of a task there, from its beginning to its end.

        The ends are the long tests before and after the phase, between them lie the short tests on the way.
        """
        stage, column = line.phases[phase], line.tests.index(task)
        end = round(line.phase_steps * stage.length)
        between = {point.trained: point for point in self._probes.get((line.agent, seed, stage.name, task), ())}
        inner = sorted(trained for trained in between if 0 < trained < end)
        scores = [
            self.after(line, seed, line.before(phase), measure)[column],
            *(getattr(between[trained], measure) for trained in inner),
            self.after(line, seed, stage, measure)[column],
        ]
        return np.array([0, *inner, end]), np.array(scores)

    def spent(self, line: Line, seed: int) -> dict[str, float]:
        """Steps of learning and seconds of processor time of all stages, and the most bytes kept from earlier tasks."""
        rows = [row for row in self.costs if (row.agent, row.seed) == (line.agent, seed)]
        return {
            "steps": sum(row.steps for row in rows),
            "cpu_seconds": round(sum(row.cpu_seconds for row in rows), 3),
            "bytes_kept": max((row.bytes_kept for row in rows), default=0),
        }

    @cached_property
    def _tests(self) -> Mapping[tuple[str, int, str, str], Result]:
        return {(row.agent, row.seed, row.stage, row.task): row for row in self.results}

    @cached_property
    def _probes(self) -> Mapping[tuple[str, int, str, str], list[Point]]:
        probes: dict[tuple[str, int, str, str], list[Point]] = {}
        for row in self.curve:
            probes.setdefault((row.agent, row.seed, row.stage, row.task), []).append(row)
        return probes


def contest_of(run: RunResults) -> Contest:
    """The comparison in a result folder. Raises UserError if a table is missing or cannot be read."""
    return contest_from(run.plans, run.results, run.curve, run.costs)


def contest_from(
    plans: Sequence[Plan], results: Sequence[Result], curve: Sequence[Point], costs: Sequence[Expense]
) -> Contest:
    """The comparison of all agents of these plans."""
    lines = tuple(line for plan in plans for line in _lines(plan))
    return Contest(lines, plans[0].species.habitat, results, curve, costs)


def _lines(plan: Plan) -> list[Line]:
    protocol = plan.protocol
    lines = []
    for agent in plan.agents:
        stages = [protocol.stage(name) for name in agent.stages]
        parents = {stage.parent for stage in stages}
        lenders = {stage.sleep.rates_from for stage in stages} - parents  # they lend rates and are no part of the life
        root, *phases = [stage for stage in stages if stage.name not in lenders]
        length = plan.lengths.stage
        lines.append(Line(agent.name, protocol.name, protocol.tests, root, tuple(phases), length, agent.told))
    return lines
