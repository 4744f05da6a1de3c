"""What protection of an old task costs in time and memory: sleep, interleaved training, freezing, and the baselines.

The paper reports no cost. A: of this run, what is left of the old task, how much of the new one is learned, processor
seconds for a million cycles, and what has to be kept from the old task. A stage is as long with sleep as without, so
sleep and interleaved training both leave the new task half of the cycles. B: the same of the baselines, from
``results/forgetting_paper.csv`` (short lives, 5 seeds) and ``forgetting_paper_costs.csv`` (one of these seeds, lived
again for its costs) of this package.

Left is (performance after - 0.5) / (performance before - 0.5): 1 is all, 0 is chance. Interleaved training keeps no
bytes but needs the old task itself: its world, which gives new samples without end. Seconds include tests along the
stage and depend on what else the machine did; they compare stages of one run.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.drawing.style import CHANCE, COLOURS, SEED_MARK, STYLE
from experiments.errors import UserError
from experiments.evidence.results import read_costs, read_results
from experiments.golden2022.analysis.performance import performances, seeds_tested
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks
from experiments.running.tables import Expense, Result

BASELINES, BASELINE_COSTS = "forgetting_paper.csv", "forgetting_paper_costs.csv"


class Way(NamedTuple):
    """A stage that learns a new task, and the stage before it, which knew an old one."""

    stage: str
    before: str
    old: str
    new: str
    name: str  # for people
    needs: str  # from the old task; {} is the bytes kept


WAYS = (
    Way("T1-T2", "T1", "task1", "task2", "Task 2 alone", "nothing"),
    Way("T1-Int(T1,T2)", "T1", "task1", "task2", "Task 2 and Task 1", "the old world: endless samples"),
    Way("T1-Int(S,T2)", "T1", "task1", "task2", "Task 2 and sleep", "neurons' rates, {}"),
    Way("freeze top 5%", "T1", "task1", "task2", "Task 2, 5% frozen", "which are frozen, 784 B"),
    Way("freeze top 10%", "T1", "task1", "task2", "Task 2, 10% frozen", "which are frozen, 784 B"),
    Way("T1-T2-Int(T1,T2)", "T1-T2", "task2", "task1", "Task 1 again and Task 2", "the old world: endless samples"),
    Way("T1-T2-Int(S,T1)", "T1-T2", "task2", "task1", "Task 1 again and sleep", "neurons' rates, {}"),
    Way("uniform noise", "T1-T2", "task2", "task1", "the same, uniform noise", "one mean rate, 8 B"),
)
"""Ways to learn a new task; the first five after Task 1, the others after Task 2."""

_STAGE_OF = {"uniform noise": "uniform-noise sleep"}
_OLD, _NEW = COLOURS[0], COLOURS[4]
_ROW = 0.2  # inches


def draw(networks: Networks) -> Figure:
    """The figure, of all networks that have been through every way.

    Raises UserError if the package lacks the results or the costs of the baselines.
    """
    seeds, agents, costs = _seeds(networks), _baselines(), _baseline_costs()
    height = 0.95 + _ROW * (len(WAYS) + len(agents)) + 1.05
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, height))
        bottom_b = 0.82 / height
        height_b = _ROW * len(agents) / height
        bottom_a = bottom_b + height_b + 0.72 / height
        height_a = _ROW * len(WAYS) / height
        kept = figure.add_axes((0.215, bottom_a, 0.3, height_a))
        spent = figure.add_axes((0.545, bottom_a, 0.16, height_a))
        baselines = figure.add_axes((0.215, bottom_b, 0.3, height_b))
        their_costs = figure.add_axes((0.545, bottom_b, 0.16, height_b))
        _draw_ways(kept, networks, seeds)
        _draw_spent(spent, networks, seeds)
        _draw_baselines(baselines, agents)
        spent.text(1.07, 1.03, "kept from the old task", transform=spent.transAxes, color="0.35")
        _draw_baseline_costs(their_costs, list(agents), costs)
        for letter, axes in (("A", kept), ("B", baselines)):
            figure.text(0.008, axes.get_position().y1 + 0.24 / height, letter, fontsize=11, fontweight="bold", va="top")
        _legend(figure, len(seeds))
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Of every network and way: what is left of the old task, what of the new one is reached, seconds and bytes."""
    seeds = _seeds(networks)
    for way in WAYS:
        stage = _STAGE_OF.get(way.stage, way.stage)
        left, reached = _left_and_reached(networks, way, seeds)
        seconds, kept = _spent(networks, stage, seeds)
        for i, seed in enumerate(seeds):
            yield Measurement("cost", "share of the old task left", stage, seed, float(left[i]))
            yield Measurement("cost", "performance on the new task", stage, seed, float(reached[i]))
            yield Measurement("cost", "processor seconds per million cycles", stage, seed, float(seconds[i]))
            yield Measurement("cost", "bytes of rates kept", stage, seed, float(kept[i]))
    for agent, (per_million, most) in _baseline_costs().items():
        yield Measurement("cost", "processor seconds per million steps", agent, 0, per_million)
        yield Measurement("cost", "bytes kept", agent, 0, float(most))


