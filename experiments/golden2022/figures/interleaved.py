"""Weights during interleaved training of both tasks, which the paper's supplement sets beside those during sleep.

As figure 6 of Golden et al. 2022 shows for sleep in turn with Task 1, here for both tasks in turn after Task 1 and
Task 2. A: all synapses onto one output neuron of one network. B: synapses in the strong cluster, along interleaving
and along sleep. D: 2-D histograms of weights before and after, of all networks, with sleep's as comparison. What the
supplement holds in detail could not be read; C is ours: the paper argues that interleaved training must keep
oscillating about the weights that serve both tasks and sleep need not, and shows no number for it. C has one, the
distance between successive snapshots.
"""

from collections.abc import Iterator, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from experiments.drawing.style import BACKGROUNDS, COLOURS, STYLE
from experiments.golden2022.analysis.clusters import BORDER, by_history, fates, sizes, strong
from experiments.golden2022.analysis.weight_space import flat, settled, task_relevant
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Course, Networks

_TRUNK = ("T1", "T1-T2")
_INTERLEAVED, _SLEEP = "T1-T2-Int(T1,T2)", "T1-T2-Int(S,T1)"
_TITLES = {
    "T1": "training Task 1",
    "T1-T2": "training Task 2",
    _INTERLEAVED: "both tasks in turn",
    _SLEEP: "sleep in turn with Task 1",
}
_COLOURS = {_INTERLEAVED: COLOURS[3], _SLEEP: "0.1"}
_SHORT = {_INTERLEAVED: "both tasks in turn", _SLEEP: "sleep, Task 1"}
_CHANGES = (("T1", _INTERLEAVED), ("T1-T2", _INTERLEAVED), ("T1-T2", _SLEEP))
_BINS = np.logspace(-5.0, 0.0, 51)


