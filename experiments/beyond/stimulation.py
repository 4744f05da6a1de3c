"""Sleep with other noise: uniform, in rhythmic up-states, or cueing one task, against the network's own rates.

Golden et al. 2022 drive sleep by every hidden neuron's rate, and know uniform noise as a control. Here each noise
drives the sleep that alternates with Task 2 after Task 1, and half a stage of sleep alone after Task 2.
"""

from collections.abc import Iterator, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.beyond.comparisons import Comparison, Contrast, against
from experiments.beyond.lives import Lives
from experiments.beyond.panels import (
    SMALL,
    TASK_COLOURS,
    Row,
    all_scores,
    chance,
    dots,
    footnote,
    forest,
    forest_legend,
    letter,
    level,
    limits,
)
from experiments.beyond.protocols import STIMULI, stimulated_names
from experiments.beyond.tables import Measurement
from experiments.drawing.style import STYLE, task_title

PLAIN = "rates"
"""The noise that all others are compared with."""

_TASKS = ("task1", "task2")
_WORDS = {
    "rates": "own\nrates",
    "uniform": "uniform",
    "rhythm": "up-states",
    "cue:task1": "Task 1\ncued",
    "cue:task2": "Task 2\ncued",
}
_LEARNING, _ALONE = ([stimulated_names(noise)[i] for noise in STIMULI] for i in (0, 1))
_BEFORE = "T1-T2"


def measure(lives: Lives) -> Iterator[Measurement]:
    """Performance on both tasks after every stage."""
    for stage in ("T1", _BEFORE, *_LEARNING, *_ALONE):
        for task in _TASKS:
            for seed, value in zip(lives.seeds, lives.after(stage, task), strict=True):
                yield Measurement("stimulation", f"performance on {task}", stage, seed, value)


def contrasts(lives: Lives) -> Iterator[Contrast]:
    """Every noise against the network's own rates; and sleep alone by those against none."""
    for stages in (_LEARNING, _ALONE):
        plain = stages[STIMULI.index(PLAIN)]
        for task in _TASKS:
            quantity = f"performance on {task}"
            yield against(quantity, plain, _BEFORE, lives.after(plain, task), lives.after(_BEFORE, task))
            for stage in stages:
                if stage != plain:
                    yield against(quantity, stage, plain, lives.after(stage, task), lives.after(plain, task))


def draw(lives: Lives, comparisons: list[Comparison]) -> Figure:
    """The figure."""
    n = len(lives.seeds)
    heights = limits(all_scores(lives, ["T1", _BEFORE, *_LEARNING, *_ALONE]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 5.9))
        for place, (stages, title) in enumerate(
            ((_LEARNING, "sleep and Task 2 by turns, after Task 1"), (_ALONE, "sleep alone, after Task 1 and Task 2"))
        ):
            axes = figure.add_axes((0.07 + 0.49 * place, 0.66, 0.38, 0.27), ylim=heights)
            _draw_stages(axes, lives, stages, title)
            rows = figure.add_axes((0.205 + 0.49 * place, 0.125, 0.2, 0.38))
            forest(rows, _rows(comparisons, stages), columns=1.0)
            letter(figure, 0.01 + 0.49 * place, 0.985, "AB"[place])
            letter(figure, 0.01 + 0.49 * place, 0.565, "CD"[place])
        handles, words = forest_legend(n)
        tasks = [Line2D([], [], color=TASK_COLOURS[task], linewidth=1.8) for task in _TASKS]
        figure.legend(
            [*tasks, *handles],
            [*(f"tested on {task_title(task)}" for task in _TASKS), *words],
            loc="lower center",
            bbox_to_anchor=(0.5, 0.022),
            ncols=5,
            fontsize=SMALL,
            columnspacing=1.4,
            handlelength=1.3,
        )
        footnote(figure, n)
    return figure


def _draw_stages(axes: Axes, lives: Lives, stages: Sequence[str], title: str) -> None:
    for task, shift in zip(_TASKS, (-0.19, 0.19), strict=True):
        colour = TASK_COLOURS[task]
        for x, stage in enumerate(stages):
            dots(axes, x + shift, lives.after(stage, task), colour, 0.32)
        level(axes, lives.after(_BEFORE, task).mean(), colour, "no\nsleep")
    chance(axes)
    axes.set_xlim(-0.5, len(stages) - 0.5)
    axes.set_xticks(range(len(stages)), [_WORDS[noise] for noise in STIMULI])
    axes.tick_params(axis="x", length=0)
    axes.set_title(title)
    axes.set_ylabel("performance after")


def _rows(comparisons: Sequence[Comparison], stages: Sequence[str]) -> list[Row]:
    word_of = dict(zip(stages, (_WORDS[noise].replace("\n", " ") for noise in STIMULI), strict=True))
    rows = []
    for task in _TASKS:
        found = [row for row in comparisons if row.condition in word_of and row.quantity.endswith(task)]
        colour = TASK_COLOURS[task]
        rows += [Row(f"{task_title(task)}, − no sleep"), Row(word_of[found[0].condition], found[0], colour)]
        rows.append(Row(f"{task_title(task)}, − own rates"))
        rows += [Row(word_of[row.condition], row, colour) for row in found[1:]]
    return rows
