"""Four tasks in turn, plainly and with sleep from the second on, against all four interleaved for as many cycles.

Golden et al. 2022 know two tasks. Protocol ``four`` has four that agree; protocol ``long`` has four that the seed
draws, which may contradict each other: a pattern may be good in one and bad in another (`ambiguous_patterns`), and at
times no single ranking of the patterns is right for all (`servable_tasks`).

Performance is a matrix R for each seed, as in `experiments.evidence.metrics`: row 0 after the unsupervised stage, row i
after the i-th task.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.beyond.comparisons import Comparison, Contrast, against
from experiments.beyond.lives import Array, Lives
from experiments.beyond.panels import SMALL, Row, chance, footnote, forest, forest_legend, letter, limits, name_of
from experiments.beyond.tables import Measurement
from experiments.drawing.style import CHANCE, COLOURS, SEED_MARK, STYLE
from experiments.evidence.metrics import average_performance, forgetting
from experiments.evidence.statistics import interval
from experiments.plans.drawn import DRAWN, actual_task
from foraging_env.tasks import PATTERNS, Task, named_task

INTERLEAVED = "interleaved"
"""The stage of all tasks by turns."""

AVERAGE = "average performance at the end"
LEARNED = "performance on each task after its own stage, mean"
FORGETTING = "forgetting, mean of the first three tasks"
AMBIGUOUS = "patterns that one task rewards and another punishes"
ROOM = "tasks that one ranking of the patterns serves"

_WAYS = {"plain": "", "sleep": "+sleep"}
_WORDS = {"plain": "in turn", "sleep": "with sleep", INTERLEAVED: "interleaved"}
_COLOURS = {"plain": "0.35", "sleep": COLOURS[3], INTERLEAVED: COLOURS[2]}


class Summaries(NamedTuple):
    """What became of one way of learning four tasks in turn, each float64[n]."""

    average: Array  # over the four tasks, after the last
    learned: Array  # mean over tasks of the performance right after their own stage
    forgetting: Array  # mean over the first three of that minus the performance at the end


def stages_of(lives: Lives, way: str) -> list[str]:
    """Names of the stages along ``plain`` or ``sleep``, the unsupervised one first; both share the first two."""
    tasks = lives.tasks
    later = [f"{number}-{task}{_WAYS[way]}" for number, task in enumerate(tasks[1:], start=2)]
    return ["unsupervised", f"1-{tasks[0]}", *later]


def matrices(lives: Lives, stages: Sequence[str]) -> Array:
    """Performance after each of the stages on each task, float64[n, stages, tasks]."""
    return np.stack([np.stack([lives.after(stage, task) for task in lives.tasks], axis=1) for stage in stages], axis=1)


def summaries(lives: Lives, way: str) -> Summaries:
    """Scores of every seed along ``plain`` or ``sleep``."""
    in_turn, scores = range(len(lives.tasks)), matrices(lives, stages_of(lives, way))
    return Summaries(
        np.array([average_performance(R) for R in scores]),
        np.array([np.diagonal(R[1:]).mean() for R in scores]),
        np.array([forgetting(R, in_turn) for R in scores]),
    )


def servable_tasks(tasks: Sequence[Task]) -> int:
    """How many of the tasks one ranking of the four patterns can serve at most.

    A ranking serves a task if the rewarded pattern stands before the punished one.
    """
    return max(
        sum(ranking.index(task.rewarded) < ranking.index(task.punished) for task in tasks)
        for ranking in permutations(PATTERNS)
    )


def ambiguous_patterns(tasks: Sequence[Task]) -> set[str]:
    """The patterns that one of the tasks rewards and another punishes."""
    values = np.array([task.value for task in tasks])
    return {pattern for pattern, column in zip(PATTERNS, values.T, strict=True) if {1, -1} <= set(column.tolist())}


def measure(lives: Lives) -> Iterator[Measurement]:
    """Performance on every task after every stage, its summaries, and how far the tasks contradict each other."""
    name = lives.plan.protocol.name

    def rows(quantity: str, condition: str, values: Sequence[float] | Array) -> Iterator[Measurement]:
        for seed, value in zip(lives.seeds, values, strict=True):
            yield Measurement(name, quantity, condition, seed, value)

    for stage in dict.fromkeys((*stages_of(lives, "plain"), *stages_of(lives, "sleep"), INTERLEAVED)):
        for task in lives.tasks:
            yield from rows(f"performance on {task}", stage, lives.after(stage, task))
    for way in _WAYS:
        last, found = stages_of(lives, way)[-1], summaries(lives, way)
        for quantity, values in zip((AVERAGE, LEARNED, FORGETTING), found, strict=True):
            yield from rows(quantity, last, values)
    yield from rows(AVERAGE, INTERLEAVED, _interleaved(lives))
    tasks = [_actual_tasks(lives, seed) for seed in lives.seeds]
    yield from rows(AMBIGUOUS, "tasks of the seed", [len(ambiguous_patterns(each)) for each in tasks])
    yield from rows(ROOM, "tasks of the seed", [servable_tasks(each) for each in tasks])


def contrasts(lives: Lives) -> Iterator[Contrast]:
    """The three ways against each other and against chance; with sleep against plainly in turn, task by task."""
    plain, sleep = (stages_of(lives, way)[-1] for way in _WAYS)
    in_turn, slept, mixed = summaries(lives, "plain"), summaries(lives, "sleep"), _interleaved(lives)
    yield against(AVERAGE, sleep, plain, slept.average, in_turn.average)
    yield against(AVERAGE, INTERLEAVED, plain, mixed, in_turn.average)
    yield against(AVERAGE, sleep, INTERLEAVED, slept.average, mixed)
    for stage, values in ((plain, in_turn.average), (sleep, slept.average), (INTERLEAVED, mixed)):
        yield against(AVERAGE, stage, "chance", values, CHANCE)
    yield against(LEARNED, sleep, plain, slept.learned, in_turn.learned)
    yield against(FORGETTING, sleep, plain, slept.forgetting, in_turn.forgetting)
    for task in lives.tasks:
        yield against(f"performance on {task}", sleep, plain, lives.after(sleep, task), lives.after(plain, task))


def draw(lives: Lives, comparisons: list[Comparison]) -> Figure:
    """The figure."""
    n, drawn = len(lives.seeds), lives.tasks[0].startswith(DRAWN)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 6.9))
        _draw_matrices(figure, lives)
        _draw_summaries(figure, lives)
        rows = figure.add_axes((0.2 if drawn else 0.36, 0.105, 0.2 if drawn else 0.36, 0.255))
        forest(rows, _rows(lives, comparisons))
        letter(figure, 0.01, 0.4, "G")
        if drawn:
            _write_drawn_tasks(figure.add_axes((0.575, 0.105, 0.4, 0.255)), lives)
            letter(figure, 0.54, 0.4, "H")
        else:
            text = "h+p−: horizontal\nrewarded, rising\npunished\n\nv+n−: vertical\nrewarded, falling\npunished"
            figure.text(0.99, 0.35, text, fontsize=SMALL - 0.5, color="0.35", ha="right", va="top")
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
        footnote(figure, n)
    return figure


def _interleaved(lives: Lives) -> Array:
    return matrices(lives, [INTERLEAVED])[:, 0].mean(axis=1)


def _actual_tasks(lives: Lives, seed: int) -> list[Task]:
    return [named_task(actual_task(task, seed)) for task in lives.tasks]


def _short(task: str) -> str:
    """A task's name on a tick."""
    return name_of(task).replace("task ", "").replace("-", "−")


