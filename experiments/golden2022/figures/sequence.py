"""What figures 3 and 4 of Golden et al. 2022 have in common: Task 1, Task 2, then both, in performance and in weights.

Panels as in the paper: A performance along the stages, B after each of them, C what becomes of the synapses that are
relevant for a task, D distances from the boundary between states of Task 1 and of Task 2, E the way of the weights in
their principal components. Ours is the line under C: how much of the relevant set is still among the strongest 10%
(10% by chance). D holds one number a network, its mean over settled states, where the paper has a box of all states.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.drawing.style import COLOURS, SEED_MARK, STYLE, power_of_ten, task_title
from experiments.evidence.paper import published_distances
from experiments.evidence.scores import summary
from experiments.golden2022.analysis.embedding import principal
from experiments.golden2022.analysis.weight_space import Boundary, flat, settled, share_of_way, task_relevant
from experiments.golden2022.figures.stage_panels import PAPER_MARK, TASKS, draw_after, draw_along, measure_after
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

BOTH = COLOURS[2]
"""Colour of states that know both tasks."""

GAMMAS = (0.1, 1.0, 10.0, 100.0)
"""Widths of the kernel that are tried, in units of 1 / synapses."""

_BINS = np.logspace(-5, 0, 41)
_STAGE_COLOURS = {"T1": COLOURS[0], "T1-T2": COLOURS[1]}


class ThreeStages(NamedTuple):
    """Task 1, Task 2, and a third stage, with its names for people."""

    figure: str  # in the table of measurements
    last: str
    title: str  # on two lines
    paper_key: str  # of the distance that the paper gives


class InWeights(NamedTuple):
    """What one network's weights say about a sequence."""

    after: dict[str, np.ndarray]  # by stage: output weights after it, float32[outputs, hidden]
    distance: dict[str, np.ndarray]  # by group of states: signed distances from the boundary, float64[n]
    rescaled: dict[float, dict[str, float]]  # by gamma / (1 / synapses): means, in units of half the tasks' distance
    trace: dict[str, np.ndarray]  # by stage: the way in principal components, float64[n, 3]
    explained: np.ndarray  # float64[3], shares of variance
    progress: float  # mean share of the way from Task 1's settled states to Task 2's at which the last stage's lie


@lru_cache(maxsize=64)
def in_weights(networks: Networks, seed: int, last: str) -> InWeights:
    """Analyse one network."""
    courses = {stage: networks.course(stage, seed) for stage in ("T1", "T1-T2", "T2", last)}
    states = {stage: settled(course) for stage, course in courses.items()}
    groups = {
        "T1": states["T1"][1::2],
        "T1-T2": states["T1-T2"][1::2],
        "T2": states["T2"],
        last: states[last],
    }
    synapses = states["T1"].shape[1]
    rescaled, distance = {}, {}
    for factor in GAMMAS:
        boundary = Boundary.between(states["T1"][::2], states["T1-T2"][::2], factor / synapses)
        found = {name: boundary.distance(points) for name, points in groups.items()}
        half = (found["T1-T2"].mean() - found["T1"].mean()) / 2
        rescaled[factor] = {name: float(values.mean() / half) for name, values in found.items()}
        if factor == 1.0:
            distance = found
    ways = {stage: flat(courses[stage].weights) for stage in ("T1", "T1-T2", last)}
    components = principal(np.concatenate(list(ways.values())))
    ends = np.cumsum([len(way) for way in ways.values()])[:-1]
    trace = dict(zip(ways, np.split(components.coordinates, ends), strict=True))
    axis = states["T1"].mean(axis=0), states["T1-T2"].mean(axis=0)
    # The sign of a component means nothing: Task 1 goes left, the last stage up.
    turned = np.sign([trace["T1-T2"][-1, 0] - trace["T1"][-1, 0], *(trace[last][-1] - trace["T1-T2"][-1])[1:]])
    return InWeights(
        {stage: courses[stage].weights[-1] for stage in ("T1", "T1-T2", last)},
        distance,
        rescaled,
        {stage: way * turned for stage, way in trace.items()},
        components.shares,
        float(share_of_way(states[last], *axis).mean()),
    )


