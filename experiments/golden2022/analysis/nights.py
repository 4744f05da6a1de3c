"""Nights of a run's networks, recorded and decoded: the numbers behind the figure of replay.

Every network sleeps frozen, so that a record is of one state, and is kicked at the same rates after all stages: the
mean of the two tasks' waking rates of hidden neurons, as the sleep of T1-Int(S,T2) has it. What differs is the output
layer alone, since the hidden one is the same from the unsupervised stage on.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.stats import spearmanr

from experiments.errors import UserError
from experiments.golden2022.analysis.receptive_fields import Placements, Preferences, placements, preferences
from experiments.golden2022.analysis.replay import (
    REWARDED,
    Decoded,
    Events,
    Replay,
    by_receptive_field,
    by_waking_response,
    events,
    kappa,
    kicks_by_pattern,
    lift,
    shuffled,
    statistics,
)
from experiments.golden2022.networks import Networks
from spiking_agent import SpikingAgent
from spiking_agent.recording import Record, hidden_responses, record_sleep

STAGES = ("unsupervised", "T1", "T2", "T1-T2", "T1-T2-Int(S,T1)", "T1-Int(S,T2)")
UNIFORM_STAGES = ("unsupervised", "T1", "T1-T2")
COURSES = ("T1-T2", "T1-Int(S,T2)")
"""Task 2 after Task 1, without sleep and with it."""

NIGHT = 2_500  # cycles
SHUFFLES = 3
SHUFFLED_NIGHT = 800  # cycles of each shuffle
SHORT_NIGHT = 600  # cycles of every point of a course
POINTS = (0.0, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0)  # of a course, as shares of its length: most happens early
REPEATS = 10  # flashes of every pair


class Sleeper(NamedTuple):
    """What the nights of one network have in common."""

    seed: int
    rates: np.ndarray  # float64[H], kicks per cycle
    fields: Preferences
    responses: np.ndarray  # float64[n, H], to each of the pairs
    pairs: Placements


class Night(NamedTuple):
    """One network after one stage, asleep."""

    real: Replay  # by receptive field
    awake: Replay  # the same events by waking response
    shuffled: Replay  # by receptive field, output weights shuffled; mean over shuffles
    kappa: tuple[float, float]  # of both decoders, in pattern and direction
    lift: np.ndarray  # float64[4, 8], see `replay.lift`
    kicks: np.ndarray  # float64[4], share of hidden spikes by preferred pattern


class Example(NamedTuple):
    """A record to look at."""

    record: Record
    found: Events
    decoded: Decoded
    fields: Preferences


class Nights(NamedTuple):
    """All nights of one seed."""

    by_rates: dict[str, Night]  # by stage
    uniform: dict[str, Night]  # kicks with the mean rate for all hidden neurons
    plastic: Replay  # after T1-T2, with synapses that change meanwhile
    courses: dict[str, tuple[np.ndarray, np.ndarray]]  # by stage: cycles int64[n], `Replay.replays` float64[n, 4]
    performance: dict[str, tuple[float, float]]  # by stage, of Task 1 and Task 2
    correlation: float  # Spearman's, of replays of a rewarded pattern and its task's performance, over stages and tasks


@lru_cache(maxsize=4)
def nights(networks: Networks) -> dict[int, Nights]:
    """Every seed that has all of `STAGES`, by seed.

    Raises UserError if there is none, or if its results are not written yet.
    """
    return {seed: _nights_of(networks, seed) for seed in networks.seeds(*STAGES)}


@lru_cache(maxsize=64)
def sleeper(networks: Networks, seed: int) -> Sleeper:
    """The hidden layer of one seed, and the kicks that its output layers are compared under."""
    agent = networks.agent("T1-T2", seed)
    pairs = placements()
    views = np.zeros((len(pairs.pattern), agent.input_weights[0].size), dtype=np.uint8)
    np.put_along_axis(views, pairs.cells, 1, axis=1)
    side = agent.input_weights.shape[1]
    responses = hidden_responses(agent, views.reshape(-1, side, side), REPEATS)
    rates = np.mean(list(agent.measured_rates().values()), axis=0)
    return Sleeper(seed, rates, preferences(agent.input_weights), responses, pairs)


def example(networks: Networks, stage: str, seed: int, n_cycles: int) -> Example:
    """A few cycles asleep after a stage."""
    who, agent = sleeper(networks, seed), _frozen(networks.agent(stage, seed))
    record = record_sleep(agent, n_cycles, who.rates)
    found = events(record, agent.weights)
    return Example(record, found, by_receptive_field(found, who.fields), who.fields)


def _nights_of(networks: Networks, seed: int) -> Nights:
    who = sleeper(networks, seed)
    uniform = who._replace(rates=np.full_like(who.rates, who.rates.mean()))
    by_rates = {stage: _night(networks.agent(stage, seed), who) for stage in STAGES}
    rows = {(row.stage, row.task): row.performance for row in networks.results() if row.seed == seed}
    if lacking := [stage for stage in STAGES if (stage, "task1") not in rows or (stage, "task2") not in rows]:
        raise UserError(f"{networks.path / 'results.csv'} lacks tests of seed {seed} after {', '.join(lacking)}")
    performance = {stage: (rows[stage, "task1"], rows[stage, "task2"]) for stage in STAGES}
    replayed = [by_rates[stage].real.replays[REWARDED[task]] for stage in STAGES for task in (0, 1)]
    scored = [performance[stage][task] for stage in STAGES for task in (0, 1)]
    return Nights(
        by_rates,
        {stage: _night(networks.agent(stage, seed), uniform) for stage in UNIFORM_STAGES},
        _replay(networks.agent("T1-T2", seed), who, NIGHT),
        {stage: _course(networks, stage, who) for stage in COURSES},
        performance,
        _rank_correlation(replayed, scored),
    )


def _rank_correlation(a: list[float], b: list[float]) -> float:
    """Spearman's; nan if either is constant."""
    return float(spearmanr(a, b).statistic) if np.ptp(a) > 0 and np.ptp(b) > 0 else float("nan")


