"""What weights do, in a description that has no wiring in it, so that networks of other seeds can be compared.

Hidden neuron i of one network has nothing to do with hidden neuron i of another. What they share is the world: a
*place* is a pattern (4) in a direction (8) as the forager sees it, a *drive* is how much a lone pair of cells at that
place drives the output neuron of a move (8), summed over the hidden neurons that the pair makes spike, with the
inhibitory synapses counted; the mean over the 4 to 6 pairs of a place is taken. So a network is 8 x 4 x 8 = 256
numbers. It leaves out the release noise, the resistance of the output neurons, and what several pairs in view do.
"""

import numpy as np

from experiments.golden2022.analysis.receptive_fields import THRESHOLD, net_weights, pair_drives, placements
from foraging_env.core.world import N_MOVES
from foraging_env.tasks import PATTERNS

SIZE = N_MOVES * len(PATTERNS) * N_MOVES
"""Numbers that describe a network."""


def answers(input_weights: np.ndarray) -> np.ndarray:
    """Which share of the pairs at each place makes each hidden neuron spike, float64[hidden, patterns * directions].

    ``input_weights`` float64[hidden, view, view], as `SpikingAgent.input_weights`.
    """
    pairs = placements(input_weights.shape[1])
    place = pairs.pattern * N_MOVES + pairs.direction
    member = place[:, np.newaxis] == np.arange(len(PATTERNS) * N_MOVES)
    spikes = pair_drives(input_weights) >= THRESHOLD
    shares: np.ndarray = spikes @ (member / np.maximum(member.sum(axis=0), 1))
    return shares


def drives(weights: np.ndarray, answered: np.ndarray) -> np.ndarray:
    """Drives float64[n, 256] of states float[n, outputs, hidden], in the order move, pattern, direction.

    ``answered`` as from `answers` of the same network. Raises ValueError if the numbers of hidden neurons differ.
    """
    if weights.shape[2] != len(answered):
        raise ValueError(f"weights of {weights.shape[2]} hidden neurons, answers of {len(answered)}")
    found: np.ndarray = np.stack([net_weights(state) @ answered for state in weights]).reshape(len(weights), -1)
    return found
