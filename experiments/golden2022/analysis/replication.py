"""Do we agree with Golden et al. 2022? Our mean of a condition against the paper's.

The paper gives a mean and a standard deviation of at least 10 networks, rounded to 0.01, and no values of single
networks. So its mean is taken as that of 10, which errs on the side of knowing less, and set against ours by Welch's
formulas (unequal deviations; Welch 1947, The generalization of 'Student's' problem, Biometrika 34: 28). The rounding is
left out: it adds 0.003 to standard errors of 0.006 to 0.016, in the root of the sum of squares.

Two questions are asked of every condition and task, since a difference that is not significant may just be unclear:

- *Does it agree?* Two one-sided tests at 5% each: the 90% interval of the difference lies within ±`MARGIN`
  (Schuirmann 1987, J Pharmacokinet Biopharm 15: 657).
- *Does it differ?* The two-sided test of no difference, corrected by Holm's method over all that were compared.

What agrees by the first question agrees, even if a difference smaller than the margin is certain. What does not, and
differs by the second, differs. The rest is unclear. Below `FEWEST` networks nothing is said.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from scipy.stats import t as student

from experiments.evidence.paper import Published, published
from experiments.evidence.scores import summary
from experiments.evidence.statistics import Interval, holm, interval
from experiments.running.tables import Result

MARGIN = 0.05
"""Performance that is no matter: the largest deviation that the paper gives, and a quarter of what forgetting costs."""

FEWEST = 3
"""Networks from which on there are intervals and verdicts."""

PAPER_NETWORKS = 10
"""How many the paper's means are of, at least."""

_LEVEL = 0.05
_RANDOM = 0  # every interval is drawn with this seed, so it does not depend on what else is compared


class Verdict(StrEnum):
    """What can be said of a condition and task."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNCLEAR = "unclear"
    TOO_FEW = "too few"


class Welch(NamedTuple):
    """Our mean minus the paper's."""

    difference: float
    low: float  # of the 90% interval, which is that of two one-sided tests at 5%
    high: float
    p: float  # two-sided, of no difference


class Replication(NamedTuple):
    """A condition and task beside the paper's."""

    condition: str
    task: str
    paper: Published
    ours: Interval  # mean over networks; from `FEWEST` on with its 95% BCa interval
    sd: float  # of ours; nan if there is but one
    difference: float  # ours minus the paper's
    verdict: Verdict


def replications(results: Sequence[Result], conditions: Sequence[str], tasks: Sequence[str]) -> list[Replication]:
    """Every condition and task that has results here and values in the paper, in this order.

    A condition's results are those of its own stage; rows of the stages on the way to it may be among ``results``.
    """
    found: list[tuple[str, str, Published, list[float]]] = []
    for condition in conditions:
        for task in tasks:
            values = [row.performance for row in results if row.agent == row.stage == condition and row.task == task]
            paper = published(condition, task)
            if values and paper:
                found.append((condition, task, paper, values))
    tests = [welch(values, paper) if len(values) >= FEWEST else None for *_, paper, values in found]
    corrected = iter(holm([test.p for test in tests if test]))
    return [
        Replication(
            condition,
            task,
            paper,
            interval(values, _RANDOM) if test else Interval(summary(values).mean, math.nan, math.nan, len(values)),
            summary(values).sd,
            summary(values).mean - paper.mean,
            verdict(test, float(next(corrected))) if test else Verdict.TOO_FEW,
        )
        for (condition, task, paper, values), test in zip(found, tests, strict=True)
    ]


def welch(values: Sequence[float], paper: Published) -> Welch:
    """Compare one value per network with the paper's mean.

    Raises ValueError for fewer than two values, which have no deviation.
    """
    mean, sd, n = summary(values)
    if n < 2:
        raise ValueError(f"{n} network has no deviation; Welch's test needs two at least")
    ours, theirs = sd**2 / n, paper.sd**2 / PAPER_NETWORKS
    error = math.sqrt(ours + theirs)
    freedom = (ours + theirs) ** 2 / (ours**2 / (n - 1) + theirs**2 / (PAPER_NETWORKS - 1))
    difference = mean - paper.mean
    reach = float(student.ppf(1.0 - _LEVEL, freedom)) * error
    p = float(2.0 * student.sf(abs(difference) / error, freedom))
    return Welch(difference, difference - reach, difference + reach, p)


def verdict(test: Welch, corrected_p: float) -> Verdict:
    """What the two questions come to."""
    if test.low > -MARGIN and test.high < MARGIN:
        return Verdict.AGREES
    return Verdict.DIFFERS if corrected_p < _LEVEL else Verdict.UNCLEAR
