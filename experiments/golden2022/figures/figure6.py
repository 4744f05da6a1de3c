"""Synapses onto output neurons through sequential training and sleep, as figure 6 of Golden et al. 2022.

A: all synapses onto one output neuron of one network. B: sizes of the clusters of strong and weak synapses, and what
lies between them. C: 2-D histograms of weights before and after a stage, all synapses of all networks. The paper's
numbers of this figure are not among its published values, so none stand beside ours.
"""

from collections.abc import Iterator, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from experiments.drawing.style import BACKGROUNDS, COLOURS, NIGHT, STYLE
from experiments.golden2022.analysis.clusters import BORDER, GAP, between, by_history, fates, sizes, strong
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

_STAGES = ("T1", "T1-T2", "T1-T2-Int(S,T1)")
_CHANGES = (("T1", "T1-T2"), ("T1-T2", "T1-T2-Int(S,T1)"), ("T1", "T1-Int(S,T2)"))
_TITLES = {
    "T1": "training Task 1",
    "T1-T2": "training Task 2",
    "T1-T2-Int(S,T1)": "sleep in turn with Task 1",
    "T1-Int(S,T2)": "sleep in turn with Task 2",
}
_SHORT = {"T1": "Task 1", "T1-T2": "Task 2", "T1-T2-Int(S,T1)": "sleep, Task 1"}
_SHADES = {"T1": BACKGROUNDS[0], "T1-T2": BACKGROUNDS[1], "T1-T2-Int(S,T1)": NIGHT}
_BINS = np.linspace(-5.0, 0.0, 51)  # log10 of weights


