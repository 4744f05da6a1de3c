"""Two tasks in turn for five rounds, plainly and with sleep: does it get better or worse?

Golden et al. 2022 end after one round, or one and a half. What is forgotten in a stage is the performance on the task
that it does not train, before it minus after it. A trend is the slope of a straight line through a network's rounds.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

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
    limits,
)
from experiments.beyond.protocols import ROUNDS
from experiments.beyond.tables import Measurement
from experiments.metrics import isolated_forgetting
from experiments.style import BACKGROUNDS, STYLE, task_title

_TASKS = ("task1", "task2")
_WAYS = {"plain": "", "sleep": "+sleep"}
_TITLES = {"plain": "without sleep", "sleep": "with sleep from stage 2 on"}
_WAY_COLOURS = {"plain": "0.45", "sleep": "#009E73"}
_FORGOTTEN = "forgotten of the other task in a stage"
_MEAN = "mean performance on both tasks after a round"


def stages_of(way: str) -> list[str]:
    """Names of the stages of a way (``plain`` or ``sleep``), in order; both have the first in common."""
    return [f"{i}-{_TASKS[(i - 1) % 2]}" + _WAYS[way] * (i > 1) for i in range(1, 2 * ROUNDS + 1)]


def performance(lives: Lives, way: str) -> Array:
    """Performance on both tasks before all stages and after each of them, float64[n, 1 + stages, 2]."""
    stages = ["unsupervised", *stages_of(way)]
    return np.stack([[lives.after(stage, task) for task in _TASKS] for stage in stages]).transpose(2, 0, 1)


def forgotten(lives: Lives, way: str) -> Array:
    """What every stage from the second on took from the task that it did not train, float64[n, stages - 1]."""
    lost = np.stack([isolated_forgetting(matrix) for matrix in performance(lives, way)])
    return np.stack([lost[:, stage, stage % 2] for stage in range(2, 2 * ROUNDS + 1)], axis=1)


def after_rounds(lives: Lives, way: str) -> Array:
    """Mean performance on both tasks after every round, float64[n, rounds]."""
    return performance(lives, way)[:, 2::2].mean(axis=2)


def slopes(values: Array) -> Array:
    """Slope of the straight line through each row, per column, float64[n]."""
    return np.polyfit(np.arange(values.shape[1]), values.T, 1)[0]


def forgetting_trend(lives: Lives, way: str) -> Array:
    """Change of what is forgotten in a stage, per round, float64[n]: the mean of both tasks' own slopes."""
    lost = forgotten(lives, way)
    return (slopes(lost[:, 0::2]) + slopes(lost[:, 1::2])) / 2


def measure(lives: Lives) -> Iterator[Measurement]:
    """Performance after every stage, what was forgotten in it, means after rounds, and trends."""
    for way in _WAYS:
        stages = stages_of(way)
        for i, task in enumerate(_TASKS):
            for stage, values in zip(["unsupervised", *stages], performance(lives, way)[:, :, i].T, strict=True):
                yield from _rows(lives, f"performance on {task}", f"{way}: {stage}", values)
        for stage, values in zip(stages[1:], forgotten(lives, way).T, strict=True):
            yield from _rows(lives, _FORGOTTEN, f"{way}: {stage}", values)
        for number, values in enumerate(after_rounds(lives, way).T, start=1):
            yield from _rows(lives, _MEAN, f"{way}: round {number}", values)
        yield from _rows(lives, f"trend of: {_FORGOTTEN} (per round)", way, forgetting_trend(lives, way))
        yield from _rows(lives, f"trend of: {_MEAN} (per round)", way, slopes(after_rounds(lives, way)))


def contrasts(lives: Lives) -> Iterator[Contrast]:
    """Sleep against none in every round and in all; then trends, against none and against each other."""
    plain, sleep = (after_rounds(lives, way) for way in _WAYS)
    for i in range(ROUNDS):
        yield against(_MEAN, f"sleep, round {i + 1}", "plain", sleep[:, i], plain[:, i])
    yield against(
        _FORGOTTEN,
        "sleep, all stages",
        "plain",
        forgotten(lives, "sleep").mean(axis=1),
        forgotten(lives, "plain").mean(axis=1),
    )
    for quantity, (without, with_sleep) in (
        (_MEAN, (slopes(plain), slopes(sleep))),
        (_FORGOTTEN, (forgetting_trend(lives, "plain"), forgetting_trend(lives, "sleep"))),
    ):
        yield against(f"trend of: {quantity} (per round)", "plain", "0", without)
        yield against(f"trend of: {quantity} (per round)", "sleep", "0", with_sleep)
        yield against(f"trend of: {quantity} (per round)", "sleep", "plain", with_sleep, without)


