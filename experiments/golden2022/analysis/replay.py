"""What is replayed: every output event of sleep, decoded by the hidden neurons that drove it.

Golden et al. (2022) sleep their networks on noise and never look at what the noise calls up. An *event* here is a
movement cycle asleep in which an output neuron spikes; its *drivers* are the hidden neurons that spiked before, each
weighted by its net synapse on that output (excitation less inhibition) and by how much of its kick was left: S decays
by 0.985 a step. Only drivers that push count. Two decoders say what the event stands for:

1. by receptive field: the food patterns that the drivers prefer, and the directions in which they look for them, as
   shares that add up to 1;
2. by waking response: the pair of cells that, flashed alone to the waking network, calls up the hidden spikes that are
   most like the push of the drivers (cosine).

The second knows no receptive fields, but both weigh drivers by the synapses that learning has made. `lift` does not:
it compares the hidden spikes of the cycles in which an output spiked with those of all cycles, synapses unseen.

An event is *coherent* if the decoded direction is the move of its output neuron; by chance 1 in 8 is. One that is
coherent and decoded as a rewarded pattern *replays* what the task rewards: a step towards that food.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from experiments.golden2022.analysis.receptive_fields import Placements, Preferences, net_weights
from foraging_env.core.world import N_MOVES, N_PATTERNS
from foraging_env.tasks import PATTERNS, TASKS
from spiking_agent.recording import Record

UNDECODED = -1
DECAY = 0.985
"""Of a kick, per step; `spiking_agent.config.NeuronConfig.current_decay`."""

CLOCKWISE = np.array([1, 2, 4, 7, 6, 5, 3, 0])
"""The moves in the order of a clock's hand, from up (number 1) on."""

REWARDED = tuple(PATTERNS.index(str(TASKS[task].rewarded)) for task in ("task1", "task2"))
PUNISHED = tuple(PATTERNS.index(str(TASKS[task].punished)) for task in ("task1", "task2"))


class Events(NamedTuple):
    """The n events of a record, in the order of cycles, and the m pairs of event and driver."""

    n_cycles: int
    cycle: np.ndarray  # int64[n]
    output: np.ndarray  # int64[n], the output neuron, numbered as its move
    time: np.ndarray  # int64[n], steps from the start of the cycle to its first spike
    driven: np.ndarray  # int64[m], the event
    driver: np.ndarray  # int64[m], the hidden neuron
    push: np.ndarray  # float64[m], positive: net weight times what is left of the kick


class Decoded(NamedTuple):
    """What n events stand for."""

    shares: np.ndarray  # float64[n, 4] of the patterns; 0 where nothing can be decoded, else they sum to 1
    towards: np.ndarray  # float64[n, 8] of the directions, likewise

    @property
    def pattern(self) -> np.ndarray:
        """int64[n]: the pattern with the largest share, or `UNDECODED`."""
        return np.where(self.shares.any(axis=1), self.shares.argmax(axis=1), UNDECODED)

    @property
    def direction(self) -> np.ndarray:
        """int64[n]: the direction with the largest share, or `UNDECODED`."""
        return np.where(self.towards.any(axis=1), self.towards.argmax(axis=1), UNDECODED)


class Replay(NamedTuple):
    """Statistics of the events of one record; shares are of all its events, nan if there are none."""

    events: float  # per cycle
    drivers: float  # effective number per event: 1 / sum of squared shares of the push
    decoded: np.ndarray  # float64[4], share of events decoded as each pattern
    coherent: float  # share of events
    coherent_as: np.ndarray  # float64[4], share of the events decoded as the pattern
    replays: np.ndarray  # float64[4], coherent events decoded as each pattern, per 100 cycles
    table: np.ndarray  # int64[4, 8, 8], events by decoded pattern, output and decoded direction

    def of_task(self, task: int) -> float:
        """Share of events decoded as either pattern of task 0 or 1."""
        return float(self.decoded[REWARDED[task]] + self.decoded[PUNISHED[task]])


def events(record: Record, weights: np.ndarray) -> Events:
    """Events of a record, with their drivers under the output weights float[8, H] of that time.

    What earlier cycles left of a kick (0.01%) is not counted. Raises ValueError if the record names neurons that the
    weights lack.
    """
    hidden, output = record.hidden, record.output
    for layer, size in ((hidden, weights.shape[1]), (output, weights.shape[0])):
        if len(layer.neuron) and layer.neuron.max() >= size:
            raise ValueError(f"a spike of neuron {layer.neuron.max()}, but weights for {size}: of another network?")
    order = np.lexsort((output.time, output.neuron, output.cycle))
    cycle, neuron, time = (np.asarray(column)[order].astype(np.int64) for column in output)
    first = np.append(True, (np.diff(cycle) != 0) | (np.diff(neuron) != 0))[: len(cycle)]
    cycle, neuron, time = cycle[first], neuron[first], time[first]
    begin, end = (np.searchsorted(hidden.cycle, cycle, side=side) for side in ("left", "right"))
    driven = np.repeat(np.arange(len(cycle)), end - begin)
    spike = np.arange(len(driven)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin) + begin[driven]
    driver = hidden.neuron[spike].astype(np.int64)
    elapsed = time[driven] - hidden.time[spike]
    push = np.where(elapsed > 0, net_weights(weights)[neuron[driven], driver] * DECAY ** np.maximum(elapsed, 0), 0.0)
    pushes = push > 0
    return Events(record.n_cycles, cycle, neuron, time, driven[pushes], driver[pushes], push[pushes])


