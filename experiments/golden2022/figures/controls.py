"""The controls of sleep, as the supplement of Golden et al. 2022: performance along the stages and after them.

A: sleep with the same noise for every hidden neuron, in place of its own rate; B: sleep and Task 1 of networks that
never learned Task 2, with Task 2's rates; C to E: what follows Task 1 at once, sleep with Task 1, both tasks, or sleep
with Task 2. F: the tests afterwards, with the paper's values, and rate-matched sleep to compare.
"""

from collections.abc import Iterator

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, MultipleLocator

from experiments.drawing.style import CHANCE, CHANCE_LINE, COLOURS, SEED_MARK, STYLE, task_title
from experiments.golden2022.analysis.performance import performances, seeds_tested
from experiments.golden2022.figures.stage_panels import PAPER_MARK, TASKS, draw_after, draw_along, measure_after
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

_MATCHED = "T1-T2-Int(S,T1)"
_NAMES = {
    _MATCHED: "Task 1, Task 2,\nsleep + Task 1",
    "uniform-noise sleep": "the same,\nuniform noise",
    "naive + sleep": "untrained,\nsleep + Task 1",
    "T1-Int(S,T1)": "Task 1,\nsleep + Task 1",
    "T1-Int(T1,T2)": "Task 1,\nboth tasks",
    "T1-Int(S,T2)": "Task 1,\nsleep + Task 2",
}
_WAYS = {
    "A": (("T1", "T1-T2", "uniform-noise sleep"), ("Task 1", "Task 2", "uniform noise, Task 1")),
    "B": (("naive + sleep",), ("sleep, Task 1",)),
    "C": (("T1", "T1-Int(S,T1)"), ("Task 1", "sleep, Task 1")),
    "D": (("T1", "T1-Int(T1,T2)"), ("Task 1", "both tasks")),
    "E": (("T1", "T1-Int(S,T2)"), ("Task 1", "sleep, Task 2")),
}
_LEFT, _WIDTH, _GAP = 0.075, 0.905, 0.065  # as shares of the figure
_ROWS = (("A", "B"), ("C", "D", "E"))


def draw(networks: Networks) -> Figure:
    """The figure, of all networks that have come to the end of every control."""
    seeds = _seeds(networks)
    scores = [value for stage in _stages() for task in TASKS for value in performances(networks)[stage, task].values()]
    limits = min(*scores, CHANCE) - 0.05, max(scores) + 0.04
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 6.0))
        for row, letters in enumerate(_ROWS):
            n_stages = sum(len(_WAYS[letter][0]) for letter in letters)
            unit = (_WIDTH - _GAP * (len(letters) - 1)) / n_stages
            left = _LEFT
            for place, letter in enumerate(letters):
                stages, names = _WAYS[letter]
                axes = figure.add_axes((left, 0.735 - 0.315 * row, unit * len(stages), 0.2), ylim=limits)
                draw_along(axes, networks, stages, seeds, names)
                axes.xaxis.set_major_locator(MaxNLocator(2 * len(stages)))
                axes.yaxis.set_major_locator(MultipleLocator(0.1))
                if place:
                    axes.set_ylabel("")
                _letter(axes, letter)
                left += unit * len(stages) + _GAP
        bars = figure.add_axes((_LEFT, 0.115, _WIDTH, 0.2), ylim=limits)
        draw_after(bars, networks, list(_NAMES), seeds, list(_NAMES.values()))
        bars.set_xlim(-0.5, len(_NAMES) - 0.5)
        _letter(bars, "F")
        _legend(figure, len(seeds))
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Performance of every network after the controls."""
    return measure_after(networks, "s-controls", list(_NAMES), _seeds(networks))


def _stages() -> list[str]:
    return list(dict.fromkeys([*(stage for stages, _ in _WAYS.values() for stage in stages), _MATCHED]))


def _seeds(networks: Networks) -> list[int]:
    return seeds_tested(networks, _stages())


def _letter(axes: Axes, letter: str) -> None:
    box = axes.get_position()
    axes.figure.text(box.x0 - 0.058, box.y1 + 0.038, letter, fontsize=11, fontweight="bold", va="top")


def _legend(figure: Figure, n_seeds: int) -> None:
    patches = [Patch(color=colour, alpha=0.55, linewidth=0) for _, colour in zip(TASKS, COLOURS, strict=False)]
    lines = [Line2D([], [], **SEED_MARK), Line2D([], [], color="0.1", linewidth=0.9)]
    lines += [Line2D([], [], **PAPER_MARK), Line2D([], [], **CHANCE_LINE)]
    words = ["one network", f"mean ± s.d., n = {n_seeds}", "Golden et al. 2022", "chance"]
    figure.legend(
        [*patches, *lines],
        [f"tested on {task_title(task)}" for task in TASKS] + words,
        loc="lower center",
        ncols=6,
        columnspacing=1.4,
        handletextpad=0.5,
        handlelength=1.2,
    )
