"""How much sleep: performance against the ratio of wake to sleep, the length of a night's stage, and of sleep alone.

Golden et al. 2022 know one dose: as much sleep as Task 2, for one whole stage. All branches start from one network: A-C
from the one that has learned Task 1, D from the one that has learned Task 2 after it.
"""

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator

from experiments.beyond.comparisons import Comparison, Contrast, against
from experiments.beyond.lives import Array, Lives
from experiments.beyond.panels import (
    SMALL,
    TASK_COLOURS,
    Row,
    all_scores,
    chance,
    course,
    footnote,
    forest,
    forest_legend,
    letter,
    level,
    limits,
)
from experiments.beyond.protocols import LENGTHS, RATIOS, SLEEP_ALONE, length_name, ratio_name, sleep_alone_name
from experiments.beyond.tables import Measurement
from experiments.drawing.style import CHANCE, STYLE, task_title

_RATIO_STAGES = [ratio_name(*ratio) for ratio in RATIOS]
_LENGTH_STAGES = [length_name(length) for length in LENGTHS]
_ALONE_STAGES = [sleep_alone_name(length) for length in SLEEP_ALONE]
_TASKS = ("task1", "task2")


def measure(lives: Lives) -> Iterator[Measurement]:
    """Performance on both tasks after every stage."""
    for stage in ("unsupervised", "T1", "T1-T2", *_RATIO_STAGES, *_LENGTH_STAGES, *_ALONE_STAGES):
        for task in _TASKS:
            for seed, value in zip(lives.seeds, lives.after(stage, task), strict=True):
                yield Measurement("dose", f"performance on {task}", stage, seed, value)


def contrasts(lives: Lives) -> Iterator[Contrast]:
    """Every ratio and length against Task 2 without sleep, and sleep alone against the state before it."""
    for task in _TASKS:
        for stage in (*_RATIO_STAGES, length_name(1.0), *_ALONE_STAGES):
            yield against(
                f"performance on {task}", stage, "T1-T2", lives.after(stage, task), lives.after("T1-T2", task)
            )


def draw(lives: Lives, comparisons: list[Comparison]) -> Figure:
    """The figure."""
    n = len(lives.seeds)
    heights = limits(all_scores(lives, ["T1", "T1-T2", *_RATIO_STAGES, *_LENGTH_STAGES, *_ALONE_STAGES]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 5.6))
        ratios, lengths, alone = (
            figure.add_axes((left, 0.635, width, 0.3), ylim=heights)
            for left, width in ((0.07, 0.28), (0.415, 0.23), (0.72, 0.2))
        )
        _draw_ratios(ratios, lives)
        _draw_lengths(lengths, lives)
        _draw_alone(alone, lives)
        plane = figure.add_axes((0.07, 0.13, 0.32, 0.36))
        _draw_plane(plane, lives)
        rows = figure.add_axes((0.60, 0.13, 0.265, 0.37))
        _draw_comparisons(rows, comparisons)
        for x, y, text in ((0.01, 0.985, "A"), (0.36, 0.985, "B"), (0.675, 0.985, "C")):
            letter(figure, x, y, text)
        letter(figure, 0.01, 0.53, "D")
        letter(figure, 0.43, 0.53, "E")
        handles, words = forest_legend(n)
        tasks = [Line2D([], [], color=TASK_COLOURS[task], linewidth=1.5) for task in _TASKS]
        figure.legend(
            [*tasks, *handles],
            [*(f"tested on {task_title(task)}" for task in _TASKS), *words],
            loc="lower center",
            bbox_to_anchor=(0.5, 0.025),
            ncols=5,
            fontsize=SMALL,
            columnspacing=1.4,
            handlelength=1.3,
        )
        footnote(figure, n)
    return figure


