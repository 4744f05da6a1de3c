"""What the kernels are given, as structured dtypes: constants, fixed wiring, all that changes, and work space.

A network is one record in memory: kernels get a pointer to it and know every size at compile time, copying it
is one copy, and saving it is writing its fields by name. (Tuples of arrays were tried: with seventy of them
compilation took a minute and every call moved kilobytes.)

P = view * view input neurons, H hidden neurons, F inputs of every hidden neuron, n = F H / P targets of every
input neuron, O = 8 output neurons, one for every move, L cycles for which traces live. In a membrane the neurons
are numbered in the order input, hidden, output.
"""

from typing import Any, NamedTuple

import numpy as np

from foraging_env.core.world import N_MOVES
from spiking_agent.core.lanes import WIDTH
from spiking_agent.core.neurons import membrane_dtype, neuron_dtype

O = N_MOVES  # noqa: E741  a constant, so that loops over the output neurons are unrolled and vectorised

AT_START, AT_ARRIVAL = 0, 1  # when in a cycle the hidden neurons get their jump: asleep, awake


class Sizes(NamedTuple):
    """Lengths of the arrays below."""

    inputs: int  # P
    hidden: int  # H
    fan_in: int  # F
    fan_out: int  # n
    rows: int  # L
    cycle_steps: int
    reach: int
    decay_table: int
    input_spikes: int  # room for spikes of a layer in one cycle
    hidden_spikes: int
    output_spikes: int


def params_dtype(s: Sizes) -> np.dtype:
    """Constants of the model; the dataclasses of `spiking_agent.config` give unit and source of each."""
    return np.dtype(
        [
            ("neuron", neuron_dtype),
            ("cycle_steps", "i8"),
            ("counted_steps", "i8"),
            ("flash", "f8"),
            ("release_noise", "f8"),
            # plasticity
            ("window", "f8", (s.reach,)),  # size of a trace by the steps between its two spikes
            ("numerator", "f8", (2 * s.reach + 1,)),  # the same with its sign, from -reach (0.0) to reach (0.0)
            ("fade", "f8", (s.rows * s.cycle_steps + 1,)),  # weight of a trace by its age in steps
            # the same at the end of every cycle of its life, for a trace made at a step; 0.0 for those after
            ("fade_by_age", "f8", (age_blocks(s.rows), s.cycle_steps + 1, WIDTH)),
            ("average_rate", "f8"),
            ("average_decay", "f8", (s.decay_table,)),  # (1 - average_rate) ** k
            ("average_floor", "f8"),
            ("largest_change", "f8"),
            ("largest_input_weight", "f8"),
            ("largest_output_weight", "f8"),
            ("smallest_weight", "f8"),
            ("output_target", "f8"),  # sum of the excitatory inputs of an output neuron
            ("output_total", "f8"),  # W_i0 of a hidden neuron
            # homeostasis
            ("rate_memory", "f8"),
            ("hidden_rate", "f8"),
            ("output_rate", "f8"),
            ("homeostasis_step", "f8"),
            # behaviour
            ("dopamine", "f8", (3,)),  # by value eaten: punished, nothing, rewarded
            ("dopamine_asleep", "f8"),
            ("explore_base", "f8"),  # percent
            ("explore_slope", "f8"),  # percent per cycle of hunger
        ],
        align=True,
    )


def wiring_dtype(s: Sizes) -> np.dtype:
    """Connections from the input to the hidden layer; fixed for life."""
    return np.dtype(
        [
            ("source", "i4", (s.fan_in, s.hidden)),  # input neuron of every synapse
            # Synapse q of input neuron p has its weight at w_in[slot[p, q], target[p, q]].
            ("slot", "i4", (s.inputs, s.fan_out)),
            ("target", "i4", (s.inputs, s.fan_out)),
            ("input_total", "f8", (s.inputs,)),  # W_i0 of the input neurons
        ],
        align=True,
    )


def _train_dtype(rows: int, capacity: int) -> np.dtype:
    """Spikes of one layer in the latest cycles; row = cycle mod L."""
    return np.dtype(
        [
            ("count", "i4", (rows,)),
            ("neuron", "i4", (rows, capacity)),  # numbered within the layer
            ("time", "i4", (rows, capacity)),  # steps since the start of the cycle, from 1
        ],
        align=True,
    )


