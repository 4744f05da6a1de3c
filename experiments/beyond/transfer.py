"""What learning and sleep do for tasks that were not trained: Task 2 before it, Task 2 itself, and new combinations.

Zero-shot: Task 2 before its training, after Task 1 and what followed it. Forward transfer: Task 2 learned after those,
against learned from the beginning. Recombination: of the two tasks that take one half of Task 1 and the other of
Task 2. As long as the sleep with Task 1, and therefore its control, is a second stage of Task 1; sleep alone takes half
as long, which is the time asleep of both.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.beyond.comparisons import Comparison, Contrast, against
from experiments.beyond.lives import Array, Lives
from experiments.beyond.panels import (
    SMALL,
    TASK_COLOURS,
    Row,
    chance,
    dots,
    footnote,
    forest,
    forest_legend,
    letter,
    level,
    limits,
    name_of,
)
from experiments.beyond.tables import Measurement
from experiments.drawing.style import CHANCE, COLOURS, STYLE
from experiments.evidence.metrics import normalised_auc

_NEW, _HALVES = "task2", ("h+p-", "v+n-")
_ONE, _CONTROL = "T1", "T1-T1"
_SLEPT = ("T1-S", "T1-Int(S,T1)")
_BEFORE = (_ONE, _CONTROL, *_SLEPT)
_ALONE = "T2"
_LEARNED = (_ALONE, *(f"{stage}-T2" for stage in _BEFORE))
_BOTH = ("T1-T2", "T1-Int(S,T2)", "T1-Int(T1,T2)")
_WORDS = {
    _ONE: "Task 1",
    _CONTROL: "Task 1, Task 1",
    "T1-S": "Task 1, sleep",
    "T1-Int(S,T1)": "Task 1, Task 1 + sleep",
    _ALONE: "nothing",
    "T1-T2": "Task 2",
    "T1-Int(S,T2)": "Task 2 + sleep",
    "T1-Int(T1,T2)": "Task 1 + Task 2",
}
_COLOURS = dict(zip(_LEARNED, ("0.1", COLOURS[0], COLOURS[5], COLOURS[4], "#882255"), strict=True))
_ZERO, _SCORE = "zero-shot performance on task2", "performance on task2"
_FIRST, _MEAN = "performance on task2 in the first short test", "mean performance on task2 along the stage"


def along_the_stage(lives: Lives, stage: str) -> Array:
    """Mean performance on Task 2 in the short tests along a stage, from the first to the last, float64[n]."""
    cycles, scores = lives.along(stage, _NEW)
    return np.array([normalised_auc(cycles, row) for row in scores])


def in_the_first_test(lives: Lives, stage: str) -> Array:
    """Performance on Task 2 in the first short test of a stage, float64[n]."""
    return lives.along(stage, _NEW)[1][:, 0]


def measure(lives: Lives) -> Iterator[Measurement]:
    """Performance on the four tasks after every stage, and on Task 2 along those that train it."""
    for stage in dict.fromkeys(("unsupervised", *_BEFORE, *_LEARNED, *_BOTH)):
        for task in lives.tasks:
            for seed, value in zip(lives.seeds, lives.after(stage, task), strict=True):
                yield Measurement("transfer", f"performance on {task}", stage, seed, value)
    for stage in _LEARNED:
        for quantity, values in ((_FIRST, in_the_first_test(lives, stage)), (_MEAN, along_the_stage(lives, stage))):
            for seed, value in zip(lives.seeds, values, strict=True):
                yield Measurement("transfer", quantity, stage, seed, value)


def contrasts(lives: Lives) -> Iterator[Contrast]:
    """Zero-shot against chance and Task 1; learning against from nothing; sleep against its control; recombination."""
    zero = {stage: lives.after(stage, _NEW) for stage in _BEFORE}
    yield against(_ZERO, _ONE, "chance", zero[_ONE], CHANCE)
    for stage in (_CONTROL, *_SLEPT):
        yield against(_ZERO, stage, _ONE, zero[stage], zero[_ONE])
    for stage in _SLEPT:
        yield against(_ZERO, stage, _CONTROL, zero[stage], zero[_CONTROL])
    for quantity, learned in (
        (_SCORE, {stage: lives.after(stage, _NEW) for stage in _LEARNED}),
        (_MEAN, {stage: along_the_stage(lives, stage) for stage in _LEARNED}),
        (_FIRST, {stage: in_the_first_test(lives, stage) for stage in _LEARNED}),
    ):
        for stage in _LEARNED[1:]:
            yield against(quantity, stage, _ALONE, learned[stage], learned[_ALONE])
        for before in _SLEPT:
            stage, control = f"{before}-T2", f"{_CONTROL}-T2"
            yield against(quantity, stage, control, learned[stage], learned[control])
    plain, slept, interleaved = _BOTH
    for task in _HALVES:
        for stage, reference in ((slept, plain), (interleaved, plain), (slept, interleaved)):
            yield against(
                f"performance on {task}", stage, reference, lives.after(stage, task), lives.after(reference, task)
            )


def draw(lives: Lives, comparisons: list[Comparison]) -> Figure:
    """The figure."""
    n = len(lives.seeds)
    curves = {stage: _curve(lives, stage) for stage in _LEARNED}
    halves = [lives.after(stage, task) for stage in (_ONE, _ALONE, *_BOTH) for task in _HALVES]
    scores = [lives.after(stage, _NEW) for stage in (*_BEFORE, *_LEARNED)]
    heights = limits(*halves, *scores, *(curve.mean(axis=0) for _, curve in curves.values()))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 8.2))
        _draw_zero_shot(figure.add_axes((0.07, 0.775, 0.18, 0.18), ylim=heights), lives)
        _draw_curves(figure.add_axes((0.32, 0.775, 0.235, 0.18), ylim=heights), curves)
        _draw_learned(figure.add_axes((0.645, 0.775, 0.335, 0.18), ylim=heights), lives)
        for i, task in enumerate(_HALVES):
            axes = figure.add_axes((0.07 + 0.215 * i, 0.495, 0.145, 0.18), ylim=heights)
            _draw_recombined(axes, lives, task, first=i == 0)
        recombined = figure.add_axes((0.72, 0.495, 0.165, 0.175))
        forest(recombined, _recombination_rows(comparisons), columns=1.0)
        unseen = figure.add_axes((0.185, 0.1, 0.18, 0.3))
        forest(unseen, _zero_shot_rows(comparisons), columns=1.0)
        learned = figure.add_axes((0.72, 0.1, 0.165, 0.3))
        forest(learned, _learning_rows(comparisons), columns=1.0)
        for x, y, text in (
            (0.01, 0.988, "A"),
            (0.265, 0.988, "B"),
            (0.575, 0.988, "C"),
            (0.01, 0.71, "D"),
            (0.5, 0.71, "E"),
            (0.01, 0.425, "F"),
            (0.5, 0.425, "G"),
        ):
            letter(figure, x, y, text)
        handles, words = forest_legend(n)
        figure.legend(
            handles,
            words,
            loc="lower center",
            bbox_to_anchor=(0.5, 0.018),
            ncols=len(handles),
            fontsize=SMALL,
            handlelength=1.3,
        )
        footnote(figure, n, 0.008)
    return figure


def _curve(lives: Lives, stage: str) -> tuple[Array, Array]:
    """Share of the stage, float64[1 + k], and performance on Task 2, float64[n, 1 + k], from before it on."""
    cycles, scores = lives.along(stage, _NEW)
    parent = lives.plan.protocol.stage(stage).parent
    assert parent is not None
    return np.array([0.0, *cycles / lives.cycles(stage)]), np.column_stack([lives.after(parent, _NEW), scores])


def _draw_zero_shot(axes: Axes, lives: Lives) -> None:
    for x, stage in enumerate(_BEFORE):
        dots(axes, x, lives.after(stage, _NEW), _COLOURS[f"{stage}-T2"], 0.5)
    chance(axes)
    axes.set_xlim(-0.5, len(_BEFORE) - 0.5)
    axes.set_xticks(range(len(_BEFORE)), ["T1", "T1\nT1", "T1\nsleep", "T1\nT1 +\nsleep"])
    axes.tick_params(axis="x", length=0)
    axes.set_title("before its training")
    axes.set_ylabel("performance on Task 2")


def _draw_curves(axes: Axes, curves: dict[str, tuple[Array, Array]]) -> None:
    for stage, (x, scores) in curves.items():
        axes.plot(x, scores.mean(axis=0), color=_COLOURS[stage], linewidth=1.2, marker="o", markersize=2)
    chance(axes)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("share of the stage")
    axes.set_title("in the course of it (means)")


def _draw_learned(axes: Axes, lives: Lives) -> None:
    for x, stage in enumerate(_LEARNED):
        dots(axes, x - 0.2, along_the_stage(lives, stage), _COLOURS[stage], 0.32)
        dots(axes, x + 0.2, lives.after(stage, _NEW), _COLOURS[stage], 0.32)
    chance(axes)
    axes.set_xlim(-0.5, len(_LEARNED) - 0.5)
    axes.set_xticks(range(len(_LEARNED)), ["from\nnothing", "T1", "T1\nT1", "T1\nsleep", "T1\nT1 +\nsleep"])
    axes.tick_params(axis="x", length=0)
    axes.set_title("mean along the stage (left), after it (right)")
    axes.set_ylabel("performance on Task 2")


def _draw_recombined(axes: Axes, lives: Lives, task: str, *, first: bool) -> None:
    colour = TASK_COLOURS[task]
    for x, stage in enumerate(_BOTH):
        dots(axes, x, lives.after(stage, task), colour, 0.5)
    for stage, word in ((_ONE, "T1\nonly"), (_ALONE, "T2\nonly")):
        level(axes, lives.after(stage, task).mean(), "0.35", word)
    chance(axes)
    axes.set_xlim(-0.5, len(_BOTH) - 0.5)
    axes.set_xticks(range(len(_BOTH)), ["T1\nT2", "T1\nT2 +\nsleep", "T1\nT1 +\nT2"])
    axes.tick_params(axis="x", length=0)
    axes.set_title(name_of(task))
    if first:
        axes.set_ylabel("performance, untrained task")
    else:
        axes.set_yticklabels([])


def _find(comparisons: Sequence[Comparison], *key: str) -> Comparison:
    return next(row for row in comparisons if row[:3] == key)


def _zero_shot_rows(comparisons: Sequence[Comparison]) -> list[Row]:
    found = partial(_find, comparisons, _ZERO)
    rows = [Row("zero-shot, − chance"), Row("after Task 1", found(_ONE, "chance"), _COLOURS["T1-T2"])]
    for reference, stages, words in (
        (_ONE, (_CONTROL, *_SLEPT), "− Task 1"),
        (_CONTROL, _SLEPT, "− Task 1 twice"),
    ):
        rows.append(Row(f"zero-shot, {words}"))
        rows += [Row(_WORDS[stage], found(stage, reference), _COLOURS[f"{stage}-T2"]) for stage in stages]
    return rows


def _learning_rows(comparisons: Sequence[Comparison]) -> list[Row]:
    rows = []
    for quantity, words in ((_SCORE, "after the stage"), (_MEAN, "mean along it"), (_FIRST, "first short test")):
        for reference, stages, than in (
            (_ALONE, _BEFORE, "from nothing"),
            (f"{_CONTROL}-T2", _SLEPT, "Task 1 twice"),
        ):
            rows.append(Row(f"{words}, − {than}"))
            for stage in stages:
                name = f"{stage}-T2"
                rows.append(Row(_WORDS[stage], _find(comparisons, quantity, name, reference), _COLOURS[name]))
    return rows


def _recombination_rows(comparisons: Sequence[Comparison]) -> list[Row]:
    plain, slept, interleaved = _BOTH
    rows = []
    for task in _HALVES:
        found, colour = partial(_find, comparisons, f"performance on {task}"), TASK_COLOURS[task]
        rows += [
            Row(f"{name_of(task)}, − no sleep"),
            Row(_WORDS[slept], found(slept, plain), colour),
            Row(_WORDS[interleaved], found(interleaved, plain), colour),
            Row(f"{name_of(task)}, − Task 1 + Task 2"),
            Row(_WORDS[slept], found(slept, interleaved), colour),
        ]
    return rows
