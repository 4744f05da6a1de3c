"""Two tasks again and again: what is forgotten in each of ten stages, plainly and with sleep from the second stage on.

Golden et al. 2022 stop when Task 2 was trained, or bring Task 1 back with sleep only. Here the tasks go on taking
turns, and the third stage is the control for that: Task 1 again, without sleep. The two branches part after the first
stage, so that what changes in the third stands beside what is left after it. A stage with sleep is as long as one
without, and only half of it is training.

A stage's old task is the one that it does not train; what it forgot is its performance before minus after the stage.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from experiments.beyond.comparisons import Comparison, Contrast, against
from experiments.beyond.lives import Array, Lives
from experiments.beyond.panels import (
    SMALL,
    TASK_COLOURS,
    Row,
    all_scores,
    chance,
    course,
    footnote,
    forest,
    forest_legend,
    letter,
    limits,
)
from experiments.beyond.protocols import ROUNDS
from experiments.beyond.tables import Measurement
from experiments.drawing.style import BACKGROUNDS, COLOURS, STYLE, task_title
from experiments.evidence.metrics import isolated_forgetting

_TASKS = ("task1", "task2")
_TRAINED = _TASKS * ROUNDS
_OLD = tuple(_TASKS[1 - _TASKS.index(task)] for task in _TRAINED)
_PLAIN = tuple(f"{number}-{task}" for number, task in enumerate(_TRAINED, start=1))
_SLEEP = (_PLAIN[0], *(f"{name}+sleep" for name in _PLAIN[1:]))
_BRANCHES = {"no sleep": _PLAIN, "sleep": _SLEEP}
_COLOURS = {"no sleep": "0.45", "sleep": COLOURS[2]}
_STARTS = (2, 3)  # trends begin with the first stage that can forget, or when both tasks have been trained once
_AVERAGE, _FORGOTTEN = "average of both tasks", "forgotten of the old task"
_AGAIN = 3  # the stage that trains Task 1 again


def forgetting(lives: Lives, stages: Sequence[str]) -> Array:
    """What each stage but the first took from its old task, float64[n, len(stages) - 1]; below 0 it gained."""
    tests = np.stack([_courses(lives, stages, task) for task in _TASKS], axis=2)
    old = [_TASKS.index(task) for task in _OLD[1:]]
    return np.stack([isolated_forgetting(matrix)[np.arange(1, len(stages)), old] for matrix in tests])


def slopes(values: Array, tasks: Sequence[str]) -> Array:
    """Least-squares slope of every row, per round of two stages, float64[n]; each task has its own intercept.

    ``values`` is float64[n, k] for consecutive stages, ``tasks`` the k tasks they trained.
    """
    x, y = np.arange(len(tasks)) / 2.0, np.array(values, dtype=np.float64)
    for task in set(tasks):
        same = np.array(tasks) == task
        x[same] -= x[same].mean()
        y[:, same] -= y[:, same].mean(axis=1, keepdims=True)
    return np.array(y @ x / (x @ x))


def measure(lives: Lives) -> Iterator[Measurement]:
    """Performance after every stage, the average of both tasks, what was forgotten, and the trends over rounds."""
    for stage in dict.fromkeys((*_PLAIN, *_SLEEP)):
        for task in _TASKS:
            yield from _rows(lives, f"performance on {task}", stage, lives.after(stage, task))
        yield from _rows(lives, _AVERAGE, stage, _average(lives, stage))
    for branch, stages in _BRANCHES.items():
        for stage, values in zip(stages[1:], forgetting(lives, stages).T, strict=True):
            yield from _rows(lives, _FORGOTTEN, stage, values)
        for quantity, start, values in _trends(lives, stages):
            yield from _rows(lives, _trend_name(quantity, start), branch, values)


def contrasts(lives: Lives) -> Iterator[Contrast]:
    """Sleep against none at the end and in Task 1 again; the end against the second stage; trends against none."""
    first, last = 1, len(_PLAIN) - 1
    for stages in (_PLAIN, _SLEEP):
        ends = [_average(lives, stages[stage]) for stage in (last, first)]
        yield against(_AVERAGE, stages[last], stages[first], *ends)
    yield against(_AVERAGE, _SLEEP[last], _PLAIN[last], *(_average(lives, stages[last]) for stages in (_SLEEP, _PLAIN)))
    taken = [forgetting(lives, stages).mean(axis=1) for stages in (_SLEEP, _PLAIN)]
    yield against(f"{_FORGOTTEN}, mean of all stages", "sleep", "no sleep", *taken)
    again = _AGAIN - 1
    for task in _TASKS:
        for stage in (last, again):
            yield _sleep_against_none(lives, task, stage)
    changes = []
    for stages in (_SLEEP, _PLAIN):
        ends = [lives.after(stages[stage], "task2") for stage in (again, again - 1)]
        yield against("performance on task2", stages[again], stages[again - 1], *ends)
        changes.append(ends[0] - ends[1])
    yield against("change of task2 in Task 1 again", _SLEEP[again], _PLAIN[again], *changes)
    for trends in zip(*(_trends(lives, stages) for stages in _BRANCHES.values()), strict=True):
        for branch, (quantity, start, values) in zip(_BRANCHES, trends, strict=True):
            yield against(_trend_name(quantity, start), branch, "0", values)


def draw(lives: Lives, comparisons: list[Comparison]) -> Figure:
    """The figure."""
    n = len(lives.seeds)
    heights = limits(all_scores(lives, [*_PLAIN, *_SLEEP]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 8.0))
        for left, text, (branch, stages) in zip((0.07, 0.57), "AB", _BRANCHES.items(), strict=True):
            axes = figure.add_axes((left, 0.785, 0.41, 0.17), ylim=heights)
            _draw_branch(axes, lives, stages, f"{branch} from stage 2 on" if branch == "sleep" else branch)
            letter(figure, left - 0.06, 0.988, text)
        _draw_old(figure.add_axes((0.07, 0.535, 0.41, 0.17), ylim=heights), lives)
        _draw_forgetting(figure.add_axes((0.57, 0.535, 0.41, 0.17)), lives)
        differences = figure.add_axes((0.225, 0.105, 0.165, 0.345))
        forest(differences, _difference_rows(comparisons), columns=1.0)
        trends = figure.add_axes((0.715, 0.105, 0.165, 0.345))
        forest(trends, _trend_rows(comparisons), xlabel="slope per round", columns=1.0)
        for axes in (differences, trends):
            axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        for x, y, text in ((0.01, 0.735, "C"), (0.51, 0.735, "D"), (0.01, 0.48, "E"), (0.51, 0.48, "F")):
            letter(figure, x, y, text)
        handles, words = forest_legend(n)
        tasks = [Line2D([], [], color=TASK_COLOURS[task], linewidth=1.5) for task in _TASKS]
        figure.legend(
            [*tasks, *handles],
            [*(f"tested on {task_title(task)}" for task in _TASKS), *words],
            loc="lower center",
            bbox_to_anchor=(0.5, 0.018),
            ncols=5,
            fontsize=SMALL,
            columnspacing=1.4,
            handlelength=1.3,
        )
        footnote(figure, n, 0.008)
    return figure


def _rows(lives: Lives, quantity: str, condition: str, values: Array) -> Iterator[Measurement]:
    for seed, value in zip(lives.seeds, values, strict=True):
        yield Measurement("rounds", quantity, condition, seed, value)


def _courses(lives: Lives, stages: Sequence[str], task: str) -> Array:
    return np.stack([lives.after(stage, task) for stage in stages], axis=1)


def _average(lives: Lives, stage: str) -> Array:
    return np.mean([lives.after(stage, task) for task in _TASKS], axis=0)


def _trends(lives: Lives, stages: Sequence[str]) -> Iterator[tuple[str, int, Array]]:
    """Quantity, first stage, and slope of every seed."""
    averages = np.stack([_average(lives, stage) for stage in stages[1:]], axis=1)
    for quantity, values in ((_FORGOTTEN, forgetting(lives, stages)), (_AVERAGE, averages)):
        for start in _STARTS:
            yield quantity, start, slopes(values[:, start - 2 :], _TRAINED[start - 1 :])


def _trend_name(quantity: str, start: int) -> str:
    return f"{quantity}, slope per round from stage {start} on"


def _sleep_against_none(lives: Lives, task: str, stage: int) -> Contrast:
    values = (lives.after(stages[stage], task) for stages in (_SLEEP, _PLAIN))
    return against(f"performance on {task}", _SLEEP[stage], _PLAIN[stage], *values)


def _stage_axis(axes: Axes, first: int) -> None:
    for number, task in enumerate(_TRAINED, start=1):
        if number >= first:
            axes.axvspan(number - 0.5, number + 0.5, color=BACKGROUNDS[_TASKS.index(task)], linewidth=0, zorder=0)
    axes.set_xlim(first - 0.5, len(_TRAINED) + 0.5)
    axes.set_xticks(range(first, len(_TRAINED) + 1))
    axes.set_xlabel("stage (shaded: the task it trains)")


def _draw_branch(axes: Axes, lives: Lives, stages: Sequence[str], title: str) -> None:
    for task in _TASKS:
        course(axes, range(1, len(stages) + 1), _courses(lives, stages, task), TASK_COLOURS[task])
    chance(axes)
    _stage_axis(axes, 1)
    axes.set_title(title)
    axes.set_ylabel("performance after")


def _draw_old(axes: Axes, lives: Lives) -> None:
    x = np.arange(2, len(_PLAIN) + 1)
    for branch, stages in _BRANCHES.items():
        values = np.stack([lives.after(*key) for key in zip(stages[1:], _OLD[1:], strict=True)], axis=1)
        course(axes, x, values, _COLOURS[branch])
    chance(axes)
    _stage_axis(axes, 2)
    axes.set_ylabel("the other task after")
    _branch_legend(axes)


def _draw_forgetting(axes: Axes, lives: Lives) -> None:
    x = np.arange(2, len(_PLAIN) + 1)
    values = {branch: forgetting(lives, stages) for branch, stages in _BRANCHES.items()}
    for branch, taken in values.items():
        course(axes, x, taken, _COLOURS[branch])
    axes.axhline(0, color="0.35", linewidth=0.6, zorder=1)
    _stage_axis(axes, 2)
    axes.set_ylabel("forgotten of the other task")


def _branch_legend(axes: Axes) -> None:
    marks = [Line2D([], [], color=colour, marker="o", markersize=3.2, linewidth=1.5) for colour in _COLOURS.values()]
    axes.legend(marks, list(_COLOURS), loc="upper right", bbox_to_anchor=(1.01, 1.06), ncols=2, fontsize=SMALL)


def _find(comparisons: Sequence[Comparison], quantity: str, condition: str, reference: str) -> Comparison:
    return next(row for row in comparisons if row[:3] == (quantity, condition, reference))


def _difference_rows(comparisons: Sequence[Comparison]) -> list[Row]:
    second, again, last = 1, _AGAIN - 1, len(_PLAIN) - 1
    both = "0.15"
    plain, sleep = _COLOURS.values()
    one, two = (TASK_COLOURS[task] for task in _TASKS)
    found = partial(_find, comparisons)
    return [
        Row("end: sleep − no sleep"),
        Row("both tasks", found(_AVERAGE, _SLEEP[last], _PLAIN[last]), both),
        Row("Task 1", found("performance on task1", _SLEEP[last], _PLAIN[last]), one),
        Row("Task 2", found("performance on task2", _SLEEP[last], _PLAIN[last]), two),
        Row("both: stage 10 − stage 2"),
        Row("no sleep", found(_AVERAGE, _PLAIN[last], _PLAIN[second]), plain),
        Row("sleep", found(_AVERAGE, _SLEEP[last], _SLEEP[second]), sleep),
        Row("forgotten: sleep − none"),
        Row("mean, stages 2–10", found(f"{_FORGOTTEN}, mean of all stages", "sleep", "no sleep"), both),
        Row("stage 3: sleep − no sleep"),
        Row("Task 1 after", found("performance on task1", _SLEEP[again], _PLAIN[again]), one),
        Row("Task 2 after", found("performance on task2", _SLEEP[again], _PLAIN[again]), two),
        Row("change of Task 2", found("change of task2 in Task 1 again", _SLEEP[again], _PLAIN[again]), two),
        Row("Task 2: stage 3 − stage 2"),
        Row("no sleep", found("performance on task2", _PLAIN[again], _PLAIN[second]), plain),
        Row("sleep", found("performance on task2", _SLEEP[again], _SLEEP[second]), sleep),
    ]


def _trend_rows(comparisons: Sequence[Comparison]) -> list[Row]:
    rows = []
    for quantity, heading in ((_FORGOTTEN, "forgotten"), (_AVERAGE, "both tasks")):
        for start in _STARTS:
            rows.append(Row(f"{heading}, stages {start}–{len(_PLAIN)}"))
            name = _trend_name(quantity, start)
            rows += [Row(branch, _find(comparisons, name, branch, "0"), _COLOURS[branch]) for branch in _BRANCHES]
    return rows
