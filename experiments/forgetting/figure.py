"""The figure of a comparison, drawn from its files alone.

Panel A follows every agent along its phases: performance, and beside it intake, for performance alone flatters an agent
that stopped eating. Panel B shows what is left after the last phase.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from experiments.drawing.courses import (
    MEASURES,
    NEUTRAL,
    TITLES,
    common_limits,
    draw_along,
    falls_in_two,
    mark_phases,
    phase_length,
)
from experiments.drawing.style import (
    BACKGROUNDS,
    CHANCE_LINE,
    COLOURS,
    SEED_MARK,
    STYLE,
    task_title,
)
from experiments.evidence.contest import FEWEST_FOR_INTERVAL, Contest, Line
from experiments.evidence.statistics import interval
from foraging_env.files import replacing

_ONE_COLUMN = 4  # agents up to which there is one a row; beyond, there are two
_LEGEND_COLUMNS = 6

# Lengths in inches.
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.34, 0.1, 0.4, 0.4
_TITLE, _GAP = 0.19, 0.05
_BETWEEN_MEASURES, _BETWEEN_AGENTS, _BETWEEN_SUMMARIES = 0.36, 0.42, 0.2
_AXIS = 0.72  # below the last row of panel A: its phases, and the heading of panel B
_NAMES = 1.42  # room for the names of agents in panel B


class _Layout(NamedTuple):
    """Lengths in inches, from the lower left corner."""

    width: float
    height: float
    summary: float  # height of panel B
    panel: float  # height of an agent's panels
    agents: int
    columns: int
    top: float  # above panel A: its legend and headings

    @property
    def rows(self) -> int:
        """Of agents."""
        return -(-self.agents // self.columns)

    def box(self, left: float, bottom: float, width: float, height: float) -> tuple[float, float, float, float]:
        """As shares of the figure."""
        return left / self.width, bottom / self.height, width / self.width, height / self.height

    def panel_box(self, place: int, measure: int) -> tuple[float, float, float, float]:
        """Of agent ``place``; columns are filled one after the other."""
        column, row = divmod(place, self.rows)
        cell = (self.width - _LEFT - _RIGHT + _BETWEEN_AGENTS) / self.columns
        wide = (cell - _BETWEEN_AGENTS - _BETWEEN_MEASURES) / 2
        left = _LEFT + column * cell + measure * (wide + _BETWEEN_MEASURES)
        bottom = self.height - self.top - (row + 1) * (self.panel + _TITLE) + _GAP
        return self.box(left, bottom, wide, self.panel - _GAP)

    def summary_box(self, measure: int) -> tuple[float, float, float, float]:
        """Of panel B's axes for a measure."""
        wide = (self.width - _NAMES - _RIGHT - _BETWEEN_SUMMARIES) / 2
        return self.box(_NAMES + measure * (wide + _BETWEEN_SUMMARIES), _BOTTOM, wide, self.summary)


def draw_comparison(contest: Contest, target: Path) -> Path:
    """Draw the figure into ``target`` and return it; equal contests give equal bytes.

    Raises ValueError if no agent has a complete life.
    """
    figure = comparison_figure(contest)
    with replacing(target) as draft:
        figure.savefig(draft, format="png", dpi=250, metadata={"Software": None})
    return target


def comparison_figure(contest: Contest) -> Figure:
    """Performance and intake on every task along the phases, and after the last of them, over seeds.

    Raises ValueError if no agent has a complete life.
    """
    lines = [line for line in contest.lines if contest.seeds(line)]
    if not lines:
        raise ValueError("no agent has a complete life; a figure needs the tests after all stages of one agent")
    layout = _layout(len(lines), len(contest.tests))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(layout.width, layout.height))
        _add_courses(figure, contest, lines, layout)
        _add_ends(figure, contest, lines, layout)
        _add_legends(figure, contest, lines, layout)
        figure.text(0.008, 1 - 0.06 / layout.height, "A", fontsize=11, fontweight="bold", va="top")
        figure.text(
            0.008, (_BOTTOM + layout.summary + 0.2) / layout.height, "B", fontsize=11, fontweight="bold", va="top"
        )
    return figure


def _add_courses(figure: Figure, contest: Contest, lines: Sequence[Line], layout: _Layout) -> None:
    """Panel A: two axes an agent."""
    limits = {measure: common_limits(contest, lines, measure) for measure in MEASURES}
    for place, line in enumerate(lines):
        row = place % layout.rows
        for number, measure in enumerate(MEASURES):
            axes = figure.add_axes(layout.panel_box(place, number))
            axes.set_ylim(limits[measure])
            draw_along(axes, contest, line, measure)
            mark_phases(axes, lines, labelled=row == layout.rows - 1 or place == len(lines) - 1)
            if measure == "performance":
                axes.set_yticks([tick for tick in (0.0, 0.5, 1.0) if tick >= limits[measure][0]])
                axes.set_title(line.agent, loc="left", pad=2.5, fontweight="bold")
            else:
                axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
                axes.set_title(phase_length(line), loc="right", pad=2.5, fontsize=6, color="0.35")
            if row == 0:
                above = (0.5, 1 + 0.21 / layout.panel)
                axes.text(*above, TITLES[measure], transform=axes.transAxes, ha="center", fontsize=8)


