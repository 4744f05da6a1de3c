"""What a comparison prints: a table of what agents know at the end, one of forgetting and cost, and words.

A cell is the mean over seeds, with their standard deviation (±) or a 95% BCa interval [low, high] from three seeds on.
"""

from collections.abc import Iterator, Sequence

from rich.table import Table

from experiments.evidence.contest import FEWEST_FOR_INTERVAL, Contest, Line
from experiments.evidence.scores import summary
from experiments.evidence.scoring import COST, INTAKE, PERFORMANCE, Score
from experiments.evidence.statistics import RANDOM, interval
from experiments.plans.plan import SINGLE
from experiments.printing import DASH, ends, plain, size, table
from experiments.printing import steps as in_steps

_WITH_DEVIATION, _WITH_TASKS = 3, 7  # tasks up to which there is room for deviations, and for tasks at all


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
        for measure, label in ((PERFORMANCE, "perf."), (INTAKE, "intake")):
            last = [contest.last(line, seed, measure) for seed in seeds]
            cells = [
                _mean_and_deviation(
                    [float(row[contest.tests.index(task)]) for row in last], len(tasks) <= _WITH_DEVIATION
                )
                for task in tasks
            ]
            average = _mean_and_interval(_values(scores, line.agent, measure, "average_performance"))
            first = measure == PERFORMANCE
            grid.add_row(line.agent if first else "", label, *cells, average, str(len(seeds)) if first else "")
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
        grid.add_row(line.agent, at_best, *forgotten, size(kept), in_steps(steps), f"{seconds:,.0f}")
    return grid


def notes(contest: Contest) -> Iterator[str]:
    """What the columns of both tables mean, one sentence or two each."""
    yield (
        "perf.: rewarded / all eaten, 0.50 if nothing was eaten; chance is 0.50. intake: (rewarded - punished) per 100 "
        "steps. AP: mean of all tasks."
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


def _mean_and_interval(values: Sequence[float]) -> str:
    """The mean, with an interval from three seeds on; a deviation below; a dash if there are no values."""
    if not values:
        return DASH
    mean, low, high, n = interval(values, RANDOM)
    text = plain(mean)
    if n >= FEWEST_FOR_INTERVAL:
        return f"{text} {ends(low, high)}"
    return text + (f"±{summary(values).sd:.2f}" if n > 1 else "")
