"""Receptive fields on networks made by hand."""

import numpy as np
import pytest

from experiments.golden2022.analysis import receptive_fields as fields
from foraging_env.core.world import MOVE_COL, MOVE_ROW, SECOND_COL, SECOND_ROW
from foraging_env.tasks import PATTERNS


def wired(*cells: tuple[int, int], weight: float = 0.011) -> np.ndarray:
    """Input weights of one hidden neuron that sees these cells and hardly any other."""
    weights = np.full((7, 7), 1e-5)
    for row, col in cells:
        weights[row, col] = weight
    return weights


@pytest.mark.parametrize("pattern", range(4))
@pytest.mark.parametrize("move", range(8))
def test_a_neuron_wired_to_one_pair_prefers_that_pair_there(pattern: int, move: int) -> None:
    row, col = 3 + 2 * MOVE_ROW[move], 3 + 2 * MOVE_COL[move]
    second = row + SECOND_ROW[pattern], col + SECOND_COL[pattern]
    found = fields.preferences(wired((row, col), second)[None])
    assert found.pattern[0] == pattern
    assert (found.row[0], found.col[0]) == ((row + second[0]) / 2, (col + second[1]) / 2)
    assert found.responds[0].tolist() == [p == pattern for p in range(4)]
    assert found.drive[0] == pytest.approx(0.022)
    assert found.selectivity[0] == pytest.approx(0.5, abs=0.01)


def test_every_pair_in_the_view_is_a_placement_once() -> None:
    places = fields.placements()
    assert np.bincount(places.pattern).tolist() == [42, 42, 36, 36]
    assert len({tuple(pair) for pair in np.sort(places.cells, axis=1).tolist()}) == 156


def test_directions_are_numbered_as_the_moves() -> None:
    ahead = fields.directions(np.array(MOVE_ROW) * 3, np.array(MOVE_COL) * 3)
    assert ahead.tolist() == list(range(8))
    with pytest.raises(ValueError, match="no length"):
        fields.directions(np.array([0]), np.array([0]))


def test_the_threshold_is_that_of_a_neuron_at_rest() -> None:
    from spiking_agent import SpikingAgent

    lowest_jump_with_a_spike = float(SpikingAgent(None, seed=0).brain.table[0].edge[1])
    assert lowest_jump_with_a_spike == pytest.approx(fields.THRESHOLD, abs=1e-5)


def test_a_neuron_without_neighbouring_inputs_is_not_active() -> None:
    found = fields.preferences(wired((0, 0), (0, 3), (6, 6))[None])
    assert not found.active[0]


def test_equal_synapses_have_no_field() -> None:
    inputs = np.stack([wired((1, 1), (1, 2)), wired((5, 5), (4, 5))])
    assert fields.output_fields(inputs, np.full((8, 2), 0.3)) == pytest.approx(0.0)


def test_a_field_is_what_its_synapses_see() -> None:
    inputs = np.stack([wired((1, 1), (1, 2)), wired((5, 5), (4, 5))])
    weights = np.zeros((8, 2))
    weights[0, 0] = 0.8
    field = fields.output_fields(inputs, weights)
    assert field[0] == pytest.approx(0.7 * inputs[0])
    assert field[1] == pytest.approx(-0.1 * inputs[0])


def test_shares_and_tuning_find_the_pattern_that_lies_ahead() -> None:
    rng = np.random.default_rng(0)
    inputs, ahead = [], []
    for move in range(8):
        row, col = 3 + 2 * MOVE_ROW[move], 3 + 2 * MOVE_COL[move]
        for pattern in range(4):
            inputs.append(wired((row, col), (row + SECOND_ROW[pattern], col + SECOND_COL[pattern])))
            ahead.append(move if pattern == PATTERNS.index("vertical") else -1)
    found = fields.preferences(np.stack(inputs))
    weights = rng.uniform(0, 0.1, (8, 32)) + (np.array(ahead) == np.arange(8)[:, None])
    strongest = fields.share_looking_for(found, weights, "vertical", 1 / 32)
    behind = fields.tuning(found, weights)
    assert (strongest == (found.direction[np.array(ahead) >= 0] == np.arange(8))).all()
    assert np.unravel_index(np.nanargmax(behind), behind.shape) == (PATTERNS.index("vertical"), 0)
    assert fields.share_looking_for(found, weights, "vertical", 1.0, ahead=False) == pytest.approx(1 / 4)


def test_bad_shares_and_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"share=0"):
        fields.strongest_inputs(np.zeros((8, 4)), 0, 0)
    with pytest.raises(ValueError, match="hidden, view, view"):
        fields.preferences(np.zeros((4, 49)))
    with pytest.raises(ValueError, match="no input weights"):
        fields.preferences(np.zeros((1, 7, 7)))