def share_left(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Share of what was above chance that is left, one for each network: 1 is all of it, 0 is chance."""
    return np.asarray((after - CHANCE) / (before - CHANCE))


def _seeds(networks: Networks) -> list[int]:
    return seeds_tested(networks, list({_STAGE_OF.get(name, name) for way in WAYS for name in (way.stage, way.before)}))


def _left_and_reached(networks: Networks, way: Way, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    scores, stage = performances(networks), _STAGE_OF.get(way.stage, way.stage)
    before, after, new = (
        np.array([scores[key][seed] for seed in seeds])
        for key in ((way.before, way.old), (stage, way.old), (stage, way.new))
    )
    return share_left(before, after), new


def _spent(networks: Networks, stage: str, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Processor seconds per million cycles, and bytes kept, of a stage, one for each seed."""
    rows = {row.seed: row for row in _costs(networks) if row.stage == stage}
    return (
        np.array([1e6 * rows[seed].cpu_seconds / rows[seed].steps for seed in seeds]),
        np.array([rows[seed].bytes_kept for seed in seeds]),
    )


@lru_cache(maxsize=8)
def _costs(networks: Networks) -> list[Expense]:
    return read_costs(networks.path / "costs.csv")


def _baselines() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By agent: share of Task 1 left after Task 2, and performance on Task 2 then, float64[seeds] each."""
    with as_file(_packaged(BASELINES)) as path:
        return shares_of(read_results(path))


def _baseline_costs() -> dict[str, tuple[float, int]]:
    """By agent: processor seconds per million steps, tests included, and the most bytes kept from earlier tasks."""
    with as_file(_packaged(BASELINE_COSTS)) as path:
        rows = read_costs(path)
    found = {}
    for agent in dict.fromkeys(row.agent for row in rows):
        mine = [row for row in rows if row.agent == agent]
        seconds = 1e6 * sum(row.cpu_seconds for row in mine) / sum(row.steps for row in mine)
        found[agent] = seconds, max(row.bytes_kept for row in mine)
    return found


def _packaged(name: str) -> Traversable:
    source = files("experiments").joinpath("results", name)
    if not source.is_file():
        raise UserError(
            f"this installation lacks experiments/results/{name}, which tells of baselines; install the project "
            "with its data, or leave the figure cost out (--only)"
        )
    return source


def shares_of(results: Sequence[Result]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By agent that learned Task 1 and then Task 2 in one life: share of Task 1 left, and performance on Task 2."""
    scores = {(row.agent, row.phase, row.task, row.seed): row.performance for row in results}
    found = {}
    for agent in dict.fromkeys(row.agent for row in results):
        seeds = sorted({seed for name, phase, _, seed in scores if name == agent and phase == 2})
        if seeds and all((agent, 1, "task1", seed) in scores for seed in seeds):
            before, after, new = (
                np.array([scores[agent, phase, task, seed] for seed in seeds])
                for phase, task in ((1, "task1"), (2, "task1"), (2, "task2"))
            )
            found[agent] = share_left(before, after), new
    return found


def _draw_row(axes: Axes, y: int, left: np.ndarray, reached: np.ndarray) -> None:
    """Old task above, new task below, both as shares of what is above chance in percent and in performance."""
    for values, colour, offset in ((100 * left, _OLD, -0.16), (100 * (reached - CHANCE) / CHANCE, _NEW, 0.16)):
        axes.plot(values, np.full(len(values), y + offset), **SEED_MARK | {"color": colour, "alpha": 0.5})
        axes.plot(values.mean(), y + offset, marker="|", markersize=6, markeredgewidth=1.8, color=colour)


def _frame(axes: Axes, names: Sequence[str]) -> None:
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    for y in range(len(names)):
        axes.axhline(y + 0.5, color="0.92", linewidth=0.6, zorder=0)


def _draw_ways(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    for y, way in enumerate(WAYS):
        _draw_row(axes, y, *_left_and_reached(networks, way, seeds))
    _frame(axes, [way.name for way in WAYS])
    axes.axvline(0, color="0.35", linewidth=0.6)
    axes.axvline(100, color="0.35", linewidth=0.6, linestyle=(0, (4, 3)))
    axes.set_xlabel("% above chance")


def _draw_spent(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    for y, way in enumerate(WAYS):
        seconds, kept = _spent(networks, _STAGE_OF.get(way.stage, way.stage), seeds)
        axes.plot(seconds, y + 0.15 * np.linspace(-1, 1, len(seeds)), **SEED_MARK | {"color": "0.4"})
        axes.plot(seconds.mean(), y, marker="|", markersize=9, markeredgewidth=1.8, color="0.1")
        needs = way.needs.format(f"{int(kept.max()):,} B")
        axes.text(1.07, y, needs, transform=axes.get_yaxis_transform(), va="center", fontsize=6.5)
    _frame(axes, [""] * len(WAYS))
    axes.set_xlim(0, None)
    axes.set_xlabel("processor s per\nmillion cycles")


def _draw_baselines(axes: Axes, agents: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    for y, shares in enumerate(agents.values()):
        _draw_row(axes, y, *shares)
    _frame(axes, list(agents))
    axes.axvline(0, color="0.35", linewidth=0.6)
    axes.axvline(100, color="0.35", linewidth=0.6, linestyle=(0, (4, 3)))
    axes.set_xlabel("% above chance")


def _draw_baseline_costs(axes: Axes, agents: Sequence[str], costs: dict[str, tuple[float, int]]) -> None:
    for y, agent in enumerate(agents):
        if agent not in costs:
            axes.text(1.07, y, "see A", transform=axes.get_yaxis_transform(), va="center", fontsize=6.5)
            continue
        seconds, kept = costs[agent]
        needs = "all tasks at once" if agent.endswith("+interleaved") else f"{kept:,} B" if kept else "nothing"
        axes.plot(seconds, y, marker="|", markersize=9, markeredgewidth=1.8, color="0.1")
        axes.text(1.07, y, needs, transform=axes.get_yaxis_transform(), va="center", fontsize=6.5)
    _frame(axes, [""] * len(agents))
    axes.set_xlim(0, None)
    axes.set_xlabel("processor s per\nmillion steps (1 seed)")


def _legend(figure: Figure, n_seeds: int) -> None:
    marks = [
        Line2D([], [], color=colour, marker="|", markersize=7, markeredgewidth=1.8, linestyle="")
        for colour in (_OLD, _NEW)
    ]
    words = [
        "old task: left of what it was",
        "new task: of a perfect score",
        f"one network (A: n = {n_seeds}; bar: mean)",
    ]
    figure.legend(
        [*marks, Line2D([], [], **SEED_MARK | {"color": "0.4"})], words, loc="lower center", ncols=3, fontsize=6.5
    )
