"""What a comparison says in sentences: what was left out, which groups there are, and what so many seeds can show."""

import math
from collections.abc import Iterator, Sequence

from experiments.evidence.contest import Contest
from experiments.evidence.ranking import ALPHA, FEWEST, POWER, Standing, ranking, smallest_effect, typical_spread
from experiments.evidence.scoring import Score
from experiments.printing import p_value, plain, signed, signed_ends


def words(contest: Contest, scores: Sequence[Score]) -> Iterator[str]:
    """Sentences, one each."""
    for line in contest.lines:
        if unfinished := contest.unfinished(line):
            yield f"{line.agent}: left out, since not complete: seed {', '.join(map(str, unfinished))}."
    places = ranking(contest, scores)
    yield from _groups(places)
    yield from _against_plain(places)
    yield from _power(contest, scores, places)


def _groups(places: Sequence[Standing]) -> Iterator[str]:
    groups: dict[int, list[str]] = {}
    for place in places:
        if place.group is not None:
            groups.setdefault(place.group, []).append(place.line.agent)
    if groups:
        told = "; ".join(f"{number}: {', '.join(names)}" for number, names in groups.items())
        yield f"Groups that these seeds tell apart by intake (sign-flip tests, Bonferroni): {told}."


def _against_plain(places: Sequence[Standing]) -> Iterator[str]:
    compared = [(place.line.agent, place.against) for place in places if place.against is not None]
    if not compared:
        return
    yield (
        "Remedies against plain learning with the same seeds: difference of mean intake after the last phase "
        f"[95% interval], p of an exact sign-flip test, in brackets Holm-corrected for all {len(compared)} of them."
    )
    for agent, against in compared:
        each = against.paired
        yield (
            f"{agent} against {against.plain}, n = {each.n}: {signed(each.difference.estimate)} "
            f"{signed_ends(*each.difference[1:3])}, p {p_value(each.sign_flip_p)} ({p_value(against.holm_p)})."
        )


def _power(contest: Contest, scores: Sequence[Score], places: Sequence[Standing]) -> Iterator[str]:
    """What so many seeds can show, and what not."""
    counts = [place.intake.n for place in places if not place.is_bound]
    if not counts:
        return
    n, tests = min(counts), max(1, sum(place.against is not None for place in places))
    if n < FEWEST:
        yield f"Agents are compared from {FEWEST} seeds on; here there are {n}."
        return
    least, effect = 2 / 2**n, smallest_effect(n, tests)
    if math.isinf(effect):
        yield (
            f"With {n} seeds no p can be below {least:.4g}, so after correction for {tests} comparisons no difference "
            f"can count, however large; {_enough(tests)} seeds could show one."
        )
        return
    spread = typical_spread(contest, scores)
    size = "" if math.isnan(spread) else f", here about {plain(effect * spread)} patterns per 100 steps"
    yield (
        f"With {n} seeds and {tests} comparisons, differences from d_z = {effect:.1f} on{size}, are found in "
        f"{POWER:.0%} of such tables (two-sided, {ALPHA} after correction); smaller ones may be there and not show."
    )


def _enough(tests: int) -> int:
    """The fewest seeds with which a p can be small enough."""
    return next(n for n in range(2, 64) if 2 / 2**n <= ALPHA / tests)
