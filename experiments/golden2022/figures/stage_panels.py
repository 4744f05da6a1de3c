"""Performance along stages and after them, for figures that begin with it (3A-B and 4A-B of Golden et al. 2022)."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.drawing.shading import shade
from experiments.drawing.stages import stage_colours
from experiments.drawing.style import (
    CHANCE,
    CHANCE_LINE,
    COLOURS,
    SEED_MARK,
    task_title,
)
from experiments.evidence.paper import published
from experiments.evidence.scores import summary
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

TASKS = ("task1", "task2")
PAPER_MARK: dict[str, Any] = {
    "marker": "D",
    "markersize": 3.6,
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.8,
    "linestyle": "",
    "zorder": 4,
}
"""How a value of the paper is marked."""


def draw_along(
    axes: Axes, networks: Networks, stages: Sequence[str], seeds: Sequence[int], names: Sequence[str]
) -> None:
    """Performance on both tasks along consecutive stages, mean and standard deviation over ``seeds``.

    ``names`` are written above the stages, one each.
    """
    along = {(p.stage, p.task, p.trained, p.seed): p.performance for p in networks.curve()}
    begin = 0.0
    for name, title in zip(stages, names, strict=True):
        end = begin + networks.plan.steps(networks.plan.protocol.stage(name)) / 1e6
        shade(axes, stage_colours(TASKS, networks.plan.protocol.stage(name)), begin, end)
        axes.text((begin + end) / 2, 1.02, title, transform=axes.get_xaxis_transform(), ha="center", va="bottom")
        begin = end
    for task, colour in zip(TASKS, COLOURS, strict=False):
        x, mean, sd = [], [], []
        begin = 0.0
        for name in stages:
            for trained in sorted({tick for stage, _, tick, _ in along if stage == name}):
                values = summary([along[name, task, trained, seed] for seed in seeds])
                x.append(begin + trained / 1e6)
                mean.append(values.mean)
                sd.append(values.sd)
            begin += networks.plan.steps(networks.plan.protocol.stage(name)) / 1e6
        low, high = np.array(mean) - np.nan_to_num(sd), np.array(mean) + np.nan_to_num(sd)
        axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(x, mean, color=colour, linewidth=1.3, label=task_title(task))
    axes.axhline(CHANCE, **CHANCE_LINE)
    axes.set_xlim(0, begin)
    axes.set_xlabel("million movement cycles")
    axes.set_ylabel("performance")


def performances(networks: Networks, stage: str, task: str, seeds: Sequence[int]) -> list[float]:
    """Performance in the test after a stage, one for each seed.

    Raises KeyError if a seed was not tested.
    """
    found = {row.seed: row.performance for row in networks.results() if (row.stage, row.task) == (stage, task)}
    return [found[seed] for seed in seeds]


def draw_after(
    axes: Axes, networks: Networks, stages: Sequence[str], seeds: Sequence[int], names: Sequence[str]
) -> None:
    """Performance on both tasks in the tests after stages, every network, with the paper's values beside."""
    for group, stage in enumerate(stages):
        for i, (task, colour) in enumerate(zip(TASKS, COLOURS, strict=False)):
            x = group + (i - 0.5) * 0.4
            values = performances(networks, stage, task, seeds)
            mean, sd, n = summary(values)
            axes.bar(x, mean - CHANCE, 0.37, bottom=CHANCE, color=colour, alpha=0.55, linewidth=0)
            axes.plot(x + 0.13 * np.linspace(-1, -0.2, n), values, **SEED_MARK)
            if n > 1:
                axes.errorbar(x + 0.02, mean, sd, color="0.1", linewidth=0.9, capsize=1.8)
            paper = published(stage, task)
            if paper:
                axes.plot(x + 0.12, paper.mean, **PAPER_MARK)
    axes.axhline(CHANCE, **CHANCE_LINE)
    axes.set_xticks(range(len(stages)), names)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("performance after")


def measure_after(
    networks: Networks, figure: str, stages: Sequence[str], seeds: Sequence[int]
) -> Iterator[Measurement]:
    """The numbers of `draw_after`."""
    for stage in stages:
        for task in TASKS:
            for seed, value in zip(seeds, performances(networks, stage, task, seeds), strict=True):
                yield Measurement(figure, f"performance on {task_title(task)}", stage, seed, value)