def draw(lives: Lives, comparisons: list[Comparison]) -> Figure:
    """The figure."""
    n = len(lives.seeds)
    heights = limits(all_scores(lives, [*stages_of("plain"), *stages_of("sleep"), "unsupervised"]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 5.7))
        for place, way in enumerate(_WAYS):
            axes = figure.add_axes((0.07 + 0.49 * place, 0.645, 0.42, 0.285), ylim=heights)
            _draw_way(axes, lives, way)
            letter(figure, 0.01 + 0.49 * place, 0.985, "AB"[place])
        axes = figure.add_axes((0.07, 0.155, 0.31, 0.355))
        _draw_forgotten(axes, lives)
        letter(figure, 0.01, 0.55, "C")
        letter(figure, 0.41, 0.55, "D")
        forest(figure.add_axes((0.615, 0.155, 0.27, 0.355)), _forest_rows(comparisons))
        handles, words = forest_legend(n)
        tasks = [Line2D([], [], color=TASK_COLOURS[task], linewidth=1.5) for task in _TASKS]
        figure.legend(
            [*tasks, *handles],
            [*(f"tested on {task_title(task)}" for task in _TASKS), *words],
            loc="lower center",
            bbox_to_anchor=(0.5, 0.022),
            ncols=5,
            fontsize=SMALL,
            columnspacing=1.4,
            handlelength=1.3,
        )
        footnote(figure, n)
    return figure


def _rows(lives: Lives, quantity: str, condition: str, values: Array) -> Iterator[Measurement]:
    for seed, value in zip(lives.seeds, values, strict=True):
        yield Measurement("rounds", quantity, condition, seed, value)


def _draw_way(axes: Axes, lives: Lives, way: str) -> None:
    values = performance(lives, way)
    x = np.arange(values.shape[1])
    for stage in x[1:]:
        axes.axvspan(stage - 1, stage, color=BACKGROUNDS[(stage - 1) % 2], alpha=0.6, linewidth=0, zorder=0)
    for i, task in enumerate(_TASKS):
        course(axes, x, values[:, :, i], TASK_COLOURS[task])
    chance(axes)
    axes.set_xlim(0, x[-1] + 0.15)
    axes.set_xticks(x)
    millions = lives.cycles(stages_of(way)[0]) / 1e6
    axes.set_xlabel(f"stages lived (of {millions:g} million cycles)")
    axes.set_ylabel("performance after")
    axes.set_title(_TITLES[way])


def _draw_forgotten(axes: Axes, lives: Lives) -> None:
    for way, colour in _WAY_COLOURS.items():
        values = forgotten(lives, way)
        x = np.arange(2, values.shape[1] + 2)
        course(axes, x, values, colour, label=_TITLES[way])
    axes.axhline(0, color="0.35", linewidth=0.6)
    axes.set_xticks(x)
    axes.set_xlabel("stage (even: Task 2, odd: Task 1)")
    axes.set_ylabel("forgotten of the other task")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.22 * (high - low))
    axes.legend(loc="upper right", fontsize=SMALL, handlelength=1.6)


def _forest_rows(comparisons: Sequence[Comparison]) -> list[Row]:
    headings = {
        _MEAN: "mean of both tasks, sleep − plain",
        _FORGOTTEN: "forgotten in a stage, sleep − plain",
        f"trend of: {_MEAN} (per round)": "trend of the mean, per round",
        f"trend of: {_FORGOTTEN} (per round)": "trend of forgetting, per round",
    }
    rows = []
    for quantity, heading in headings.items():
        rows.append(Row(heading))
        for each in comparisons:
            if each.quantity != quantity:
                continue
            if each.reference == "0":
                text, colour = _TITLES[each.condition].split(" from")[0], _WAY_COLOURS[each.condition]
            else:
                text, colour = each.condition.removeprefix("sleep, "), "0.15"
            rows.append(Row(text.replace("sleep", "with − without") if text == "sleep" else text, each, colour))
    return rows
