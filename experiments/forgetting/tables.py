"""What a comparison prints: a table of what agents know at the end, one of forgetting and cost, and words.

A cell is the mean over seeds, with their standard deviation (±) or a 95% BCa interval [low, high] from three seeds on.
"""

import math
from collections.abc import Iterator, Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from experiments.evidence.contest import FEWEST_FOR_INTERVAL, SINGLE, Contest, Line
from experiments.evidence.scores import summary
from experiments.evidence.scoring import COST, INTAKE, PERFORMANCE, Score
from experiments.evidence.statistics import Paired, holm, interval, paired

FEWEST_FOR_COMPARISON = 5
_DASH = "–"
_RANDOM = 0  # every interval is drawn with this seed, so it does not depend on what else is in the table
_WITH_DEVIATION, _WITH_TASKS = 3, 7  # tasks up to which there is room for deviations, and for tasks at all


def end_table(contest: Contest, scores: Sequence[Score]) -> Table:
    """Performance and intake on every task after the last phase, and their mean."""
    tasks = contest.tests if len(contest.tests) <= _WITH_TASKS else ()
    table = _table(f"Protocol {contest.protocol}: after the last phase")
    table.add_column("agent", no_wrap=True)
    table.add_column("", no_wrap=True)
    for heading in (*tasks, "AP"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("n", justify="right")
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
            table.add_row(line.agent if first else "", label, *cells, average, str(len(seeds)) if first else "")
    return table


def cost_table(contest: Contest, scores: Sequence[Score]) -> Table:
    """What was learned at first, forgetting of performance and of intake, and what every agent took and keeps."""
    table = _table("Forgetting, and what it took")
    table.add_column("agent", no_wrap=True)
    for heading in ("learned", "forgets perf.", "forgets intake", "kept", "steps", "cpu s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in _finished(contest):
        learned = _values(scores, line.agent, PERFORMANCE, "learned")
        forgotten = [
            _mean_and_interval(_values(scores, line.agent, measure, "forgetting")) for measure in (PERFORMANCE, INTAKE)
        ]
        kept, steps, seconds = (
            summary(_values(scores, line.agent, COST, name)).mean for name in ("bytes_kept", "steps", "cpu_seconds")
        )
        at_best = _plain(summary(learned).mean) if learned else _DASH
        table.add_row(line.agent, at_best, *forgotten, _bytes(kept), _count(steps), f"{seconds:,.0f}")
    return table


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


def words(contest: Contest, scores: Sequence[Score]) -> Iterator[str]:
    """Sentences, one each: what was left out, and how every remedy compares with plain learning of its species."""
    for line in contest.lines:
        if unfinished := contest.unfinished(line):
            yield f"{line.agent}: left out, since not complete: seed {', '.join(map(str, unfinished))}."
    pairs = _comparable(contest)
    if not pairs:
        return
    compared = [(line, plain, seeds) for line, plain, seeds in pairs if len(seeds) >= FEWEST_FOR_COMPARISON]
    few = [f"{line.agent} ({len(seeds)})" for line, _, seeds in pairs if len(seeds) < FEWEST_FOR_COMPARISON]
    if few:
        yield (
            f"Not compared with plain learning, which takes {FEWEST_FOR_COMPARISON} seeds or more that both have: "
            f"{', '.join(few)}."
        )
    if not compared:
        return
    comparisons = [
        [_paired(scores, line.agent, plain.agent, seeds, measure) for measure in (PERFORMANCE, INTAKE)]
        for line, plain, seeds in compared
    ]
    corrected = iter(holm([each.sign_flip_p for pair in comparisons for each in pair]))
    yield (
        "Remedies against plain learning with the same seeds: difference of AP [95% interval], p of a sign-flip test, "
        f"in brackets Holm-corrected for all {2 * len(compared)} of them."
    )
    for (line, plain, seeds), pair in zip(compared, comparisons, strict=True):
        parts = [
            f"{measure} {_signed(each.difference.estimate)} {_ends(*each.difference[1:3], signed=True)}, "
            f"p {_p(each.sign_flip_p)} ({_p(float(next(corrected)))})"
            for measure, each in zip((PERFORMANCE, INTAKE), pair, strict=True)
        ]
        yield f"{line.agent} against {plain.agent}, n = {len(seeds)}: {'; '.join(parts)}."
    fewest = min(len(seeds) for _, _, seeds in compared)
    yield (
        f"With {fewest} seeds no p can be below {2 / 2**fewest:.4g}, before any correction; "
        "with few seeds intervals are too narrow (see experiments.evidence.statistics.interval)."
    )


def _finished(contest: Contest) -> list[Line]:
    return [line for line in contest.lines if contest.seeds(line)]


def _comparable(contest: Contest) -> list[tuple[Line, Line, list[int]]]:
    """Every remedy with plain learning of its species, and the seeds that both have."""
    pairs = []
    for line in contest.lines:
        plain = contest.line(line.species)
        if line.remedy and line.in_turn and plain is not None:
            pairs.append((line, plain, sorted(set(contest.seeds(line)) & set(contest.seeds(plain)))))
    return pairs


def _paired(scores: Sequence[Score], agent: str, plain: str, seeds: Sequence[int], measure: str) -> Paired:
    mine, other = (
        {
            row.seed: row.value
            for row in scores
            if (row.agent, row.measure, row.score) == (name, measure, "average_performance")
        }
        for name in (agent, plain)
    )
    return paired([mine[seed] for seed in seeds], [other[seed] for seed in seeds], _RANDOM)


def _values(scores: Sequence[Score], agent: str, measure: str, score: str) -> list[float]:
    return [row.value for row in scores if (row.agent, row.measure, row.score) == (agent, measure, score)]


def _mean_and_deviation(values: Sequence[float], with_deviation: bool) -> str:
    mean, sd, n = summary(values)
    return _plain(mean) + (f"±{sd:.2f}" if n > 1 and with_deviation else "")


def _mean_and_interval(values: Sequence[float]) -> str:
    """The mean, with an interval from three seeds on; a deviation below; a dash if there are no values."""
    if not values:
        return _DASH
    mean, low, high, n = interval(values, _RANDOM)
    text = _plain(mean)
    if n >= FEWEST_FOR_INTERVAL:
        # rich would read brackets as a style
        return escape(f"{text} {_ends(low, high)}")
    return text + (f"±{summary(values).sd:.2f}" if n > 1 else "")


def _ends(low: float, high: float, *, signed: bool = False) -> str:
    number = _signed if signed else _plain
    return f"[{number(low)}, {number(high)}]"


def _plain(value: float) -> str:
    return f"{value + 0.0 if abs(value) >= 0.005 else 0.0:.2f}"  # no -0.00


def _signed(value: float) -> str:
    return f"{value:+.2f}" if abs(value) >= 0.005 else "0.00"


def _p(value: float) -> str:
    return "?" if math.isnan(value) else f"{value:.3g}"


def _bytes(value: float) -> str:
    units = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    return next((f"{value / size:.1f} {unit}" for size, unit in units if value >= size), f"{value:.0f}")


def _count(value: float) -> str:
    return f"{value / 1e6:.2f} M" if value >= 1e5 else f"{value:,.0f}"


def _table(title: str) -> Table:
    return Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, title_justify="left")
