"""The Rulkov map neuron, one step of 0.5 ms at a time (Rulkov 2002; Golden et al. 2022, Methods, "Neuron model").

u      = I + beta_e S
I      = I - mu (V + 1) + mu sigma + mu sigma_e S
V_next = alpha / (1 - V) + u   if V <= 0
         alpha + u             if 0 < V < alpha + u  and  V was <= 0 `gate` steps ago
         -1, and a spike       otherwise
S      = decay S
"""

import numpy as np

from foraging_env.core.compiled import entry_point, kernel

neuron_dtype = np.dtype(
    [
        ("alpha", "f8"),
        ("beta_e", "f8"),
        ("sigma", "f8"),
        ("sigma_e", "f8"),
        ("mu", "f8"),
        ("decay", "f8"),  # of the synaptic current S, per step
        ("gate", "i8"),  # steps back of the V that the middle branch asks for: 2 as simulated, 1 as printed
    ],
    align=True,
)
"""Constants of the map, all without unit but where said."""


def membrane_dtype(n: int) -> np.dtype:
    """State of ``n`` neurons."""
    return np.dtype(
        [
            ("v", "f8", (n,)),  # membrane potential V
            ("v_1", "f8", (n,)),  # V one step ago
            ("v_2", "f8", (n,)),  # V two steps ago
            ("slow", "f8", (n,)),  # slow variable I
            ("current", "f8", (n,)),  # synaptic current S
        ],
        align=True,
    )


@kernel
def rest_v(p):
    """V at rest: the fixed point of the map with S = 0."""
    return -1.0 + p.sigma


@kernel
def rest_slow(p):
    """I at rest."""
    v = rest_v(p)
    return v - p.alpha / (1.0 - v)


@kernel
def set_to_rest(p, m, first, last):
    """Put neurons ``first`` to ``last`` - 1 at rest."""
    for n in range(first, last):
        m.v[n] = m.v_1[n] = m.v_2[n] = rest_v(p)
        m.slow[n] = rest_slow(p)
        m.current[n] = 0.0


@kernel
def step_neuron(p, m, n):
    """One step of neuron ``n``; True if it spikes."""
    v, slow, current = m.v[n], m.slow[n], m.current[n]
    gate = m.v_2[n] if p.gate == 2 else m.v_1[n]
    u = slow + p.beta_e * current
    spikes = False
    if v <= 0.0:
        v_next = p.alpha / (1.0 - v) + u
    elif v < p.alpha + u and gate <= 0.0:
        v_next = p.alpha + u
    else:
        v_next = -1.0
        spikes = True
    m.v_2[n] = m.v_1[n]
    m.v_1[n] = v
    m.v[n] = v_next
    m.slow[n] = slow - p.mu * (v + 1.0) + p.mu * p.sigma + p.mu * p.sigma_e * current
    m.current[n] = p.decay * current
    return spikes


@kernel
def run_neuron(p, m, n, n_steps, times):
    """Run neuron ``n``; write its spike steps (counted from 1) into ``times`` and return how many there were.

    Spikes beyond the length of ``times`` are counted but not written.
    """
    n_spikes = 0
    for t in range(1, n_steps + 1):
        if step_neuron(p, m, n):
            if n_spikes < times.shape[0]:
                times[n_spikes] = t
            n_spikes += 1
    return n_spikes


@entry_point
def run_from_rest(p, m, jump, n_steps, times):
    """Spikes of one neuron at rest whose S is raised by ``jump`` at step 0; see `run_neuron`.

    Here and in `response`, ``p`` and ``m`` are arrays of one record where Python calls.
    """
    set_to_rest(p[0], m[0], 0, 1)
    m[0].current[0] = jump
    return run_neuron(p[0], m[0], 0, n_steps, times)