def _draw_matrices(figure: Figure, lives: Lives) -> None:
    tasks = lives.tasks
    found = [matrices(lives, stages) for stages in (stages_of(lives, "plain"), stages_of(lives, "sleep"))]
    found.append(matrices(lives, [INTERLEAVED]))
    reach = max(float(np.abs(scores.mean(axis=0) - CHANCE).max()) for scores in found)
    titles = ("tasks in turn, no sleep", "tasks in turn, with sleep from the second on", "all interleaved")
    for panel, (scores, left) in enumerate(zip(found, (0.1, 0.465, 0.825), strict=True)):
        columns = scores.shape[1]
        axes = figure.add_axes((left, 0.71, 0.066 * columns, 0.235))
        means, deviations = scores.mean(axis=0).T, scores.std(axis=0, ddof=1).T if len(scores) > 1 else None
        picture = axes.imshow(means, cmap="RdBu", vmin=CHANCE - reach, vmax=CHANCE + reach, aspect="auto")
        for (row, col), mean in np.ndenumerate(means):
            text = f"{mean:.2f}" + (f"\n±{deviations[row, col]:.2f}" if deviations is not None else "")
            strong = abs(mean - CHANCE) > 0.55 * reach
            axes.text(
                col, row, text, ha="center", va="center", fontsize=SMALL - 0.5, color="white" if strong else "0.1"
            )
            if columns == 1 or row == col - 1:  # what the stage trained
                axes.add_patch(Rectangle((col - 0.48, row - 0.48), 0.96, 0.96, fill=False, linewidth=1.1))
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.set_yticks(range(len(tasks)), [_short(task) for task in tasks] if panel == 0 else [])
        axes.set_xticks(range(columns), ["all four"] if columns == 1 else ["none", *(_short(task) for task in tasks)])
        axes.set_xlabel("after training (framed); mean ± s.d." if panel < 2 else "(as many cycles)")
        axes.set_title(titles[panel])
        letter(figure, 0.01 if panel == 0 else left - 0.025, 0.99, "ABC"[panel])
        if panel == 0:
            axes.set_ylabel("tested on", labelpad=2)
    bar = figure.add_axes((0.908, 0.71, 0.012, 0.235))
    figure.colorbar(picture, cax=bar, label="performance, white: chance")


