"""Statistics over seeds: intervals, paired comparisons, and Holm's correction. The unit is the seed.

Give one number for each seed, never one for each task or episode: those of one seed are not independent. Random
numbers come from the generator or seed that is passed, and nothing depends on the order of the seeds. nan is not left
out: what needs it becomes nan.

The resampling is written out here, so that one seed gives the same interval whatever version of SciPy is installed.
Sources: Efron 1987 (Better bootstrap confidence intervals, J Am Stat Assoc 82: 171) for BCa; Pratt 1959 (Remarks on
zeros and ties in the Wilcoxon signed rank procedures, J Am Stat Assoc 54: 655); Phipson & Smyth 2010 (Permutation
p-values should never be zero) for the added one of a p value by sampling; Holm 1979 (A simple sequentially rejective
multiple test procedure, Scand J Stat 6: 65).
"""

import math
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

Array = NDArray[np.float64]

LEVEL = 0.95
"""How often intervals are meant to hold the true value."""

RESAMPLES = 9_999
"""Samples of a bootstrap."""

SIGN_FLIPS = 99_999
"""Samples of a sign-flip test with more than `EXACT_UP_TO` seeds."""

RANDOM = 0
"""The seed that tables and figures draw every interval with, so that none depends on what else is shown."""

EXACT_UP_TO = 20
"""Seeds up to which a sign-flip test looks at all 2^n signs: about a million."""

_BATCH = 1_000  # signs drawn at a time
_DIGITS = 12  # decimal digits to which scores are told apart
_TIE = 1e-9  # statistics of resamples that are as near as this (the sample's scale is 1) differ by rounding only


class Interval(NamedTuple):
    """An estimate from n seeds, and the ends of its 95% interval; nan where n is too small for one."""

    estimate: float
    low: float
    high: float
    n: int


class Paired(NamedTuple):
    """Comparison of a with b over the same n seeds.

    ``difference`` is the mean of a - b. ``cohens_dz`` is the effect size: that mean divided by the standard deviation
    of the differences (n - 1). Both p values are two-sided; ``exact`` tells whether they come from all 2^n signs.
    """

    difference: Interval
    cohens_dz: Interval
    sign_flip_p: float
    wilcoxon_p: float
    exact: bool
    n: int


def interval(
    values: Sequence[float] | Array, random: np.random.Generator | int, resamples: int = RESAMPLES
) -> Interval:
    """Mean of one value per seed, with its 95% BCa bootstrap interval over whole seeds.

    ``random`` is a generator or a seed; equal seeds give equal intervals. One value has no interval (nan); values that
    are equal to 12 digits have one without width; a nan among them makes everything nan.

    Few seeds make it too narrow, like every interval that knows no more than the sample: of 6,000 samples of normal
    values the mean was inside for 73% with 3 seeds, 84% with 5, 90% with 10 and 92% with 20.

    Raises ValueError if there are no values or infinite ones, TypeError if ``random`` is neither generator nor seed.
    """
    generator = _generator(random)
    sample = np.sort(_per_seed(values, "values"))
    n, mean = len(sample), fmean(sample)
    if math.isnan(mean) or n == 1:
        return Interval(mean, math.nan, math.nan, n)
    if np.ptp(sample) <= np.abs(sample).max() * 10.0**-_DIGITS:
        return Interval(mean, mean, mean, n)
    spread = float(np.abs(sample - mean).max())  # unit scale: no square or cube of a tiny number becomes 0
    low, high = _bca((sample - mean) / spread, _mean, generator, resamples)
    return Interval(mean, mean + spread * low, mean + spread * high, n)


def paired(
    a: Sequence[float] | Array,
    b: Sequence[float] | Array,
    random: np.random.Generator | int,
    resamples: int = RESAMPLES,
) -> Paired:
    """Compare two agents that were given the same seeds: ``a[s]`` and ``b[s]`` belong to seed s.

    The sign-flip test asks how often the mean of the differences would be as far from 0 if each of their signs were
    tossed; Wilcoxon's asks the same of their ranks (zeros are ranked, then count for neither side: Pratt). With n seeds
    no p is below 2 / 2^n, which is 0.0625 for five. Above `EXACT_UP_TO` seeds the signs are drawn.

    The effect size has no interval (nan) below three seeds, and too narrow a one with few (measured as in `interval`,
    3,000 samples: 59% with 3 seeds, 78% with 5, 89% with 10, 92% with 20). It is infinite if all differences are equal,
    and 0 if they are all zero. An end of its interval is infinite where resamples of equal differences reach it.

    Differences are rounded to 12 digits of the largest score, so that those which are equal but for rounding errors
    count as equal. A nan among the scores makes everything nan.

    Raises ValueError if the lengths differ, there are no seeds, or a score is infinite, TypeError if ``random`` is
    neither generator nor seed.
    """
    generator = _generator(random)
    first, second = _per_seed(a, "a"), _per_seed(b, "b")
    if len(first) != len(second):
        raise ValueError(f"a has {len(first)} values and b {len(second)}; paired scores need the same seeds")
    n, exact = len(first), len(first) <= EXACT_UP_TO
    if np.isnan(first - second).any():
        nothing = Interval(math.nan, math.nan, math.nan, n)
        return Paired(nothing, nothing, math.nan, math.nan, exact, n)
    largest = max(np.abs(first).max(), np.abs(second).max()) or 1.0
    digits = _DIGITS - 1 - math.floor(math.log10(largest))
    differences = np.sort(np.round(first - second, digits))
    ranks = rankdata(np.abs(differences)) * np.sign(differences)
    return Paired(
        interval(differences, generator, resamples),
        _effect(differences, generator, resamples),
        _sign_flip_p(differences, n * 10.0**-digits, generator),
        _sign_flip_p(ranks, 0.25, generator),  # sums of ranks are multiples of 1/2
        exact,
        n,
    )