def measure(networks: Networks, wanted: ThreeStages) -> Iterator[Measurement]:
    """Every number of the figure, every seed on its own."""
    stages = ("T1", "T1-T2", wanted.last)
    seeds = networks.seeds(*stages, "T2")
    yield from measure_after(networks, wanted.figure, stages, seeds)
    for seed in seeds:
        found = in_weights(networks, seed, wanted.last)
        for task, source in zip(TASKS, stages, strict=False):
            chosen = task_relevant(found.after[source])
            name = f"synapses relevant for {task_title(task)}"
            for stage, weights in found.after.items():
                kept = float(task_relevant(weights)[chosen].mean())
                yield Measurement(wanted.figure, f"{name}: mean weight", stage, seed, float(weights[chosen].mean()))
                yield Measurement(wanted.figure, f"{name}: share still among the strongest 10%", stage, seed, kept)
        for group, values in found.distance.items():
            name = "distance from SVM boundary, in feature space"
            yield Measurement(wanted.figure, name, group, seed, float(values.mean()))
        for factor, means in found.rescaled.items():
            for group, value in means.items():
                name = f"place between tasks by SVM, -1 Task 1, 1 Task 2, gamma x {factor:g}"
                yield Measurement(wanted.figure, name, group, seed, value)
        yield Measurement(wanted.figure, "share of the way from Task 1 to Task 2", wanted.last, seed, found.progress)
        for i, value in enumerate(found.explained, start=1):
            yield Measurement(wanted.figure, f"variance explained by PC {i}", wanted.last, seed, float(value))


def draw(networks: Networks, wanted: ThreeStages) -> Figure:
    """The whole figure."""
    stages = ("T1", "T1-T2", wanted.last)
    seeds = networks.seeds(*stages, "T2")
    names = ("Task 1", "Task 2", wanted.title)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 7.6))
        along = figure.add_axes((0.085, 0.79, 0.53, 0.145))
        along_stages = ("unsupervised", *stages)
        draw_along(
            along, networks, along_stages, seeds, ("unsupervised", "training\nTask 1", "training\nTask 2", wanted.title)
        )
        along.legend(loc="upper left", title="tested on", handlelength=1.2, borderaxespad=0.2)
        after = figure.add_axes((0.715, 0.79, 0.27, 0.145), sharey=along)
        draw_after(after, networks, stages, seeds, ("Task 1", "Task 2", wanted.title))
        analyses = [in_weights(networks, seed, wanted.last) for seed in seeds]
        _draw_relevant(figure, analyses, seeds, stages, names)
        _draw_distances(figure.add_axes((0.115, 0.105, 0.335, 0.19)), analyses, wanted)
        _draw_ways(figure, analyses[0], seeds[0], wanted)
        for letter, x, y in (
            ("A", 0.008, 0.985),
            ("B", 0.638, 0.985),
            ("C", 0.008, 0.725),
            ("D", 0.008, 0.325),
            ("E", 0.478, 0.325),
        ):
            figure.text(x, y, letter, fontsize=11, fontweight="bold", va="top")
        _legend(figure, len(seeds))
    return figure


def _draw_relevant(
    figure: Figure, analyses: Sequence[InWeights], seeds: Sequence[int], stages: Sequence[str], names: Sequence[str]
) -> None:
    """Distributions of the synapses that were strongest after a task, after each stage: one row a task (panel C)."""
    for row, task in enumerate(TASKS):
        first = None
        for col, stage in enumerate(stages):
            axes = figure.add_axes((0.085 + 0.312 * col, 0.565 - 0.16 * row, 0.27, 0.115), sharey=first)
            first = first or axes
            chosen = [task_relevant(each.after[stages[row]]) for each in analyses]
            counts = [
                np.histogram(np.clip(each.after[stage][those], _BINS[0], None), _BINS)[0] / those.sum()
                for each, those in zip(analyses, chosen, strict=True)
            ]
            axes.stairs(100 * np.mean(counts, axis=0), _BINS, color=COLOURS[row], fill=True, alpha=0.55)
            kept = [task_relevant(e.after[stage])[those].mean() for e, those in zip(analyses, chosen, strict=True)]
            middle = np.mean([each.after[stage][those].mean() for each, those in zip(analyses, chosen, strict=True)])
            axes.axvline(middle, color="0.1", linewidth=0.8)
            axes.text(
                0.08, 0.97, f"mean weight {middle:.3f}\n{100 * np.mean(kept):.0f}% among the top 10%", va="top",
                transform=axes.transAxes, fontsize=7, linespacing=1.15,
            )  # fmt: skip
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(power_of_ten)
            axes.set_xlim(_BINS[0], _BINS[-1])
            axes.tick_params(axis="y", labelleft=col == 0)
            axes.minorticks_off()
            axes.set_xticks([1e-5, 1e-3, 1e-1], [] if row == 0 else None)
            if row == 0:
                title = names[col].replace("\n", " ")
                axes.set_title(f"after {title}", pad=3)
            elif col == 1:
                axes.set_xlabel("weight of the synapse (at most 1)")
            if col == 0:
                axes.set_ylabel(f"{task_title(task)}-relevant\nsynapses (%)")


