"""The tables of a report, as plain cells that HTML and Markdown are both made of.

A number is the mean over seeds, with a 95% BCa interval [low, high] from three seeds on, and with their standard
deviation (±) for two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from experiments import printing
from experiments.drawing.style import CHANCE, task_title
from experiments.evidence.contest import FEWEST_FOR_INTERVAL, Contest, Line
from experiments.evidence.folders import Folder
from experiments.evidence.metrics import Array
from experiments.evidence.scores import summary
from experiments.evidence.scoring import COST, INTAKE, NORMALISED, PERFORMANCE, Score
from experiments.evidence.statistics import RANDOM, interval
from experiments.plans.plan import INTERLEAVED, SINGLE
from experiments.plans.stages import Stage
from experiments.printing import DASH, size
from experiments.running.configuration import species_settings

HEADINGS = {
    PERFORMANCE: "performance",
    INTAKE: "intake per 100 steps",
    NORMALISED: "normalised intake (0: random forager, 1: full knowledge)",
}
SCORES = {
    "average_performance": "AP",
    "learned": "learned",
    "forgetting": "forgetting",
    "max_forgetting": "max forgetting",
    "retention": "retention",
    "zero_shot_transfer": "zero-shot transfer",
    "forward_transfer_difference": "forward transfer, difference",
    "forward_transfer": "forward transfer, share",
    "intransigence": "intransigence",
}
"""Columns of the tables of scores: names in ``scores.csv``, and for people."""

MEANINGS = {
    "AP": "mean of the last tests of all tasks.",
    "learned": "mean over tasks of the test right after a task's last training; what was not learned is not forgotten.",
    "forgetting": "test right after a task's last training minus test after the last phase, mean over all tasks but "
    "those trained last; below 0 they became better.",
    "max forgetting": "the same from the best earlier test on (Chaudhry et al. 2018).",
    "retention": "the share of what was learned that is left, mean over the same tasks.",
    "zero-shot transfer": "change by a phase of tasks that were not trained yet, mean over such phases and tasks.",
    "forward transfer, difference": f"mean score along a task's first training minus that of SPECIES+{SINGLE}, which "
    "learns it from scratch, mean over tasks.",
    "forward transfer, share": "the same divided by what was left to gain (Wołczyk et al. 2021); it explodes where "
    "little was left.",
    "intransigence": f"score of SPECIES+{INTERLEAVED} minus the test right after a task's last training, mean over "
    "tasks.",
}


@dataclass(frozen=True)
class Table:
    """Rows of text; the first cell of each heads its row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wordy: bool = False  # cells are words that may break into lines, not numbers

    def markdown(self) -> str:
        """As a Markdown table under its caption."""
        lines = [self.columns, tuple("---" if self.wordy or not i else "---:" for i in range(len(self.columns)))]
        return "\n".join([f"**{_cell(self.caption)}**", "", *(_line(row) for row in (*lines, *self.rows)), ""])


@dataclass(frozen=True)
class Shade:
    """A cell of a heat map: its number, its colour as CSS knows it, and whether this phase trained this task."""

    text: str
    colour: str
    trained: bool


@dataclass(frozen=True)
class HeatMap:
    """A matrix R, mean over seeds: one row before training and one after every phase, one column a task."""

    caption: str
    tasks: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Shade, ...]], ...]

    def table(self) -> Table:
        """The numbers alone; a dot marks the tasks that a phase trained."""
        rows = tuple((label, *("• " * cell.trained + cell.text for cell in cells)) for label, cells in self.rows)
        return Table(self.caption, ("after", *self.tasks), rows)


def finished(contest: Contest) -> list[Line]:
    """The agents of which at least one seed is complete."""
    return [line for line in contest.lines if contest.seeds(line)]


def values(scores: Sequence[Score], agent: str, measure: str, score: str) -> list[float]:
    """One number a seed, as far as the score is defined."""
    return [row.value for row in scores if (row.agent, row.measure, row.score) == (agent, measure, score)]


def runs_table(folders: Sequence[Folder]) -> Table:
    """Which folders there are, and what was asked for."""
    rows = []
    for folder in folders:
        contest = folder.contest
        asked = folder.run.seeds
        complete = sum(len(contest.seeds(line)) for line in contest.lines)
        rows.append(
            (
                folder.name,
                str(folder.configured("experiment") or DASH),
                contest.protocol,
                str(folder.configured("preset") or DASH),
                ", ".join(task_title(task) for task in contest.tests),
                ", ".join(map(str, asked)),
                f"{complete} of {len(contest.lines) * len(asked)}",
            )
        )
    columns = ("folder", "experiment", "protocol", "preset", "tested tasks", "seeds", "lives complete")
    return Table("Result folders", columns, tuple(rows), wordy=True)


def agents_table(contest: Contest) -> Table:
    """Every agent with the stages of its life and their lengths."""
    rows = []
    for line in contest.lines:
        names = [stage.name for stage in line.phases]
        if line.remedy == SINGLE:
            way = f"{line.root.name}, then one of: " + ", ".join(names)
        else:
            way = " → ".join([line.root.name, *names])
        lengths = dict.fromkeys(f"{stage.length * line.phase_steps:,}" for stage in line.phases)
        seeds, lacking = contest.seeds(line), contest.unfinished(line)
        rows.append(
            (
                line.agent,
                way,
                ", ".join(lengths),
                ", ".join(map(str, seeds)) or "none",
                ", ".join(map(str, lacking)) or "none",
            )
        )
    columns = ("agent", "stages of its life", "steps of a stage", "seeds complete", "seeds begun, left out")
    return Table("Agents and their lives", columns, tuple(rows), wordy=True)