def network_dtype(s: Sizes) -> np.dtype:
    """All that changes in a life; saved as it is."""
    spikes = np.dtype(
        [
            ("cycle", "i8", (s.rows,)),  # the cycle a row belongs to, or -1
            ("input", _train_dtype(s.rows, s.input_spikes)),
            ("hidden", _train_dtype(s.rows, s.hidden_spikes)),
            ("output", _train_dtype(s.rows, s.output_spikes)),
        ],
        align=True,
    )
    return np.dtype(
        [
            # Hidden to output, excitatory: the weight is w_out, times scale where the synapse is free.
            ("w_out", "f8", (s.hidden, O)),
            ("free", "f8", (s.hidden, O)),  # 1 where the synapse may change, 0 where it is frozen
            ("average", "f8", (s.hidden, O)),  # A of the activity-normalised rule,
            ("average_cycle", "i8", (s.hidden,)),  # decayed up to the end of this cycle
            ("scale", "f8", (O,)),  # of the free synapses of every output neuron, since they were last gone through,
            ("free_sum", "f8", (O,)),  # what it keeps their sum at,
            ("postponed", "i8"),  # and the cycles since then
            ("n_frozen", "i8", (O,)),  # frozen synapses of every output neuron
            ("w_in", "f8", (s.fan_in, s.hidden)),  # input to hidden,
            ("input_version", "i8"),  # how often they changed
            ("alive", "i1", (s.hidden,)),  # 0 for pruned hidden neurons
            ("resistance", "f8", (O,)),  # R of the output neurons
            ("input_target", "f8", (s.hidden,)),  # sum of the inputs of a hidden neuron that scaling keeps
            ("rate_hidden", "f8", (s.hidden,)),  # spikes per cycle, slow average
            ("rate_out", "f8", (O,)),
            ("membrane", membrane_dtype(s.inputs + s.hidden + O)),
            ("last_jump", "f8", (s.hidden,)),  # jump of S of the hidden neurons in the last cycle,
            ("last_jump_at", "i8"),  # AT_START or AT_ARRIVAL
            ("spikes", spikes),
            ("votes", "i8", (O,)),  # output spikes of the last cycle
            ("measured", "i8", (s.hidden,)),  # hidden spikes awake since the last sleep or change of task,
            ("measured_cycles", "i8"),  # and the number of these cycles
            ("cycle", "i8"),  # movement cycles lived, asleep or awake
            ("direction", "i8"),  # last move
            ("hunger", "i8"),  # cycles since a pattern with a value was eaten
            ("learning", "i1"),  # 1 if synapses change
            ("plastic_input", "i1"),  # 1 while input synapses and the hidden neurons' homeostasis are plastic
            ("overflow", "i1"),  # 1 if a spike could not be recorded
            ("stream", "u8"),  # names the random stream
        ],
        align=True,
    )


ENTRIES = 256
"""Room for the synapses with traces of one cycle; where there are more, their sums are taken anew while they live."""


def _traces_dtype(s: Sizes) -> np.dtype:
    """What the spikes of the latest cycles come to as traces; row = cycle mod L."""
    return np.dtype(
        [
            # Sums over the traces of a synapse, by their age in cycles
            ("sums", "f8", (s.rows, s.rows, ENTRIES)),  # of e,
            ("squares", "f8", (s.rows, s.rows, ENTRIES)),  # of e^2
            ("pairs", "i4", (s.rows, ENTRIES)),  # how many they are
            ("synapse", "i4", (s.rows, ENTRIES)),  # hidden * O + output
            ("count", "i4", (s.rows,)),  # of the row's synapses, or -1 if there is no room for them
            ("fired_at", "i4", (s.rows, s.output_spikes)),  # steps of the output spikes, neuron by neuron,
            ("begin", "i4", (s.rows, O + 1)),  # those of neuron j from begin[j] to begin[j + 1]
            ("cycle", "i8", (s.rows,)),  # the cycle whose traces a row holds, plus 1; 0 for none
        ],
        align=True,
    )


def age_blocks(rows: int) -> int:
    """Lanes that it takes to hold a number for every age."""
    return -(-rows // WIDTH)


def work_dtype(s: Sizes) -> np.dtype:
    """Work space. Of what outlives a cycle, ``traces`` and sorted input weights, all can be made anew from the network.

    Both tell by a number what they were made from; `spiking_agent.brain.refresh` makes them forget it.
    """
    side = int(np.sqrt(s.inputs))
    neurons = s.inputs + s.hidden + O
    whole = -(-s.fan_out // (2 * WIDTH)) * WIDTH
    return np.dtype(
        [
            ("drive", "f8", (s.cycle_steps + 1, O)),  # jumps of the outputs' S, by step; zero between cycles
            ("eligibility", "f8", (O * s.hidden,)),  # E by synapse, hidden * O + output, and
            ("squares", "f8", (O * s.hidden,)),  # sum of e_k^2, and
            ("pairs", "f8", (O * s.hidden,)),  # number of them; all zero between cycles
            ("gain", "f8", (O * s.hidden,)),  # D E / A where traces are taken one by one; all zero between cycles
            ("ratio", "f8", (s.hidden,)),  # W_i0 / W_i of presynaptic neurons
            ("touched", "i4", (s.hidden,)),  # hidden neurons with live traces,
            ("is_touched", "u1", (s.hidden,)),  # marked here; zero between cycles
            ("traces", _traces_dtype(s)),
            ("jump", "f8", (s.hidden,)),
            ("moved", "i4", (s.hidden // WIDTH + 1,)),  # first of eight hidden neurons one of which may fire
            ("eight", "f8", (2, WIDTH)),  # lanes that are to be taken one by one
            # Weights and targets of the input neurons' synapses, even and odd ones apart, as long as w_in is what it
            # was in this version (plus 1; 0 for never); the last ones, up to a whole number of eights, are no synapses
            ("input_version", "i8"),
            ("weight", "f8", (s.inputs, 2, whole)),
            ("target", "i4", (s.inputs, 2, whole)),
            ("retina", "u1", (side, side)),  # food (1) or none (0) in the view
            ("spiked", "i8", (neurons,)),
            ("ordinal", "i8", (neurons,)),  # spikes so far in this cycle
            ("one", membrane_dtype(1)),
            ("times", "i8", (s.cycle_steps,)),
            ("input_ratio", "f8", (s.inputs,)),
            ("step_of_input", "i8", (s.inputs,)),
            ("fired", "f8", (s.hidden,)),  # spikes of every hidden neuron in a cycle
        ],
        align=True,
    )


class Brain(NamedTuple):
    """Everything one network needs: recarrays of length 1 in Python, records inside kernels."""

    params: Any
    wiring: Any
    table: Any  # `response.table_dtype`
    net: Any
    work: Any
    every_step: bool | None  # the engine, see `life`