def _draw_distances(axes: Axes, analyses: Sequence[InWeights], wanted: ThreeStages) -> None:
    """Signed distances from the boundary, a dot a network (panel D)."""
    groups = {
        "T1": ("Task 1\n(held out)", COLOURS[0], "T1"),
        "T1-T2": ("Task 2\n(held out)", COLOURS[1], "T2"),
        "T2": ("Task 2\nalone", COLOURS[4], None),
        wanted.last: (wanted.title, BOTH, wanted.paper_key),
    }
    given = published_distances()
    for x, (group, (_, colour, key)) in enumerate(groups.items()):
        values = [float(each.distance[group].mean()) for each in analyses]
        mean, sd, n = summary(values)
        axes.bar(x, mean, 0.6, color=colour, alpha=0.55, linewidth=0)
        axes.plot(x + 0.22 * np.linspace(-1, -0.2, n), values, **SEED_MARK)
        if n > 1:
            axes.errorbar(x + 0.02, mean, sd, color="0.1", linewidth=0.9, capsize=1.8)
        if key:
            axes.plot(x + 0.19, given[key], **PAPER_MARK)
    axes.axhline(0, color="0.35", linewidth=0.6)
    axes.set_xticks(range(len(groups)), [name for name, _, _ in groups.values()])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("signed distance from\nthe SVM's boundary")
    limit = 1.25 * max(abs(value) for value in axes.get_ylim())
    axes.set_ylim(-limit, limit)
    for share, side in ((0.97, "Task 2's side"), (0.03, "Task 1's side")):
        axes.text(
            0.99 if share < 0.5 else 0.01, share, side, transform=axes.transAxes, color="0.35",
            ha="right" if share < 0.5 else "left", va="bottom" if share < 0.5 else "top",
        )  # fmt: skip


def _draw_ways(figure: Figure, found: InWeights, seed: int, wanted: ThreeStages) -> None:
    """The way of the weights through their principal components (panel E)."""
    colours = {**_STAGE_COLOURS, wanted.last: BOTH}
    names = {"T1": "Task 1", "T1-T2": "Task 2", wanted.last: wanted.title.replace("\n", " ")}
    for i, (down, left) in enumerate(((1, 0.545), (2, 0.80))):
        axes = figure.add_axes((left, 0.105, 0.185, 0.19))
        for stage, way in found.trace.items():
            axes.plot(way[:, 0], way[:, down], color=colours[stage], linewidth=0.5, alpha=0.6)
            axes.plot(
                way[1:, 0],
                way[1:, down],
                "o",
                color=colours[stage],
                markersize=2.2,
                markeredgewidth=0,
                label=names[stage],
            )
        axes.plot(*found.trace["T1"][0, [0, down]], "s", color="0.1", markersize=3.5, label="before training")
        axes.set_xlabel(f"PC 1 ({100 * found.explained[0]:.0f}%)")
        axes.set_ylabel(f"PC {down + 1} ({100 * found.explained[down]:.0f}%)", labelpad=1)
        axes.margins(0.08)
        if i == 0:
            handles, labels = axes.get_legend_handles_labels()
    figure.text(0.765, 0.32, f"weights along the stages, network {seed}", ha="center", va="top")
    figure.legend(
        handles,
        labels,
        loc="upper center",
        bbox_to_anchor=(0.755, 0.058),
        ncols=2,
        handletextpad=0.2,
        columnspacing=1.2,
    )


def _legend(figure: Figure, n_seeds: int) -> None:
    marks = [Line2D([], [], **SEED_MARK), Line2D([], [], color="0.1", linewidth=1.0), Line2D([], [], **PAPER_MARK)]
    words = ["one network", f"mean ± s.d., n = {n_seeds}", "Golden et al. 2022"]
    figure.legend(
        marks,
        words,
        loc="upper center",
        bbox_to_anchor=(0.26, 0.036),
        ncols=3,
        columnspacing=1.2,
        handletextpad=0.5,
        handlelength=1.2,
    )
