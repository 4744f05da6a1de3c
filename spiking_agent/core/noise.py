"""Random numbers of the network, each addressed by what it is for instead of drawn in turn.

The word for (stream, cycle, event, synapse) is a hash of just these, so one spike more or less changes no
other draw: two engines, or a network and its copy, stay comparable after their first difference.
"""

import numpy as np

from foraging_env.core.compiled import inlined
from foraging_env.core.random import mix
from spiking_agent.core.lanes import counted, floats

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_CYCLE = np.uint64(0xD1B54A32D192ED03)  # an odd constant unrelated to gamma, so cycles do not overlap
_LOW = np.uint64(0xFFFFFFFF)
_32, _11 = np.uint64(32), np.uint64(11)
_PER_UNIT = 1.0 / 4294967296.0
_PER_UNIT_53 = 1.0 / 9007199254740992.0

# First address of each use; the hidden-to-output noise starts at 0.
AT_INPUT = 1 << 33
AT_SLEEP = 1 << 34
AT_TIE = 1 << 35
AT_EXPLORE = AT_TIE + 1
AT_DIRECTION = AT_TIE + 2


@inlined
def cycle_key(stream, cycle):
    """Key of all draws of one cycle."""
    return mix(stream + _CYCLE * np.uint64(cycle + 1))


@inlined
def word_at(key, address):
    """64 random bits."""
    return mix(key + _GAMMA * np.uint64(address + 1))


@inlined
def words_at(key, address):
    """The words of eight addresses from ``address`` on."""
    return mix(counted(np.uint64(0)) * _GAMMA + (key + _GAMMA * np.uint64(address + 1)))


@inlined
def low_half(word):
    """float64 in [0, 1) from the low 32 bits."""
    return np.float64(word & _LOW) * _PER_UNIT


@inlined
def high_half(word):
    """float64 in [0, 1) from the high 32 bits."""
    return np.float64(word >> _32) * _PER_UNIT


@inlined
def low_halves(words):
    """`low_half` of eight words."""
    return floats(words & _LOW) * _PER_UNIT


@inlined
def high_halves(words):
    """`high_half` of eight words."""
    return floats(words >> _32) * _PER_UNIT


@inlined
def uniform_at(key, address):
    """float64 in [0, 1) with 53 random bits."""
    return np.float64(word_at(key, address) >> _11) * _PER_UNIT_53


@inlined
def uniforms_at(key, address):
    """`uniform_at` of eight addresses from ``address`` on."""
    return floats(words_at(key, address) >> _11) * _PER_UNIT_53


@inlined
def below_at(key, address, n):
    """Integer in [0, n)."""
    return np.int64(((word_at(key, address) >> _32) * np.uint64(n)) >> _32)


@inlined
def release(p, unit):
    """Factor of synaptic release noise from a uniform number, or from eight: U(1 - noise, 1 + noise)."""
    return 1.0 - p.release_noise + 2.0 * p.release_noise * unit
