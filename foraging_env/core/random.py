"""Random numbers inside kernels: SplitMix64 (Steele, Lea, Flood 2014), one 64-bit word of state per world.

Passing a ``numpy.random.Generator`` into a compiled function costs about 13 µs a call; a word in an array
costs nothing, is part of the state that is saved, and gives the same numbers compiled and interpreted.
"""

import numpy as np

from foraging_env.core.compiled import inlined

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11), np.uint64(32)
_TWO_TO_MINUS_53 = 1.0 / 9007199254740992.0


@inlined
def mix(word):
    """Scramble a 64-bit word; equal words give equal results, near ones unrelated results."""
    word = (word ^ (word >> _30)) * _MIX_1
    word = (word ^ (word >> _27)) * _MIX_2
    return word ^ (word >> _31)


@inlined
def next_word(rng, i):
    """Advance stream ``i`` of ``rng`` (uint64[n]) and return 64 fresh bits."""
    rng[i] += _GAMMA
    return mix(rng[i])


@inlined
def below(rng, i, n):
    """Integer in [0, n), n < 2**31 (bias below n / 2**32)."""
    return np.int64(((next_word(rng, i) >> _32) * np.uint64(n)) >> _32)


@inlined
def uniform(rng, i):
    """float64 in [0, 1)."""
    return np.float64(next_word(rng, i) >> _11) * _TWO_TO_MINUS_53
