"""Courses of agents: performance and intake along the phases of a life, as panels of a figure share them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from experiments.drawing.shading import shade
from experiments.drawing.style import BACKGROUNDS, CHANCE, CHANCE_LINE, COLOURS, NIGHT, task_title
from experiments.evidence.contest import Contest, Line
from experiments.plans.plan import SINGLE

MEASURES = ("performance", "intake")
TITLES = {"performance": "performance", "intake": "intake per 100 steps"}
NEUTRAL = {"performance": CHANCE, "intake": 0.0}  # what an agent without any knowledge has
_APART = {"performance": 0.15, "intake": 3.0}  # the least distance between two heaps of seeds
_FEWEST_FOR_MODES = 5  # seeds
_NAMED_PHASES = 4  # phases up to which their tasks' names fit below them
_NUMBERED_PHASES = 10  # phases up to which there is room for every number


def draw_along(axes: Axes, contest: Contest, line: Line, measure: str) -> None:
    """One agent: its phases as shades, its scores on every task as lines."""
    axes.axhline(NEUTRAL[measure], **CHANCE_LINE)
    begin = 0.0
    for phase, stage in enumerate(line.phases):
        shades = [BACKGROUNDS[column % len(BACKGROUNDS)] for column in line.trained[phase]]
        if stage.sleeps and not stage.tasks:
            shades = [NIGHT]
        shade(axes, shades, begin, begin + stage.length)
        for number, task in enumerate(line.tests):
            share, seeds = _course(contest, line, phase, task, measure)
            x, colour = begin + stage.length * share, COLOURS[number % len(COLOURS)]
            if has_two_modes(seeds[:, -1], _APART[measure]):  # a deviation would hide them
                axes.plot(x, seeds.T, color=colour, linewidth=0.5, alpha=0.55)
            else:
                mean, sd = _mean_and_deviation(seeds)
                low, high = mean - sd, mean + sd
                if measure == "performance":
                    low, high = np.clip((low, high), 0.0, 1.0)
                axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
                axes.plot(x, mean, color=colour, linewidth=1.3, solid_joinstyle="round")
        begin += stage.length
        if line.remedy == SINGLE and phase + 1 < len(line.phases):
            axes.axvline(begin, color="white", linewidth=3.5, zorder=2.5)  # another agent begins


def mark_phases(axes: Axes, lines: Sequence[Line], *, labelled: bool) -> None:
    """Phases as they are for agents that learn in turn, named by what they train where there is room."""
    longest = max(lines, key=lambda line: (line.in_turn, sum(stage.length for stage in line.phases)))
    lengths = [stage.length for stage in longest.phases]
    if not longest.in_turn:  # one stage, as long as the phases of the others
        lengths = [1.0] * round(sum(lengths))
    borders = np.cumsum([0.0, *lengths])
    count = len(lengths)
    axes.set_xlim(0, borders[-1])
    axes.set_xticks(borders, [""] * (count + 1))
    named = count <= _NAMED_PHASES and longest.in_turn
    texts = [_tasks(longest.phases[i].tasks) if named else str(i + 1) for i in range(count)]
    if count > _NUMBERED_PHASES:
        texts = [text if i % 2 == 0 else "" for i, text in enumerate(texts)]
    axes.set_xticks((borders[:-1] + borders[1:]) / 2, texts if labelled else [""] * count, minor=True)
    axes.tick_params(axis="x", which="minor", length=0, pad=2)
    if labelled:
        axes.set_xlabel("training on" if named else "phase", labelpad=1)


def phase_length(line: Line) -> str:
    """How long an ordinary phase is, in words."""
    steps = line.phase_steps
    return f"a phase is {f'{steps / 1e6:.2g} M' if steps >= 1e5 else f'{steps:,}'} steps"


def common_limits(contest: Contest, lines: Sequence[Line], measure: str) -> tuple[float, float]:
    """Common vertical limits that hold every mean and deviation that is drawn, with a little room."""
    values = [NEUTRAL[measure]]
    for line in lines:
        for phase in range(len(line.phases)):
            for task in line.tests:
                _, seeds = _course(contest, line, phase, task, measure)
                mean, sd = _mean_and_deviation(seeds)
                values += [*(mean - sd), *(mean + sd)]
                if has_two_modes(seeds[:, -1], _APART[measure]):
                    values += [seeds.min(), seeds.max()]
    if measure == "performance":
        values = [*np.clip(values, 0.0, 1.0), 1.0]
    room = 0.04 * (max(values) - min(values))
    return min(values) - room, max(values) + room


def falls_in_two(contest: Contest, line: Line) -> bool:
    """Whether seeds of an agent are drawn one by one anywhere."""
    return any(
        has_two_modes(_course(contest, line, phase, task, measure)[1][:, -1], _APART[measure])
        for phase in range(len(line.phases))
        for task in line.tests
        for measure in MEASURES
    )


def has_two_modes(values: np.ndarray, apart: float) -> bool:
    """Whether values, float64[n], fall into two heaps: a gap of ``apart`` or more, three times as wide as either heap's
    standard deviation, with two values or more on each side."""
    ordered = np.sort(values)
    if len(ordered) < _FEWEST_FOR_MODES:
        return False
    gaps = np.diff(ordered)[1:-1]
    cut = int(gaps.argmax()) + 2
    widest = max(ordered[:cut].std(ddof=1), ordered[cut:].std(ddof=1))
    return bool(gaps.max() >= apart and gaps.max() >= 3 * widest)


def _mean_and_deviation(seeds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Over seeds, the first axis; the deviation is 0 for one seed."""
    mean = seeds.mean(axis=0)
    return mean, seeds.std(axis=0, ddof=1) if len(seeds) > 1 else np.zeros_like(mean)


def _course(contest: Contest, line: Line, phase: int, task: str, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Share of the phase, float64[points], and every seed's scores of a task along it, float64[seeds, points]."""
    courses = [contest.along(line, seed, phase, task, measure) for seed in contest.seeds(line)]
    steps = sorted(set.intersection(*({int(step) for step in steps} for steps, _ in courses)))
    kept = np.array([[score for step, score in zip(*course, strict=True) if step in steps] for course in courses])
    return np.array(steps) / steps[-1], kept


def _tasks(tasks: Sequence[str]) -> str:
    return ", ".join(task_title(task) for task in tasks) or "asleep"