def _draw_summaries(figure: Figure, lives: Lives) -> None:
    plain, sleep = summaries(lives, "plain"), summaries(lives, "sleep")
    average = {"plain": plain.average, "sleep": sleep.average, INTERLEAVED: _interleaved(lives)}
    learned = {"plain": plain.learned, "sleep": sleep.learned}
    lost = {"plain": plain.forgetting, "sleep": sleep.forgetting}
    heights = limits(*average.values(), *learned.values())
    panels = (
        (0.1, 0.27, average, "performance", "at the end, mean of four tasks"),
        (0.475, 0.19, learned, "performance", "right after the task's own stage"),
        (0.79, 0.19, lost, "lost since then", "forgetting, mean of three"),
    )
    for panel, (left, width, values, label, title) in enumerate(panels):
        axes = figure.add_axes((left, 0.445, width, 0.165))
        _draw_ways(axes, values)
        axes.set_ylabel(label)
        axes.set_title(title)
        letter(figure, 0.01 if panel == 0 else left - 0.08, 0.65, "DEF"[panel])
        if panel < 2:
            axes.set_ylim(heights)
            chance(axes)
        else:
            axes.axhline(0, color="0.35", linewidth=0.6, zorder=0)


def _draw_ways(axes: Axes, values: dict[str, Array]) -> None:
    """Every seed as a dot with a line from way to way; beside them the mean and its 95% BCa interval."""
    table = np.stack(list(values.values()), axis=1)
    axes.plot(range(len(values)), table.T, color="0.75", linewidth=0.5, zorder=1)
    for x, (way, scores) in enumerate(values.items()):
        colour, found = _COLOURS[way], interval(scores, 0)
        axes.plot([x] * len(scores), scores, **SEED_MARK | {"color": colour, "alpha": 0.6, "markersize": 3})
        axes.plot([x + 0.2] * 2, [found.low, found.high], color=colour, linewidth=2.4, alpha=0.7)
        axes.plot(x + 0.2, found.estimate, marker="_", markersize=8, markeredgewidth=1.6, color=colour, zorder=5)
        axes.annotate(
            f"{found.estimate:.2f}".replace("-", "−"), (x + 0.2, found.estimate), (6, 0), textcoords="offset points",
            va="center", fontsize=SMALL, color=colour, bbox={"color": "white", "alpha": 0.8, "pad": 0.3},
        )  # fmt: skip
    axes.set_xlim(-0.35, len(values) - 0.4)
    axes.set_xticks(range(len(values)), [_WORDS[way] for way in values])
    axes.tick_params(axis="x", length=0)


