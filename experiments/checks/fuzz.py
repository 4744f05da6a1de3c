"""Does the world keep its promises, whatever is asked of it? Random environments, random calls, an independent checker.

``python -m experiments.checks.fuzz --operations 1000000 --seed 0``

One environment after the other lives a short *life*: it is made with random arguments, and random calls are made on it,
good ones and bad ones. After each call the whole world is checked (`experiments.checks.invariants`) and what was
returned is compared with a model (`experiments.checks.watched`). An operation is what a call does to one world: a step
of 64 worlds is 64 operations.

Life k of a seed is the same whenever it is lived. At the first violation its calls are thinned out to a few that still
show it, and are printed.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import typer
from gymnasium.vector import AutoresetMode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.checks.bad_calls import N_BAD
from experiments.checks.invariants import Rules, Violation
from experiments.checks.plans import Plan
from experiments.checks.watched import Watched
from experiments.printing import console, duration, table
from foraging_env import PATTERNS, Schedule
from foraging_env.sequences import SEQUENCES
from foraging_env.tasks import TASK_NAMES, TASKS

Call = tuple[Any, ...]
"""The name of a method of `Watched`, and its arguments, as plain data."""

CALLS_IN_A_LIFE = 250
_REPLAYS = 300  # at most, to thin out the calls of a violation

_SIZES = (1, 1, 2, 3, 5, 8, 16, 32, 64)
_KINDS = ("step", "reset", "set_task", "save", "load", "fresh", "copied", "bad")
_CHANCES = np.array([0.88, 0.02, 0.02, 0.015, 0.015, 0.005, 0.005, 0.04])


@dataclass
class Figures:
    """What has been done so far."""

    operations: int = 0
    calls: int = 0
    lives: int = 0
    worlds: int = 0
    excused: Counter[str] = field(default_factory=Counter)  # faults of other packages met
    by_kind: Counter[str] = field(default_factory=Counter)  # operations
    by_id: Counter[str] = field(default_factory=Counter)  # lives
    seconds: float = 0.0


@dataclass(frozen=True)
class Failure:
    """A violation, and the calls that show it."""

    seed: int
    life: int
    operation: int  # of the whole run, counted from 1
    plan: Plan
    calls: list[Call]  # as few as were found to be enough
    rule: str
    message: str


def draw_plan(rng: np.random.Generator) -> Plan:
    """A random environment."""
    rules = _draw_rules(rng)
    single = rng.random() < 0.3
    n = 0 if single else int(rng.choice(_SIZES))
    if rules.size[0] * rules.size[1] > 4000:
        n = min(n, 4)
    name = f"Forage{rng.choice(list(SEQUENCES))}-v0" if rng.random() < 0.2 else "Forage-v0"
    limit = None if rng.random() < 0.2 else int(rng.integers(1, 80))
    mode = AutoresetMode(rng.choice([mode.value for mode in AutoresetMode]))
    schedule, truncate = None, False
    tasks: tuple[str, ...] = ()
    if name != "Forage-v0":
        sequence = SEQUENCES[name.removeprefix("Forage").removesuffix("-v0")]
        schedule = sequence.schedule(int(rng.integers(1, 60)))
        cue = sequence.habitat.senses.task_cue
        rules = rules._replace(patterns=PATTERNS, task_cue=cue or rules.task_cue)
        mode = AutoresetMode.NEXT_STEP
    elif rng.random() < 0.4:
        rules = rules._replace(patterns=PATTERNS)
        schedule, truncate = _draw_schedule(rng, single), bool(rng.random() < 0.4)
    else:
        each = n if n > 1 and rng.random() < 0.4 else 1
        tasks = tuple(_draw_task(rng, rules) for _ in range(each))
    twin = bool(1 < n <= 5 and len(tasks) <= 1 and rng.random() < 0.5)
    if schedule is not None and schedule.fade_by == "worlds":
        twin = False  # single environments have no such thing
    statistics, checker = (bool(rng.random() < 0.3) for _ in range(2))
    return Plan(name, n, rules, tasks, schedule, truncate, limit, mode, statistics, checker, twin)


def _draw_rules(rng: np.random.Generator) -> Rules:
    view = int(rng.choice((3, 3, 5, 7, 7, 9, 21, 61), p=(0.2, 0.2, 0.2, 0.2, 0.1, 0.05, 0.04, 0.01)))
    longest = int(rng.choice((12, 20, 40, 70, 140), p=(0.45, 0.3, 0.15, 0.08, 0.02)))
    least = max(view, 5)
    rows, cols = (int(rng.integers(least, max(least, longest) + 1)) for _ in range(2))
    if rng.random() < 0.1:
        rows, cols, view = 50, 50, 7
    lowest = 1.2 / (rows * cols)  # one pair
    density = float(rng.uniform(lowest, 0.16)) if rng.random() < 0.8 else 0.16
    patterns: tuple[str, ...] = PATTERNS
    if rng.random() < 0.2:
        chosen = rng.choice(4, size=int(rng.integers(2, 4)), replace=False)
        patterns = tuple(PATTERNS[k] for k in sorted(chosen))
    rewards = (1.0, -1.0, 0.0) if rng.random() < 0.7 else tuple(float(x) for x in rng.normal(size=3))
    return Rules(
        size=(rows, cols),
        view=view,
        density=density,
        patterns=patterns,
        rewards=rewards,  # type: ignore[arg-type]
        observation="binary" if rng.random() < 0.6 else "pattern",
        task_cue=bool(rng.random() < 0.3),
        last_action=bool(rng.random() < 0.3),
    )


def _draw_task(rng: np.random.Generator, rules: Rules) -> str:
    fitting = [name for name, task in TASKS.items() if set(task.present(rules.patterns)) <= set(rules.patterns)]
    return str(rng.choice(fitting))


def _draw_schedule(rng: np.random.Generator, single: bool) -> Schedule:
    phases = tuple((str(rng.choice(TASK_NAMES)), int(rng.integers(1, 60))) for _ in range(rng.integers(1, 5)))
    shortest = min(steps for _, steps in phases)
    return Schedule(
        phases,
        order=str(rng.choice(("given", "shuffled", "drawn"))),
        repeat=bool(rng.random() < 0.5),
        fade=int(rng.integers(0, shortest + 1)) if rng.random() < 0.5 else 0,
        fade_by="patterns" if single or rng.random() < 0.7 else "worlds",
    )


def draw_calls(rng: np.random.Generator, plan: Plan, count: int) -> Iterator[Call]:
    """The calls of a life; the first is its first reset."""
    n = max(plan.worlds, 1)
    headings = rng.integers(0, 8, n)  # foragers that go straight on get about
    yield "begin", int(rng.integers(2**31))
    for kind in rng.choice(_KINDS, size=count - 1, p=_CHANCES):
        if kind == "step":
            headings = np.where(rng.random(n) < 0.3, rng.integers(0, 8, n), headings)
            yield "step", headings.tolist()
        elif kind == "reset":
            yield "reset", _draw_seed(rng, n), _draw_tasks(rng, plan), _draw_mask(rng, n)
        elif kind == "set_task":
            yield "set_task", _draw_tasks(rng, plan) or _draw_task(rng, plan.rules), _draw_mask(rng, n)
        elif kind == "copied":
            yield "copied", bool(rng.random() < 0.5)
        elif kind == "bad":
            yield "bad", int(rng.integers(N_BAD))
        else:
            yield (str(kind),)


def _draw_seed(rng: np.random.Generator, n: int) -> int | list[int | None] | None:
    chance = rng.random()
    if chance < 0.4:
        return None
    if chance < 0.7:
        return int(rng.integers(2**31))
    return [None if rng.random() < 0.3 else int(seed) for seed in rng.integers(2**31, size=n)]


def _draw_tasks(rng: np.random.Generator, plan: Plan) -> str | list[str] | None:
    chance = rng.random()
    if chance < 0.3:
        return None
    if chance < 0.7 or plan.twin or not plan.worlds:
        return _draw_task(rng, plan.rules)
    return [_draw_task(rng, plan.rules) for _ in range(plan.worlds)]


def _draw_mask(rng: np.random.Generator, n: int) -> list[bool] | None:
    mask = rng.random(n) < 0.5
    return mask.tolist() if mask.any() and rng.random() < 0.5 else None


def life(seed: int, number: int) -> tuple[Plan, list[Call]]:
    """The plan and the calls of life ``number`` of a run with ``seed``."""
    rng = np.random.default_rng([seed, number])
    plan = draw_plan(rng)
    return plan, list(draw_calls(rng, plan, CALLS_IN_A_LIFE))


def live(plan: Plan, calls: list[Call]) -> Iterator[tuple[Call, int, Counter[str]]]:
    """Make the calls on a new environment; after each it is told, with the number of worlds that took part, and the
    faults of other packages that were met.

    Raises Violation; an error that nobody expected is one as well.
    """
    try:
        watched = Watched(plan)
        for call in calls:
            watched.excused.clear()
            yield call, getattr(watched, call[0])(*call[1:]), watched.excused
    except Violation:
        raise
    except Exception as error:
        raise Violation("a good call raises nothing", f"{type(error).__name__}: {error}") from error


def violation(plan: Plan, calls: list[Call]) -> Violation | None:
    """What goes wrong with these calls, if anything does."""
    try:
        for _ in live(plan, calls):
            pass
    except Violation as found:
        return found
    return None


def thinned(plan: Plan, calls: list[Call], rule: str) -> list[Call]:
    """As few of ``calls`` as can be found that still break ``rule``; the first one stays."""
    kept, width, replays = list(calls), max(len(calls) // 2, 1), 0
    while width and replays < _REPLAYS:
        at = 1
        while at < len(kept) and replays < _REPLAYS:
            fewer = kept[:at] + kept[at + width :]
            found = violation(plan, fewer)
            replays += 1
            if found is not None and found.rule == rule:
                kept = fewer
            else:
                at += width
        width //= 2
    return kept


def fuzz(operations: int, seed: int, figures: Figures, *, first_life: int = 0) -> Iterator[Failure | None]:
    """Live lives until there are enough operations; tells after each call. A `Failure` is the last."""
    started = time.perf_counter()
    number = first_life
    while figures.operations < operations:
        plan, calls = life(seed, number)
        figures.lives += 1
        figures.worlds += max(plan.worlds, 1)
        figures.by_id[plan.id] += 1
        made = 0
        try:
            for call, took_part, excused in live(plan, calls):
                made += 1
                figures.excused += excused
                figures.calls += 1
                figures.operations += took_part
                figures.by_kind[call[0]] += took_part
                figures.seconds = time.perf_counter() - started
                yield None
                if figures.operations >= operations:
                    break
        except Violation as found:
            few = thinned(plan, calls[: made + 1], found.rule)
            last = violation(plan, few) or found
            yield Failure(seed, number, figures.operations + 1, plan, few, found.rule, str(last))
            return
        number += 1


def main(
    operations: Annotated[int, typer.Option(min=1, help="How many; a step of 64 worlds is 64.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is drawn.")] = 0,
    life: Annotated[int, typer.Option(min=0, help="Begin with this life; a violation says in which it was.")] = 0,
) -> None:
    """Ask random things of random worlds, and check every answer.

    Single and vector environments of all registered ids are made with random sizes, views, densities, patterns, rewards, cues, schedules, episode limits and autoreset modes. They are stepped, reset, switched to other tasks, saved, loaded and copied; bad calls in between must be refused and change nothing. After each call a checker that was written from the environment's card, without its kernels, looks at every world. A million operations take about a minute on one core.

    Exit status: 0 if everything held; 1 at the first violation, which is printed with the few calls that show it; 130 if it was interrupted.

    Example: python -m experiments.checks.fuzz --operations 1000000 --seed 0
    """  # noqa: E501  (the help is wrapped to the width of the terminal)
    figures, failure = Figures(), None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("operations", total=operations)
            for failure in fuzz(operations, seed, figures, first_life=life):  # noqa: B007  (the last one is wanted)
                progress.update(bar, completed=min(figures.operations, operations))
    except KeyboardInterrupt:
        _show(figures, "interrupted")
        sys.exit(130)
    _show(figures, "no violation" if failure is None else "1 violation")
    if failure is not None:
        print("\n".join(describe(failure)))
        sys.exit(1)


def describe(failure: Failure) -> list[str]:
    """What went wrong and how to see it again, as lines."""
    return [
        f"{failure.rule}",
        f"  {failure.message}",
        f"operation {failure.operation}, in life {failure.life} of seed {failure.seed}; again:",
        f"  python -m experiments.checks.fuzz --seed {failure.seed} --life {failure.life}",
        "the environment:",
        *(f"  {name} = {value!r}" for name, value in failure.plan._asdict().items()),
        f"{len(failure.calls)} calls are enough:",
        *(f"  {number}. {call[0]}({', '.join(map(repr, call[1:]))})" for number, call in enumerate(failure.calls, 1)),
    ]


def _show(figures: Figures, outcome: str) -> None:
    grid = table(f"Fuzz: {outcome}", show_header=False)
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_row("operations", f"{figures.operations:,}")
    for kind, count in figures.by_kind.most_common():
        grid.add_row(f"  {kind}", f"{count:,}")
    grid.add_row("calls", f"{figures.calls:,}")
    grid.add_row("environments", f"{figures.lives:,}")
    for name, count in figures.by_id.most_common():
        grid.add_row(f"  {name}", f"{count:,}")
    grid.add_row("worlds", f"{figures.worlds:,}")
    grid.add_row("faults of other packages met", f"{figures.excused.total():,}")
    for fault, count in figures.excused.most_common():
        grid.add_row(f"  {fault}", f"{count:,}")
    grid.add_row("time", duration(figures.seconds))
    grid.add_row("operations a second", f"{figures.operations / max(figures.seconds, 1e-9):,.0f}")
    console().print(grid)


if __name__ == "__main__":
    typer.run(main)
