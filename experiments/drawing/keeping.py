"""Who keeps, who learns, who does neither: old tasks against the new one, a point an agent, at one glance."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.drawing.style import CHANCE_LINE, COLOURS, STYLE
from experiments.evidence.contest import FEWEST_FOR_INTERVAL, Contest, Line
from experiments.evidence.scoring import INTAKE
from experiments.evidence.statistics import RANDOM, Interval, interval
from foraging_env.files import replacing

_SVG: Any = {"svg.hashsalt": "forage keeping", "svg.fonttype": "path"}
_WIDTH, _HEIGHT = 6.6, 5.4  # inches
_LETTER, _LINE = 0.056, 0.115  # inches that a letter of a label is wide, and a label high
_STEPS = (0.09, 0.16, 0.24, 0.34, 0.46)  # inches from a point to its label, the nearest that is free
_AROUND = [math.radians(degrees) for degrees in (0, 180, 45, -45, 135, -135, 90, -90)]


class Point(NamedTuple):
    """An agent's intake after the last phase, over seeds."""

    line: Line
    new: Interval  # on the task trained last
    old: Interval  # mean of all others
    seeds: np.ndarray  # float64[n, 2]: new and old of every seed


def points(contest: Contest) -> list[Point]:
    """Of every agent with a complete life that has old tasks."""
    found = []
    for line in contest.lines:
        seeds = contest.seeds(line)
        reference = next((each for each in contest.lines if each.in_turn), line)
        newest = reference.trained[-1]
        older = [column for column in range(len(line.tests)) if column not in newest]
        if not seeds or not older or not newest:
            continue
        last = np.array([contest.last(line, seed, INTAKE) for seed in seeds])
        both = np.stack([last[:, newest].mean(axis=1), last[:, older].mean(axis=1)], axis=1)
        found.append(Point(line, interval(both[:, 0], RANDOM), interval(both[:, 1], RANDOM), both))
    return found


def draw_keeping(contest: Contest, target: Path) -> Path:
    """Draw the figure into ``target`` and return it; equal contests give equal bytes.

    Raises ValueError if no agent with old tasks has a complete life.
    """
    figure = keeping_figure(contest)
    with replacing(target) as draft:
        figure.savefig(draft, format="png", dpi=200, metadata={"Software": None})
    return target


def keeping_svg(contest: Contest) -> str:
    """The same as SVG; equal contests give equal text. Raises as `draw_keeping`."""
    buffer = io.StringIO()
    with mpl.rc_context(_SVG):
        keeping_figure(contest).savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def keeping_figure(contest: Contest) -> Figure:
    """Old tasks against the new one. Raises ValueError if there is nothing to draw."""
    found = points(contest)
    if not found:
        raise ValueError("no agent with old tasks has a complete life")
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, _HEIGHT))
        axes = figure.add_axes((0.09, 0.09, 0.89, 0.8))
        _frame(axes, found)
        species = list(dict.fromkeys(point.line.species for point in found))
        for point in found:
            _mark(axes, point, COLOURS[species.index(point.line.species) % len(COLOURS)])
        _label(axes, found, species)
        newest = next((line.phases[-1].tasks for line in contest.lines if line.in_turn), ("the last",))
        axes.set_xlabel(f"the new task, {', '.join(newest)}: patterns taken in per 100 steps")
        axes.set_ylabel("all older tasks: the same, mean")
        title = f"Protocol {contest.protocol}: up, the old is kept; to the right, the new is learned"
        figure.text(0.09, 0.965, title, fontsize=9.5, fontweight="bold", va="center")
        _legend(figure, found)
    return figure


def _frame(axes: Axes, found: Sequence[Point]) -> None:
    seeds = np.concatenate([point.seeds for point in found])
    for limits, these in ((axes.set_xlim, seeds[:, 0]), (axes.set_ylim, seeds[:, 1])):
        low, high = min(0.0, float(these.min())), max(0.0, float(these.max()))
        room = 0.08 * (high - low or 1.0)
        limits(low - room, high + 2.2 * room)
    axes.axhline(0.0, **CHANCE_LINE)
    axes.axvline(0.0, **CHANCE_LINE)