def _rows(lives: Lives, comparisons: Sequence[Comparison]) -> list[Row]:
    word_of = {stages_of(lives, way)[-1]: way for way in _WAYS} | {INTERLEAVED: INTERLEAVED}
    ends = [row for row in comparisons if row.quantity == AVERAGE]
    rows = [Row("At the end, mean of four")]
    for row in ends:
        other = "chance" if row.reference == "chance" else _WORDS[word_of[row.reference]]
        rows.append(Row(f"{_WORDS[word_of[row.condition]]} − {other}", row, _COLOURS[word_of[row.condition]]))
    rows.append(Row("With sleep − in turn"))
    named = {LEARNED: "after own stage, mean", FORGETTING: "forgetting, mean of three"}
    named |= {f"performance on {task}": f"{_short(task)} at the end" for task in lives.tasks}
    rows += [Row(named[row.quantity], row, _COLOURS["sleep"]) for row in comparisons if row.quantity in named]
    return rows


def _write_drawn_tasks(axes: Axes, lives: Lives) -> None:
    """What every seed drew, how many of those tasks one ranking of the patterns serves, and what came out."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    rows = max(len(lives.seeds), 5)
    axes.set_ylim(rows * 1.25 + 0.7, -0.6)
    outcomes = [summaries(lives, "plain").average, summaries(lives, "sleep").average, _interleaved(lives)]
    columns = (0.0, 0.11, 0.22, 0.33, 0.44, 0.55, 0.655, 0.765, 0.87, 1.0)
    places = [str(number) for number in range(1, len(lives.tasks) + 1)]
    lines = [["seed", *places, "both", "serves", "in\nturn", "with\nsleep", "inter-\nleaved"]]
    for i, seed in enumerate(lives.seeds):
        tasks = _actual_tasks(lives, seed)
        names = [f"{task.rewarded[0]}+{task.punished[0]}−" for task in tasks if task.rewarded and task.punished]
        room = [f"{len(ambiguous_patterns(tasks))}/4", f"{servable_tasks(tasks)}/4"]
        lines.append([str(seed), *names, *room, *(f"{values[i]:.2f}" for values in outcomes)])
    for y, line in enumerate(lines):
        for x, text in zip(columns, line, strict=True):
            colour, anchor = ("0.1", "center") if y else ("0.35", "bottom")
            axes.text(x, y or 0.35, text, ha="center", va=anchor, fontsize=SMALL, color=colour)
    axes.plot([-0.04, 1.04], [0.5, 0.5], color="0.35", linewidth=0.6, clip_on=False)
    axes.text(
        -0.04, len(lines) - 0.2,
        "1–4: tasks in their order: h, v, p, n: horizontal, vertical, rising,\nfalling pairs; + rewarded, − punished; "
        "both: patterns that one task\nrewards and another punishes; serves: tasks that one ranking of\nthe patterns "
        "satisfies at once; then each network's mean of panel D",
        va="top", fontsize=SMALL - 0.5, color="0.35",
    )  # fmt: skip
