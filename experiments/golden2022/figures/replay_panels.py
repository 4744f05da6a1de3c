"""The panels of the figure of replay, each drawn into axes that it is given."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.drawing.style import CHANCE, CHANCE_LINE, COLOURS, SEED_MARK
from experiments.evidence.statistics import Interval, interval
from experiments.golden2022.analysis.nights import COURSES, STAGES, Example, Night, Nights
from experiments.golden2022.analysis.replay import CLOCKWISE, PUNISHED, REWARDED, UNDECODED
from foraging_env.core.world import N_MOVES

CLASSES = (REWARDED[0], PUNISHED[0], REWARDED[1], PUNISHED[1])
"""Patterns in the order in which they are shown."""

CLASS_NAMES = ("rewarded in Task 1", "punished in Task 1", "rewarded in Task 2", "punished in Task 2")
CLASS_COLOURS = (COLOURS[0], COLOURS[5], COLOURS[1], COLOURS[4])
SHUFFLED_MARK: dict[str, Any] = {
    "marker": "_",
    "markersize": 6.5,
    "markeredgewidth": 1.2,
    "color": "black",
    "linestyle": "",
    "zorder": 4,
}

_COLOUR_OF = dict(zip(CLASSES, CLASS_COLOURS, strict=True))
_ARROWS = ("↖", "↑", "↗", "←", "→", "↙", "↓", "↘")  # by move
_STAGE_NAMES = {
    "unsupervised": "before\nany task",
    "T1": "Task 1",
    "T2": "Task 2,\nnever Task 1",
    "T1-T2": "Task 1,\nthen Task 2",
    "T1-T2-Int(S,T1)": "… then sleep\nand Task 1",
    "T1-Int(S,T2)": "Task 1, then sleep\nand Task 2",
}
_SECONDS = 0.0005  # a step
_CYCLE_STEPS = 600
_STRONG = 0.2  # share of an event's push from which a driver is drawn large
_BAR: dict[str, Any] = {"alpha": 0.6, "linewidth": 0}
_ERROR: dict[str, Any] = {"color": "0.1", "linewidth": 0.9, "capsize": 1.5, "capthick": 0.9, "zorder": 3}


def raster(hidden: Axes, outputs: Axes, shown: Example) -> None:
    """Hidden spikes, sorted by preferred pattern and direction, above the output events that they drive.

    The pattern that a task rewards is marked +, the one that it punishes −.
    """
    fields, found = shown.fields, shown.found
    class_of = np.where(fields.active, np.argsort(CLASSES)[fields.pattern], len(CLASSES))
    rank = np.argsort(np.lexsort((np.argsort(CLOCKWISE)[fields.direction], class_of)))
    share = found.push / np.bincount(found.driven, weights=found.push, minlength=len(found.cycle))[found.driven]
    strong = share > _STRONG
    spikes = shown.record.hidden
    time = (spikes.cycle * _CYCLE_STEPS + spikes.time) * _SECONDS
    colours = np.array([*CLASS_COLOURS, "0.6"])[class_of[spikes.neuron]]
    drives = np.isin(
        spikes.cycle * len(rank) + spikes.neuron, found.cycle[found.driven[strong]] * len(rank) + found.driver[strong]
    )
    hidden.scatter(time[~drives], rank[spikes.neuron[~drives]], s=2.5, c=colours[~drives], alpha=0.45, linewidths=0)
    hidden.scatter(time[drives], rank[spikes.neuron[drives]], s=15, c=colours[drives], linewidths=0.4, edgecolors="0.1")
    edges = np.append(0, np.cumsum(np.bincount(class_of, minlength=len(CLASSES) + 1)))
    for k in range(len(edges) - 1):
        hidden.axhline(edges[k + 1], color="0.85", linewidth=0.5, zorder=0)
    hidden.set_yticks((edges[1:] + edges[:-1]) / 2, ["Task 1 +", "Task 1 −", "Task 2 +", "Task 2 −", "no pair"])
    hidden.tick_params(left=False, bottom=False, labelbottom=False)
    hidden.set_ylim(edges[-1] * 1.02, -0.02 * edges[-1])
    hidden.set_ylabel("hidden neurons,\nby preferred pair")
    row_of = np.argsort(CLOCKWISE)
    pattern, direction = shown.decoded.pattern, shown.decoded.direction
    for event in range(len(found.cycle)):
        colour = _COLOUR_OF.get(int(pattern[event]), "0.6")
        coherent = pattern[event] != UNDECODED and direction[event] == found.output[event]
        outputs.plot(
            (found.cycle[event] * _CYCLE_STEPS + found.time[event]) * _SECONDS,
            row_of[found.output[event]],
            marker="o",
            markersize=3.6,
            color=colour,
            markerfacecolor=colour if coherent else "white",
            markeredgewidth=0.9,
        )
    outputs.set_yticks(range(N_MOVES), [_ARROWS[move] for move in CLOCKWISE], fontsize=5.5)
    outputs.set_ylim(N_MOVES - 0.4, -0.6)
    outputs.set_ylabel("outputs,\nby move")
    outputs.set_xlabel("time asleep (s)")
    for cycle in range(shown.record.n_cycles + 1):
        for axes in (hidden, outputs):
            axes.axvline(cycle * _CYCLE_STEPS * _SECONDS, color="0.9", linewidth=0.5, zorder=0)
    for axes in (hidden, outputs):
        axes.set_xlim(0, shown.record.n_cycles * _CYCLE_STEPS * _SECONDS)


def lifts(axes: Axes, every: Mapping[int, Nights], stage: str) -> None:
    """Activity of hidden neurons around output spikes, by pattern and angle, after a stage and before any task."""
    angle = np.arange(-N_MOVES // 2, N_MOVES // 2 + 1) * 360 // N_MOVES
    turned = np.arange(-N_MOVES // 2, N_MOVES // 2 + 1) % N_MOVES
    before = [nights.by_rates["unsupervised"].lift[:, turned].mean(axis=0) for nights in every.values()]
    for k, pattern in enumerate(CLASSES):
        after = [nights.by_rates[stage].lift[pattern, turned] for nights in every.values()]
        _band(axes, angle, np.array(after), CLASS_COLOURS[k], "-")
    _band(axes, angle, np.array(before), "0.35", "--")
    axes.set_xticks([-180, -90, 0, 90, 180])
    axes.set_xlabel("pair's angle from the move (°)")
    axes.set_ylabel("hidden activity at output spikes\n(1 is average)")
    kinds = [
        Line2D([], [], color="0.1", linewidth=1.2),
        Line2D([], [], color="0.35", linewidth=1.2, linestyle="--"),
    ]
    axes.legend(kinds, ["after Task 1", "before"], loc="upper right", handlelength=1.6, borderaxespad=0)


def shares(axes: Axes, every: Mapping[int, Nights]) -> None:
    """Events decoded as each pattern, and what random drivers would be decoded as."""
    _bars(axes, every, lambda night: night.real.decoded, lambda night: night.shuffled.decoded)
    axes.tick_params(labelbottom=False)
    axes.set_ylabel("share of events")


def replays(axes: Axes, every: Mapping[int, Nights]) -> None:
    """Coherent events by pattern."""
    _bars(axes, every, lambda night: night.real.replays, lambda night: night.shuffled.replays)
    axes.set_ylabel("replays\nper 100 cycles")


def coherence(axes: Axes, every: Mapping[int, Nights]) -> None:
    """Share of events whose drivers look where the output moves, on two kinds of noise."""
    for k, stage in enumerate(STAGES):
        for shift, nights, colour in (
            (-0.2, [each.by_rates for each in every.values()], "0.35"),
            (0.2, [each.uniform for each in every.values() if stage in each.uniform], "0.7"),
        ):
            values = [night[stage].real.coherent for night in nights]
            if values:
                mean, low, high, n = interval(values, 0)
                axes.barh(k + shift, mean, 0.36, color=colour, **_BAR)
                if n > 1:
                    axes.errorbar(mean, k + shift, xerr=[[mean - low], [high - mean]], **_ERROR)
                null = np.mean([night[stage].shuffled.coherent for night in nights])
                axes.plot(null, k + shift, **SHUFFLED_MARK | {"marker": "|"})
    axes.axvline(1 / N_MOVES, **CHANCE_LINE)
    axes.set_yticks(range(len(STAGES)), [_STAGE_NAMES[stage].replace("\n", " ") for stage in STAGES], fontsize=6.5)
    axes.set_yticklabels(axes.get_yticklabels(), linespacing=0.9)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(STAGES) - 0.4, -0.6)
    axes.set_xlim(0, None)
    axes.set_xlabel("share of events that are coherent")
    handles = [Patch(color=c, alpha=_BAR["alpha"], linewidth=0) for c in ("0.35", "0.7")]
    axes.legend(
        handles,
        ["waking rates", "uniform noise"],
        loc="lower right",
        bbox_to_anchor=(1.03, 1.0),
        ncols=2,
        fontsize=6.5,
        handlelength=0.9,
        handletextpad=0.4,
        columnspacing=1.0,
        borderaxespad=0,
    )


def matrix(axes: Axes, every: Mapping[int, Nights], stage: str, pattern: int) -> AxesImage:
    """Where the drivers look, for each output neuron; events of all networks together."""
    counts = sum(nights.by_rates[stage].real.table[pattern] for nights in every.values())[np.ix_(CLOCKWISE, CLOCKWISE)]
    total = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    image = axes.imshow(share, cmap="Greys", vmin=0, vmax=0.8)
    arrows = [_ARROWS[move] for move in CLOCKWISE]
    axes.set_xticks(range(N_MOVES), arrows, fontsize=6)
    axes.set_yticks(range(N_MOVES), arrows, fontsize=6)
    axes.tick_params(length=0, pad=1)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("where its drivers look", labelpad=1)
    return image


def courses(axes: Axes, every: Mapping[int, Nights]) -> None:
    """What is replayed of either task while Task 2 is learned after Task 1."""
    for stage, line in zip(COURSES, ("--", "-"), strict=True):
        cycles = next(iter(every.values())).courses[stage][0] / 1e6
        for task in (0, 1):
            along = np.array([nights.courses[stage][1][:, REWARDED[task]] for nights in every.values()])
            _band(axes, cycles, along, COLOURS[task], line)
    axes.set_xlim(0, None)
    axes.set_ylim(0, None)
    axes.set_xlabel("million cycles of Task 2 after Task 1")
    axes.set_ylabel("replays\nper 100 cycles")
    kinds = [Line2D([], [], color="0.2", linestyle=line, linewidth=1.2) for line in ("-", "--")]
    tasks = [Line2D([], [], color=COLOURS[task], linewidth=1.2) for task in (0, 1)]
    axes.legend(
        [*kinds, *tasks],
        ["with sleep", "without", "of Task 1", "of Task 2"],
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=4,
        handlelength=1.6,
        handletextpad=0.4,
        columnspacing=1.0,
        borderaxespad=0,
    )


def against_performance(axes: Axes, every: Mapping[int, Nights]) -> None:
    """Every network after every stage: what it replays of a task, and how well it does it."""
    for nights in every.values():
        for stage in STAGES:
            for task in (0, 1):
                replayed = nights.by_rates[stage].real.replays[REWARDED[task]]
                score = nights.performance[stage][task]
                axes.plot(replayed, score, "o", markersize=2.8, color=COLOURS[task], alpha=0.7, markeredgewidth=0)
    axes.axhline(CHANCE, **CHANCE_LINE)
    rho = interval([nights.correlation for nights in every.values()], 0)
    axes.set_title(f"rank correlation within a network {_words(rho)}", loc="left", pad=3)
    axes.set_xlim(0, None)
    axes.set_xlabel("replays per 100 cycles")
    axes.set_ylabel("performance awake")


def _bars(
    axes: Axes,
    every: Mapping[int, Nights],
    real: Callable[[Night], np.ndarray],
    null: Callable[[Night], np.ndarray],
) -> None:
    width = 0.2
    for k, stage in enumerate(STAGES):
        nights = [each.by_rates[stage] for each in every.values()]
        for c, pattern in enumerate(CLASSES):
            values, by_chance = ([float(of(night)[pattern]) for night in nights] for of in (real, null))
            _bar(axes, k + (c - 1.5) * width, width * 0.92, values, by_chance, CLASS_COLOURS[c])
    axes.set_xticks(range(len(STAGES)), [_STAGE_NAMES[stage] for stage in STAGES])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.5, len(STAGES) - 0.5)


def _bar(axes: Axes, x: float, width: float, values: list[float], null: list[float], colour: str) -> None:
    """Mean over networks with its 95% interval, every network, and the mean under shuffled weights."""
    mean, low, high, n = interval(values, 0)
    axes.bar(x, mean, width, color=colour, **_BAR)
    if n > 1:
        axes.errorbar(x, mean, [[mean - low], [high - mean]], **_ERROR)
    axes.plot(x + width * np.linspace(-0.3, 0.3, n), values, **SEED_MARK)
    axes.plot(x, np.mean(null), **SHUFFLED_MARK)


def _band(axes: Axes, x: np.ndarray, values: np.ndarray, colour: str, line: str) -> None:
    """Mean over networks and its 95% interval."""
    ends = np.array([interval(column, 0)[:3] for column in values.T])
    axes.plot(x, ends[:, 0], color=colour, linewidth=1.2, linestyle=line)
    if len(values) > 1:
        axes.fill_between(x, ends[:, 1], ends[:, 2], color=colour, alpha=0.15, linewidth=0)


def _words(value: Interval) -> str:
    text = f"{value.estimate:.2f}" + (f" [{value.low:.2f}, {value.high:.2f}]" if value.n > 1 else "")
    return text.replace("-", "−")
