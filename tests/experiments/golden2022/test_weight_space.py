"""States in weight space, distances to sets of them, descriptions without wiring: what must hold for any network."""

import numpy as np
import pytest

from experiments.golden2022.analysis.crossing import cosine, off_line, others_of, profiles_of_others, shuffled
from experiments.golden2022.analysis.drives import SIZE, answers, drives
from experiments.golden2022.analysis.embedding import kernel_principal, principal
from experiments.golden2022.analysis.manifolds import INTERLEAVED, STAGES, distance_to, manifolds_of
from experiments.golden2022.analysis.weight_space import Boundary, settled, share_of_way, task_relevant
from experiments.golden2022.figures.interleaved import wander
from experiments.golden2022.networks import Course


def _clouds(rng: np.random.Generator, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds of 20 states of 50 synapses whose centres lie ``distance`` apart."""
    shift = np.zeros(50)
    shift[0] = distance
    return rng.normal(0, 0.01, (20, 50)), rng.normal(0, 0.01, (20, 50)) + shift


def test_settled_states_are_the_last_fifth_without_the_parents_end() -> None:
    weights = np.arange(51 * 6, dtype=np.float32).reshape(51, 2, 3)
    assert (settled(Course(np.arange(51), weights)) == weights[-10:].reshape(10, 6)).all()
    with pytest.raises(ValueError, match="course of 2 states"):
        settled(Course(np.arange(2), weights[:2]))


def test_relevant_synapses_are_the_strongest_of_all_outputs() -> None:
    weights = np.random.default_rng(0).random((8, 784))
    chosen = task_relevant(weights)
    assert chosen.sum() == np.ceil(0.1 * weights.size)
    assert weights[chosen].min() > weights[~chosen].max()
    assert task_relevant(np.ones((2, 5)), 0.3).sum() == 3, "equal weights are not all chosen"


def test_distance_from_the_boundary_is_half_the_distance_of_the_classes_in_feature_space() -> None:
    first, second = _clouds(np.random.default_rng(1), 3.0)
    boundary = Boundary.between(first[::2], second[::2])
    half = np.sqrt(2 * (1 - np.exp(-(3.0**2) / 50))) / 2
    assert boundary.distance(first[1::2]).mean() == pytest.approx(-half, rel=0.02)
    assert boundary.distance(second[1::2]).mean() == pytest.approx(half, rel=0.02)


def test_a_mixture_of_both_tasks_lies_on_the_boundary_whatever_the_width_of_the_kernel() -> None:
    first, second = _clouds(np.random.default_rng(2), 3.0)
    for gamma in (0.002, 0.02, 0.2):
        boundary = Boundary.between(first, second, gamma)
        assert abs(boundary.distance((first + second) / 2)).max() < 0.05 * boundary.distance(second).mean()


def test_share_of_the_way_ignores_what_is_off_the_way() -> None:
    start, end, aside = np.eye(3) * 4
    assert share_of_way(np.array([start, (start + end) / 2, end]), start, end) == pytest.approx([0, 0.5, 1])
    lifted = (start + end) / 2 + np.array([0, 0, 7])
    assert share_of_way(lifted[np.newaxis], start, end) == pytest.approx([0.5])
    assert off_line(lifted, start, end) == pytest.approx([0, 0, 7])
    with pytest.raises(ValueError, match="same point"):
        share_of_way(lifted[np.newaxis], aside, aside)


def test_intersection_lies_in_both_manifolds_and_no_single_task_in_the_other() -> None:
    states = {stage: np.full((3, 4), float(i)) for i, stage in enumerate(STAGES)}
    sets = manifolds_of(states)
    assert set(map(tuple, sets.intersection)) == set(map(tuple, sets.task1)) & set(map(tuple, sets.task2))
    assert distance_to(states["T1"], sets.task1) == pytest.approx(0)
    assert (distance_to(states["T1"], sets.task2) > 0).all()
    assert (distance_to(states["T1-T2"], sets.task1) > 0).all()
    with pytest.raises(ValueError, match="intersection is empty"):
        manifolds_of(states, without=INTERLEAVED)


def test_a_way_never_belongs_to_the_set_that_it_is_measured_against() -> None:
    for stage in (*STAGES, "T1-Int(S,T1)"):
        assert stage not in others_of(stage)
        assert len(others_of(stage)) == 3, "sets of other sizes have other smallest distances"


def test_distance_is_to_the_nearest_point() -> None:
    points = np.array([[0.0, 0.0], [10.0, 0.0]])
    assert distance_to(np.array([[1.0, 0.0], [10.0, 2.0], [0.0, 0.0]]), points) == pytest.approx([1, 2, 0])
    with pytest.raises(ValueError, match="no points"):
        distance_to(points, points[:0])


def test_principal_components_of_a_line_are_the_line() -> None:
    line = np.outer(np.linspace(-1, 1, 9), np.array([3.0, 4.0, 0.0, 0.0]))
    found = principal(line)
    assert found.shares == pytest.approx([1, 0, 0], abs=1e-9)
    assert np.abs(found.coordinates[:, 0]) == pytest.approx(np.abs(np.linspace(-5, 5, 9)), abs=1e-9)


def test_kernel_components_keep_two_clouds_apart_whatever_their_scale() -> None:
    first, second = _clouds(np.random.default_rng(3), 1.0)
    states = np.concatenate([first, second])
    found, larger = kernel_principal(states), kernel_principal(1000 * states)
    sides = np.sign(found.coordinates[:, 0])
    assert abs(sides[:20].sum()) == abs(sides[20:].sum()) == 20
    assert sides[0] != sides[-1]
    assert larger.shares == pytest.approx(found.shares)
    with pytest.raises(ValueError, match="the same"):
        kernel_principal(np.ones((5, 3)))


def test_drives_do_not_depend_on_the_order_of_hidden_neurons_and_shuffled_weights_lose_them() -> None:
    rng = np.random.default_rng(4)
    weights, inputs = rng.random((1, 8, 40)), rng.random((40, 7, 7)) * 0.012
    order = rng.permutation(40)
    own = drives(weights, answers(inputs))
    assert own.shape == (1, SIZE)
    assert drives(weights[:, :, order], answers(inputs[order])) == pytest.approx(own)
    other = drives(shuffled(weights[0], rng)[np.newaxis], answers(inputs))
    assert cosine(other[0], own[0]) < 0.7
    with pytest.raises(ValueError, match="39 hidden neurons, answers of 40"):
        drives(weights[:, :, 1:], answers(inputs))


def test_what_all_outputs_get_alike_drives_none() -> None:
    inputs = np.random.default_rng(5).random((40, 7, 7)) * 0.012
    assert drives(np.full((1, 8, 40), 0.3), answers(inputs)) == pytest.approx(0)


def test_a_network_alone_has_no_others() -> None:
    with pytest.raises(ValueError, match="second seed"):
        profiles_of_others({}, 0)


def test_wandering_is_the_length_of_steps() -> None:
    assert wander(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]])) == pytest.approx([5, 0])
