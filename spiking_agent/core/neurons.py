"""The Rulkov map neuron, one step of 0.5 ms at a time (Rulkov 2002; Golden et al. 2022, Methods, "Neuron model").

    u      = I + beta_e S
    I_next = I - mu (V + 1) + mu sigma + mu sigma_e S
    V_next = alpha / (1 - V) + u   if V <= 0
             alpha + u             if 0 < V < alpha + u  and  V was <= 0 `gate` steps ago
             -1, and a spike       otherwise
    S_next = decay S

A small deviation (dV, dI, dS) from a trajectory goes on as

    du      = dI + beta_e dS
    dI_next = dI - mu dV + mu sigma_e dS
    dV_next = alpha dV / (1 - V)^2 + du   if V <= 0
              du                          if V_next = alpha + u
              0                           if it spikes
    dS_next = decay dS

The map rests where V = sigma - 1, I = V - alpha / (1 - V), S = 0.

Whatever follows from the map is made from `step_neuron`, `step_deviation` and `set_to_rest`. Only `step_eight` writes
it down once more, for speed.
"""

import numpy as np

from foraging_env.core.compiled import bare_entry_point, bare_kernel, inlined
from spiking_agent.core.lanes import bits, select

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


FALLING, PEAK, SPIKE = 0, 1, 2  # branches of the map, in the order of the equations


@bare_kernel
def branch(p, m, n):
    """The branch that neuron ``n`` takes next."""
    v = m.v[n]
    if v <= 0.0:
        return FALLING
    gate = m.v_2[n] if p.gate == 2 else m.v_1[n]
    u = m.slow[n] + p.beta_e * m.current[n]
    return PEAK if v < p.alpha + u and gate <= 0.0 else SPIKE


@bare_kernel
def step_neuron(p, m, n):
    """One step of neuron ``n``; True if it spikes."""
    taken = branch(p, m, n)
    v, slow, current = m.v[n], m.slow[n], m.current[n]
    u = slow + p.beta_e * current
    if taken == FALLING:
        v_next = p.alpha / (1.0 - v) + u
    elif taken == PEAK:
        v_next = p.alpha + u
    else:
        v_next = -1.0
    m.v_2[n] = m.v_1[n]
    m.v_1[n] = v
    m.v[n] = v_next
    m.slow[n] = slow - p.mu * (v + 1.0) + p.mu * p.sigma + p.mu * p.sigma_e * current
    m.current[n] = p.decay * current
    return taken == SPIKE


@bare_kernel
def step_deviation(p, m, n, d):
    """The tangent of the step that neuron ``n`` takes next: carry ``d`` float64[3], (dV, dI, dS), through it.

    To be called before `step_neuron`.
    """
    taken = branch(p, m, n)
    v, dv, dslow, dcurrent = m.v[n], d[0], d[1], d[2]
    du = dslow + p.beta_e * dcurrent
    if taken == FALLING:
        d[0] = du + dv * p.alpha / ((1.0 - v) * (1.0 - v))
    elif taken == PEAK:
        d[0] = du
    else:
        d[0] = 0.0
    d[1] = dslow + (-p.mu * dv + p.mu * p.sigma_e * dcurrent)
    d[2] = p.decay * dcurrent


@inlined
def constants(p):
    """What `step_eight` needs of the constants; a loop looks them up once."""
    return p.alpha, p.beta_e, p.mu, p.decay, p.mu * p.sigma_e, p.mu * (p.sigma - 2.0)


@inlined
def step_eight(constants, v_below, i_below, current, gate_below):
    """One step of eight neurons in `lanes`, which are given and returned as 1 - V, 1 - I and S; and the bits of spikes.

    ``gate_below`` is 1 - V as many steps ago as ``p.gate`` says. It is `step_neuron` for eight neurons that seldom
    spike: the other two branches are looked at only if one of them is above zero. In 1 - V and 1 - I, since each step
    waits for the one before it, and this way for a division and a subtraction only. Results differ by rounding.
    """
    alpha, beta_e, mu, decay, mu_sigma_e, mu_sigma_2 = constants
    rest = i_below - beta_e * current
    v_next = rest - alpha / v_below
    i_next = i_below - (mu_sigma_e * current + (mu * v_below + mu_sigma_2))
    spikes = 0
    if bits(v_below < 1.0) != 0:
        peak = rest - alpha
        high = select((gate_below >= 1.0) & (v_below > peak), peak, 2.0)
        v_next = select(v_below >= 1.0, v_next, high)
        spikes = bits((v_below < 1.0) & (v_next > 1.0))  # nothing but a spike takes V from above zero to below
    return v_next, i_next, decay * current, spikes


@bare_kernel
def rest_v(p):
    """V at rest: the fixed point of the map with S = 0."""
    return -1.0 + p.sigma


@bare_kernel
def rest_slow(p):
    """I at rest."""
    v = rest_v(p)
    return v - p.alpha / (1.0 - v)


@bare_kernel
def set_to_rest(p, m, first, last):
    """Put neurons ``first`` to ``last`` - 1 at rest."""
    for n in range(first, last):
        m.v[n] = m.v_1[n] = m.v_2[n] = rest_v(p)
        m.slow[n] = rest_slow(p)
        m.current[n] = 0.0


@bare_kernel
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


# What Python calls. Here and in `response`, ``p`` and ``m`` are then arrays of one record.


@bare_entry_point
def run_from_rest(p, m, jump, n_steps, times):
    """Spikes of one neuron at rest whose S is raised by ``jump`` at step 0; see `run_neuron`."""
    set_to_rest(p[0], m[0], 0, 1)
    m[0].current[0] = jump
    return run_neuron(p[0], m[0], 0, n_steps, times)


@bare_entry_point
def linearise_at_rest(p, m, columns):
    """Put one neuron at rest and write its tangent there into ``columns`` float64[3, 3].

    ``columns[k]`` is what one step makes of a unit deviation of V, I or S, for k = 0, 1, 2.
    """
    set_to_rest(p[0], m[0], 0, 1)
    columns[:, :] = 0.0
    for k in range(3):
        columns[k, k] = 1.0
        step_deviation(p[0], m[0], 0, columns[k])
