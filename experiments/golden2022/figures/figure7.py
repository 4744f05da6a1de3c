"""Figure 7 of Golden et al. 2022: manifolds of the tasks in weight space, and the ways of the weights between them.

A-C: settled states of one network in kernel PCA, and its ways from Task 1 to both tasks; the paper shows ten networks
in one space, which ours, differing in wiring, do not share. D-F: distance of the weights to the manifold of Task 1, of
Task 2, and to their intersection, along the three stages that follow Task 1. G-I: the same for the stages that follow
Task 2; among the paper's conditions none returns to Task 1 alone, so there is no sequential training here.

The last fifth of every stage is shaded: there the weights belong to the sets themselves, so that the distance is 0 by
construction, as in the paper (`others` takes them out). See `manifolds` for the sets and for what is not known.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from experiments.drawing.style import COLOURS, STYLE
from experiments.golden2022.analysis.embedding import kernel_principal
from experiments.golden2022.analysis.manifolds import STAGES, distance_to, manifolds_of
from experiments.golden2022.analysis.weight_space import SETTLED, flat, settled
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

AFTER_TASK1 = {
    "T1-T2": "new task alone",
    "T1-Int(T1,T2)": "both tasks in turn",
    "T1-Int(S,T2)": "sleep and new task in turn",
}
"""Stages that follow Task 1, with names for people."""

AFTER_TASK2 = {"T1-T2-Int(T1,T2)": "both tasks in turn", "T1-T2-Int(S,T1)": "sleep and new task in turn"}
"""Stages that follow Task 2."""

SETS = {"task1": "Task 1 manifold", "task2": "Task 2 manifold", "intersection": "intersection"}
"""The sets, with names for people."""

WAY_COLOURS = {
    "T1-T2": COLOURS[4],
    "T1-Int(T1,T2)": COLOURS[3],
    "T1-Int(S,T2)": "0.1",
    "T1-T2-Int(T1,T2)": COLOURS[3],
    "T1-T2-Int(S,T1)": "0.1",
}
"""Orange for sequential, purple for interleaved, black for sleep, as in the paper."""

_POINT_COLOURS = {
    "T1": COLOURS[0],
    "T2": COLOURS[1],
    "T1-T2": COLOURS[1],
    "T1-T2-Int(T1,T2)": COLOURS[2],
    "T1-Int(T1,T2)": COLOURS[2],
    "T1-T2-Int(S,T1)": COLOURS[5],
    "T1-Int(S,T2)": COLOURS[5],
}


_IN_SETS = "settled, so in the sets"


class Distances(NamedTuple):
    """Distances of one network's weights along a stage."""

    cycles: np.ndarray  # int64[n], of the stage so far
    to: dict[str, np.ndarray]  # float64[n] by set


@lru_cache(maxsize=16)
def distances(networks: Networks, seed: int) -> dict[str, Distances]:
    """Distances to the sets along every stage that follows a task, by stage."""
    sets = manifolds_of({stage: settled(networks.course(stage, seed)) for stage in STAGES})
    found = {}
    for stage in (*AFTER_TASK1, *AFTER_TASK2):
        course = networks.course(stage, seed)
        states = flat(course.weights)
        found[stage] = Distances(course.cycles, {name: distance_to(states, getattr(sets, name)) for name in SETS})
    return found


def measure(networks: Networks) -> Iterator[Measurement]:
    """Distances at the begin of a stage, at its middle, and as it comes to its settled part."""
    for seed in networks.seeds(*STAGES):
        for stage, found in distances(networks, seed).items():
            n = len(found.cycles)
            for name, values in found.to.items():
                for when, at in (("begin", 0), ("middle", n // 2), ("last before it settles", n - _settled(n) - 1)):
                    quantity = f"distance to the {SETS[name]}, {when} of the stage"
                    yield Measurement("fig7", quantity, stage, seed, float(values[at]))


def draw(networks: Networks) -> Figure:
    """The figure: kernel PCA of the first network, distances over all of them."""
    seeds = networks.seeds(*STAGES)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 7.3))
        _draw_space(figure, networks, seeds[0])
        rows = (("D", 0.365, AFTER_TASK1, "after Task 1"), ("G", 0.07, AFTER_TASK2, "after Task 1, then Task 2"))
        for letter, bottom, stages, title in rows:
            panels = [figure.add_axes((0.085 + 0.315 * col, bottom, 0.26, 0.19)) for col in range(len(SETS))]
            for col, (axes, name) in enumerate(zip(panels, SETS, strict=True)):
                _draw_distances(axes, networks, seeds, stages, name)
                axes.sharey(panels[0])
                axes.set_title(f"to the {SETS[name]}", pad=3)
                figure.text(0.008 + 0.315 * col, bottom + 0.222, chr(ord(letter) + col), fontsize=11, fontweight="bold")
            panels[0].set_ylabel(f"distance in weight space\n{title}")
            panels[0].set_ylim(bottom=0)
        panels[1].set_xlabel("million movement cycles in the stage, sleep included")
        panels[2].text(
            0.97, 0.95, f"mean ± s.d., n = {len(seeds)}", transform=panels[2].transAxes, ha="right", va="top"
        )
    return figure


