"""How long may a network train without sleep before sleep cannot bring the old task back?

After Task 1, Task 2 alone for a time, then Task 2 with sleep for one ordinary stage; Golden et al. 2022 interrupt
never, or for a whole stage. The rescued share of Task 1 at length L is (R(L) - F) / (R(0) - F): R(L) the performance
on Task 1 after that sleep, R(0) the same without interruption, F what is left of Task 1 after the longest Task 2 alone.
Rescue ends, for a network, where its share first falls below one half (between two lengths: on the straight line);
over networks the geometric mean is shown, with its 95% BCa interval.
"""

from collections.abc import Iterator, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

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
from experiments.beyond.protocols import INTERRUPTIONS, interrupted_names
from experiments.beyond.tables import Measurement
from experiments.drawing.style import STYLE, task_title
from experiments.evidence.statistics import interval

UNINTERRUPTED = "T1-Int(S,T2)"
"""Sleep from the first on."""

HALF = 0.5
"""Rescued share below which the old task counts as lost."""

_ALONE, _RESCUED = zip(*(interrupted_names(length) for length in INTERRUPTIONS), strict=True)
_TASKS = ("task1", "task2")
_NO_LENGTH = 0.4  # where no interruption stands on the logarithmic axis, as a share of the shortest


def rescued_share(lives: Lives) -> Array:
    """Rescued share of Task 1 (see above), float64[n, 1 + lengths], the first for no interruption and therefore 1.

    nan for a network to which there was nothing to lose: R(0) <= F.
    """
    after = np.stack([lives.after(stage, "task1") for stage in (UNINTERRUPTED, *_RESCUED)], axis=1)
    left = lives.after(_ALONE[-1], "task1")[:, np.newaxis]
    to_lose = after[:, :1] - left
    return np.divide(after - left, to_lose, out=np.full_like(after, np.nan), where=to_lose > 0)


def first_below(x: Sequence[float] | Array, values: Array, threshold: float) -> float:
    """Where a polygon through ``values`` at ``x`` first falls below the threshold; nan if it never does.

    Raises ValueError if it begins below.
    """
    below = np.flatnonzero(values < threshold)
    if np.isnan(values).any() or not len(below):
        return float("nan")
    i = int(below[0])
    if i == 0:
        raise ValueError(f"the first value, {values[0]:g}, is below {threshold:g} already")
    share = (values[i - 1] - threshold) / (values[i - 1] - values[i])
    return float(x[i - 1] + share * (x[i] - x[i - 1]))


def ends_of_rescue(lives: Lives) -> Array:
    """Million cycles of Task 2 alone after which the rescued share is one half, float64[n]; nan if it never fell."""
    x = _millions(lives)
    return np.array([first_below(x, row, HALF) for row in rescued_share(lives)])


def measure(lives: Lives) -> Iterator[Measurement]:
    """Performance after every stage, the rescued share, and where rescue ends."""
    for stage in ("T1", UNINTERRUPTED, *_ALONE, *_RESCUED):
        for task in _TASKS:
            for seed, value in zip(lives.seeds, lives.after(stage, task), strict=True):
                yield Measurement("interruption", f"performance on {task}", stage, seed, value)
    for stage, values in zip((UNINTERRUPTED, *_RESCUED), rescued_share(lives).T, strict=True):
        for seed, value in zip(lives.seeds, values, strict=True):
            yield Measurement("interruption", "rescued share of task1", stage, seed, value)
    for seed, value in zip(lives.seeds, ends_of_rescue(lives), strict=True):
        yield Measurement("interruption", "end of rescue (million cycles of Task 2 alone)", "task1", seed, value)


def contrasts(lives: Lives) -> Iterator[Contrast]:
    """What sleep gave back, and what it did not; and what it did to Task 2."""
    for task in _TASKS:
        for alone, rescued in zip(_ALONE, _RESCUED, strict=True):
            values = lives.after(rescued, task), lives.after(alone, task)
            yield against(f"performance on {task}, after sleep and before", rescued, alone, *values)
    for rescued in _RESCUED:
        values = lives.after(rescued, "task1"), lives.after(UNINTERRUPTED, "task1")
        yield against("performance on task1, interrupted and not", rescued, UNINTERRUPTED, *values)