def _night(agent: SpikingAgent, who: Sleeper) -> Night:
    _frozen(agent)
    record = record_sleep(agent, NIGHT, who.rates)
    found = events(record, agent.weights)
    field, awake = by_receptive_field(found, who.fields), by_waking_response(found, who.responses, who.pairs)
    return Night(
        statistics(found, field),
        statistics(found, awake),
        _shuffled_night(agent, who),
        (kappa(field.pattern, awake.pattern), kappa(field.direction, awake.direction)),
        lift(found, record, who.responses, who.pairs),
        kicks_by_pattern(record, who.fields),
    )


def _shuffled_night(agent: SpikingAgent, who: Sleeper) -> Replay:
    """Mean over shuffles; the inhibitory weights follow, as everywhere in the model."""
    random = np.random.default_rng((who.seed, int(agent.brain.net[0].cycle)))
    weights, found = agent.weights, []
    for _ in range(SHUFFLES):
        agent.network.set_weights(shuffled(weights, random))
        found.append(_replay(agent, who, SHUFFLED_NIGHT))
    agent.network.set_weights(weights)
    return Replay(*(np.mean(values, axis=0) for values in zip(*found, strict=True)))


def _replay(agent: SpikingAgent, who: Sleeper, n_cycles: int) -> Replay:
    """Of the next ``n_cycles``, decoded with the weights at their end."""
    record = record_sleep(agent, n_cycles, who.rates)
    found = events(record, agent.weights)
    return statistics(found, by_receptive_field(found, who.fields))


def _course(networks: Networks, stage: str, who: Sleeper) -> tuple[np.ndarray, np.ndarray]:
    """Replay along a stage that follows T1, at snapshots of its weights.

    The output resistances, of which there are no snapshots, are interpolated between those of the stage's ends.
    """
    course = networks.course(stage, who.seed)
    agent = _frozen(networks.agent(stage, who.seed))
    ends = np.log([networks.agent("T1", who.seed).output_resistance, agent.output_resistance])
    chosen = np.unique(np.round(np.array(POINTS) * (len(course.cycles) - 1)).astype(int))
    replayed = []
    for point in chosen:
        done = course.cycles[point] / course.cycles[-1]
        agent.network.set_weights(course.weights[point])
        agent.brain.net[0].resistance = np.exp((1 - done) * ends[0] + done * ends[1])
        replayed.append(_replay(agent, who, SHORT_NIGHT).replays)
    return course.cycles[chosen], np.array(replayed)


def _frozen(agent: SpikingAgent) -> SpikingAgent:
    agent.learning = False
    return agent