def holm(p_values: Sequence[float] | Array) -> Array:
    """Holm-corrected p values, float64[m], in the order given.

    Whoever calls those below 0.05 real is wrong about any one of the m in at most 5% of such tables.

    The k-th smallest of m is multiplied by m - k + 1, is never below the one before, and at most 1. A nan stays nan
    but counts in m, so that a comparison which failed does not make the others look better.

    Raises ValueError if a p value is outside 0 to 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1:
        raise ValueError(f"p values of shape {p.shape}; give them in one row")
    if ((p < 0) | (p > 1)).any():
        raise ValueError(f"p values {p.tolist()} must lie between 0 and 1")
    order = np.argsort(p, kind="stable")  # nan last
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return corrected


def _effect(differences: Array, generator: np.random.Generator, resamples: int) -> Interval:
    """Cohen's d_z of sorted differences, with its interval.

    The bootstrap sees its angle, arctan(d_z), which is finite where the deviation is 0, and whose ends are as good:
    BCa intervals follow monotone changes of scale.
    """
    n = len(differences)
    if n == 1:
        return Interval(math.nan, math.nan, math.nan, n)
    sample = differences / (np.abs(differences).max() or 1.0)
    estimate = _tangent(float(_angle(sample[np.newaxis])[0]))
    if np.ptp(sample) == 0:
        return Interval(estimate, estimate, estimate, n)
    if n == 2:
        return Interval(estimate, math.nan, math.nan, n)
    low, high = _bca(sample, _angle, generator, resamples)
    return Interval(estimate, _tangent(low), _tangent(high), n)


def _mean(samples: Array) -> Array:
    return samples.mean(axis=-1)


def _angle(samples: Array) -> Array:
    """arctan of mean / standard deviation; 0 if both are 0."""
    deviation = np.where(np.ptp(samples, axis=-1) == 0, 0.0, samples.std(axis=-1, ddof=1))
    return np.arctan2(samples.mean(axis=-1), deviation)


def _tangent(angle: float) -> float:
    return math.copysign(math.inf, angle) if abs(angle) >= math.pi / 2 else math.tan(angle)


def _bca(
    sample: Array, statistic: Callable[[Array], Array], generator: np.random.Generator, resamples: int
) -> tuple[float, float]:
    """Ends of the BCa interval of a statistic (of the last axis) of a sample of scale 1 that is not constant."""
    n = len(sample)
    resampled = statistic(sample[generator.integers(n, size=(resamples, n))])
    beyond = resampled - statistic(sample[np.newaxis])[0]
    below = np.mean(beyond < -_TIE) + np.mean(np.abs(beyond) <= _TIE) / 2.0
    bias = ndtri(np.clip(below, 0.5 / resamples, 1.0 - 0.5 / resamples))
    left_out = statistic(np.array([np.delete(sample, i) for i in range(n)]))
    pull = left_out.mean() - left_out
    squares = np.sum(pull**2)
    acceleration = np.sum(pull**3) / (6.0 * squares**1.5) if squares > 0 else 0.0
    z = bias + ndtri([(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    low, high = np.quantile(resampled, ndtr(bias + z / (1.0 - acceleration * z)))
    return float(low), float(high)


def _sign_flip_p(terms: Array, tolerance: float, generator: np.random.Generator) -> float:
    """Two-sided p of the sum of terms whose signs are tossed; sums that differ by the tolerance are equal."""
    enough = abs(terms.sum()) - tolerance
    if len(terms) <= EXACT_UP_TO:
        sums = terms[:1]  # the first sign may stay: turning all signs turns only the sum's
        for term in terms[1:]:
            sums = np.concatenate([sums - term, sums + term])
        return float(np.mean(np.abs(sums) >= enough))
    reached, left = 0, SIGN_FLIPS
    while left:
        batch = min(_BATCH, left)
        signs = 2.0 * generator.integers(2, size=(batch, len(terms))) - 1.0
        reached += int(np.sum(np.abs(signs @ terms) >= enough))
        left -= batch
    return (reached + 1) / (SIGN_FLIPS + 1)


def _generator(random: np.random.Generator | int) -> np.random.Generator:
    if isinstance(random, np.random.Generator):
        return random
    if isinstance(random, (int, np.integer)) and not isinstance(random, bool):
        return np.random.default_rng(random)
    raise TypeError(f"random={random!r} is neither a numpy Generator nor a whole number to seed one")


def _per_seed(values: ArrayLike, name: str) -> Array:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not sample.size:
        raise ValueError(f"{name} of shape {sample.shape}; give one number for each seed, and one seed at least")
    if np.isinf(sample).any():
        raise ValueError(f"{name} {sample.tolist()} has an infinite one; give finite numbers, or nan where none is")
    return sample