def _draw_ratios(axes: Axes, lives: Lives) -> None:
    for task in _TASKS:
        values = np.stack([lives.after(stage, task) for stage in _RATIO_STAGES], axis=1)
        _with_references(axes, lives, task, np.arange(len(RATIOS), dtype=float), values)
    axes.set_xticks(range(len(RATIOS)), [f"{awake}:{asleep}" for awake, asleep in RATIOS])
    axes.set_xlabel(f"Task 2 : sleep, together {lives.cycles(_RATIO_STAGES[0]) / 1e6:g} million cycles")
    axes.set_ylabel("performance after")


def _draw_lengths(axes: Axes, lives: Lives) -> None:
    x = np.array([lives.cycles(stage) for stage in _LENGTH_STAGES]) / 1e6
    for task in _TASKS:
        values = np.stack([lives.after(stage, task) for stage in _LENGTH_STAGES], axis=1)
        _with_references(axes, lives, task, x, values)
    axes.set_xlim(0, x[-1] * 1.05)
    axes.set_xlabel("Task 2 and sleep 1:1 (million cycles)")


def _draw_alone(axes: Axes, lives: Lives) -> None:
    x = np.array([0, *(lives.cycles(stage) for stage in _ALONE_STAGES)]) / 1e6
    for task in _TASKS:
        values = np.stack([lives.after(stage, task) for stage in ("T1-T2", *_ALONE_STAGES)], axis=1)
        course(axes, x, values, TASK_COLOURS[task])
    level(axes, lives.after("T1", "task1").mean(), TASK_COLOURS["task1"], "before\nTask 2")
    chance(axes)
    axes.set_xlabel("sleep alone after Task 2\n(million cycles)")


def _with_references(axes: Axes, lives: Lives, task: str, x: Array, values: Array) -> None:
    course(axes, x, values, TASK_COLOURS[task])
    level(axes, lives.after("T1-T2", task).mean(), TASK_COLOURS[task], "no\nsleep" if task == "task1" else "no sleep")
    chance(axes)


def _draw_plane(axes: Axes, lives: Lives) -> None:
    """Both tasks against each other: what a dose costs in the one for what it saves of the other."""
    for stages, colour, names in (
        (_RATIO_STAGES, "0.15", [f"{awake}:{asleep}" for awake, asleep in RATIOS]),
        (["T1", "T1-T2"], "0.5", ["Task 1 only", "then Task 2,\nno sleep"]),
    ):
        x, y = (np.array([lives.after(stage, task).mean() for stage in stages]) for task in _TASKS)
        axes.plot(x, y, color=colour, marker="o", markersize=3.5, linewidth=1.2)
        for place in zip(x, y, names, strict=True):
            below = place[2].startswith("then")  # or it would lie on the first point of the other line
            axes.annotate(
                place[2], place[:2], (-2, -20) if below else (4, 4), textcoords="offset points", fontsize=SMALL,
                color=colour,
            )  # fmt: skip
    axes.axvline(CHANCE, color="0.8", linewidth=0.6, zorder=0)
    axes.axhline(CHANCE, color="0.8", linewidth=0.6, zorder=0)
    axes.set_xlabel("performance on Task 1")
    axes.set_ylabel("performance on Task 2")


def _draw_comparisons(axes: Axes, comparisons: list[Comparison]) -> None:
    rows = []
    for task in _TASKS:
        rows.append(Row(f"{task_title(task)}, minus no sleep"))
        for row in comparisons:
            if row.quantity.endswith(task):
                text = row.condition.replace("T1-Int(S,T2) ", "").replace("x1", "1:1, one stage")
                rows.append(Row(_short(row.condition, text), row, TASK_COLOURS[task]))
    forest(axes, rows)
    axes.xaxis.set_major_locator(MultipleLocator(0.1))


def _short(stage: str, text: str) -> str:
    alone = dict(zip(_ALONE_STAGES, SLEEP_ALONE, strict=True))
    return f"sleep alone, {alone[stage]:g} stages" if stage in alone else text
