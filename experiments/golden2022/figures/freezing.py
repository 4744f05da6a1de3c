"""The strongest synapses frozen while Task 2 is learned, as the supplement of Golden et al. 2022.

After Task 1 a share of each output's strongest inputs stops changing; then Task 2 is trained. A: both tasks along
that training. B: performance after it against the frozen share, with the paper's values; nothing frozen is T1-T2.
C: the same as a trade of one task for the other, beside sleep, which escapes it.
"""

from collections.abc import Iterator, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator

from experiments.drawing.style import CHANCE, CHANCE_LINE, COLOURS, SEED_MARK, STYLE, task_title
from experiments.evidence.paper import published
from experiments.golden2022.analysis.performance import performances, seeds_tested
from experiments.golden2022.figures.stage_panels import PAPER_MARK, TASKS, draw_along, measure_after
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

_SHARES = {"T1-T2": 0.0, "freeze top 1%": 1.0, "freeze top 5%": 5.0, "freeze top 10%": 10.0}  # percent
_SLEEP = "T1-Int(S,T2)"
_MARKS = {"T1-T2": "o", "freeze top 1%": "^", "freeze top 5%": "s", "freeze top 10%": "v", _SLEEP: "*"}


def draw(networks: Networks) -> Figure:
    """The figure, of all networks with every share."""
    seeds = _seeds(networks)
    scores = [value for stage in _MARKS for task in TASKS for value in performances(networks)[stage, task].values()]
    limits = min(*scores, CHANCE) - 0.04, max(scores) + 0.04
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 4.3))
        for place, (stage, share) in enumerate(_SHARES.items()):
            axes = figure.add_axes((0.075 + 0.232 * place, 0.63, 0.205, 0.28), ylim=limits)
            draw_along(axes, networks, [stage], seeds, [f"{share:g}% frozen" if share else "nothing frozen"])
            axes.yaxis.set_major_locator(MultipleLocator(0.1))
            axes.set_xlabel("million cycles of Task 2" if not place else "")
            if place:
                axes.set_ylabel("")
                axes.tick_params(labelleft=False)
        against_share = figure.add_axes((0.075, 0.12, 0.42, 0.35), ylim=limits)
        _draw_against_share(against_share, networks, seeds)
        _draw_trade(figure.add_axes((0.605, 0.12, 0.24, 0.35), xlim=limits, ylim=limits), networks, seeds)
        for letter, x, y in (("A", 0.008, 0.985), ("B", 0.008, 0.51), ("C", 0.535, 0.51)):
            figure.text(x, y, letter, fontsize=11, fontweight="bold", va="top")
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Performance of every network with every share."""
    return measure_after(networks, "s-freezing", list(_MARKS), _seeds(networks))


def _seeds(networks: Networks) -> list[int]:
    return seeds_tested(networks, list(_MARKS))


def _scores(networks: Networks, stage: str, task: str, seeds: Sequence[int]) -> np.ndarray:
    """Performance after a stage, float64[seeds]."""
    return np.array([performances(networks)[stage, task][seed] for seed in seeds])


def _draw_against_share(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    """Panel B."""
    for i, (task, colour) in enumerate(zip(TASKS, COLOURS, strict=False)):
        rows = np.stack([_scores(networks, stage, task, seeds) for stage in _SHARES])
        x = np.array(list(_SHARES.values())) + 0.12 * (2 * i - 1)
        spread = 0.12 * np.linspace(-1, 1, len(seeds))
        axes.plot((x[:, np.newaxis] + spread).ravel(), rows.ravel(), **SEED_MARK | {"color": colour, "alpha": 0.5})
        sd = rows.std(axis=1, ddof=1) if len(seeds) > 1 else None
        axes.errorbar(x, rows.mean(axis=1), sd, color=colour, linewidth=1.3, elinewidth=0.9, capsize=1.8)
        paper = [(share, value.mean) for stage, share in _SHARES.items() if (value := published(stage, task))]
        axes.plot(*np.array(paper).T, **PAPER_MARK | {"markeredgecolor": colour})
        axes.plot([], [], color=colour, linewidth=1.3, label=f"tested on {task_title(task)}")
    axes.plot([], [], **PAPER_MARK, label="Golden et al. 2022")
    axes.plot([], [], **SEED_MARK | {"color": "0.4"}, label=f"one network (n = {len(seeds)}; line: mean ± s.d.)")
    axes.axhline(CHANCE, **CHANCE_LINE)
    axes.set_xticks(list(_SHARES.values()))
    axes.yaxis.set_major_locator(MultipleLocator(0.1))
    axes.set_xlabel("% of every output's strongest synapses frozen")
    axes.set_ylabel("performance after Task 2")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 0.98), ncols=2, fontsize=6.5, columnspacing=1.2, borderpad=0)


def _draw_trade(axes: Axes, networks: Networks, seeds: Sequence[int]) -> None:
    """Panel C."""
    for stage, mark in _MARKS.items():
        x, y = (_scores(networks, stage, task, seeds) for task in TASKS)
        colour = "0.15" if stage != _SLEEP else COLOURS[3]
        size = 7 if stage != _SLEEP else 10
        axes.plot(x, y, marker=mark, markersize=size / 2.6, color=colour, alpha=0.4, markeredgewidth=0, linestyle="")
        axes.plot(x.mean(), y.mean(), marker=mark, markersize=size, color=colour, markeredgecolor="white", linestyle="")
    means = [[_scores(networks, stage, task, seeds).mean() for task in TASKS] for stage in _SHARES]
    axes.plot(*np.array(means).T, color="0.15", linewidth=0.8, zorder=1)
    axes.axhline(CHANCE, **CHANCE_LINE)
    axes.axvline(CHANCE, **CHANCE_LINE)
    for ticks in (axes.xaxis, axes.yaxis):
        ticks.set_major_locator(MultipleLocator(0.1))
    axes.set_xlabel("performance on Task 1")
    axes.set_ylabel("performance on Task 2")
    handles = [
        Line2D([], [], marker=mark, color=COLOURS[3] if stage == _SLEEP else "0.15", markersize=5, linestyle="")
        for stage, mark in _MARKS.items()
    ]
    words = [f"{share:g}% frozen" if share else "nothing" for share in _SHARES.values()]
    axes.legend(handles, [*words, "sleep"], loc="center left", bbox_to_anchor=(1.0, 0.5), handletextpad=0.2)
