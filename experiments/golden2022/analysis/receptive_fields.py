"""What neurons look for: receptive fields, and the food pattern that drives a hidden neuron most.

The paper (Golden et al. 2022, figures 2 and 5) shows the field of an output neuron beside those of the hidden neurons
that synapse most strongly on it. A hidden neuron's field is its input weights, placed as its inputs see the world.
The rest is ours:

1. an output neuron's field is the sum of the hidden fields, each weighted by the net weight of its synapse: the
   excitatory one less the mean over outputs, which is what the inhibitory synapse of the model takes away;
2. a hidden neuron prefers the pair of cells that gives it the largest jump of synaptic current, among all pairs of the
   four patterns that lie wholly in its view.
"""

from typing import NamedTuple

import numpy as np

from foraging_env.core.world import MOVE_COL, MOVE_ROW, SECOND_COL, SECOND_ROW
from foraging_env.tasks import PATTERNS

THRESHOLD = 0.01856
"""Jump of synaptic current from which a hidden neuron at rest spikes (found by `spiking_agent.core.response`)."""

ANGLES = 5
"""Angles that two moves can be apart, in steps of 45 degrees from 0 to 180."""


class Placements(NamedTuple):
    """All n pairs of cells that lie wholly in a view: n = 156 in one of 7 x 7."""

    pattern: np.ndarray  # int64[n], place in `PATTERNS`
    row: np.ndarray  # float64[n], of the middle of the pair, in cells from the top of the view
    col: np.ndarray  # float64[n], in cells from its left
    direction: np.ndarray  # int64[n], the move 0..7 that leads most nearly towards the middle
    cells: np.ndarray  # int64[n, 2], both cells, numbered in reading order


class Preferences(NamedTuple):
    """The pair that drives each of H hidden neurons most."""

    pattern: np.ndarray  # int64[H], place in `PATTERNS`
    row: np.ndarray  # float64[H], of the middle of the pair, in cells from the top of the view
    col: np.ndarray  # float64[H], in cells from its left
    direction: np.ndarray  # int64[H], where the pair lies as seen from the forager, numbered as the 8 moves
    drive: np.ndarray  # float64[H], the jump that the pair gives: the sum of the weights of its two cells
    selectivity: np.ndarray  # float64[H], 1 - (largest jump from another pattern) / drive: 0 not at all, at most 1
    responds: np.ndarray  # bool[H, 4], whether some pair of the pattern makes the neuron spike

    @property
    def active(self) -> np.ndarray:
        """bool[H]: neurons that a lone pair can make spike; the others prefer in name only."""
        return np.asarray(self.responds.any(axis=1))


