"""What sleep replays, on made-up spikes and networks of which the answer is known."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from experiments.golden2022.analysis.nights import COURSES, STAGES, UNIFORM_STAGES, Example, Night, Nights
from experiments.golden2022.analysis.receptive_fields import placements, preferences
from experiments.golden2022.analysis.replay import (
    CLOCKWISE,
    REWARDED,
    UNDECODED,
    by_receptive_field,
    by_waking_response,
    events,
    kappa,
    kicks_by_pattern,
    lift,
    shuffled,
    statistics,
)
from experiments.golden2022.figures import replay as replay_figure
from experiments.golden2022.networks import Networks
from foraging_env.core.world import MOVE_COL, MOVE_ROW, N_MOVES
from foraging_env.tasks import PATTERNS
from spiking_agent import SpikingAgent
from spiking_agent.recording import Record, Spikes, hidden_responses, record_sleep

HORIZONTAL, VERTICAL = PATTERNS.index("horizontal"), PATTERNS.index("vertical")
PAIRS = placements()
KICKS = 0.01  # per hidden neuron and cycle


def _one_pair_each(n_hidden: int) -> np.ndarray:
    """Input weights of hidden neurons that look for one pair each, in the order of `PAIRS`, again and again."""
    weights = np.full((n_hidden, 49), 1e-5)
    np.put_along_axis(weights, PAIRS.cells[np.arange(n_hidden) % len(PAIRS.cells)], 0.012, axis=1)
    return weights.reshape(n_hidden, 7, 7)


@pytest.fixture(scope="module")
def agent() -> SpikingAgent:
    """A network whose hidden neurons look for one pair each, and whose outputs step towards horizontal ones."""
    agent = SpikingAgent(None, seed=3)
    net, wiring = agent.brain.net[0], agent.brain.wiring[0]
    drawn = np.random.default_rng(0)
    net.w_in = 1e-5
    for hidden in range(net.w_in.shape[1]):
        own = wiring.source[:, hidden]
        possible = [p for p, cells in enumerate(PAIRS.cells) if np.isin(cells, own).all()]
        if possible:
            net.w_in[np.isin(own, PAIRS.cells[drawn.choice(possible)]), hidden] = 0.012
    fields = preferences(agent.input_weights)
    weights = np.full((8, len(fields.active)), 1e-5)
    wanted = fields.active & (fields.pattern == HORIZONTAL)
    weights[fields.direction[wanted], np.flatnonzero(wanted)] = 0.5
    agent.network.set_weights(weights)
    net.resistance = 5.0
    agent.learning = False
    return agent


@pytest.fixture(scope="module")
def rates(agent: SpikingAgent) -> np.ndarray:
    return np.full(len(agent.input_weights), KICKS)


@pytest.fixture(scope="module")
def record(agent: SpikingAgent, rates: np.ndarray) -> Record:
    return record_sleep(agent, 600, rates)


@pytest.fixture(scope="module")
def responses(agent: SpikingAgent) -> np.ndarray:
    views = np.zeros((len(PAIRS.cells), 49), dtype=np.uint8)
    np.put_along_axis(views, PAIRS.cells, 1, axis=1)
    return hidden_responses(agent, views.reshape(-1, 7, 7), repeats=3)


def _spikes(*rows: tuple[int, int, int]) -> Spikes:
    return Spikes(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)


def test_drivers_are_those_before_the_first_spike_that_push_their_output_more_than_the_others() -> None:
    weights = np.zeros((8, 3))
    weights[2] = 0.4, 0.8, 0.0
    weights[5, 2] = 0.8
    hidden = _spikes((0, 0, 65), (0, 1, 55), (0, 2, 65), (1, 1, 90), (2, 1, 65))
    output = _spikes((0, 2, 140), (0, 2, 75), (1, 2, 90), (2, 5, 80))
    found = events(Record(3, hidden, output), weights)
    assert found.cycle.tolist() == [0, 1, 2]
    assert found.output.tolist() == [2, 2, 5]
    assert found.time.tolist() == [75, 90, 80]  # one event for the two spikes of cycle 0
    # Neuron 2 inhibits output 2; the spike in cycle 1 is too late to have driven; neuron 1 inhibits output 5.
    assert (found.driven.tolist(), found.driver.tolist()) == ([0, 0], [0, 1])
    np.testing.assert_allclose(found.push, [0.35 * 0.985**10, 0.7 * 0.985**20])


def test_an_event_without_drivers_cannot_be_decoded() -> None:
    found = events(Record(1, _spikes(), _spikes((0, 3, 100))), np.full((8, 156), 0.02))
    decoded = by_receptive_field(found, preferences(_one_pair_each(156)))
    assert (decoded.pattern[0], decoded.direction[0]) == (UNDECODED, UNDECODED)
    assert by_waking_response(found, np.eye(156), PAIRS).pattern[0] == UNDECODED
    assert statistics(found, decoded).decoded.sum() == 0.0


def test_spikes_of_another_network_are_refused() -> None:
    with pytest.raises(ValueError, match="of another network"):
        events(Record(1, _spikes((0, 9, 65)), _spikes((0, 3, 100))), np.zeros((8, 5)))


@pytest.mark.parametrize("place", [0, 50, 100, 155])
def test_a_lone_driver_is_decoded_as_the_pair_it_looks_for(place: int) -> None:
    weights = np.zeros((8, 156))
    weights[4, place] = 1.0
    found = events(Record(1, _spikes((0, place, 65)), _spikes((0, 4, 80))), weights)
    for decoded in (
        by_receptive_field(found, preferences(_one_pair_each(156))),
        by_waking_response(found, np.eye(156), PAIRS),
    ):
        assert decoded.pattern[0] == PAIRS.pattern[place]
        assert decoded.direction[0] == PAIRS.direction[place]
        assert statistics(found, decoded).coherent == (PAIRS.direction[place] == 4)


def test_shares_follow_the_push_of_the_drivers() -> None:
    horizontal, vertical = (int(np.flatnonzero(PAIRS.pattern == p)[0]) for p in (HORIZONTAL, VERTICAL))
    weights = np.zeros((8, 156))
    weights[1, horizontal], weights[1, vertical] = 0.3, 0.1
    found = events(Record(1, _spikes((0, horizontal, 65), (0, vertical, 65)), _spikes((0, 1, 80))), weights)
    decoded = by_receptive_field(found, preferences(_one_pair_each(156)))
    np.testing.assert_allclose(decoded.shares[0, [HORIZONTAL, VERTICAL]], [0.75, 0.25])
    assert statistics(found, decoded).drivers == pytest.approx(1 / (0.75**2 + 0.25**2))


def test_sleep_of_a_network_that_steps_to_horizontal_pairs_replays_them_and_nothing_else(
    agent: SpikingAgent, record: Record, responses: np.ndarray
) -> None:
    fields = preferences(agent.input_weights)
    found = events(record, agent.weights)
    assert len(found.cycle) > 100
    for decoded in (by_receptive_field(found, fields), by_waking_response(found, responses, PAIRS)):
        replay = statistics(found, decoded)
        assert replay.decoded[HORIZONTAL] > 0.98
        assert replay.coherent > 0.98
        assert replay.replays[REWARDED[0]] == pytest.approx(100 * replay.events, rel=0.03)
        assert replay.table.sum() == len(found.cycle)
    assert kicks_by_pattern(record, fields)[HORIZONTAL] < 0.5


def test_with_shuffled_weights_events_are_decoded_as_the_kicks_are(
    agent: SpikingAgent, rates: np.ndarray, responses: np.ndarray
) -> None:
    fields, weights, random = preferences(agent.input_weights), agent.weights, np.random.default_rng(0)
    coherent, decoded, kicks = [], [], []
    for _ in range(20):
        agent.network.set_weights(shuffled(weights, random))
        record = record_sleep(agent, 100, rates)
        found = events(record, agent.weights)
        replay = statistics(found, by_receptive_field(found, fields))
        coherent.append(replay.coherent)
        decoded.append(replay.decoded / replay.decoded.sum())
        kicks.append(kicks_by_pattern(record, fields))
    agent.network.set_weights(weights)
    assert np.mean(coherent) == pytest.approx(1 / 8, abs=0.04)
    np.testing.assert_allclose(np.mean(decoded, axis=0), np.mean(kicks, axis=0), atol=0.05)


def test_lift_sees_the_pattern_ahead_without_seeing_a_synapse(
    agent: SpikingAgent, record: Record, responses: np.ndarray
) -> None:
    real = lift(events(record, agent.weights), record, responses, PAIRS)
    assert real[HORIZONTAL, 0] > 2.0
    assert real[VERTICAL].max() < 1.5
    others = record.output._replace(neuron=np.random.default_rng(0).integers(N_MOVES, size=len(record.output.neuron)))
    by_chance = lift(events(record._replace(output=others), agent.weights), record, responses, PAIRS)
    assert by_chance[HORIZONTAL, 0] < 1.5


def test_the_moves_turn_clockwise() -> None:
    angle = np.degrees(np.arctan2(MOVE_COL, -np.array(MOVE_ROW)))[CLOCKWISE] % 360
    np.testing.assert_allclose(angle, np.arange(8) * 45)


def test_a_shuffle_keeps_what_every_output_has() -> None:
    weights = np.random.default_rng(1).random((8, 50))
    dealt = shuffled(weights, np.random.default_rng(2))
    np.testing.assert_array_equal(np.sort(dealt), np.sort(weights))
    assert not (dealt == weights).all(axis=1).any()


def test_kappa() -> None:
    a = np.array([0, 1, 2, 3, 0, 1])
    assert kappa(a, a) == 1.0
    assert kappa(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == 0.0
    assert np.isnan(kappa(a, np.full(6, UNDECODED)))


def test_a_record_is_what_the_network_did(rates: np.ndarray) -> None:
    """Cycle by cycle or many at a time: the same spikes."""
    whole, single = (SpikingAgent(None, seed=5) for _ in range(2))
    rates = np.full(len(whole.input_weights), KICKS)
    record = record_sleep(whole, 20, rates)
    pieces = [record_sleep(single, 1, rates) for _ in range(20)]
    for layer in ("hidden", "output"):
        spikes: Spikes = getattr(record, layer)
        each: list[Spikes] = [getattr(piece, layer) for piece in pieces]
        np.testing.assert_array_equal(spikes.cycle, np.repeat(np.arange(20), [len(s.cycle) for s in each]))
        np.testing.assert_array_equal(spikes.neuron, np.concatenate([s.neuron for s in each]))
        np.testing.assert_array_equal(spikes.time, np.concatenate([s.time for s in each]))
    np.testing.assert_array_equal(whole.weights, single.weights)
    assert record.n_cycles == whole.asleep_cycles == 20
    assert len(record.hidden.neuron) == pytest.approx(20 * rates.sum(), rel=0.3)


def test_showing_views_leaves_the_network_as_it_is(agent: SpikingAgent, responses: np.ndarray) -> None:
    before = agent.brain.net.tobytes()
    views = np.zeros((2, 7, 7), dtype=np.uint8)
    views[1].flat[PAIRS.cells[10]] = 1
    shown = hidden_responses(agent, views, repeats=2)
    assert agent.brain.net.tobytes() == before
    assert not shown[0].any()
    np.testing.assert_array_equal(shown[1] > 0, responses[10] > 0)


@pytest.mark.parametrize(
    ("views", "repeats"), [(np.zeros((2, 5, 5)), 1), (np.zeros((7, 7)), 1), (np.zeros((1, 7, 7)), 0)]
)
def test_views_that_do_not_fit_are_refused(agent: SpikingAgent, views: np.ndarray, repeats: int) -> None:
    with pytest.raises(ValueError, match=r"this network is shown|must be positive"):
        hidden_responses(agent, views, repeats)


def test_a_night_without_length_is_refused(agent: SpikingAgent, rates: np.ndarray) -> None:
    with pytest.raises(ValueError, match="nothing to record"):
        record_sleep(agent, 0, rates)


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_the_figure_shows_what_is_measured(
    n_seeds: int,
    agent: SpikingAgent,
    record: Record,
    responses: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    fields, found = preferences(agent.input_weights), events(record, agent.weights)
    decoded = by_receptive_field(found, fields)
    replay = statistics(found, decoded)
    active = lift(found, record, responses, PAIRS)
    night = Night(replay, replay, replay, (1.0, 0.9), active, kicks_by_pattern(record, fields))
    along = np.array([0, 50, 100]), np.tile(replay.replays, (3, 1))
    nights = Nights(
        dict.fromkeys(STAGES, night),
        dict.fromkeys(UNIFORM_STAGES, night),
        replay,
        dict.fromkeys(COURSES, along),
        dict.fromkeys(STAGES, (0.7, 0.5)),
        0.5,
    )
    every = dict.fromkeys(range(n_seeds), nights)
    monkeypatch.setattr(replay_figure, "nights", lambda networks: every)
    monkeypatch.setattr(replay_figure, "example", lambda *asked: Example(record, found, decoded, fields))
    networks = cast(Networks, None)  # what is looked up in it is replaced above
    replay_figure.draw(networks).savefig(tmp_path / "replay.png")
    measured = list(replay_figure.measure(networks))
    keys = [(row.quantity, row.condition, row.seed) for row in measured]
    assert len(set(keys)) == len(keys)
    values = {(row.quantity, row.condition): row.value for row in measured}
    assert values["replays per 100 cycles, pattern rewarded in Task 1", "T1"] == replay.replays[HORIZONTAL]
    assert values["share of events decoded as Task 1", "T1-T2"] == pytest.approx(replay.decoded[[0, 3]].sum())
