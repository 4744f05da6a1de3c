"""What Golden et al. 2022 claim of performance, as contrasts of conditions, and their tests. The unit is the network.

The paper compares means by eye. Here every claim is a difference between two conditions of the same networks, which
branch from one and the same state, so the tests are paired; chance and networks before any task are references too.

A claim that performance is higher or lower is tested two-sided by sign flips, exactly up to 20 networks. A claim that
it is the same is tested for equivalence: two one-sided sign-flip tests against ±`MARGIN`, of which the larger p counts
(Schuirmann 1987, J Pharmacokinet Biopharm 15: 657); that it is no lower, by the lower one alone. No difference found
would not do: with few networks that is easily had. All p values of a run are corrected together by Holm's method.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from experiments.evidence.paper import published
from experiments.evidence.statistics import Interval, holm, paired
from experiments.golden2022.analysis.performance import Performances
from experiments.golden2022.analysis.replication import MARGIN

BOTH = "both"
"""In the place of a task: the mean over both."""

TASKS = ("task1", "task2")

FEWEST = 6
"""Networks below which no difference can be significant: 2 / 2^5 is 0.06."""

UNTRAINED = "unsupervised"
"""The stage before any task."""

_LEVEL = 0.05
_RANDOM = 0  # every interval is drawn with this seed, so it does not depend on the other claims


class Expected(StrEnum):
    """What a claim says of the difference."""

    HIGHER = "higher"
    LOWER = "lower"
    SAME = "same"
    NOT_LOWER = "no lower"


class Verdict(StrEnum):
    """What came out; ``OPEN`` is neither."""

    HOLDS = "holds"
    CONTRARY = "contrary"
    OPEN = "open"
    TOO_FEW = "too few"


class Claim(NamedTuple):
    """Performance after ``condition`` minus performance after ``reference``, on a task or `BOTH`."""

    subject: str
    text: str
    condition: str
    reference: str
    task: str
    expected: Expected

    @property
    def contrast(self) -> str:
        """The difference, in signs."""
        return f"{self.condition} − {self.reference}"


CLAIMS = tuple(
    Claim(subject, *row)
    for subject, rows in (
        (
            "Forgetting",
            (
                ("Training on Task 2 damages Task 1", "T1-T2", "T1", "task1", Expected.LOWER),
                ("… until it is as if never learned", "T1-T2", "T2", "task1", Expected.SAME),
            ),
        ),
        (
            "Interleaved training",
            (
                ("… afterwards regains Task 1", "T1-T2-Int(T1,T2)", "T1-T2", "task1", Expected.HIGHER),
                ("… and keeps Task 2", "T1-T2-Int(T1,T2)", "T1-T2", "task2", Expected.NOT_LOWER),
                ("… from the first protects Task 1", "T1-Int(T1,T2)", "T1-T2", "task1", Expected.HIGHER),
            ),
        ),
        (
            "Sleep",
            (
                ("… with Task 1 again regains Task 1", "T1-T2-Int(S,T1)", "T1-T2", "task1", Expected.HIGHER),
                ("… to its first height", "T1-T2-Int(S,T1)", "T1", "task1", Expected.SAME),
                ("… and keeps Task 2", "T1-T2-Int(S,T1)", "T1-T2", "task2", Expected.NOT_LOWER),
                ("… with Task 2 protects Task 1", "T1-Int(S,T2)", "T1-T2", "task1", Expected.HIGHER),
                ("… and does not hinder Task 2", "T1-Int(S,T2)", "T1-T2", "task2", Expected.NOT_LOWER),
                ("… is as good as the old task", "T1-T2-Int(S,T1)", "T1-T2-Int(T1,T2)", BOTH, Expected.NOT_LOWER),
                ("… likewise from the first", "T1-Int(S,T2)", "T1-Int(T1,T2)", BOTH, Expected.NOT_LOWER),
            ),
        ),
        (
            "Controls of sleep",
            (
                (
                    "Uniform noise does as well, Task 1",
                    "uniform-noise sleep",
                    "T1-T2-Int(S,T1)",
                    "task1",
                    Expected.SAME,
                ),
                ("… and Task 2", "uniform-noise sleep", "T1-T2-Int(S,T1)", "task2", Expected.SAME),
                ("Task 2's rates teach nothing of Task 2", "naive + sleep", UNTRAINED, "task2", Expected.SAME),
                ("… and leave Task 1 to be learned", "naive + sleep", UNTRAINED, "task1", Expected.HIGHER),
                ("Sleep with Task 1 does not hurt it", "T1-Int(S,T1)", "T1", "task1", Expected.SAME),
                ("… and teaches nothing of Task 2", "T1-Int(S,T1)", "T1", "task2", Expected.SAME),
            ),
        ),
        (
            "Freezing the strongest synapses",
            (
                ("1% does not protect Task 1", "freeze top 1%", "T1-T2", "task1", Expected.SAME),
                ("5% protect Task 1 in part", "freeze top 5%", "T1-T2", "task1", Expected.HIGHER),
                ("10% keep it whole", "freeze top 10%", "T1", "task1", Expected.SAME),
                ("… and keep Task 2 out", "freeze top 10%", "T1-T2", "task2", Expected.LOWER),
            ),
        ),
    )
    for row in rows
)
"""Every claim that is tested, in the paper's order."""


