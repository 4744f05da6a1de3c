"""Tests of the paper's claims, as a forest plot; the paper has no such figure and no test.

One row a claim: every network's difference in performance, their mean with its 95% BCa interval, and the difference of
the paper's means. Where a claim says that two conditions are the same, the band is what counts as no matter.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from experiments.drawing.style import COLOURS, SEED_MARK, STYLE
from experiments.errors import UserError
from experiments.golden2022.analysis.claims import BOTH, UNTRAINED, Examined, Expected, Verdict, examine
from experiments.golden2022.analysis.performance import performances
from experiments.golden2022.analysis.replication import FEWEST, MARGIN
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

_ROW, _TOP, _BOTTOM = 0.19, 0.27, 0.66  # inches: a row, and the room for headings, axis and legend
_WIDTH, _LEFT, _RIGHT = 7.2, 3.34, 4.84  # inches: of the figure, and where the axes begin and end
_COLUMNS = {"contrast": 1.95, "difference": 4.86, "p": 6.35, "holm": 6.69, "verdict": 6.74}  # inches
_COLOUR_OF = {"task1": COLOURS[0], "task2": COLOURS[1], BOTH: "0.15"}
_INK_OF = {Verdict.HOLDS: "0.0", Verdict.CONTRARY: "#a31515", Verdict.OPEN: "0.45", Verdict.TOO_FEW: "0.45"}
_PAPER_MARK: dict[str, Any] = {
    "marker": "D",
    "markersize": 4.0,
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.8,
    "linestyle": "",
    "zorder": 4,
}


def draw(networks: Networks) -> Figure:
    """The forest plot of all claims whose conditions were run.

    Raises UserError if there is none.
    """
    rows = _examined(networks)
    lines = len(rows) + len({row.claim.subject for row in rows})
    height = _TOP + lines * _ROW + _BOTTOM
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, height))
        axes = figure.add_axes(
            (_LEFT / _WIDTH, _BOTTOM / height, (_RIGHT - _LEFT) / _WIDTH, lines * _ROW / height),
            ylim=(lines - 0.5, -0.5),
            yticks=[],
            xlabel="difference in performance",
        )
        axes.spines.left.set_visible(False)
        axes.axvline(0, color="0.35", linewidth=0.6, zorder=1)
        y = 0
        for subject, claims in groupby(rows, lambda row: row.claim.subject):
            _write(axes, 0.0, y, subject, fontweight="bold")
            for row in claims:
                y += 1
                _draw_row(axes, y, row)
            y += 1
        _frame(axes, rows)
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Every network's difference in every claim; the unit is performance."""
    for row in _examined(networks):
        task = "mean of both tasks" if row.claim.task == BOTH else row.claim.task
        for seed, difference in zip(row.seeds, row.differences, strict=True):
            yield Measurement("tests", f"difference in performance, {task}", row.claim.contrast, seed, difference)


@lru_cache(maxsize=8)
def _examined(networks: Networks) -> list[Examined]:
    rows = examine(performances(networks))
    if not rows:
        raise UserError(f"{networks.path} has no two conditions of the same network; there is nothing to compare")
    return rows


def _draw_row(axes: Axes, y: int, row: Examined) -> None:
    claim, mean, colour = row.claim, row.mean, _COLOUR_OF[row.claim.task]
    if claim.expected in (Expected.SAME, Expected.NOT_LOWER):
        right = MARGIN if claim.expected is Expected.SAME else 1.0
        axes.add_patch(Rectangle((-MARGIN, y - 0.5), MARGIN + right, 1.0, color="0.92", linewidth=0, zorder=0))
    n = len(row.seeds)
    axes.plot(row.differences, y + 0.27 * np.linspace(-1, 1, n), **SEED_MARK | {"color": colour, "alpha": 0.55})
    if n >= FEWEST:
        axes.plot([mean.low, mean.high], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=3)
    axes.plot(mean.estimate, y, marker="|", markersize=8, markeredgewidth=1.6, color=colour, zorder=3)
    if row.paper is not None:
        axes.plot(row.paper, y, **_PAPER_MARK)
    _write(axes, 0.1, y, claim.text)
    _write(axes, _COLUMNS["contrast"], y, _short(claim.contrast), fontsize=5.5, color="0.35")
    interval = f" [{mean.low:+.3f}, {mean.high:+.3f}]" if n >= FEWEST else ""
    _write(axes, _COLUMNS["difference"], y, f"{mean.estimate:+.3f}{interval}".replace("-", "−"), fontsize=6)
    _write(axes, _COLUMNS["p"], y, _p(row.p), fontsize=6, ha="right")
    _write(axes, _COLUMNS["holm"], y, _p(row.corrected_p), fontsize=6, ha="right")
    _write(axes, _COLUMNS["verdict"], y, row.verdict, fontsize=6, color=_INK_OF[row.verdict], fontweight="bold")


def _frame(axes: Axes, rows: list[Examined]) -> None:
    """Headings, limits and legend."""
    values = [value for row in rows for value in (*row.differences, row.paper or 0.0)]
    axes.set_xlim(min(values) - 0.02, max(values) + 0.02)
    for name, text in (("contrast", "contrast"), ("difference", "mean [95% interval]"), ("verdict", "the claim")):
        _write(axes, _COLUMNS[name], -0.9, text, color="0.35", fontsize=6)
    for name, text in (("p", "p"), ("holm", "Holm")):
        _write(axes, _COLUMNS[name], -0.9, text, color="0.35", fontsize=6, ha="right")
    counts = sorted({len(row.seeds) for row in rows})
    n = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    bars = [Line2D([], [], color=_COLOUR_OF[task], linewidth=2.2) for task in ("task1", "task2", BOTH)]
    axes.figure.legend(
        [*bars, Line2D([], [], **SEED_MARK | {"color": "0.4"}), Line2D([], [], **_PAPER_MARK), Patch(color="0.9")],
        [
            "Task 1",
            "Task 2",
            "mean of both",
            f"one network (n = {n})",
            "Golden et al. 2022",
            f"counts as the same (±{MARGIN})",
        ],
        loc="lower center",
        ncols=6,
        fontsize=6.5,
        columnspacing=1.4,
        handletextpad=0.5,
        handlelength=1.3,
    )


def _write(axes: Axes, x: float, y: float, text: str, **options: Any) -> None:
    """Text at x inches from the figure's left edge, in row y."""
    inches = mpl.transforms.blended_transform_factory(axes.figure.dpi_scale_trans, axes.transData)
    axes.text(x + 0.06, y, text, transform=inches, va="center", **{"fontsize": 7.0} | options)


def _short(contrast: str) -> str:
    return contrast.replace(UNTRAINED, "untrained").replace("uniform-noise sleep", "uniform noise")


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
