"""Does sleep lead to the intersection of the tasks' manifolds, or only to where its own run ends?

In figure 7 of Golden et al. 2022 a way of the weights is measured against a set that holds its own end, so that it
converges whatever it does. Here the set is made of other runs, in two ways:

1. *other branches*: the same network with the same wiring, the intersection sampled by the stages that interleave,
   less the one that is measured (for sleep two of the three that are left come after Task 1 and Task 2, which favours
   the new task alone a little);
2. *other networks*: weights described by what they do (`drives`), which needs no common wiring, and the mean of all
   stages that interleave, over all networks less the one that is measured.

Beside the ways stand what a claim about sleep has to beat: the new task alone; sleep with the *old* task alone in turn,
which never sees the new one; the plain average of the weights after Task 1 and after Task 2, which is also put into the
network and tested; and the weights after sleep with hidden neurons shuffled, which keeps every weight and every output
neuron's set of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from experiments.golden2022.analysis.drives import answers, drives
from experiments.golden2022.analysis.manifolds import INTERLEAVED, STAGES, distance_to
from experiments.golden2022.analysis.weight_space import flat, settled
from experiments.golden2022.networks import Networks

SLEEP = "T1-Int(S,T2)"
"""The stage that the claim is about: what follows Task 1 when Task 2 is learned with sleep."""

WAYS = ("T1-T2", "T1-Int(T1,T2)", SLEEP, "T1-Int(S,T1)")
"""Stages that follow Task 1: new task alone, both in turn, sleep and new task, sleep and old task."""

NEEDED = (*STAGES, "T1-Int(S,T1)")
"""Stages that a network must have lived through."""

AVERAGE, SHUFFLED, START = "average of Task 1 and Task 2", "shuffled", "start"
TEST_CYCLES = 50_000
"""Movement cycles for which an average of weights is tested, per task."""

_SHUFFLES = 20


def others_of(stage: str) -> tuple[str, ...]:
    """The stages whose settled states sample the intersection for ``stage``; never itself, always three."""
    return tuple(name for name in INTERLEAVED if name != (stage if stage in INTERLEAVED else SLEEP))


def shuffled(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """``weights`` float[outputs, hidden] with the hidden neurons in another order, the same for all outputs."""
    return weights[:, random.permutation(weights.shape[1])]


def off_line(state: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The part of ``state`` float[D] that is no mixture of ``start`` and ``end``: from its foot on their line to it.

    Raises ValueError if both are one point.
    """
    way = end - start
    if not way.any():
        raise ValueError("start and end are the same point, so there is no line through them")
    away = state - start
    part: np.ndarray = away - (away @ way) / (way @ way) * way
    return part


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    """Cosine of the angle between two vectors; nan if one has no length."""
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / lengths if lengths else float("nan")


class Branches(NamedTuple):
    """One network against its own other branches, in weight space."""

    along: dict[str, np.ndarray]  # by stage of `WAYS`: distance to the others' settled states, float64[n]
    cycles: dict[str, np.ndarray]  # int64[n]
    ends: dict[str, float]  # by stage or control: distance of the mean settled state to the nearest branch's
    mixture: dict[str, float]  # by stage: cosine of what is no mixture, with the same of the other branches


@lru_cache(maxsize=32)
def against_branches(networks: Networks, seed: int) -> Branches:
    """Measure one network against its other branches."""
    points = {stage: settled(networks.course(stage, seed)) for stage in NEEDED}
    centres = {stage: states.mean(axis=0) for stage, states in points.items()}
    along, cycles, ends, mixture = {}, {}, {}, {}
    for stage in dict.fromkeys((*WAYS, *INTERLEAVED, "T2")):
        around = np.array([centres[name] for name in others_of(stage)])
        ends[stage] = float(distance_to(centres[stage][np.newaxis], around)[0])
        part = off_line(centres[stage], centres["T1"], centres["T1-T2"]) if stage != "T1-T2" else None
        if part is not None:
            parts = [off_line(name, centres["T1"], centres["T1-T2"]) for name in around]
            mixture[stage] = float(np.mean([cosine(part, other) for other in parts]))
        if stage in WAYS:
            course = networks.course(stage, seed)
            reference = np.concatenate([points[name] for name in others_of(stage)])
            along[stage], cycles[stage] = distance_to(flat(course.weights), reference), course.cycles
    around = np.array([centres[name] for name in others_of(SLEEP)])
    average = (centres["T1"] + centres["T1-T2"]) / 2
    random = np.random.default_rng(seed)
    asleep = centres[SLEEP].reshape(networks.weights(SLEEP, seed).shape)
    mixed = np.array([shuffled(asleep, random).ravel() for _ in range(_SHUFFLES)])
    controls = {START: centres["T1"][np.newaxis], AVERAGE: average[np.newaxis], SHUFFLED: mixed}
    ends |= {name: float(distance_to(states, around).mean()) for name, states in controls.items()}
    return Branches(along, cycles, ends, mixture)


