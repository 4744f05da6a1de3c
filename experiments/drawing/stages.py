"""The figure of a run, drawn from its files alone.

Panel A follows performance through the stages (as figure 4A of Golden et al. 2022), panel B shows it after each of
them (as 4B), with the paper's values beside.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.drawing.shading import shade
from experiments.drawing.style import (
    BACKGROUNDS,
    CHANCE,
    CHANCE_LINE,
    COLOURS,
    NIGHT,
    NO_TASK,
    SEED_MARK,
    STYLE,
    task_title,
)
from experiments.evidence.paper import published
from experiments.evidence.results import performance_after, read_run
from experiments.evidence.scores import Summary, summary
from experiments.plans.stages import Protocol, Stage
from experiments.running.tables import Point, Result
from foraging_env.files import replacing

_LEFT, _WIDTH = 0.075, 0.905  # of the drawing area, as shares of the figure
_PAPER_MARK: dict[str, Any] = {
    "marker": "D",
    "markersize": 4.2,
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.9,
    "linestyle": "",
    "zorder": 4,
}


def draw_run(path: Path) -> Path:
    """Draw the figure of the run in folder ``path`` and return where it lies.

    Raises UserError if the folder holds no configuration, or a table is missing.
    """
    run = read_run(path)
    protocol = run.plans[0].protocol
    figure = performance_figure(protocol, run.curve, run.results)
    target = path / f"{protocol.name}.png"
    with replacing(target) as draft:
        figure.savefig(draft, format="png", dpi=300)
    return target


def performance_figure(protocol: Protocol, curve: Sequence[Point], results: Sequence[Result]) -> Figure:
    """Performance on every tested task along the stages and after them, over seeds."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 4.9))
        trunk, branches = _trunk_and_branches(protocol)
        limits = _limits(curve, results)
        panels = _panels(figure, trunk, branches)
        for i, (stage, axes) in enumerate(panels.items()):
            axes.set_ylim(limits)
            _draw_stage(axes, protocol, stage, curve)
            _mark_cycles(axes, with_end=stage in (trunk[-1], [*trunk, *branches][-1]))
            if i:
                axes.tick_params(left=False, labelleft=False)
                axes.spines.left.set_visible(False)
        panels[trunk[0]].set_ylabel("performance along the stage")
        panels[trunk[0]].legend(loc="upper left", title="tested on", handlelength=1.2, borderaxespad=0.2)
        _label_above(figure, [panels[stage] for stage in trunk], "first")
        _label_above(figure, [panels[stage] for stage in branches], "then, from that same network, one of")
        middle = figure.add_axes((_LEFT, 0.525, _WIDTH, 0.01), frameon=False, xticks=[], yticks=[])
        middle.set_xlabel("million movement cycles in the stage, sleep included", labelpad=0)
        bars = figure.add_axes((_LEFT, 0.115, _WIDTH, 0.33))
        bars.set_ylim(limits)
        _draw_bars(bars, protocol, [*trunk, *branches], results)
        for letter, y in (("A", 0.975), ("B", 0.465)):
            figure.text(0.008, y, letter, fontsize=11, fontweight="bold", va="top")
    return figure


def _trunk_and_branches(protocol: Protocol) -> tuple[list[Stage], list[Stage]]:
    """Stages up to the first fork, and all others."""
    trunk: list[Stage] = []
    children = [stage for stage in protocol.stages if stage.parent is None]
    while len(children) == 1:
        trunk += children
        children = [stage for stage in protocol.stages if stage.parent == trunk[-1].name]
    return trunk, [stage for stage in protocol.stages if stage not in trunk]


def _limits(curve: Sequence[Point], results: Sequence[Result]) -> tuple[float, float]:
    """Common vertical limits that hold every value, in steps of 0.05."""
    values = [CHANCE, *(point.performance for point in curve), *(result.performance for result in results)]
    return np.floor(min(values) * 20 - 0.5) / 20, np.ceil(max(values) * 20 + 0.5) / 20


def _panels(figure: Figure, trunk: Sequence[Stage], branches: Sequence[Stage]) -> dict[Stage, Axes]:
    """A panel a stage: those of the trunk touch, for the life runs on; the branches stand apart."""
    gaps = [0.0] * len(trunk) + [0.3] + [0.12] * (len(branches) - 1)
    unit = _WIDTH / (len(trunk) + sum(gaps[: len(trunk) + len(branches)]) + len(branches))
    panels, left = {}, _LEFT
    for stage, gap in zip([*trunk, *branches], gaps, strict=False):
        left += gap * unit
        panels[stage] = figure.add_axes((left, 0.585, unit, 0.285))
        left += unit
    return panels


def _label_above(figure: Figure, panels: Sequence[Axes], text: str) -> None:
    if panels:
        left, right = panels[0].get_position().x0, panels[-1].get_position().x1
        figure.add_artist(Line2D([left + 0.003, right - 0.003], [0.947, 0.947], color="0.4", linewidth=0.6))
        figure.text((left + right) / 2, 0.953, text, ha="center", va="bottom", color="0.25")


