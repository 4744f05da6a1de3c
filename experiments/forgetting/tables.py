"""What a comparison prints: a table of what agents know at the end, one of forgetting and cost, and words.

A cell is the mean over seeds, with their standard deviation (±) or a 95% BCa interval [low, high] from three seeds on.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from rich.table import Table

from experiments.evidence.contest import FEWEST_FOR_INTERVAL, Contest, Line
from experiments.evidence.ranking import LEAST_EATEN, Standing
from experiments.evidence.scores import summary
from experiments.evidence.scoring import COST, INTAKE, PERFORMANCE, Score
from experiments.evidence.statistics import RANDOM, Interval, interval
from experiments.plans.plan import SINGLE
from experiments.printing import DASH, ends, plain, short_p_value, signed, signed_ends, size, table
from experiments.printing import steps as in_steps

_WITH_DEVIATION, _WITH_TASKS = 3, 7  # tasks up to which there is room for deviations, and for tasks at all


def ranking_table(places: Sequence[Standing]) -> Table:
    """Agents by intake, with the groups that are told apart."""
    grid = table("Ranking by intake after the last phase, mean of all tasks")
    grid.add_column("group", justify="right")
    grid.add_column("agent", no_wrap=True)
    for heading in ("intake", "perf.", "against plain", "p", "Holm", "n"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for place in places:
        against = place.against
        compared = (DASH,) * 3
        if against is not None:
            difference = against.paired.difference
            compared = (
                f"{signed(difference.estimate)} {signed_ends(difference.low, difference.high)}",
                short_p_value(against.paired.sign_flip_p),
                short_p_value(against.holm_p),
            )
        grid.add_row(
            "bound" if place.is_bound else str(place.group or DASH),
            place.line.label,
            _with_interval(place.intake),
            plain(place.performance.estimate) if place.performance else DASH,
            *compared,
            str(place.intake.n),
        )
    return grid


def end_table(contest: Contest, scores: Sequence[Score]) -> Table:
    """Performance and intake on every task after the last phase, and their mean."""
    tasks = contest.tests if len(contest.tests) <= _WITH_TASKS else ()
    grid = table(f"Protocol {contest.protocol}: after the last phase")
    grid.add_column("agent", no_wrap=True)
    grid.add_column("", no_wrap=True)
    for heading in (*tasks, "AP"):
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("n", justify="right")
    for line in _finished(contest):
        seeds = contest.seeds(line)
        eaten = np.mean([contest.last(line, seed, "eaten") for seed in seeds], axis=0)
        for measure, label in ((PERFORMANCE, "perf."), (INTAKE, "intake")):
            first = measure == PERFORMANCE
            last = np.array([contest.last(line, seed, measure) for seed in seeds])
            cells = [
                DASH
                if first and eaten[column] < LEAST_EATEN
                else _mean_and_deviation(last[:, column].tolist(), len(tasks) <= _WITH_DEVIATION)
                for column in map(contest.tests.index, tasks)
            ]
            average = _mean_and_interval(_values(scores, line.agent, measure, "average_performance"))
            if first and eaten.mean() < LEAST_EATEN:
                average = DASH
            grid.add_row(line.label if first else "", label, *cells, average, str(len(seeds)) if first else "")
    return grid


def cost_table(contest: Contest, scores: Sequence[Score]) -> Table:
    """What was learned at first, forgetting of performance and of intake, and what every agent took and keeps."""
    grid = table("Forgetting, and what it took")
    grid.add_column("agent", no_wrap=True)
    for heading in ("learned", "forgets perf.", "forgets intake", "kept", "steps", "cpu s"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for line in _finished(contest):
        learned = _values(scores, line.agent, PERFORMANCE, "learned")
        forgotten = [
            _mean_and_interval(_values(scores, line.agent, measure, "forgetting")) for measure in (PERFORMANCE, INTAKE)
        ]
        kept, steps, seconds = (
            summary(_values(scores, line.agent, COST, name)).mean for name in ("bytes_kept", "steps", "cpu_seconds")
        )
        at_best = plain(summary(learned).mean) if learned else DASH
        grid.add_row(line.label, at_best, *forgotten, size(kept), in_steps(steps), f"{seconds:,.0f}")
    return grid


def relearning_table(contest: Contest, scores: Sequence[Score]) -> Table | None:
    """How agents fare when tasks come back; None where none does."""
    if not any(row.score == "plasticity" for row in scores):
        return None
    grid = table("When tasks come back")
    grid.add_column("agent", no_wrap=True)
    for heading in ("lifetime intake", "steps to recover", "last - first training"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for line in _finished(contest):
        if line.in_turn:
            lifetime, recovery, plasticity = (
                _values(scores, line.agent, INTAKE, score) for score in ("lifetime", "recovery_steps", "plasticity")
            )
            steps = f"{summary(recovery).mean:,.0f}" if recovery else DASH
            grid.add_row(line.label, _mean_and_interval(lifetime), steps, _mean_and_interval(plasticity))
    grid.caption = (
        "lifetime intake: on the task in training, mean along all phases. steps to recover: until intake is 0.9 of "
        "what it was after the task's first training; a return that never comes so far counts as a whole phase. "
        "last - first training: intake after a task's last training - after its first; below 0 plasticity is lost."
    )
    return grid


def notes(contest: Contest) -> Iterator[str]:
    """What the columns of both tables mean, one sentence or two each."""
    yield (
        "perf.: rewarded / all eaten, 0.50 if nothing was eaten; chance is 0.50. intake: (rewarded - punished) per 100 "
        "steps. AP: mean of all tasks."
    )
    yield (
        "group: told apart from the group above. In brackets behind a name: what the remedy is told that plain agents "
        f"are not. perf. is left out ({DASH}) where fewer than {LEAST_EATEN:g} pattern per 100 steps was eaten. "
        "against plain: intake minus that of the same species without a remedy, p of an exact sign-flip test."
    )
    counts = [len(contest.seeds(line)) for line in contest.lines]
    if max(counts) == 1:
        yield "One seed: nothing is known of the spread."
    elif max(counts) < FEWEST_FOR_INTERVAL:
        yield f"±: standard deviation over n seeds; intervals from {FEWEST_FOR_INTERVAL} seeds on."
    else:
        yield "±: standard deviation over n seeds. [ ]: 95% BCa interval over them."
    yield (
        "learned: performance right after a task's last training, mean over tasks; what was not learned cannot be "
        "forgotten."
    )
    yield (
        "forgets: score right after a task's last training - score after the last phase, mean over all tasks but the "
        "one trained last; below 0 they became better."
    )
    yield (
        "kept: bytes from earlier tasks, beside the weights. steps, cpu s: learning and processor seconds (tests "
        "included) of all stages, those shared with other agents too."
    )
    if any(line.remedy == SINGLE for line in _finished(contest)):
        yield f"+{SINGLE}: another agent for every task, tested after its own training."


def _finished(contest: Contest) -> list[Line]:
    return [line for line in contest.lines if contest.seeds(line)]


def _values(scores: Sequence[Score], agent: str, measure: str, score: str) -> list[float]:
    return [row.value for row in scores if (row.agent, row.measure, row.score) == (agent, measure, score)]


def _mean_and_deviation(values: Sequence[float], with_deviation: bool) -> str:
    mean, sd, n = summary(values)
    return plain(mean) + (f"±{sd:.2f}" if n > 1 and with_deviation else "")


def _with_interval(value: Interval) -> str:
    return plain(value.estimate) + (f" {ends(value.low, value.high)}" if value.n >= FEWEST_FOR_INTERVAL else "")


def _mean_and_interval(values: Sequence[float]) -> str:
    """The mean, with an interval from three seeds on; a deviation below; a dash if there are no values."""
    if not values:
        return DASH
    mean, low, high, n = interval(values, RANDOM)
    text = plain(mean)
    if n >= FEWEST_FOR_INTERVAL:
        return f"{text} {ends(low, high)}"
    return text + (f"±{summary(values).sd:.2f}" if n > 1 else "")