class Examined(NamedTuple):
    """A claim and what came out."""

    claim: Claim
    seeds: tuple[int, ...]
    differences: np.ndarray  # float64[n], of each network
    mean: Interval  # of the differences, with its 95% BCa interval
    p: float
    corrected_p: float  # by Holm's method
    paper: float | None  # the paper's difference; None where it gives no value
    verdict: Verdict


def examine(scores: Performances, claims: Sequence[Claim] = CLAIMS) -> list[Examined]:
    """Test every claim whose conditions have been run with the same networks; the others are left out."""
    pairs = [(claim, *_paired_scores(scores, claim)) for claim in claims]
    pairs = [row for row in pairs if row[1]]
    p_values = [_p(claim, first, second) for claim, _, first, second in pairs]
    found = []
    for (claim, seeds, first, second), p, corrected in zip(pairs, p_values, holm(p_values), strict=True):
        mean = paired(first, second, _RANDOM).difference
        verdict = _verdict(claim, mean, float(corrected))
        found.append(Examined(claim, seeds, first - second, mean, p, float(corrected), _of_paper(claim), verdict))
    return found


def _paired_scores(scores: Performances, claim: Claim) -> tuple[tuple[int, ...], np.ndarray, np.ndarray]:
    tasks = TASKS if claim.task == BOTH else (claim.task,)
    rows = [[scores.get((stage, task), {}) for task in tasks] for stage in (claim.condition, claim.reference)]
    seeds = sorted(set.intersection(*(set(by_seed) for row in rows for by_seed in row)))
    first, second = (np.array([np.mean([by_seed[seed] for by_seed in row]) for seed in seeds]) for row in rows)
    return tuple(seeds), first, second


def _p(claim: Claim, first: np.ndarray, second: np.ndarray) -> float:
    if claim.expected in (Expected.HIGHER, Expected.LOWER):
        return paired(first, second, _RANDOM).sign_flip_p
    above = _one_sided(first + MARGIN, second)
    return above if claim.expected is Expected.NOT_LOWER else max(above, _one_sided(second + MARGIN, first))


def _one_sided(first: np.ndarray, second: np.ndarray) -> float:
    """p of ``first`` being no higher than ``second``: half of the two-sided one, as the signs' distribution is even."""
    test = paired(first, second, _RANDOM)
    half = test.sign_flip_p / 2.0
    return half if test.difference.estimate > 0 else 1.0 - half


def _verdict(claim: Claim, mean: Interval, corrected: float) -> Verdict:
    if mean.n < FEWEST:
        return Verdict.TOO_FEW
    if claim.expected in (Expected.HIGHER, Expected.LOWER):
        as_claimed = (mean.estimate > 0) == (claim.expected is Expected.HIGHER)
        return (Verdict.HOLDS if as_claimed else Verdict.CONTRARY) if corrected < _LEVEL else Verdict.OPEN
    if corrected < _LEVEL:
        return Verdict.HOLDS
    beyond = mean.high < -MARGIN or (claim.expected is Expected.SAME and mean.low > MARGIN)
    return Verdict.CONTRARY if beyond else Verdict.OPEN


def _of_paper(claim: Claim) -> float | None:
    tasks = TASKS if claim.task == BOTH else (claim.task,)
    first, second = ([published(stage, task) for task in tasks] for stage in (claim.condition, claim.reference))
    differences = [a.mean - b.mean for a, b in zip(first, second, strict=True) if a and b]
    return float(np.mean(differences)) if len(differences) == len(tasks) else None