def end_table(contest: Contest, scores: Sequence[Score]) -> Table:
    """Performance and intake on every task after the last phase, their mean, and forgetting."""
    rows = []
    for line in finished(contest):
        for measure in (PERFORMANCE, INTAKE):
            last = np.array([contest.last(line, seed, measure) for seed in contest.seeds(line)])
            of_tasks = [mean_and_spread(column.tolist(), short=True) for column in last.T]
            of_all = [
                mean_and_spread(values(scores, line.agent, measure, name))
                for name in ("average_performance", "forgetting")
            ]
            rows.append((line.agent, measure, *of_tasks, *of_all, str(len(last))))
    columns = ("agent", "measure", *map(task_title, contest.tests), "mean of tasks (AP)", "forgetting", "n")
    return Table("After the last phase: performance and intake", columns, tuple(rows))


def scores_table(contest: Contest, scores: Sequence[Score], measure: str) -> Table:
    """All scores of a measure; those that no agent has are left out."""
    there = {name for name in SCORES for line in contest.lines if values(scores, line.agent, measure, name)}
    names = [name for name in SCORES if name in there]
    rows = [
        (
            line.agent,
            *(mean_and_spread(values(scores, line.agent, measure, name)) for name in names),
            str(len(contest.seeds(line))),
        )
        for line in finished(contest)
    ]
    return Table(f"Scores of {HEADINGS[measure]}", ("agent", *(SCORES[name] for name in names), "n"), tuple(rows))


def cost_table(contest: Contest, scores: Sequence[Score]) -> Table:
    """What an agent took and what it keeps."""
    rows = []
    for line in finished(contest):
        steps, seconds, kept = (
            summary(values(scores, line.agent, COST, name)).mean for name in ("steps", "cpu_seconds", "bytes_kept")
        )
        peak = max((row.peak_bytes for row in contest.costs if row.agent == line.agent), default=0)
        n = str(len(contest.seeds(line)))
        rows.append((line.agent, f"{steps:,.0f}", f"{seconds:,.1f}", size(kept), size(peak), n))
    columns = ("agent", "steps of learning", "processor seconds", "bytes kept", "largest memory of a process", "n")
    return Table("Cost of one life, mean over seeds", columns, tuple(rows))


def heat_maps(contest: Contest, measure: str) -> Iterator[HeatMap]:
    """R of every agent for ``performance`` or ``intake``; all of them share one scale of colours."""
    neutral = CHANCE if measure == PERFORMANCE else 0.0
    means = {line.agent: _mean_matrix(contest, line, measure) for line in finished(contest)}
    largest = max((float(np.abs(mean - neutral).max()) for mean in means.values()), default=0.0)
    reach = CHANCE if measure == PERFORMANCE else largest
    for line in finished(contest):
        trained = [[], *line.trained]
        rows = [
            (
                label,
                tuple(
                    Shade(plain(value), _colour(value - neutral, reach), column in trained[phase])
                    for column, value in enumerate(means[line.agent][phase])
                ),
            )
            for phase, label in enumerate(["no training", *_phase_names(line)])
        ]
        caption = f"{line.agent}: {measure} (n = {len(contest.seeds(line))})"
        yield HeatMap(caption, tuple(map(task_title, contest.tests)), tuple(rows))


def settings_table(folders: Sequence[Folder]) -> Table:
    """Lengths and constants of every species of every folder."""
    rows = []
    for folder in folders:
        for name, settings in species_settings(folder.run.config).items():
            told = "; ".join(f"{key} {value}" for key, value in settings.items())
            rows.append((folder.name, name, told))
    return Table("Lengths and constants", ("folder", "species", "settings"), tuple(rows), wordy=True)


def versions_table(folders: Sequence[Folder]) -> Table:
    """What the numbers were made with."""
    versions = [dict(folder.configured("versions") or {}) for folder in folders]
    names = dict.fromkeys(name for each in versions for name in each)
    rows = [(name, *(str(each.get(name) or DASH) for each in versions)) for name in names]
    rows.append(("commit", *(str(folder.configured("commit") or "not known") for folder in folders)))
    return Table("Versions", ("", *(folder.name for folder in folders)), tuple(rows), wordy=True)


def mean_and_spread(numbers: Sequence[float], *, short: bool = False) -> str:
    """The mean with what is known of its spread: an interval from three seeds on, a deviation for two (or ``short``).

    A dash if there are no numbers.
    """
    if not numbers:
        return DASH
    mean, sd, n = summary(numbers)
    if n >= FEWEST_FOR_INTERVAL and not short:
        _, low, high, _ = interval(numbers, RANDOM)
        return f"{plain(mean)} [{plain(low)}, {plain(high)}]"
    return plain(mean) + (f" ± {sd:.2f}" if n > 1 else "")


def plain(value: float) -> str:
    """Two digits after the point, with a true minus sign, and none before 0.00."""
    return printing.plain(value).replace("-", "−")


def _mean_matrix(contest: Contest, line: Line, measure: str) -> Array:
    return np.asarray(np.mean([contest.matrix(line, seed, measure) for seed in contest.seeds(line)], axis=0))


def _phase_names(line: Line) -> list[str]:
    return [_phase_name(number, stage, line) for number, stage in enumerate(line.phases, start=1)]


def _phase_name(number: int, stage: Stage, line: Line) -> str:
    tasks = "all in turn" if len(stage.tasks) == len(line.tests) > 1 else ", ".join(map(task_title, stage.tasks))
    return f"{tasks} alone" if line.remedy == SINGLE else f"{number}: {tasks}"


def _colour(above: float, reach: float) -> str:
    """White at no knowledge, blue above, orange below: dark text is easy to read on every shade of both."""
    share = min(abs(above) / reach, 1.0) if reach > 0 else 0.0
    full = (86, 170, 225) if above >= 0 else (240, 150, 80)
    return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in full)


def _cell(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"
