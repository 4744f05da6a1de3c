"""What the strong inputs of output neurons look for, over all networks: numbers and panels of figures 2 and 5."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from experiments.drawing.style import COLOURS, SEED_MARK
from experiments.evidence.scores import summary
from experiments.golden2022.analysis import receptive_fields
from experiments.golden2022.figures.field_panels import layers
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks
from foraging_env.tasks import PATTERNS, named_task

SHARE = 0.1  # of the hidden neurons count as strong inputs
TASKS = ("task1", "task2")
REWARDED = tuple(str(named_task(task).rewarded) for task in TASKS)
PUNISHED = tuple(str(named_task(task).punished) for task in TASKS)
PATTERN_STYLE: Mapping[str, dict[str, Any]] = {
    REWARDED[0]: {"color": COLOURS[0], "linestyle": "-"},
    PUNISHED[0]: {"color": COLOURS[0], "linestyle": (0, (2.5, 1.2))},
    REWARDED[1]: {"color": COLOURS[1], "linestyle": "-"},
    PUNISHED[1]: {"color": COLOURS[1], "linestyle": (0, (2.5, 1.2))},
}
"""A colour a task; rewarded patterns solid, punished ones dashed."""
PATTERN_NAMES = {
    REWARDED[0]: "horizontal, rewarded in Task 1",
    PUNISHED[0]: "negative diagonal, punished in Task 1",
    REWARDED[1]: "vertical, rewarded in Task 2",
    PUNISHED[1]: "positive diagonal, punished in Task 2",
}
_BOTH = "0.55"
_CHANCE_MARK: dict[str, Any] = {"color": "black", "linewidth": 0.8, "linestyle": (0, (2, 1.5))}


def shares(networks: Networks, stage: str, seeds: Sequence[int], pattern: str, share: float = SHARE) -> np.ndarray:
    """float64[seeds, O]: of the strong inputs of every output neuron, those that look for ``pattern`` ahead of it."""
    return np.stack(
        [
            receptive_fields.share_looking_for(net.found, net.outputs, pattern, share)
            for net in (layers(networks, stage, seed) for seed in seeds)
        ]
    )


def tunings(networks: Networks, stage: str, seeds: Sequence[int]) -> np.ndarray:
    """float64[seeds, 4, 5]: `receptive_fields.tuning` of every network."""
    nets = (layers(networks, stage, seed) for seed in seeds)
    return np.stack([receptive_fields.tuning(net.found, net.outputs) for net in nets])


def draw_tuning(axes: Axes, networks: Networks, stage: str, title: str) -> None:
    """Mean net weight of hidden neurons by the pattern they look for and by how far from the own move it lies."""
    values = tunings(networks, stage, networks.seeds(stage))
    angles = 45 * np.arange(receptive_fields.ANGLES)
    for pattern, look in PATTERN_STYLE.items():
        each = values[:, PATTERNS.index(pattern)]
        mean = each.mean(axis=0)
        if len(each) > 1:
            sd = each.std(axis=0, ddof=1)
            axes.fill_between(angles, mean - sd, mean + sd, color=look["color"], alpha=0.15, linewidth=0)
        axes.plot(angles, mean, linewidth=1.3, marker="o", markersize=2.5, label=PATTERN_NAMES[pattern], **look)
    axes.axhline(0, color="0.35", linewidth=0.6)
    axes.set_xticks(angles, [f"{angle}°" for angle in angles])
    axes.set_xlabel("pair lies off the move by", labelpad=2)
    axes.set_title(f"{title} (n = {len(values)})", pad=3)


def draw_shares(axes: Axes, networks: Networks, stages: Mapping[str, str]) -> None:
    """Bars: share of strong inputs that look for the pattern rewarded in either task, ahead of their output neuron.

    Third bar: the smaller of the two shares, neuron by neuron; it is high only where neurons look for both.
    """
    n = []
    for group, stage in enumerate(stages):
        seeds = networks.seeds(stage)
        n.append(len(seeds))
        for i, (values, chance) in enumerate(_bars(networks, stage, seeds)):
            x = group + (i - 1) * 0.27
            draw_bar(axes, x, 100 * values, (*COLOURS[:2], _BOTH)[i], 0.26)
            if chance is not None:
                axes.plot([x - 0.13, x + 0.13], 2 * [100 * chance.mean()], **_CHANCE_MARK)
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    if len(set(n)) == 1:
        axes.set_title(f"n = {n[0]} networks", pad=3)
    axes.set_xticks(range(len(stages)), _with_n(list(stages.values()), n))
    axes.tick_params(axis="x", length=0)


def _bars(networks: Networks, stage: str, seeds: Sequence[int]) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """For each bar of `draw_shares`: float64[seeds], and the same of all hidden neurons instead of the strong ones.

    The third has no such level: the smaller of two noisy shares is below both means even by chance. There networks
    before training are the comparison.
    """
    strong, every = ([shares(networks, stage, seeds, pattern, share) for pattern in REWARDED] for share in (SHARE, 1.0))
    first, second = ((a.mean(axis=1), b.mean(axis=1)) for a, b in zip(strong, every, strict=True))
    return [first, second, (np.minimum(*strong).mean(axis=1), None)]


def draw_bar(axes: Axes, x: float, values: np.ndarray, colour: str, width: float) -> None:
    """Mean and s.d. over seeds, every seed a dot beside."""
    mean, sd, n = summary(values.tolist())
    axes.bar(x, mean, width * 0.94, color=colour, alpha=0.55, linewidth=0)
    axes.plot(x + width * np.linspace(-0.35, -0.05, n), values, **SEED_MARK)
    if n > 1:
        axes.errorbar(x + 0.2 * width, mean, sd, color="0.1", linewidth=1.0, capsize=2.0)


def _with_n(names: Sequence[str], n: Sequence[int]) -> list[str]:
    """Names of groups, with their numbers of networks where these differ."""
    return list(names) if len(set(n)) == 1 else [f"{name}\nn = {count}" for name, count in zip(names, n, strict=True)]


def draw_statistics(
    figure: Figure, networks: Networks, tuned: Mapping[str, str], shared: Mapping[str, str], top: float
) -> None:
    """The lower part of figures 2 and 5: `draw_tuning` of two stages, and `draw_shares` of some, with titles."""
    bottom, height = 0.15, top - 0.15
    left = figure.add_axes((0.09, bottom, 0.235, height))
    right = figure.add_axes((0.35, bottom, 0.235, height), sharey=left)
    for axes, (stage, title) in zip((left, right), tuned.items(), strict=True):
        draw_tuning(axes, networks, stage, title)
    left.set_ylabel("net weight (mean, s.d. over networks)", labelpad=2)
    right.tick_params(labelleft=False)
    handles, words = left.get_legend_handles_labels()
    figure.legend(handles, words, loc="lower left", bbox_to_anchor=(0.05, 0.0), ncols=2, columnspacing=1.2, fontsize=7)
    bars = figure.add_axes((0.67, bottom, 0.32, height))
    draw_shares(bars, networks, shared)
    bars.set_ylabel(f"share of the strongest {SHARE:.0%} of inputs (%)", labelpad=2)
    bars.legend(
        [
            *(Patch(color=colour, alpha=0.55, linewidth=0) for colour in (*COLOURS[:2], _BOTH)),
            Line2D([], [], **_CHANCE_MARK),
        ],
        [
            *(f"look for {pattern} pairs ahead" for pattern in REWARDED),
            "the smaller of both, by output neuron",
            "among all hidden neurons",
        ],
        loc="upper left",
        handlelength=1.2,
        fontsize=7,
        borderaxespad=0,
        labelspacing=0.3,
    )


def measured(networks: Networks, figure: str, tuned: Sequence[str], shared: Sequence[str]) -> Iterator[Measurement]:
    """What `draw_statistics` shows, every network on its own."""
    words = (
        *(f"looking for {pattern} pairs ahead" for pattern in REWARDED),
        "the smaller of the two, by output neuron",
    )
    for stage in shared:
        seeds = networks.seeds(stage)
        for what, (strong, every) in zip(words, _bars(networks, stage, seeds), strict=True):
            for seed, value in zip(seeds, strong, strict=True):
                quantity = f"share of the strongest {SHARE:.0%} of inputs {what}"
                yield Measurement(figure, quantity, stage, seed, float(value))
            for seed, value in zip(seeds, every, strict=True) if every is not None else ():
                yield Measurement(figure, f"share of all hidden neurons {what}", stage, seed, float(value))
    for stage in tuned:
        for seed, table in zip(networks.seeds(stage), tunings(networks, stage, networks.seeds(stage)), strict=True):
            for pattern, row in zip(PATTERNS, table, strict=True):
                for steps, value in enumerate(row):
                    what = f"mean net weight of neurons looking for {pattern} pairs, {45 * steps} degrees off the move"
                    yield Measurement(figure, what, stage, seed, float(value))
