"""Panels that the figures beyond the paper share."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from experiments.beyond.comparisons import Comparison, smallest_p
from experiments.beyond.lives import Array, Lives
from experiments.drawing.style import CHANCE, CHANCE_LINE, COLOURS, SEED_MARK, task_title
from experiments.printing import short_p_value

TASK_COLOURS = dict(zip(("task1", "task2", "h+p-", "v+n-"), COLOURS, strict=False))
"""Of tasks that have a name of their own."""

_FEWEST = 3  # networks for which Student's interval is drawn; that of two is as wide as the figure

SMALL = 6.5
"""Points; of remarks within a panel."""


class Row(NamedTuple):
    """A row of a forest plot: a comparison under a short name, or a heading without one."""

    text: str
    comparison: Comparison | None = None
    colour: str = "0.15"


def name_of(task: str) -> str:
    """A task's name in a figure."""
    return task_title(task).replace("drawn-", "drawn task ")


def letter(figure: Figure, x: float, y: float, text: str) -> None:
    """A panel's letter, its top left at x, y (shares of the figure)."""
    figure.text(x, y, text, fontsize=11, fontweight="bold", va="top")


def course(axes: Axes, x: ArrayLike, values: Array, colour: str, **options: Any) -> None:
    """Mean over seeds along x, and every seed as a thin line; ``values`` is float64[n, len(x)]."""
    for row in values:
        axes.plot(x, row, color=colour, linewidth=0.6, alpha=0.35, zorder=2)
    looks: dict[str, Any] = {"marker": "o", "markersize": 3.2, "linewidth": 1.5, "zorder": 4} | options
    axes.plot(x, values.mean(axis=0), color=colour, **looks)


def level(axes: Axes, value: float, colour: str, text: str = "", **options: Any) -> None:
    """A reference: a dotted line at a mean, with a word at its right end."""
    looks: dict[str, Any] = {"linewidth": 1.0, "linestyle": (0, (1, 1.5)), "zorder": 1} | options
    axes.axhline(value, color=colour, **looks)
    if text:
        axes.annotate(
            text,
            (1.0, value),
            (2, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=SMALL,
            annotation_clip=False,
        )


def chance(axes: Axes) -> None:
    """The line of chance."""
    axes.axhline(CHANCE, **CHANCE_LINE)


def limits(*arrays: ArrayLike) -> tuple[float, float]:
    """Vertical limits that hold chance and all values."""
    values = np.concatenate([np.ravel(np.asarray(array, float)) for array in arrays])
    return min(CHANCE, float(np.nanmin(values))) - 0.02, max(CHANCE, float(np.nanmax(values))) + 0.02


def all_scores(lives: Lives, stages: Sequence[str]) -> Array:
    """Performance after stages on all tasks, for `limits`."""
    return np.concatenate([lives.after(stage, task) for stage in stages for task in lives.tasks])


def dots(axes: Axes, x: float, values: Array, colour: str, width: float = 0.3) -> None:
    """Every seed as a dot, and their mean as a bar on the line of x."""
    axes.plot(x + width * np.linspace(-0.3, 0.3, len(values)), values, **SEED_MARK | {"color": colour, "alpha": 0.6})
    axes.plot([x - width / 2, x + width / 2], [values.mean()] * 2, color=colour, linewidth=1.8, zorder=4)


_COLUMNS = (5, 28)  # points from where the p values begin


def forest(
    axes: Axes, rows: Sequence[Row], *, xlabel: str = "difference in performance", columns: float = 1.02
) -> None:
    """Comparisons below each other: seeds, mean, BCa and Student's intervals; p values at the right.

    ``columns`` is where those begin, as a share of the axes' width.
    """
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines.left.set_visible(False)
    axes.axvline(0, color="0.35", linewidth=0.6, zorder=1)
    axes.set_xlabel(xlabel)
    beside = mpl.transforms.blended_transform_factory(axes.transAxes, axes.transData)
    for y, (text, comparison, colour) in enumerate(rows):
        heading = comparison is None
        axes.text(
            -0.03, y, text, transform=beside, ha="right", va="center", fontsize=SMALL,
            fontweight="bold" if heading else "normal",
        )  # fmt: skip
        if comparison is None:
            continue
        n = comparison.n
        marks = SEED_MARK | {"color": colour, "alpha": 0.55}
        axes.plot(comparison.differences, y + 0.22 * np.linspace(-1, 1, n), **marks)
        if n >= _FEWEST:
            axes.plot([comparison.t_low, comparison.t_high], [y, y], color=colour, linewidth=0.7, zorder=2)
        axes.plot([comparison.low, comparison.high], [y, y], color=colour, linewidth=2.4, alpha=0.7, zorder=2)
        axes.plot(comparison.mean, y, marker="|", markersize=7, markeredgewidth=1.6, color=colour, zorder=5)
        for place, p in zip(_COLUMNS, (comparison.p, comparison.t_p_holm), strict=True):
            axes.annotate(
                short_p_value(p),
                (columns, y),
                (place, 0),
                beside,
                textcoords="offset points",
                va="center",
                fontsize=SMALL - 0.5,
            )
    for place, text in zip(_COLUMNS, ("p", "t, Holm"), strict=True):
        axes.annotate(
            text, (columns, -0.75), (place, 0), beside, textcoords="offset points", va="bottom", fontsize=SMALL - 0.5,
            color="0.35",
        )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))


def forest_legend(n: int) -> tuple[list[Line2D], list[str]]:
    """Handles and words for what a forest plot shows."""
    handles = [
        Line2D([], [], **SEED_MARK | {"color": "0.4"}),
        Line2D([], [], color="0.4", linewidth=2.4),
        Line2D([], [], color="0.4", linewidth=0.7),
    ]
    return handles, [f"one network (n = {n})", "95% BCa interval of the mean", "95% Student interval"]


def footnote(figure: Figure, n: int, y: float = 0.012) -> None:
    """What the p values are, at the bottom of a figure with a forest plot."""
    figure.text(
        0.5,
        y,
        f"p: two-sided sign flips over n = {n} networks, which cannot go below {smallest_p(n):.3g}; "
        "t, Holm: paired t test, corrected for all comparisons of this protocol",
        ha="center",
        va="bottom",
        fontsize=SMALL - 0.5,
        color="0.35",
    )