def draw(networks: Networks) -> Figure:
    """The figure, of all networks that have been through both kinds of sleep."""
    seeds = _seeds(networks)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 7.0))
        _draw_history(figure, networks, seeds[0])
        _draw_sizes(figure, networks, seeds)
        _draw_changes(figure, networks, seeds)
        for letter, y in (("A", 0.985), ("B", 0.615), ("C", 0.36)):
            figure.text(0.008, y, letter, fontsize=11, fontweight="bold", va="top")
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Sizes of the clusters after stages, and what became of strong synapses."""
    for seed in _seeds(networks):
        for stage in (*_STAGES, "T1-Int(S,T2)"):
            weights = networks.weights(stage, seed)
            n_strong = float(sizes(weights))
            yield Measurement("fig6", "strong synapses per output neuron", stage, seed, n_strong)
            yield Measurement("fig6", "weak synapses per output neuron", stage, seed, weights.shape[1] - n_strong)
            yield Measurement("fig6", "share of synapses between the clusters", stage, seed, float(between(weights)))
        for before, after in _CHANGES:
            kept, gained = fates(networks.weights(before, seed), networks.weights(after, seed))
            yield Measurement("fig6", "share of strong synapses kept", f"{before} to {after}", seed, kept)
            yield Measurement(
                "fig6", "synapses become strong, per strong one before", f"{before} to {after}", seed, gained
            )


def _seeds(networks: Networks) -> list[int]:
    return networks.seeds(*_STAGES, "T1-Int(S,T2)")


def _draw_history(figure: Figure, networks: Networks, seed: int) -> None:
    """Panel A: rows are synapses, colour is weight."""
    courses = [networks.course(stage, seed) for stage in _STAGES]
    output = _typical_output(networks.weights(_STAGES[-1], seed))
    ends = np.stack([course.weights[-1, output] for course in courses])
    order = by_history(ends)
    left, width, bottom, height = 0.085, 0.80, 0.675, 0.285
    lengths = np.array([course.cycles[-1] for course in courses], dtype=np.float64)
    for stage, course, start, length in zip(_STAGES, courses, np.cumsum(lengths) - lengths, lengths, strict=True):
        axes = figure.add_axes(
            (left + width * start / lengths.sum(), bottom, width * length / lengths.sum() - 0.006, height)
        )
        image = axes.pcolormesh(
            _edges(course.cycles / 1e6),
            np.arange(len(order) + 1),
            course.weights[:, output, order].T,
            norm=LogNorm(1e-4, 1.0),
            cmap="magma",
            rasterized=True,
        )
        axes.set_ylim(len(order), 0)
        axes.set_title(_TITLES[stage], pad=3)
        axes.set_xlabel("million cycles in the stage")
        n_strong = int(strong(ends[-1]).sum())
        axes.axhline(n_strong, color="white", linewidth=0.6, linestyle=(0, (4, 3)))
        if stage == _STAGES[0]:
            axes.set_ylabel(f"{len(order)} synapses onto one output\n(network {seed}, output {output})")
        else:
            axes.tick_params(left=False, labelleft=False)
    axes.text(
        0.97,
        n_strong + 12,
        "above: strong at the end",
        color="white",
        ha="right",
        va="top",
        transform=axes.get_yaxis_transform(),
    )
    bar = figure.colorbar(image, cax=figure.add_axes((left + width + 0.01, bottom, 0.013, height)), extend="min")
    bar.set_label("weight")
    bar.outline.set_visible(False)


def _typical_output(weights: np.ndarray) -> int:
    """The output neuron with a middling number of strong synapses."""
    counts = strong(weights).sum(axis=-1)
    return int(np.argsort(counts, kind="stable")[len(counts) // 2])


def _edges(centres: np.ndarray) -> np.ndarray:
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([centres[:1], middle, centres[-1:]])


def _draw_sizes(figure: Figure, networks: Networks, seeds: Sequence[int]) -> None:
    """Panel B: sizes of the clusters along the stages, mean and standard deviation over networks."""
    left, right = (figure.add_axes((x, 0.43, 0.385, 0.16)) for x in (0.085, 0.59))
    ways = [dict(networks.way(_STAGES[-1], seed)) for seed in seeds]
    start = 0.0
    for stage in _STAGES:
        courses = [way[stage] for way in ways]
        cycles = (start + courses[0].cycles) / 1e6
        start += float(courses[0].cycles[-1])
        n_hidden = courses[0].weights.shape[-1]
        n_strong = np.stack([sizes(course.weights) for course in courses])
        for axes in (left, right):
            axes.axvspan(cycles[0], cycles[-1], color=_SHADES[stage], linewidth=0, zorder=0)
            middle, above = (cycles[0] + cycles[-1]) / 2, axes.get_xaxis_transform()
            axes.text(middle, 1.03, _SHORT[stage], ha="center", transform=above)
        _draw_band(left, cycles, n_strong, COLOURS[3])
        _draw_band(left, cycles, n_hidden - n_strong, COLOURS[2])
        _draw_band(right, cycles, 100 * np.stack([between(course.weights) for course in courses]), "0.15")
    for axes in (left, right):
        axes.set_xlim(0, start / 1e6)
        axes.set_xlabel("million cycles since Task 1 began")
    left.set_ylim(0, n_hidden)
    left.set_ylabel("synapses per output")
    left.text(0.97, 0.62, f"weak, below {BORDER:g}", color=COLOURS[2], transform=left.transAxes, ha="right")
    left.text(0.97, 0.27, "strong", color=COLOURS[3], transform=left.transAxes, ha="right")
    right.set_ylim(0, 1.35 * right.get_ylim()[1])
    right.set_ylabel("% of synapses")
    right.text(0.97, 0.72, f"between {GAP[0]:g} and {GAP[1]:g}", transform=right.transAxes, ha="right")
    right.text(0.97, 0.86, f"mean ± s.d., n = {len(seeds)}", transform=right.transAxes, ha="right", color="0.35")


def _draw_band(axes: Axes, x: np.ndarray, rows: np.ndarray, colour: str) -> None:
    """Mean of the rows [seeds, n], and their standard deviation if there are two."""
    mean = rows.mean(axis=0)
    axes.plot(x, mean, color=colour, linewidth=1.4)
    if len(rows) > 1:
        sd = rows.std(axis=0, ddof=1)
        axes.fill_between(x, mean - sd, mean + sd, color=colour, alpha=0.25, linewidth=0)


def _draw_changes(figure: Figure, networks: Networks, seeds: Sequence[int]) -> None:
    """Panel C: weights before and after, and what became of the strong ones."""
    counts = {}
    for change in _CHANGES:
        logs = [np.concatenate([_logs(networks.weights(stage, seed)) for seed in seeds]) for stage in change]
        counts[change] = np.histogram2d(logs[0], logs[1], bins=_BINS)[0] / len(seeds)
    norm = LogNorm(1 / len(seeds), max(table.max() for table in counts.values()))
    for place, ((before, after), table) in enumerate(counts.items()):
        axes = figure.add_axes((0.085 + 0.272 * place, 0.06, 0.212, 0.247))
        edges = 10.0**_BINS
        image = axes.pcolormesh(
            edges, edges, np.ma.masked_equal(table.T, 0), norm=norm, cmap="viridis", rasterized=True
        )
        axes.set(xscale="log", yscale="log", xlabel=f"weight after {before}", ylabel=f"weight after {after}")
        axes.axvline(BORDER, color="0.35", linewidth=0.6, linestyle=(0, (4, 3)))
        axes.axhline(BORDER, color="0.35", linewidth=0.6, linestyle=(0, (4, 3)))
        each = [fates(networks.weights(before, seed), networks.weights(after, seed)) for seed in seeds]
        kept, gained = np.mean(each, axis=0)
        axes.set_title(f"then {_TITLES[after]}", pad=3)
        if place:
            axes.tick_params(labelleft=False)
        for x, y, text in (
            (0.6, 0.6, f"kept {kept:.0%}"),
            (0.6, 0.28, f"lost {1 - kept:.0%}"),
            (0.06, 0.6, f"gained {gained:.0%}"),
        ):
            axes.text(x, y, text, transform=axes.transAxes, bbox={"color": "white", "alpha": 0.8, "pad": 1.0})
    # What is kept by chance is as large as the strong share itself, for a stage that put them anywhere.
    shares = [strong(networks.weights(after, seed)).mean() for _, after in _CHANGES for seed in seeds]
    note = (
        f"{len(seeds)} networks; shares of the synapses that were strong before; by chance {np.mean(shares):.0%} kept"
    )
    figure.text(0.085, 0.337, note, fontsize=6.5, color="0.35")
    bar = figure.colorbar(image, cax=figure.add_axes((0.865, 0.06, 0.013, 0.247)))
    bar.set_label("synapses per bin and network")
    bar.outline.set_visible(False)


def _logs(weights: np.ndarray) -> np.ndarray:
    """log10, float64[outputs * hidden]; rounding to half precision may have taken the lower bound below 1e-5."""
    return np.asarray(np.log10(np.maximum(weights.astype(np.float64), 1e-5)).ravel())
