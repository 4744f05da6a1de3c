"""Performance over time for each task learned alone, and the forager's path before and after training.

As figure 1 of Golden et al. 2022, the parts of it that are data. Added: performance on the task that was not trained,
and the long tests at the end beside the paper's values.
"""

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from experiments.drawing.style import CHANCE, CHANCE_LINE, COLOURS, SEED_MARK, STYLE, task_title
from experiments.evidence.paper import published
from experiments.evidence.scores import summary
from experiments.golden2022.analysis.paths import Walk, strokes, walk
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

STAGES = ("T1", "T2")
TASKS = ("task1", "task2")
STEPS = 300  # cycles of a path
WORLD_SEED = 1
_REWARDED, _PUNISHED = COLOURS[2], COLOURS[3]
_PAPER_MARK: dict[str, Any] = {
    "marker": "D",
    "markersize": 4.0,
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.9,
    "linestyle": "",
    "color": "black",
    "elinewidth": 0.9,
    "capsize": 0,
    "zorder": 4,
}


def draw(networks: Networks) -> Figure:
    """Performance along the stages T1 and T2 (A), paths in one world of Task 1 before and after T1 (B)."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 6.15))
        curves = [figure.add_axes((0.075 + 0.465 * i, 0.70, 0.44, 0.23)) for i in range(2)]
        for axes, stage, trained in zip(curves, STAGES, TASKS, strict=True):
            _draw_curve(axes, networks, stage, trained)
        limits = [min(a.get_ylim()[0] for a in curves), max(a.get_ylim()[1] for a in curves)]
        for axes in curves:
            axes.set_ylim(*limits)
        curves[0].set_ylabel("performance")
        curves[1].tick_params(labelleft=False)
        _explain_curves(figure)
        seed = networks.seeds("unsupervised", "T1")[0]
        for i, (stage, title) in enumerate((("unsupervised", "before training"), ("T1", "after training on Task 1"))):
            axes = figure.add_axes((0.075 + 0.465 * i, 0.075, 0.44, 0.44 * 7.2 / 6.15))
            _draw_walk(axes, _walk(networks, stage, seed), title)
        _explain_walks(figure)
        for letter, y in (("A", 0.965), ("B", 0.615)):
            figure.text(0.008, y, letter, fontsize=11, fontweight="bold", va="top")
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Performance along and after both stages, and what the drawn paths ate."""
    for stage in STAGES:
        for task in TASKS:
            for trained, by_seed in _along(networks, stage, task).items():
                for seed, value in by_seed.items():
                    yield Measurement("fig1", f"performance on {task} after {trained} cycles", stage, seed, value)
            for seed, value in _after(networks, stage, task).items():
                yield Measurement("fig1", f"performance on {task}, long test", stage, seed, value)
    seed = networks.seeds("unsupervised", "T1")[0]
    for stage in ("unsupervised", "T1"):
        taken = _walk(networks, stage, seed)
        for word, value in (("rewarded", 1), ("punished", -1)):
            yield Measurement(
                "fig1", f"{word} pairs eaten in {STEPS} cycles, path shown", stage, seed, taken.count(value)
            )


def _walk(networks: Networks, stage: str, seed: int) -> Walk:
    return walk(networks.agent(stage, seed), "task1", steps=STEPS, world_seed=WORLD_SEED)


def _along(networks: Networks, stage: str, task: str) -> dict[int, dict[int, float]]:
    """Performance by cycles of the stage and seed; at 0 the last test of the unsupervised stage."""
    seeds = set(networks.seeds(stage))
    rows = [p for p in networks.curve() if p.agent == stage and p.task == task and p.seed in seeds]
    before = [p for p in rows if p.stage == "unsupervised"]
    last = max(p.trained for p in before)
    along = {0: {p.seed: p.performance for p in before if p.trained == last}}
    for point in rows:
        if point.stage == stage:
            along.setdefault(point.trained, {})[point.seed] = point.performance
    return along


def _after(networks: Networks, stage: str, task: str) -> dict[int, float]:
    """Performance in the long test after the stage, by seed."""
    seeds = set(networks.seeds(stage))
    return {
        row.seed: row.performance
        for row in networks.results()
        if (row.agent, row.stage, row.task) == (stage, stage, task) and row.seed in seeds
    }


