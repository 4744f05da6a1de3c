"""Who is best: agents in the order of their intake after the last phase, in groups that the seeds tell apart.

Intake leads, for an agent that stopped eating has whatever performance chance gives it. Every test is a paired exact
sign-flip test of intake over the seeds that both agents have.

*Groups*: the best agent opens the first one. Each further agent is tested against the one that opened the present
group, and opens the next if it is told apart. Which pairs are tested depends on the results, so p is multiplied by the
number of all these tests (Bonferroni), one less than the agents that are ranked.

*Against plain*: each remedy is tested against plain learning of its species, with Holm's correction over the table.

``+interleaved`` and ``+single`` bound the others. They stand in the order, but are not ranked.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.evidence.contest import Contest, Line
from experiments.evidence.scoring import INTAKE, PERFORMANCE, Score
from experiments.evidence.statistics import RANDOM, Interval, Paired, holm, interval, paired

FEWEST = 5
"""Seeds from which on agents are compared."""

ALPHA = 0.05
LEAST_EATEN = 1.0
"""Patterns per 100 steps; performance of who eats less is not shown."""

POWER = 0.8
"""How surely a difference is to be found that is called one that so many seeds can show."""


@dataclass(frozen=True)
class Against:
    """A remedy against plain learning of its species."""

    plain: str
    paired: Paired
    holm_p: float


@dataclass(frozen=True)
class Standing:
    """An agent's place."""

    line: Line
    group: int | None  # from 1; None for a bound, or where there are too few seeds
    intake: Interval
    performance: Interval | None  # None for who hardly eats
    against: Against | None

    @property
    def is_bound(self) -> bool:
        """Whether it bounds the others, and is not ranked."""
        return not self.line.in_turn


def ranking(contest: Contest, scores: Sequence[Score]) -> list[Standing]:
    """Every agent with a complete life, the one that takes in most first."""
    lines = [line for line in contest.lines if contest.seeds(line)]
    intakes = {line.agent: _by_seed(scores, line.agent, INTAKE) for line in lines}
    lines.sort(key=lambda line: -np.mean(list(intakes[line.agent].values())))
    groups = _groups([line for line in lines if line.in_turn], intakes)
    against = _against_plain(contest, lines, intakes)
    return [
        Standing(
            line,
            groups.get(line.agent),
            interval(list(intakes[line.agent].values()), RANDOM),
            _performance(scores, line.agent),
            against.get(line.agent),
        )
        for line in lines
    ]


def smallest_effect(n: int, tests: int) -> float:
    """The effect size d_z that a paired test of ``n`` seeds finds with `POWER`, corrected for so many tests.

    By the noncentral t distribution, which the sign-flip test of normal differences comes near; infinite where no p of
    ``n`` seeds can be small enough.
    """
    level = ALPHA / tests
    if n < 2 or 2 / 2**n > level:
        return math.inf
    critical = stats.t.ppf(1 - level / 2, n - 1)
    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        found = stats.nct.sf(critical, n - 1, middle * math.sqrt(n))
        low, high = (low, middle) if found >= POWER else (middle, high)
    return high


def typical_spread(contest: Contest, scores: Sequence[Score]) -> float:
    """Median over remedies of the standard deviation, over seeds, of their intake minus plain learning's; nan if none.

    With `smallest_effect` it says how large a difference of intake must be.
    """
    spreads = []
    for line in contest.lines:
        plain = contest.line(line.species)
        if plain is None or plain is line or not line.in_turn:
            continue
        mine, other = (_by_seed(scores, each.agent, INTAKE) for each in (line, plain))
        common = sorted(set(mine) & set(other))
        if len(common) > 1:
            spreads.append(float(np.std([mine[seed] - other[seed] for seed in common], ddof=1)))
    return float(np.median(spreads)) if spreads else math.nan


def _groups(lines: Sequence[Line], intakes: dict[str, dict[int, float]]) -> dict[str, int]:
    """By agent, for those with enough seeds in common."""
    groups: dict[str, int] = {}
    opener: Line | None = None
    tests = max(1, len(lines) - 1)
    for line in lines:
        if opener is None:
            opener = line
            groups[line.agent] = 1
            continue
        mine, first = intakes[line.agent], intakes[opener.agent]
        common = sorted(set(mine) & set(first))
        if len(common) < FEWEST:
            continue
        number = groups[opener.agent]
        if _compared(first, mine, common).sign_flip_p * tests < ALPHA:
            opener, number = line, number + 1
        groups[line.agent] = number
    return groups if len(groups) > 1 else {}


def _against_plain(contest: Contest, lines: Sequence[Line], intakes: dict[str, dict[int, float]]) -> dict[str, Against]:
    found: dict[str, tuple[str, Paired]] = {}
    for line in lines:
        plain = contest.line(line.species)
        if not line.remedy or not line.in_turn or plain is None or plain.agent not in intakes:
            continue
        mine, other = intakes[line.agent], intakes[plain.agent]
        common = sorted(set(mine) & set(other))
        if len(common) >= FEWEST:
            found[line.agent] = (plain.agent, _compared(mine, other, common))
    corrected = holm([each.sign_flip_p for _, each in found.values()]).tolist() if found else []
    return {agent: Against(*found[agent], p) for agent, p in zip(found, corrected, strict=True)}


def _compared(a: dict[int, float], b: dict[int, float], seeds: Sequence[int]) -> Paired:
    return paired([a[seed] for seed in seeds], [b[seed] for seed in seeds], RANDOM)


def _performance(scores: Sequence[Score], agent: str) -> Interval | None:
    eaten = [row.value for row in scores if (row.agent, row.score) == (agent, "eaten")]
    if np.mean(eaten) < LEAST_EATEN:
        return None
    return interval(list(_by_seed(scores, agent, PERFORMANCE).values()), RANDOM)


def _by_seed(scores: Sequence[Score], agent: str, measure: str) -> dict[int, float]:
    return {
        row.seed: row.value
        for row in scores
        if (row.agent, row.measure, row.score) == (agent, measure, "average_performance")
    }