def _mark(axes: Axes, point: Point, colour: str) -> None:
    bound, plain = not point.line.in_turn, not point.line.remedy
    n = point.new.n
    axes.plot(point.seeds[:, 0], point.seeds[:, 1], "o", color=colour, alpha=0.22, markersize=2.0, markeredgewidth=0)
    if n >= FEWEST_FOR_INTERVAL:
        x, y = point.new.estimate, point.old.estimate
        axes.plot(point.new[1:3], [y, y], color=colour, linewidth=0.9, alpha=0.8)
        axes.plot([x, x], point.old[1:3], color=colour, linewidth=0.9, alpha=0.8)
    axes.plot(
        point.new.estimate,
        point.old.estimate,
        marker="*" if bound else "s" if plain else "o",
        markersize=9 if bound else 6.5 if plain else 5.5,
        color="white" if plain else colour,
        markeredgecolor=colour,
        markeredgewidth=1.4 if plain else 0.6,
        linestyle="",
        zorder=5,
    )


def _label(axes: Axes, found: Sequence[Point], species: Sequence[str]) -> None:
    """Names beside their points, where no other name or point is; a thin line leads to those that had to go far."""
    box = axes.get_position()
    wide, high = box.width * _WIDTH, box.height * _HEIGHT
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    places = [
        ((p.new.estimate - left) / (right - left) * wide, (p.old.estimate - bottom) / (top - bottom) * high)
        for p in found
    ]
    taken = [(x - 0.05, y - 0.05, x + 0.05, y + 0.05) for x, y in places]
    for point, (x, y) in zip(found, places, strict=True):
        text = point.line.label
        width = _LETTER * len(text)
        best, least = None, math.inf
        for distance in _STEPS:
            for angle in _AROUND:
                centre_x = x + math.cos(angle) * (distance + width / 2)
                centre_y = y + math.sin(angle) * (distance + _LINE / 2)
                area = (centre_x - width / 2, centre_y - _LINE / 2, centre_x + width / 2, centre_y + _LINE / 2)
                outside = max(0.0, -area[0], area[2] - wide, -area[1], area[3] - high)
                cost = sum(_overlap(area, other) for other in taken) + 10 * outside + 0.002 * distance
                if cost < least - 1e-12:
                    best, least = (centre_x, centre_y, area, distance), cost
        assert best is not None
        taken.append(best[2])
        colour = COLOURS[species.index(point.line.species) % len(COLOURS)]
        axes.annotate(
            text,
            (point.new.estimate, point.old.estimate),
            (best[0] / wide, best[1] / high),
            textcoords="axes fraction",
            ha="center",
            va="center",
            fontsize=7,
            color=colour,
            fontweight="bold" if not point.line.remedy else "normal",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.4, "alpha": 0.6} if best[3] > 0.2 else None,
            zorder=6,
        )


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _legend(figure: Figure, found: Sequence[Point]) -> None:
    counts = sorted({point.new.n for point in found})
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    mark: Any = {"color": "0.4", "linestyle": ""}
    handles = [
        Line2D([], [], marker="s", markersize=6, markerfacecolor="white", markeredgewidth=1.4, **mark),
        Line2D([], [], marker="o", markersize=5, **mark),
        Line2D([], [], marker="*", markersize=9, **mark),
        Line2D([], [], marker="o", markersize=2, alpha=0.5, **mark),
    ]
    names = ["plain learning", "with a remedy", "bound (all at once; each alone)", f"one seed (n = {n})"]
    if counts[-1] >= FEWEST_FOR_INTERVAL:
        handles.append(Line2D([], [], color="0.4", linewidth=0.9))
        names.append("95% interval")
    figure.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(0.08, 0.945),
        ncols=len(names),
        columnspacing=1.0,
        fontsize=7,
        handletextpad=0.4,
        handlelength=1.2,
    )