def _draw_curve(axes: Axes, networks: Networks, stage: str, trained: str) -> None:
    end = 1.0
    for task, colour in zip(TASKS, COLOURS, strict=False):
        along = _along(networks, stage, task)
        x = np.array(list(along)) / 1e6
        values = [summary(list(by_seed.values())) for by_seed in along.values()]
        mean, sd = np.array([v.mean for v in values]), np.array([v.sd for v in values])
        axes.fill_between(x, mean - sd, mean + sd, color=colour, alpha=0.25, linewidth=0)
        axes.plot(x, mean, color=colour, linewidth=1.4, linestyle="-" if task == trained else (0, (3, 1.2)))
        end = x[-1]
        after = list(_after(networks, stage, task).values())
        axes.plot(end * (1.04 + np.linspace(-0.012, 0.012, len(after))), after, **SEED_MARK | {"color": colour})
        paper = published(stage, task)
        if paper is not None:
            axes.errorbar(end * 1.09, paper.mean, paper.sd, **_PAPER_MARK)
    axes.axhline(CHANCE, **CHANCE_LINE)
    axes.axvline(end, color="0.75", linewidth=0.6)
    axes.set_xlim(0, end * 1.13)
    axes.set_xticks(np.linspace(0, end, 6), [f"{tick:g}" for tick in np.round(np.linspace(0, end, 6), 6)])
    axes.set_xlabel("training (million movement cycles)", labelpad=2)
    axes.set_title(f"trained on {task_title(trained)} alone, n = {len(networks.seeds(stage))} networks", pad=4)


def _explain_curves(figure: Figure) -> None:
    handles = [Line2D([], [], color=colour, linewidth=1.4) for colour in COLOURS[:2]]
    seed = Line2D([], [], **SEED_MARK | {"color": "0.4"})
    paper = Line2D([], [], **{k: v for k, v in _PAPER_MARK.items() if k not in ("elinewidth", "capsize")})
    figure.legend(
        [*handles, seed, paper, Line2D([], [], **CHANCE_LINE)],
        ["tested on Task 1", "on Task 2 (mean, s.d.)", "one network, long test", "Golden et al. 2022 (s.d.)", "chance"],
        loc="upper center",
        bbox_to_anchor=(0.5275, 1.0),
        ncols=5,
        handlelength=1.4,
        columnspacing=1.6,
    )


def _draw_walk(axes: Axes, taken: Walk, title: str) -> None:
    """The world at the start, pale; what was eaten, dark; and the way."""
    rows, cols = taken.start.shape
    for value, colour in ((1, _REWARDED), (-1, _PUNISHED)):
        _draw_cells(axes, (taken.start == value) & ~taken.eaten, colour, alpha=0.35)
        _draw_cells(axes, taken.eaten & (taken.worth == value), colour, alpha=1.0)
    axes.add_collection(LineCollection(list(strokes(taken)), colors="0.15", linewidths=0.7, capstyle="round"))
    ends: dict[str, Any] = {"markeredgecolor": "0.1", "markersize": 4.5, "markeredgewidth": 0.9, "zorder": 5}
    axes.plot(taken.col[0], taken.row[0], "o", markerfacecolor="white", **ends)
    axes.plot(taken.col[-1], taken.row[-1], "o", markerfacecolor="0.1", **ends)
    axes.set(xlim=(-0.5, cols - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color("0.6")
    rewarded, punished = taken.count(1), taken.count(-1)
    axes.set_title(f"{title}: {rewarded} rewarded, {punished} punished eaten", pad=4)


def _draw_cells(axes: Axes, cells: np.ndarray, colour: str, alpha: float) -> None:
    for row, col in np.argwhere(cells):
        box = Rectangle((col - 0.42, row - 0.42), 0.84, 0.84, facecolor=colour, alpha=alpha, linewidth=0)
        axes.add_patch(box)


def _explain_walks(figure: Figure) -> None:
    ends: dict[str, Any] = {"marker": "o", "linestyle": "", "markeredgecolor": "0.1", "markersize": 4.5}
    handles = [
        Patch(color=_REWARDED, alpha=0.35, linewidth=0),
        Patch(color=_REWARDED, linewidth=0),
        Patch(color=_PUNISHED, alpha=0.35, linewidth=0),
        Patch(color=_PUNISHED, linewidth=0),
        Line2D([], [], color="0.15", linewidth=0.7),
        Line2D([], [], markerfacecolor="white", **ends),
        Line2D([], [], markerfacecolor="0.1", **ends),
    ]
    words = ["rewarded pair", "eaten", "punished pair", "eaten", f"path of {STEPS} cycles", "start", "end"]
    figure.legend(
        handles, words, loc="lower center", bbox_to_anchor=(0.5275, 0.012), ncols=7, handlelength=1.2, columnspacing=1.6
    )