def _draw_stage(axes: Axes, protocol: Protocol, stage: Stage, curve: Sequence[Point]) -> None:
    ticks = sorted({point.trained for point in curve if point.stage == stage.name})
    end = ticks[-1] / 1e6 if ticks else 1.0
    axes.set_xlim(0, end)
    axes.set_title(_title(protocol, stage), pad=3)
    shade(axes, stage_colours(protocol.tests, stage), 0.0, end)
    axes.axhline(CHANCE, **CHANCE_LINE)
    for task, colour in zip(protocol.tests, COLOURS, strict=False):
        x = [trained / 1e6 for trained in ticks]
        along = [_at(curve, stage.name, task, trained) for trained in ticks]
        before = [point.trained for point in curve if point.stage == stage.parent]
        if stage.parent is not None and before and along:
            x.insert(0, 0.0)
            along.insert(0, _at(curve, stage.parent, task, max(before)))
        mean, sd = (np.array([getattr(value, name) for value in along]) for name in ("mean", "sd"))
        axes.fill_between(x, mean - sd, mean + sd, color=colour, alpha=0.25, linewidth=0)
        axes.plot(x, mean, color=colour, linewidth=1.4, label=task_title(task))


def _mark_cycles(axes: Axes, *, with_end: bool) -> None:
    """Ticks at the beginning, the middle and, unless the next panel begins there, the end."""
    end = axes.get_xlim()[1]
    ticks = [0, end / 2, end] if with_end else [0, end / 2]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])


def _at(curve: Sequence[Point], stage: str, task: str, trained: int) -> Summary:
    rows = [p for p in curve if (p.stage, p.task, p.trained) == (stage, task, trained)]
    return summary([row.performance for row in rows])


def _draw_bars(axes: Axes, protocol: Protocol, stages: Sequence[Stage], results: Sequence[Result]) -> None:
    tested = {row.stage for row in results}
    width = 0.72 / len(protocol.tests)
    for group, stage in enumerate(stages):
        for i, (task, colour) in enumerate(zip(protocol.tests, COLOURS, strict=False)):
            if stage.name not in tested:
                continue
            x = group + (i - (len(protocol.tests) - 1) / 2) * width
            mean, sd, n = performance_after(results, stage.name, task)
            axes.bar(x, mean - CHANCE, width * 0.94, bottom=CHANCE, color=colour, alpha=0.55, linewidth=0)
            values = [row.performance for row in results if row.stage == stage.name and row.task == task]
            axes.plot(x + width * np.linspace(-0.38, -0.1, n), values, **SEED_MARK)
            if n > 1:
                axes.errorbar(x + 0.06 * width, mean, sd, color="0.1", linewidth=1.0, capsize=2.0)
            paper = published(stage.name, task)
            if paper:
                axes.plot(x + 0.3 * width, paper.mean, **_PAPER_MARK)
    axes.axhline(CHANCE, **CHANCE_LINE)
    axes.set_xlim(-0.5, len(stages) - 0.5)
    axes.set_xticks(range(len(stages)), [_title(protocol, stage) for stage in stages])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("performance after")
    n_seeds = len({row.seed for row in results})
    handles = [Patch(color=colour, alpha=0.55, linewidth=0) for _, colour in zip(protocol.tests, COLOURS, strict=False)]
    marks = [
        Line2D([], [], **SEED_MARK),
        Line2D([], [], color="0.1", linewidth=1.0),
        Line2D([], [], **_PAPER_MARK),
        Line2D([], [], **CHANCE_LINE),
    ]
    words = ["one network", f"mean ± s.d., n = {n_seeds}", "Golden et al. 2022", "chance"]
    axes.legend(
        [*handles, *marks],
        [f"tested on {task_title(task)}" for task in protocol.tests] + words,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.2),
        ncols=len(handles) + len(marks),
        columnspacing=1.4,
        handletextpad=0.5,
        handlelength=1.2,
        borderaxespad=0,
    )


def _title(protocol: Protocol, stage: Stage) -> str:
    """What a stage is, on two lines."""
    if stage.unsupervised:
        return "unsupervised\ntraining"
    tasks = ", ".join(task_title(task) for task in stage.tasks)
    if stage.remedy == "sleep":
        return f"interleaving\nsleep, {tasks}"
    if len(stage.tasks) > 1:
        return f"interleaving\n{tasks}"
    again = any(other.tasks == stage.tasks for other in protocol.ancestors(stage))
    return f"training\n{tasks}" + " again" * again


def stage_colours(tests: Sequence[str], stage: Stage) -> list[str]:
    """Colours that a stage is shaded with, in turn: its tasks', grey for a task that is not tested, night for sleep."""
    of_task = dict(zip(tests, BACKGROUNDS, strict=False))
    return [of_task.get(task, NO_TASK) for task in stage.tasks] + [NIGHT] * stage.sleeps
