"""Paired comparisons of a protocol's stages, with intervals and p values. The unit is the seed.

Two tests stand side by side, because five seeds are few. The sign-flip test supposes nothing but symmetry, and cannot
go below 2 / 2^n, which is 0.0625 for five; Student's t supposes that differences are normal, and can. Likewise two
intervals: the BCa bootstrap, too narrow with few seeds (see `experiments.evidence.statistics.interval`), and Student's.
Each kind of p is corrected over all comparisons of the protocol by Holm's method.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from experiments.beyond.lives import Array
from experiments.evidence.statistics import LEVEL, holm, paired

_RANDOM = 0  # every interval is drawn with this seed, so it does not depend on the other comparisons


class Contrast(NamedTuple):
    """What is compared: ``first`` minus ``second``, float64[n] of the same seeds."""

    quantity: str
    condition: str
    reference: str  # "0" for a quantity that is compared with nothing
    first: Array
    second: Array


class Comparison(NamedTuple):
    """A contrast and what came out."""

    quantity: str
    condition: str
    reference: str
    differences: Array  # float64[n], of each seed
    mean: float
    low: float  # of the 95% BCa interval
    high: float
    t_low: float  # of Student's 95% interval
    t_high: float
    cohens_dz: float
    p: float  # sign flips, two-sided, exact up to 20 seeds
    p_holm: float
    t_p: float  # Student's, two-sided
    t_p_holm: float

    @property
    def n(self) -> int:
        """Number of seeds."""
        return len(self.differences)


def against(quantity: str, condition: str, reference: str, first: Array, second: Array | float = 0.0) -> Contrast:
    """A contrast; ``second`` may be one number for all seeds."""
    return Contrast(quantity, condition, reference, first, np.broadcast_to(np.asarray(second, float), first.shape))


def compare(contrasts: Iterable[Contrast]) -> list[Comparison]:
    """Test all contrasts of a protocol, and correct their p values together.

    A contrast with a nan on either side has nan everywhere and counts in the correction.
    """
    rows = list(contrasts)
    tests = [paired(row.first, row.second, _RANDOM) for row in rows]
    ts = [_student(row.first - row.second) for row in rows]
    corrected = holm([test.sign_flip_p for test in tests])
    t_corrected = holm([p for _, _, p in ts])
    return [
        Comparison(
            *row[:3],
            row.first - row.second,
            test.difference.estimate,
            test.difference.low,
            test.difference.high,
            t_low,
            t_high,
            test.cohens_dz.estimate,
            test.sign_flip_p,
            float(p_holm),
            t_p,
            float(t_p_holm),
        )
        for row, test, (t_low, t_high, t_p), p_holm, t_p_holm in zip(
            rows, tests, ts, corrected, t_corrected, strict=True
        )
    ]


def smallest_p(n: int) -> float:
    """The smallest two-sided p that sign flips of n differences can have."""
    return 2.0 / 2**n


def _student(differences: Array) -> tuple[float, float, float]:
    """Ends of Student's interval of the mean, and p of the mean being 0; nan for one seed or without scatter."""
    n, mean = len(differences), float(differences.mean())
    error = float(differences.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    if not error > 1e-12:
        return math.nan, math.nan, math.nan
    reach = float(student.ppf((1 + LEVEL) / 2, n - 1)) * error
    return mean - reach, mean + reach, 2.0 * float(student.sf(abs(mean) / error, n - 1))