def draw(lives: Lives, comparisons: list[Comparison]) -> Figure:
    """The figure."""
    n = len(lives.seeds)
    heights = limits(all_scores(lives, ["T1", UNINTERRUPTED, *_ALONE, *_RESCUED]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 5.7))
        for left, task in ((0.07, "task1"), (0.395, "task2")):
            axes = figure.add_axes((left, 0.635, 0.235, 0.3), ylim=heights)
            _draw_task(axes, lives, task)
        _draw_share(figure.add_axes((0.745, 0.635, 0.235, 0.3)), lives)
        for x, text in ((0.01, "A"), (0.345, "B"), (0.68, "C")):
            letter(figure, x, 0.985, text)
        letter(figure, 0.01, 0.535, "D")
        rows = _rows(lives, comparisons)
        axes = figure.add_axes((0.36, 0.13, 0.42, 0.375))
        forest(axes, rows)
        handles, words = forest_legend(n)
        figure.legend(
            handles,
            words,
            loc="lower center",
            bbox_to_anchor=(0.5, 0.022),
            ncols=len(handles),
            fontsize=SMALL,
            handlelength=1.3,
        )
        footnote(figure, n)
    return figure


def _millions(lives: Lives) -> Array:
    return np.array([0.0, *(lives.cycles(stage) / 1e6 for stage in _ALONE)])


def _places(lives: Lives) -> Array:
    """On a logarithmic axis, with a place for 0 left of the shortest length."""
    x = _millions(lives)
    return np.array([_NO_LENGTH * x[1], *x[1:]])


def _length_axis(axes: Axes, lives: Lives) -> None:
    x, places = _millions(lives), _places(lives)
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(places, [f"{each:g}".replace("0.", ".") for each in x])
    axes.set_xlim(places[0] / 1.3, places[-1] * 1.25)
    axes.set_xlabel("Task 2 alone (million cycles)")


def _draw_task(axes: Axes, lives: Lives, task: str) -> None:
    colour, places = TASK_COLOURS[task], _places(lives)
    alone = np.stack([lives.after(stage, task) for stage in ("T1", *_ALONE)], axis=1)
    rescued = np.stack([lives.after(stage, task) for stage in (UNINTERRUPTED, *_RESCUED)], axis=1)
    course(axes, places, alone, "0.45", linestyle="--", markerfacecolor="white")
    course(axes, places, rescued, colour)
    chance(axes)
    _length_axis(axes, lives)
    axes.set_ylabel(f"performance on {task_title(task)}")
    marks = [
        Line2D([], [], color=colour, marker="o", markersize=3.2, linewidth=1.5),
        Line2D([], [], color="0.45", marker="o", markersize=3.2, linewidth=1.5, linestyle="--", markerfacecolor="w"),
    ]
    axes.legend(
        marks,
        ["then sleep with Task 2", "before that"],
        loc="upper right",
        bbox_to_anchor=(1.03, 1.12),
        fontsize=SMALL,
        handlelength=2.2,
    )


def _draw_share(axes: Axes, lives: Lives) -> None:
    colour, share, ends = TASK_COLOURS["task1"], rescued_share(lives), ends_of_rescue(lives)
    course(axes, _places(lives), share, colour)
    level(axes, HALF, "0.35")
    level(axes, 0.0, "0.35", linewidth=0.6, linestyle="-")
    found = interval(np.log(ends), 0)  # lengths differ by factors
    middle, low, high = np.exp(found[:3])
    if np.isfinite(low):
        axes.axvspan(low, high, color="0.88", linewidth=0, zorder=0)
    if np.isfinite(middle):
        between = f" [{low:.2f}, {high:.2f}]" if np.isfinite(low) else ""
        text = f"half lost after {middle:.2f}{between}\nmillion cycles"
    else:
        text = f"half lost by {np.isfinite(ends).sum()} of {len(ends)} networks"
    axes.text(1.03, 1.03, text, transform=axes.transAxes, ha="right", va="bottom", fontsize=SMALL)
    _length_axis(axes, lives)
    axes.set_ylabel("rescued share of Task 1")


def _rows(lives: Lives, comparisons: Sequence[Comparison]) -> list[Row]:
    headings = {
        "performance on task1, after sleep and before": "Task 1: after sleep − before it",
        "performance on task1, interrupted and not": "Task 1: interrupted − sleep at once",
        "performance on task2, after sleep and before": "Task 2: after sleep − before it",
    }
    length_of = {stage: lives.cycles(alone) / 1e6 for alone, stage in zip(_ALONE, _RESCUED, strict=True)}
    rows = []
    for quantity, heading in headings.items():
        rows.append(Row(heading))
        colour = TASK_COLOURS["task2" if "task2" in quantity else "task1"]
        for each in comparisons:
            if each.quantity == quantity:
                rows.append(Row(f"after {length_of[each.condition]:g} million cycles alone", each, colour))
    return rows