def _settled(n: int) -> int:
    """How many of a stage's n states are settled, as `weight_space.settled`."""
    return max(2, (n - 1) // SETTLED)


def _draw_space(figure: Figure, networks: Networks, seed: int) -> None:
    """Settled states and ways in kernel PCA (panels A-C)."""
    points = {stage: settled(networks.course(stage, seed)) for stage in STAGES}
    ways = {stage: flat(networks.course(stage, seed).weights) for stage in AFTER_TASK1}
    everything = kernel_principal(np.concatenate([*points.values(), *ways.values()]))
    parts = np.split(everything.coordinates, np.cumsum([len(x) for x in (*points.values(), *ways.values())])[:-1])
    of_points = dict(zip(points, parts[: len(points)], strict=True))
    of_ways = dict(zip(ways, parts[len(points) :], strict=True))
    legend: dict[str, Artist] = {}
    for col, (x, y) in enumerate(((0, 1), (0, 2), (1, 2))):
        axes = figure.add_axes((0.085 + 0.315 * col, 0.745, 0.26, 0.19))
        for stage, way in of_ways.items():
            (line,) = axes.plot(way[:, x], way[:, y], color=WAY_COLOURS[stage], linewidth=0.8, alpha=0.8)
            legend[AFTER_TASK1[stage]] = line
        for stage, states in of_points.items():
            marker = "^" if stage == "T2" else "s" if stage.startswith("T1-T2-") else "o"
            (dots,) = axes.plot(
                states[:, x], states[:, y], marker, color=_POINT_COLOURS[stage], markersize=2.8, markeredgewidth=0
            )
            legend[_POINT_NAMES[stage]] = dots
        axes.set_xlabel(f"PC {x + 1} ({100 * everything.shares[x]:.0f}%)", labelpad=1)
        axes.set_ylabel(f"PC {y + 1} ({100 * everything.shares[y]:.0f}%)", labelpad=1)
        axes.margins(0.07)
        figure.text(0.008 + 0.315 * col, 0.985, "ABC"[col], fontsize=11, fontweight="bold", va="top")
    figure.text(0.53, 0.965, f"network {seed}: settled states and ways", ha="center", va="top")
    legend[_IN_SETS] = Patch(color="0.92", linewidth=0)
    points_first = sorted(legend, key=lambda name: name in {*AFTER_TASK1.values(), _IN_SETS})
    for names, height, title in ((points_first[:-4], 0.705, "settled after"), (points_first[-4:], 0.655, "way along")):
        figure.text(0.085, height - 0.014, title, ha="left", va="center", color="0.25")
        figure.legend(
            [legend[name] for name in names],
            names,
            loc="upper left",
            bbox_to_anchor=(0.19, height),
            ncols=4,
            columnspacing=1.2,
            handletextpad=0.4,
            handlelength=1.2,
            labelspacing=0.3,
        )


_POINT_NAMES = {
    "T1": "Task 1",
    "T2": "Task 2",
    "T1-T2": "Tasks 1, 2",
    "T1-Int(T1,T2)": "Task 1, then both",
    "T1-Int(S,T2)": "Task 1, then sleep + 2",
    "T1-T2-Int(T1,T2)": "Tasks 1, 2, then both",
    "T1-T2-Int(S,T1)": "Tasks 1, 2, then sleep + 1",
}


def _draw_distances(axes: Axes, networks: Networks, seeds: Sequence[int], stages: Mapping[str, str], name: str) -> None:
    """Mean and standard deviation over networks of the distance to a set, along each of the stages."""
    end = 0.0
    for stage, title in stages.items():
        found = [distances(networks, seed)[stage] for seed in seeds]
        x = found[0].cycles / 1e6
        values = np.array([each.to[name] for each in found])
        mean = values.mean(axis=0)
        sd = values.std(axis=0, ddof=1) if len(seeds) > 1 else np.zeros_like(mean)
        axes.fill_between(x, mean - sd, mean + sd, color=WAY_COLOURS[stage], alpha=0.2, linewidth=0)
        axes.plot(x, mean, color=WAY_COLOURS[stage], linewidth=1.3, label=title)
        end = float(x[-1])
        settles = float(x[-_settled(len(x))])
    axes.axvspan(settles, end, color="0.92", linewidth=0, zorder=0)
    axes.set_xlim(0, end)
