"""The figures of a report, drawn from files alone: small, one subject each, so that they stand in a column on a phone.

Each is returned as SVG; equal contests give equal text, without dates or random names.
"""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.drawing.courses import (
    MEASURES,
    NEUTRAL,
    TITLES,
    common_limits,
    draw_along,
    mark_phases,
    phase_length,
)
from experiments.drawing.stages import performance_figure
from experiments.drawing.style import CHANCE_LINE, COLOURS, SEED_MARK, STYLE
from experiments.evidence.contest import FEWEST_FOR_INTERVAL, Contest, Line
from experiments.evidence.scoring import Score
from experiments.evidence.statistics import RANDOM, interval
from experiments.plans.stages import Protocol
from experiments.report.tables import SCORES, finished, values
from experiments.running.tables import Point, Result

_SVG: Any = {"svg.hashsalt": "forage report", "svg.fonttype": "path"}
_WIDTH = 3.5  # inches: what a phone shows at its natural size
_ROW, _BELOW, _EDGE = 0.21, 0.42, 0.1  # inches: height of a bar's row, of what stands below, and empty edges
_LETTER = 0.07  # inches that a letter of an agent's name takes, at most on average


def life_figure(protocol: Protocol, curve: Sequence[Point], results: Sequence[Result]) -> str:
    """Performance through all stages of a tree, with the paper's values beside (`experiments.drawing.stages`)."""
    return _svg(performance_figure(protocol, curve, results))


def course_figures(contest: Contest) -> dict[str, str]:
    """By agent: performance and, below it, intake on every task along its phases; all have the same scales."""
    lines = finished(contest)
    limits = {measure: common_limits(contest, lines, measure) for measure in MEASURES} if lines else {}
    return {line.agent: _course_figure(contest, line, limits) for line in lines}


def bar_figure(contest: Contest, scores: Sequence[Score], measure: str, score: str) -> str | None:
    """A bar for every agent, with every seed and the interval over them; None if no agent has the score."""
    lines = finished(contest)
    found = {line.agent: values(scores, line.agent, measure, score) for line in lines}
    if not any(found.values()):
        return None
    neutral = NEUTRAL[measure] if score in ("average_performance", "learned") else 0.0
    with mpl.rc_context(STYLE):
        height = _ROW * len(lines) + _BELOW + _EDGE
        left = _LETTER * max(len(line.agent) for line in lines) + 2 * _EDGE
        figure = Figure(figsize=(_WIDTH, height))
        width = _WIDTH - left - _EDGE
        axes = figure.add_axes((left / _WIDTH, _BELOW / height, width / _WIDTH, _ROW * len(lines) / height))
        species = list(dict.fromkeys(line.species for line in lines))
        for row, line in enumerate(lines):
            colour = COLOURS[species.index(line.species) % len(COLOURS)]
            _draw_bar(axes, row, found[line.agent], neutral, colour)
        axes.axvline(neutral, **CHANCE_LINE)
        axes.set_ylim(len(lines) - 0.5, -0.5)
        axes.set_yticks(range(len(lines)), [line.agent for line in lines])
        axes.tick_params(axis="y", length=0)
        axes.spines.left.set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axes.set_xlabel(f"{SCORES[score]}: {TITLES[measure]}")
    return _svg(figure)


def _draw_bar(axes: Axes, row: int, numbers: Sequence[float], neutral: float, colour: str) -> None:
    if not numbers:
        axes.text(neutral, row, "  not defined", va="center", fontsize=6.5, color="0.4")
        return
    mean, low, high, n = interval(numbers, RANDOM)
    axes.barh(row, mean - neutral, 0.62, left=neutral, color=colour, alpha=0.5, linewidth=0)
    axes.plot(mean, row, marker="|", markersize=9, markeredgewidth=1.6, color=colour, zorder=2)
    if n >= FEWEST_FOR_INTERVAL:
        axes.plot([low, high], [row, row], color="0.1", linewidth=1.2, zorder=3)
    axes.plot(numbers, row + np.linspace(-0.2, 0.2, n) * (n > 1), **SEED_MARK)


def _course_figure(contest: Contest, line: Line, limits: dict[str, tuple[float, float]]) -> str:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, 2.7))
        panels = figure.subplots(len(MEASURES), 1, gridspec_kw={"hspace": 0.12})
        figure.subplots_adjust(left=0.17, right=0.97, bottom=0.14, top=0.92)
        for axes, measure in zip(panels, MEASURES, strict=True):
            axes.set_ylim(limits[measure])
            draw_along(axes, contest, line, measure)
            mark_phases(axes, [line], labelled=measure == MEASURES[-1])
            axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
            axes.set_ylabel(TITLES[measure].replace(" per", "\nper"))
        panels[0].set_title(line.agent, loc="left", pad=3, fontweight="bold")
        panels[0].set_title(phase_length(line), loc="right", pad=3, fontsize=6, color="0.35")
        figure.align_ylabels(panels)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    with mpl.rc_context({**STYLE, **_SVG}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()