@lru_cache(maxsize=32)
def performance_of_average(networks: Networks, seed: int) -> dict[str, float]:
    """Performance by task of the network after Task 1 and Task 2, given the average of its weights after each of them.

    Wiring and output resistance are those it had after Task 2. The sums of weights that homeostasis keeps are the same
    in both, and so in their average.
    """
    agent = networks.agent("T1-T2", seed)
    after_first, after_second = (networks.weights(stage, seed).astype(np.float64) for stage in ("T1", "T1-T2"))
    agent.network.set_weights((after_first + after_second) / 2)
    return {task: agent.evaluate(task, TEST_CYCLES, seed).performance for task in networks.plan.protocol.tests}


class InDrives(NamedTuple):
    """One network without its wiring."""

    ways: dict[str, np.ndarray]  # by stage of `WAYS`: float64[n, 256]
    centres: dict[str, np.ndarray]  # by stage or control: mean of the settled states, float64[256]
    shuffles: np.ndarray  # float64[k, 256], of the mean settled state after sleep


@lru_cache(maxsize=32)
def in_drives(networks: Networks, seed: int) -> InDrives:
    """Describe one network by its drives."""
    answered = answers(networks.agent("T1", seed).input_weights)
    ways = {stage: drives(networks.course(stage, seed).weights, answered) for stage in WAYS}
    shape = networks.weights("T1", seed).shape
    states = {stage: settled(networks.course(stage, seed)).mean(axis=0).reshape(shape) for stage in NEEDED}
    random = np.random.default_rng(seed)
    mixed = np.array([shuffled(states[SLEEP], random) for _ in range(_SHUFFLES)])
    states[AVERAGE] = (states["T1"] + states["T1-T2"]) / 2
    states[START] = states["T1"]
    centres = dict(zip(states, drives(np.array(list(states.values())), answered), strict=True))
    return InDrives(ways, centres, drives(mixed, answered))


PROFILES = {"task1": ("T1",), "task2": ("T2", "T1-T2"), "both": INTERLEAVED}
"""Stages whose mean over other networks is the profile of one task, or of both."""


def profiles_of_others(everyone: dict[int, InDrives], seed: int) -> dict[str, np.ndarray]:
    """Mean drives float64[256] of all networks but ``seed``, by `PROFILES`.

    Raises ValueError if there is no other network.
    """
    others = [found for other, found in everyone.items() if other != seed]
    if not others:
        raise ValueError("one network has no others to be compared with; run a second seed")
    return {
        name: np.mean([found.centres[stage] for found in others for stage in stages], axis=0)
        for name, stages in PROFILES.items()
    }


class Strangers(NamedTuple):
    """One network against the mean of the others, in drives."""

    along: dict[str, np.ndarray]  # by stage of `WAYS`: distance to the others' profile of both tasks, float64[n]
    ends: dict[str, float]  # by stage or control: the same distance of the mean settled state
    likeness: dict[str, dict[str, float]]  # by stage or control, then by profile: cosine


def against_networks(networks: Networks, seeds: Sequence[int]) -> dict[int, Strangers]:
    """Measure every network against the others."""
    everyone = {seed: in_drives(networks, seed) for seed in seeds}
    found = {}
    for seed, own in everyone.items():
        profiles = profiles_of_others(everyone, seed)
        goal = profiles["both"]
        along = {stage: np.linalg.norm(way - goal, axis=1) for stage, way in own.ways.items()}
        ends = {name: float(np.linalg.norm(centre - goal)) for name, centre in own.centres.items()}
        ends[SHUFFLED] = float(np.linalg.norm(own.shuffles - goal, axis=1).mean())
        likeness = {
            name: {profile: cosine(centre, values) for profile, values in profiles.items()}
            for name, centre in own.centres.items()
        }
        likeness[SHUFFLED] = {
            profile: float(np.mean([cosine(mixed, values) for mixed in own.shuffles]))
            for profile, values in profiles.items()
        }
        found[seed] = Strangers(along, ends, likeness)
    return found
