"""What a comparison says in sentences: what was left out, and how every remedy compares with plain learning."""

from collections.abc import Iterator, Sequence

from experiments.evidence.contest import Contest, Line
from experiments.evidence.scoring import INTAKE, PERFORMANCE, Score
from experiments.evidence.statistics import RANDOM, Paired, holm, paired
from experiments.printing import p_value, signed, signed_ends

FEWEST_FOR_COMPARISON = 5
"""Seeds from which on a remedy is compared with plain learning."""


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
            f"{measure} {signed(each.difference.estimate)} {signed_ends(*each.difference[1:3])}, "
            f"p {p_value(each.sign_flip_p)} ({p_value(float(next(corrected)))})"
            for measure, each in zip((PERFORMANCE, INTAKE), pair, strict=True)
        ]
        yield f"{line.agent} against {plain.agent}, n = {len(seeds)}: {'; '.join(parts)}."
    fewest = min(len(seeds) for _, _, seeds in compared)
    yield (
        f"With {fewest} seeds no p can be below {2 / 2**fewest:.4g}, before any correction; "
        "with few seeds intervals are too narrow (see experiments.evidence.statistics.interval)."
    )


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
    return paired([mine[seed] for seed in seeds], [other[seed] for seed in seeds], RANDOM)
