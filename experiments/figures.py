"""The figure of a run, drawn from its files alone: the way of performance (as figure 4A of Golden et al. 2022), and
bars after every stage (as 4B)."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.paper import published
from experiments.protocols import Protocol, Stage
from experiments.results import Point, Result, performance_after, read_curve, read_results
from experiments.scores import summary
from experiments.storage import RunFolder, replacing

# Okabe and Ito's colours: told apart with any colour vision, and in grey.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_NIGHT = "#5b5b7b"
_STYLE = {
    "font.family": "sans-serif",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "savefig.dpi": 300,
}
_LIMITS = (0.4, 0.85)
_MILLION = 1e6


def draw_run(path: Path) -> Path:
    """Draw the figure of the run in folder ``path`` and return where it lies.

    Raises UserError if the folder holds no configuration, OSError if a table is missing.
    """
    config = RunFolder(path).config()
    protocol = Protocol(
        name=config["protocol"]["name"],
        summary=config["protocol"]["summary"],
        stages=tuple(Stage(**stage | {"tasks": tuple(stage["tasks"])}) for stage in config["protocol"]["stages"]),
        tests=tuple(config["protocol"]["tests"]),
    )
    figure = performance_figure(protocol, read_curve(path / "curve.csv"), read_results(path / "results.csv"))
    target = path / f"{protocol.name}.png"
    with replacing(target) as draft:
        figure.savefig(draft, format="png")
    plt.close(figure)
    return target


def performance_figure(protocol: Protocol, curve: Sequence[Point], results: Sequence[Result]) -> plt.Figure:
    """Panel A: a panel a stage, the trunk joined, its branches apart. Panel B: bars after every stage."""
    trunk, branches = _trunk_and_branches(protocol)
    stages = [*trunk, *branches]
    with plt.rc_context(_STYLE):
        figure = plt.figure(figsize=(7.2, 5.0), layout="constrained")
        top, bottom = figure.subfigures(2, 1, height_ratios=(1.0, 1.05))
        panels = top.subplots(1, len(stages), sharey=True, gridspec_kw={"wspace": 0.0})
        for axes, stage in zip(panels, stages, strict=True):
            _draw_stage(axes, protocol, stage, curve)
        _draw_bars(bottom.subplots(), protocol, results)
    return figure


def _trunk_and_branches(protocol: Protocol) -> tuple[list[Stage], list[Stage]]:
    """Stages up to the first fork, and those after it."""
    trunk: list[Stage] = []
    children = [stage for stage in protocol.stages if stage.parent is None]
    while len(children) == 1:
        trunk += children
        children = [stage for stage in protocol.stages if stage.parent == trunk[-1].name]
    return trunk, [stage for stage in protocol.stages if stage not in trunk]