def draw(networks: Networks) -> Figure:
    """The figure, of all networks that have been through interleaving and sleep."""
    seeds = _seeds(networks)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 7.0))
        _draw_synapses(figure, networks, seeds[0])
        _draw_along(figure, networks, seeds)
        _draw_changes(figure, networks, seeds)
        for letter, x, y in (("A", 0.008, 0.985), ("B", 0.008, 0.63), ("C", 0.505, 0.63), ("D", 0.008, 0.355)):
            figure.text(x, y, letter, fontsize=11, fontweight="bold", va="top")
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Sizes of the strong cluster, fates of strong synapses, and how far weights still wander."""
    for seed in _seeds(networks):
        for stage in (*_TRUNK, _INTERLEAVED, _SLEEP):
            weights = networks.weights(stage, seed)
            yield Measurement("s-interleaved", "strong synapses per output neuron", stage, seed, float(sizes(weights)))
            wandering = float(wander(settled(networks.course(stage, seed))).mean())
            name = "distance between successive settled snapshots"
            yield Measurement("s-interleaved", name, stage, seed, wandering)
        for before, after in _CHANGES:
            kept, gained = fates(networks.weights(before, seed), networks.weights(after, seed))
            change = f"{before} to {after}"
            yield Measurement("s-interleaved", "share of strong synapses kept", change, seed, kept)
            yield Measurement("s-interleaved", "synapses become strong, per strong one before", change, seed, gained)
            chosen = task_relevant(networks.weights(before, seed))
            name = "mean weight of what was the strongest 10%"
            yield Measurement("s-interleaved", name, change, seed, float(networks.weights(after, seed)[chosen].mean()))


def wander(states: np.ndarray) -> np.ndarray:
    """Distances float64[n - 1] between successive ones of ``states`` float[n, D]."""
    steps: np.ndarray = np.linalg.norm(np.diff(states, axis=0), axis=1)
    return steps


def _seeds(networks: Networks) -> list[int]:
    return networks.seeds(*_TRUNK, _INTERLEAVED, _SLEEP)


def _draw_synapses(figure: Figure, networks: Networks, seed: int) -> None:
    """Panel A: rows are synapses, colour is weight."""
    stages = (*_TRUNK, _INTERLEAVED)
    courses = [networks.course(stage, seed) for stage in stages]
    counts = strong(courses[-1].weights[-1]).sum(axis=-1)
    output = int(np.argsort(counts, kind="stable")[len(counts) // 2])
    order = by_history(np.stack([course.weights[-1, output] for course in courses]))
    for col, (stage, course) in enumerate(zip(stages, courses, strict=True)):
        axes = figure.add_axes((0.09 + 0.265 * col, 0.7, 0.257, 0.255))
        cycles = course.cycles / 1e6
        edges = np.concatenate([cycles[:1], (cycles[1:] + cycles[:-1]) / 2, cycles[-1:]])
        image = axes.pcolormesh(
            edges,
            np.arange(len(order) + 1),
            course.weights[:, output, order].T,
            norm=LogNorm(1e-4, 1.0),
            cmap="magma",
            rasterized=True,
        )
        axes.set_ylim(len(order), 0)
        axes.set_title(_TITLES[stage], pad=3)
        axes.set_xlabel("million cycles in the stage")
        axes.axhline(int(counts[output]), color="white", linewidth=0.6, linestyle=(0, (4, 3)))
        axes.tick_params(left=col == 0, labelleft=col == 0)
        if col == 0:
            axes.set_ylabel(f"{len(order)} synapses onto one output\n(network {seed}, output {output})")
    axes.text(
        0.97, counts[output] + 12, "above: strong at the end", color="white", ha="right", va="top",
        transform=axes.get_yaxis_transform(),
    )  # fmt: skip
    bar = figure.colorbar(image, cax=figure.add_axes((0.895, 0.7, 0.013, 0.255)), extend="min")
    bar.set_label("weight")
    bar.outline.set_visible(False)


def _draw_along(figure: Figure, networks: Networks, seeds: Sequence[int]) -> None:
    """Panels B and C: strong synapses, and distances between successive snapshots."""
    left, right = (figure.add_axes((x, 0.435, 0.38, 0.165)) for x in (0.09, 0.6))
    start = 0.0
    for stage, shade in zip(_TRUNK, BACKGROUNDS, strict=False):
        courses = [networks.course(stage, seed) for seed in seeds]
        _draw_course(left, right, courses, start, "0.4", None)
        end = start + float(courses[0].cycles[-1])
        for axes in (left, right):
            axes.axvspan(start / 1e6, end / 1e6, color=shade, linewidth=0, zorder=0)
            middle, above = (start + end) / 2e6, axes.get_xaxis_transform()
            axes.text(middle, 1.03, "Task 1" if stage == "T1" else "Task 2", ha="center", transform=above)
        start = end
    for stage, colour in _COLOURS.items():
        courses = [networks.course(stage, seed) for seed in seeds]
        _draw_course(left, right, courses, start, colour, _SHORT[stage])
        end = start + float(courses[0].cycles[-1])
    for axes in (left, right):
        axes.set_xlim(0, end / 1e6)
        axes.set_xlabel("million cycles since Task 1 began")
        axes.text((start + end) / 2e6, 1.03, "then", ha="center", transform=axes.get_xaxis_transform())
    right.set_ylim(bottom=0)
    # All are strong when Task 1 begins; what matters happens after.
    left.set_ylim(0, 2.2 * float(np.mean([sizes(networks.weights(stage, seed)) for stage in _TRUNK for seed in seeds])))
    left.set_ylabel("strong synapses\nper output")
    right.set_ylabel("distance between\nsuccessive snapshots")
    left.text(0.02, 0.06, f"mean ± s.d., n = {len(seeds)}", transform=left.transAxes)
    left.legend(loc="upper right", handlelength=1.2, borderaxespad=0.2)


def _draw_course(
    left: Axes, right: Axes, courses: Sequence[Course], start: float, colour: str, label: str | None
) -> None:
    x = (start + courses[0].cycles) / 1e6
    rows = np.stack([sizes(course.weights) for course in courses])
    steps = np.stack([wander(flat(course.weights)) for course in courses])
    for axes, at, values in ((left, x, rows), (right, x[1:], steps)):
        mean = values.mean(axis=0)
        sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros_like(mean)
        axes.fill_between(at, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)
        axes.plot(at, mean, color=colour, linewidth=1.3, label=label)


def _draw_changes(figure: Figure, networks: Networks, seeds: Sequence[int]) -> None:
    """Panel D: weights before and after."""
    tables = {}
    for change in _CHANGES:
        before, after = (
            # Rounding to half precision may have taken the lower bound below 1e-5.
            np.concatenate([np.clip(networks.weights(stage, seed).ravel(), _BINS[0], _BINS[-1]) for seed in seeds])
            for stage in change
        )
        tables[change] = np.histogram2d(before, after, bins=_BINS)[0] / len(seeds)
    norm = LogNorm(1 / len(seeds), max(table.max() for table in tables.values()))
    for col, ((before_name, after_name), table) in enumerate(tables.items()):
        axes = figure.add_axes((0.09 + 0.272 * col, 0.06, 0.21, 0.245))
        image = axes.pcolormesh(
            _BINS, _BINS, np.ma.masked_equal(table.T, 0), norm=norm, cmap="viridis", rasterized=True
        )
        axes.set(xscale="log", yscale="log", xlabel=f"weight after {'Task 1' if before_name == 'T1' else 'Task 2'}")
        axes.set_title(f"to {_TITLES[after_name]}", pad=3)
        each = [fates(networks.weights(before_name, seed), networks.weights(after_name, seed)) for seed in seeds]
        kept, gained = np.mean(each, axis=0)
        texts = (
            (0.6, 0.62, f"kept {kept:.0%}"),
            (0.6, 0.28, f"lost {1 - kept:.0%}"),
            (0.06, 0.62, f"gained {gained:.0%}"),
        )
        for x, y, text in texts:
            axes.text(x, y, text, transform=axes.transAxes, bbox={"color": "white", "alpha": 0.8, "pad": 1.0})
        for line in (axes.axvline, axes.axhline):
            line(BORDER, color="0.35", linewidth=0.6, linestyle=(0, (4, 3)))
        if col:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("weight after the later stage")
    note = "shares of the synapses that were strong before"
    figure.text(0.09, 0.335, note, fontsize=7, color="0.35")
    bar = figure.colorbar(image, cax=figure.add_axes((0.87, 0.06, 0.013, 0.245)))
    bar.set_label("synapses per bin and network")
    bar.outline.set_visible(False)