def by_receptive_field(found: Events, fields: Preferences) -> Decoded:
    """The first decoder. Drivers that no lone pair makes spike prefer nothing and are left out."""
    known = fields.active[found.driver]
    driven, driver, push = found.driven[known], found.driver[known], found.push[known]
    return Decoded(
        _shares(driven, fields.pattern[driver], push, (len(found.cycle), N_PATTERNS)),
        _shares(driven, fields.direction[driver], push, (len(found.cycle), N_MOVES)),
    )


def by_waking_response(found: Events, responses: np.ndarray, pairs: Placements) -> Decoded:
    """The second decoder; the pair that is most like the event takes all.

    ``responses`` float64[n, H]: spikes of the hidden neurons awake when each of the n ``pairs`` is flashed alone
    (`spiking_agent.recording.hidden_responses`).
    """
    push = csr_array((found.push, (found.driven, found.driver)), shape=(len(found.cycle), responses.shape[1]))
    length = np.linalg.norm(responses, axis=1, keepdims=True)
    likeness = push @ np.divide(responses, length, out=np.zeros_like(responses), where=length > 0).T
    best = likeness.argmax(axis=1) if len(likeness) else np.zeros(0, dtype=np.int64)
    known = likeness.any(axis=1)[:, None]
    return Decoded(
        known * (pairs.pattern[best, None] == np.arange(N_PATTERNS)).astype(np.float64),
        known * (pairs.direction[best, None] == np.arange(N_MOVES)).astype(np.float64),
    )


def lift(found: Events, record: Record, responses: np.ndarray, pairs: Placements) -> np.ndarray:
    """Activity of the hidden neurons of each pattern where an output spikes, in units of that in all cycles.

    float64[4, 8], by pattern and by how many eighths of a turn clockwise the pair lies from the output's move; 0 is
    straight ahead. Hidden neurons count by their waking ``responses`` (as in `by_waking_response`), whatever their
    synapses. Outputs that spike whatever the hidden layer does give 1 everywhere. nan where no neuron answers to such
    pairs, or nothing spiked.
    """
    counts = np.zeros((record.n_cycles, responses.shape[1]))
    np.add.at(counts, (record.hidden.cycle, record.hidden.neuron), 1.0)
    of_class = np.zeros((N_PATTERNS, N_MOVES, responses.shape[1]))
    np.add.at(of_class, (pairs.pattern, pairs.direction), responses)
    here = np.zeros((N_PATTERNS, N_MOVES))
    anywhere = np.zeros((N_PATTERNS, N_MOVES))
    everyday = of_class @ counts.mean(axis=0)
    for output in range(N_MOVES):
        spiked = found.cycle[found.output == output]
        turned = CLOCKWISE[(np.argsort(CLOCKWISE)[output] + np.arange(N_MOVES)) % N_MOVES]
        here += (of_class @ counts[spiked].sum(axis=0))[:, turned]
        anywhere += len(spiked) * everyday[:, turned]
    ratio: np.ndarray = np.divide(here, anywhere, out=np.full_like(here, np.nan), where=anywhere > 0)
    return ratio


def statistics(found: Events, decoded: Decoded) -> Replay:
    """Count what was decoded."""
    n = len(found.cycle)
    pattern, direction = decoded.pattern, decoded.direction
    known = (pattern != UNDECODED) & (direction != UNDECODED)
    table = np.zeros((N_PATTERNS, N_MOVES, N_MOVES), dtype=np.int64)
    np.add.at(table, (pattern[known], found.output[known], direction[known]), 1)
    as_pattern, coherent = table.sum(axis=(1, 2)), np.trace(table, axis1=1, axis2=2)
    total, squares = np.zeros(n), np.zeros(n)
    np.add.at(total, found.driven, found.push)
    np.add.at(squares, found.driven, found.push**2)
    with np.errstate(divide="ignore", invalid="ignore"):  # shares of nothing are nan
        return Replay(
            events=n / found.n_cycles,
            drivers=float(np.mean(total[total > 0] ** 2 / squares[total > 0])) if total.any() else np.nan,
            decoded=np.divide(as_pattern, n),
            coherent=float(np.divide(coherent.sum(), n)),
            coherent_as=coherent / as_pattern,
            replays=100.0 * coherent / found.n_cycles,
            table=table,
        )


def kicks_by_pattern(record: Record, fields: Preferences) -> np.ndarray:
    """float64[4]: share of hidden spikes by preferred pattern; what drivers drawn at random would be decoded as."""
    known = record.hidden.neuron[fields.active[record.hidden.neuron]]
    counts = np.bincount(fields.pattern[known], minlength=N_PATTERNS)
    shares: np.ndarray = counts / counts.sum()
    return shares


def shuffled(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The weights float[8, H] of each output neuron dealt out anew to the hidden neurons; each keeps its own set."""
    return random.permuted(weights, axis=1)


def kappa(a: np.ndarray, b: np.ndarray) -> float:
    """Cohen's kappa of two decodings int[n]: 0 as often alike as by chance, 1 always.

    Events that are `UNDECODED` in either are left out; nan if none is left.
    """
    known = (a != UNDECODED) & (b != UNDECODED)
    if not known.any():
        return float("nan")
    a, b = a[known], b[known]
    kinds = max(a.max(), b.max()) + 1
    expected = float(np.bincount(a, minlength=kinds) @ np.bincount(b, minlength=kinds)) / len(a) ** 2
    return (float(np.mean(a == b)) - expected) / (1.0 - expected) if expected < 1.0 else 1.0


def _shares(event: np.ndarray, kind: np.ndarray, push: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    sums = np.zeros(shape)
    np.add.at(sums, (event, kind), push)
    total = sums.sum(axis=1, keepdims=True)
    return np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