def placements(view: int = 7) -> Placements:
    """The pairs that lie wholly in a view of ``view`` cells a side."""
    rows = []
    for pattern, (down, right) in enumerate(zip(SECOND_ROW, SECOND_COL, strict=True)):
        for row in range(max(0, -down), view - max(0, down)):
            for col in range(view - right):
                rows.append((pattern, row, col, row + down, col + right))
    table = np.array(rows, dtype=np.int64)
    pattern, first_row, first_col, second_row, second_col = table.T
    row, col = (first_row + second_row) / 2, (first_col + second_col) / 2
    cells = np.stack([first_row * view + first_col, second_row * view + second_col], axis=1)
    return Placements(pattern, row, col, directions(row - view // 2, col - view // 2), cells)


def directions(down: np.ndarray, right: np.ndarray) -> np.ndarray:
    """int64[n]: the moves at the smallest angle to the ways (``down``, ``right``) float64[n], in cells.

    Raises ValueError for a way of no length.
    """
    if np.any((down == 0) & (right == 0)):
        raise ValueError("a way of no length has no direction")
    moves = np.array([MOVE_ROW, MOVE_COL]) / np.hypot(MOVE_ROW, MOVE_COL)
    return np.argmax(np.stack([down, right], axis=-1) @ moves, axis=-1)


def pair_drives(input_weights: np.ndarray) -> np.ndarray:
    """float64[H, n]: the jump that each of the n `placements` gives each hidden neuron.

    ``input_weights`` float64[H, view, view], as `SpikingAgent.input_weights`; release noise (12%) is left out.
    Raises ValueError for another shape.
    """
    if input_weights.ndim != 3 or input_weights.shape[1] != input_weights.shape[2]:
        raise ValueError(f"input weights must be [hidden, view, view], not {list(input_weights.shape)}")
    flat = input_weights.reshape(len(input_weights), -1)
    cells = placements(input_weights.shape[1]).cells
    drives: np.ndarray = flat[:, cells[:, 0]] + flat[:, cells[:, 1]]
    return drives


def preferences(input_weights: np.ndarray, threshold: float = THRESHOLD) -> Preferences:
    """Which pattern drives each hidden neuron most, and where; of equal pairs the first of `placements`.

    ``input_weights`` float64[H, view, view], as `SpikingAgent.input_weights`; ``threshold``: the smallest jump at which
    a neuron spikes. Raises ValueError for another shape, or for a neuron without any input.
    """
    drives = pair_drives(input_weights)
    places = placements(input_weights.shape[1])
    by_pattern = np.stack([drives[:, places.pattern == p].max(axis=1) for p in range(len(PATTERNS))], axis=1)
    ordered = np.sort(by_pattern, axis=1)
    if not (ordered[:, -1] > 0).all():
        raise ValueError(f"hidden neurons {np.flatnonzero(ordered[:, -1] <= 0).tolist()} have no input weights")
    best = drives.argmax(axis=1)
    return Preferences(
        places.pattern[best],
        places.row[best],
        places.col[best],
        places.direction[best],
        ordered[:, -1],
        1.0 - ordered[:, -2] / ordered[:, -1],
        by_pattern >= threshold,
    )


def net_weights(weights: np.ndarray) -> np.ndarray:
    """float64[O, H]: excitatory ``weights`` float[O, H] less their mean over outputs, which inhibition takes away."""
    excitatory = np.asarray(weights, dtype=np.float64)
    net: np.ndarray = excitatory - excitatory.mean(axis=0)
    return net


def output_fields(input_weights: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """float64[O, view, view]: fields of the output neurons, the hidden fields summed by `net_weights`.

    ``input_weights`` float64[H, view, view], ``weights`` float[O, H]. Positive where food drives the neuron more
    than it drives the others, negative where less. Raises ValueError if the numbers of hidden neurons differ.
    """
    if weights.shape[1] != len(input_weights):
        raise ValueError(f"weights of {weights.shape[1]} hidden neurons, input weights of {len(input_weights)}")
    fields: np.ndarray = np.tensordot(net_weights(weights), input_weights, axes=1)
    return fields


def strongest_inputs(weights: np.ndarray, output: int, share: float = 0.1) -> np.ndarray:
    """int64[ceil(share H)]: hidden neurons with the largest excitatory weights to ``output``, the largest first.

    Raises ValueError unless 0 < ``share`` <= 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share={share} must be above 0 and at most 1")
    count = int(np.ceil(share * weights.shape[1]))
    return np.argsort(-weights[output], kind="stable")[:count]


def share_looking_for(
    found: Preferences, weights: np.ndarray, pattern: str, share: float = 0.1, *, ahead: bool = True
) -> np.ndarray:
    """float64[O]: of the strongest inputs of every output neuron, the share that looks for ``pattern``.

    These are `strongest_inputs` which prefer the pattern and spike for it; with ``ahead`` only those that prefer it in
    the direction of the output neuron's own move. ``share`` 1 says what it would be by chance: the share among all
    hidden neurons. Raises ValueError for an unknown pattern or a bad share.
    """
    if pattern not in PATTERNS:
        raise ValueError(f"unknown pattern {pattern!r}; known patterns: {', '.join(PATTERNS)}")
    wanted = found.active & (found.pattern == PATTERNS.index(pattern))
    shares = np.empty(len(weights))
    for output in range(len(weights)):
        chosen = strongest_inputs(weights, output, share)
        shares[output] = np.mean(wanted[chosen] & ((found.direction[chosen] == output) | (not ahead)))
    return shares


def tuning(found: Preferences, weights: np.ndarray) -> np.ndarray:
    """float64[4, 5]: mean net weight by the pattern that a hidden neuron prefers and by how far off its move leads.

    Second index: angle between the output neuron's move and where the pair lies, in steps of 45 degrees from 0 (ahead)
    to 180 (behind). Only hidden neurons that a lone pair makes spike; nan where there is none.
    """
    moves = np.array([MOVE_ROW, MOVE_COL]) / np.hypot(MOVE_ROW, MOVE_COL)
    apart = np.rint(np.arccos(np.clip(moves.T @ moves, -1, 1)) / (np.pi / 4)).astype(np.int64)
    net = net_weights(weights)
    off = apart[:, found.direction]  # int64[O, H]
    means = np.full((len(PATTERNS), ANGLES), np.nan)
    for pattern in range(len(PATTERNS)):
        for angle in range(ANGLES):
            chosen = net[(off == angle) & (found.active & (found.pattern == pattern))]
            if len(chosen):
                means[pattern, angle] = chosen.mean()
    return means
