"""Beyond figure 7 of Golden et al. 2022: distance to an intersection that is sampled by other runs, not by one's own.

A: weights after Task 1, along four stages, against settled states of the other branches of the same network. B: where
they end, against how well both tasks are then performed: is nearer better? C-D: the same with other networks, whose
weights are described by what they drive (`drives`): C likeness of settled states to the mean of other networks after
Task 1 and after Task 2, D distance to the mean of other networks after stages that interleave. E: the part of settled
states that is no mixture of the weights after Task 1 and after Task 2: does it point the same way in other branches?
See `crossing` for references and controls. Distances along a stage are those of single states, whose wandering from
one to the next counts; those at its end, and of the controls, are of the mean of settled states. An average of two
states is shorter than both, which brings it nearer to everything: that is why it is a control, and why there is E.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.stats import spearmanr

from experiments.drawing.style import CHANCE, CHANCE_LINE, COLOURS, SEED_MARK, STYLE, task_title
from experiments.evidence.scores import summary
from experiments.golden2022.analysis.crossing import (
    AVERAGE,
    NEEDED,
    SHUFFLED,
    SLEEP,
    START,
    WAYS,
    against_branches,
    against_networks,
    performance_of_average,
)
from experiments.golden2022.figures.stage_panels import TASKS, performances
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

_NAMES = {
    "T1-T2": "new task alone",
    "T1-Int(T1,T2)": "both tasks in turn",
    SLEEP: "sleep and new task",
    "T1-Int(S,T1)": "sleep and old task",
}
_COLOURS = dict(zip(_NAMES, (COLOURS[4], COLOURS[3], "0.1", COLOURS[5]), strict=True))
_MARKS = {
    START: ("s", COLOURS[0], "before: Task 1"),
    AVERAGE: ("^", COLOURS[2], "average of weights\nafter Tasks 1, 2"),
}


def draw(networks: Networks) -> Figure:
    """The figure, over all networks that have lived through its stages; the lower row needs two of them."""
    seeds = networks.seeds(*NEEDED)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 5.6))
        _draw_along_branches(figure.add_axes((0.085, 0.595, 0.325, 0.325)), networks, seeds)
        _draw_ends(figure.add_axes((0.49, 0.595, 0.265, 0.325)), networks, seeds)
        below = [figure.add_axes((left, 0.105, 0.235, 0.32)) for left in (0.075, 0.42, 0.755)]
        if len(seeds) > 1:
            _draw_likeness(below[0], networks, seeds)
            _draw_along_networks(below[1], networks, seeds)
        else:
            for axes in below[:2]:
                axes.set_axis_off()
                axes.text(0.5, 0.5, "needs a second network", transform=axes.transAxes, ha="center", color="0.35")
        _draw_mixture(below[2], networks, seeds)
        for letter, x, y in (
            ("A", 0.008, 0.985),
            ("B", 0.422, 0.985),
            ("C", 0.008, 0.48),
            ("D", 0.328, 0.48),
            ("E", 0.675, 0.48),
        ):
            figure.text(x, y, letter, fontsize=11, fontweight="bold", va="top")
        _legend(figure, len(seeds))
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Distances, likenesses and performance, every network on its own."""
    seeds = networks.seeds(*NEEDED)
    for seed, value in zip(seeds, _rank_correlations(networks, seeds), strict=True):
        quantity = "rank correlation of that distance and the worse performance"
        yield Measurement("others", quantity, "ends", seed, float(value))
    strangers = against_networks(networks, seeds) if len(seeds) > 1 else {}
    for seed in seeds:
        found = against_branches(networks, seed)
        for name, value in found.ends.items():
            yield Measurement("others", "distance to the intersection of other branches, end", name, seed, value)
        for stage, values in found.along.items():
            quantity = "distance to the intersection of other branches, smallest on the way"
            yield Measurement("others", quantity, stage, seed, float(values[1:].min()))
        for stage, value in found.mixture.items():
            yield Measurement("others", "cosine of what is no mixture with that of other branches", stage, seed, value)
        for task, value in performance_of_average(networks, seed).items():
            yield Measurement("others", f"performance on {task_title(task)}", AVERAGE, seed, value)
        if seed in strangers:
            for name, value in strangers[seed].ends.items():
                quantity = "distance to other networks with both tasks, in drives, end"
                yield Measurement("others", quantity, name, seed, value)
            for name, likeness in strangers[seed].likeness.items():
                for profile, value in likeness.items():
                    quantity = f"likeness to other networks with {profile}, cosine of drives"
                    yield Measurement("others", quantity, name, seed, value)