def _add_ends(figure: Figure, contest: Contest, lines: Sequence[Line], layout: _Layout) -> None:
    """Panel B: two axes with a line for every agent."""
    shared: Axes | None = None
    for number, measure in enumerate(MEASURES):
        axes = figure.add_axes(layout.summary_box(number), sharey=shared)
        _draw_end(axes, contest, lines, measure)
        axes.set_xlabel(TITLES[measure] + " after the last phase")
        axes.tick_params(axis="y", length=0, labelleft=shared is None)
        shared = shared or axes


def _layout(agents: int, tasks: int) -> _Layout:
    columns = 1 if agents <= _ONE_COLUMN else 2
    panel, end = (0.95 if columns == 1 else 0.68), 0.16 * agents + 0.12
    rows = -(-agents // columns)
    top = _TOP + 0.16 * (-(-(tasks + 4) // _LEGEND_COLUMNS) - 1)
    height = top + rows * (panel + _TITLE) + _AXIS + end + _BOTTOM
    return _Layout(7.2, height, end, panel, agents, columns, top)


def _draw_end(axes: Axes, contest: Contest, lines: Sequence[Line], measure: str) -> None:
    """One line an agent: every task's mean, the mean of all tasks of every seed, and over seeds with its interval."""
    axes.axvline(NEUTRAL[measure], **CHANCE_LINE)
    for y, line in enumerate(lines):
        last = np.array([contest.last(line, seed, measure) for seed in contest.seeds(line)])
        if y % 2:
            axes.axhspan(y - 0.5, y + 0.5, color="0.955", linewidth=0, zorder=0)
        for number, value in enumerate(last.mean(axis=0)):
            colour = COLOURS[number % len(COLOURS)]
            axes.plot(value, y, marker="|", markersize=6.5, markeredgewidth=1.6, color=colour, zorder=2)
        averages = last.mean(axis=1)
        mean, low, high, n = interval(averages, 0)
        if n >= FEWEST_FOR_INTERVAL:
            axes.plot([low, high], [y, y], color="0.1", linewidth=1.0, zorder=3)
        elif n > 1:
            axes.plot(averages, [y] * n, **SEED_MARK)
        axes.plot(
            mean, y, marker="D", markersize=3.8, color="white", markeredgecolor="0.1", markeredgewidth=0.9, zorder=4
        )
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_yticks(range(len(lines)), [line.agent for line in lines])
    axes.spines.left.set_visible(False)


def _add_legends(figure: Figure, contest: Contest, lines: Sequence[Line], layout: _Layout) -> None:
    """Above panel A its lines and shades, above panel B its marks."""
    counts = sorted({len(contest.seeds(line)) for line in lines})
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=COLOURS[i % len(COLOURS)], linewidth=1.3) for i in range(len(contest.tests))
    ]
    names = [f"tested on {task_title(task)}" for task in contest.tests]
    handles += [Patch(color=BACKGROUNDS[0], linewidth=0), Line2D([], [], **CHANCE_LINE)]
    names += ["pale: trained on it", "chance"]
    if counts[-1] > 1:
        handles.append(Patch(color="0.1", alpha=0.25, linewidth=0))
        names.append(f"mean ± s.d., n = {n}")
    if any(falls_in_two(contest, line) for line in lines):
        handles.append(Line2D([], [], color="0.4", linewidth=0.5))
        names.append("one seed, where they fall into two groups")
    _legend(figure, handles, names, 1 - 0.04 / layout.height)
    marks: list[Line2D | Patch] = [
        Line2D([], [], marker="|", markersize=6.5, markeredgewidth=1.6, color="0.5", linestyle=""),
        Line2D([], [], marker="D", markersize=3.8, color="white", markeredgecolor="0.1", linestyle=""),
    ]
    words = ["one task (colours as above)", "mean of all tasks"]
    if counts[-1] >= FEWEST_FOR_INTERVAL:
        marks.append(Line2D([], [], color="0.1", linewidth=1.0))
        words.append(f"95% interval, n = {n}")
    elif counts[-1] > 1:
        marks.append(Line2D([], [], **SEED_MARK))
        words.append(f"the same of one seed, n = {n}")
    _legend(figure, marks, words, (_BOTTOM + layout.summary + 0.22) / layout.height)


def _legend(figure: Figure, handles: Sequence[Line2D | Patch], names: Sequence[str], top: float) -> None:
    figure.legend(
        handles,
        names,
        loc="upper center",
        bbox_to_anchor=(0.52, top),
        ncols=min(len(handles), _LEGEND_COLUMNS),
        columnspacing=1.3,
        handletextpad=0.5,
        handlelength=1.2,
        borderaxespad=0,
    )