def _draw_along_branches(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    found = [against_branches(networks, seed) for seed in seeds]
    for stage in WAYS:
        _band(axes, found[0].cycles[stage], np.array([each.along[stage] for each in found]), stage)
    _levels(axes, {name: float(np.mean([each.ends[name] for each in found])) for name in (AVERAGE, SHUFFLED)})
    axes.set_title("same network, its other branches", pad=3)
    axes.set_ylabel("distance to their intersection\n(weight space)")
    axes.set_ylim(bottom=0)


def _draw_along_networks(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    found = against_networks(networks, seeds)
    cycles = against_branches(networks, seeds[0]).cycles
    for stage in WAYS:
        _band(axes, cycles[stage], np.array([found[seed].along[stage] for seed in seeds]), stage)
    _levels(axes, {name: float(np.mean([found[seed].ends[name] for seed in seeds])) for name in (AVERAGE, SHUFFLED)})
    axes.set_title("other networks", pad=3)
    axes.set_ylabel("distance to their mean with\nboth tasks (drives)", labelpad=1)
    axes.set_ylim(bottom=0)


def _band(axes: Axes, cycles: np.ndarray, values: np.ndarray, stage: str) -> None:
    mean = values.mean(axis=0)
    sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros_like(mean)
    axes.fill_between(cycles / 1e6, mean - sd, mean + sd, color=_COLOURS[stage], alpha=0.15, linewidth=0)
    axes.plot(cycles / 1e6, mean, color=_COLOURS[stage], linewidth=1.2)
    axes.set_xlim(0, cycles[-1] / 1e6)
    axes.set_xlabel("million cycles in the stage")


def _levels(axes: Axes, levels: dict[str, float]) -> None:
    for name, value in levels.items():
        colour = COLOURS[2] if name == AVERAGE else "0.5"
        axes.axhline(value, color=colour, linewidth=1.0, linestyle=(0, (4, 2)) if name == AVERAGE else (0, (1, 1.5)))


def _ends(networks: Networks, seeds: Sequence[int]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By stage or control: distance to the other branches, and performance on the worse task, float64[seeds] each."""
    found = [against_branches(networks, seed) for seed in seeds]
    tested = {
        stage: np.min([performances(networks, stage, task, seeds) for task in TASKS], axis=0) for stage in (*WAYS, "T1")
    }
    tested[START] = tested.pop("T1")
    tested[AVERAGE] = np.array([min(performance_of_average(networks, seed).values()) for seed in seeds])
    return {name: (np.array([each.ends[name] for each in found]), values) for name, values in tested.items()}


def _rank_correlations(networks: Networks, seeds: Sequence[int]) -> np.ndarray:
    """Spearman's correlation over the ends of each network between distance and performance, float64[seeds]."""
    distances, tested = (np.array([ends[i] for ends in _ends(networks, seeds).values()]) for i in (0, 1))
    columns = zip(distances.T, tested.T, strict=True)
    return np.array([spearmanr(distance, performance).statistic for distance, performance in columns])


def _draw_ends(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    """Distance at the end against the lower of the two performances."""
    for name, (distances, tested) in _ends(networks, seeds).items():
        marker, colour = _MARKS[name][:2] if name in _MARKS else ("o", _COLOURS[name])
        axes.plot(distances, tested, marker, color=colour, markersize=3.6)
    correlations = _rank_correlations(networks, seeds)
    spread = f" ± {correlations.std(ddof=1):.2f}" if len(seeds) > 1 else ""
    axes.axhline(CHANCE, **CHANCE_LINE)
    axes.set_title(f"is nearer better? rank correlation\nwithin networks {correlations.mean():.2f}{spread}", pad=3)
    axes.set_xlabel("distance to their intersection")
    axes.set_ylabel("performance on the worse task")


def _draw_likeness(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    found = against_networks(networks, seeds)
    marks = {stage: ("o", _COLOURS[stage]) for stage in WAYS}
    marks |= {name: (marker, colour) for name, (marker, colour, _) in _MARKS.items()} | {SHUFFLED: ("x", "0.5")}
    for name, (marker, colour) in marks.items():
        likeness = [found[seed].likeness[name] for seed in seeds]
        axes.plot(
            [each["task1"] for each in likeness],
            [each["task2"] for each in likeness],
            marker,
            color=colour,
            markersize=3.2,
        )
    axes.set_title("other networks", pad=3)
    axes.set_xlabel("likeness to them after Task 1")
    axes.set_ylabel("likeness to them after Task 2", labelpad=1)


def _draw_mixture(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    """Cosines of what is no mixture, a dot a network; Task 2 alone, of another branch, is the control."""
    found = [against_branches(networks, seed) for seed in seeds]
    bars = {
        "T2": ("Task 2\nalone", COLOURS[1]),
        "T1-Int(S,T1)": ("sleep\n+ old", COLOURS[5]),
        SLEEP: ("sleep\n+ new", "0.4"),
        "T1-Int(T1,T2)": ("both\nin turn", COLOURS[3]),
    }
    for x, (stage, (_, colour)) in enumerate(bars.items()):
        values = [each.mixture[stage] for each in found]
        mean, sd, n = summary(values)
        axes.bar(x, mean, 0.65, color=colour, alpha=0.55, linewidth=0)
        axes.plot(x + 0.22 * np.linspace(-1, -0.2, n), values, **SEED_MARK)
        if n > 1:
            axes.errorbar(x + 0.05, mean, sd, color="0.1", linewidth=0.9, capsize=1.8)
    axes.axhline(0, color="0.35", linewidth=0.6)
    axes.set_xticks(range(len(bars)), [name for name, _ in bars.values()])
    axes.tick_params(axis="x", length=0)
    axes.set_title("beyond a mixture of both tasks", pad=3)
    axes.set_ylabel("cosine with other branches", labelpad=1)


def _legend(figure: Figure, n_seeds: int) -> None:
    handles = [Line2D([], [], color=_COLOURS[stage], marker="o", markersize=3.6, linewidth=1.2) for stage in WAYS]
    labels = [_NAMES[stage] for stage in WAYS]
    for name, (marker, colour, label) in _MARKS.items():
        dashed: Any = (0, (4, 2)) if name == AVERAGE else ""
        handles.append(Line2D([], [], color=colour, marker=marker, markersize=3.6, linewidth=1.0, linestyle=dashed))
        labels.append(label)
    handles.append(Line2D([], [], color="0.5", marker="x", markersize=3.2, linewidth=1.0, linestyle=(0, (1, 1.5))))
    labels.append("sleep + new, hidden\nneurons shuffled")
    figure.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.775, 0.93), handlelength=1.8, borderaxespad=0)
    figure.text(0.785, 0.6, f"n = {n_seeds};\nbands and bars: s.d.", va="bottom")
