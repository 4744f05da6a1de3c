"""The compiled world lives the life of its naive twin, and keeps its promises."""

import os
import subprocess
import sys

import numpy as np
import pytest

from foraging_env import PATTERNS, TASKS
from foraging_env.core import world as core
from foraging_env.world import Worlds
from tests.reference.world import NaiveWorld

GEOMETRIES = {
    "study": {"size": (50, 50), "view": 7, "density": 0.1},
    "several words a row": {"size": (9, 131), "view": 9, "density": 0.12},
    "view as large as the world": {"size": (7, 7), "view": 7, "density": 0.09},
    "smallest": {"size": (5, 6), "view": 3, "density": 0.15},
}

# Interpreted, SplitMix64 multiplies numpy integers, which warn when they wrap around; that is what it wants.
wraps_around = pytest.mark.filterwarnings("ignore:overflow encountered in scalar:RuntimeWarning")


def pair(geometry, task, seed=7):
    """The same world twice."""
    worlds = Worlds(1, **geometry)
    worlds.assign(0, TASKS[task])
    worlds.seed(0, np.random.default_rng(seed))
    rng_state = int(worlds.state.rng[0])
    worlds.build()
    twin = NaiveWorld(*geometry["size"], geometry["view"], worlds.state.quota[0], worlds.state.value[0], rng_state)
    return worlds, twin


def assert_same(worlds, twin):
    state = worlds.state
    assert tuple(state.position[0]) == twin.position
    assert state.eaten[0] == (core.NOTHING if twin.eaten is None else PATTERNS.index(twin.eaten))
    assert (state.counts[0, 2], state.counts[0, 0]) == (twin.rewarded, twin.punished)
    assert state.quota[0].tolist() == list(twin.quota.values())
    assert state.rng[0] == twin.rng.state
    assert worlds.views[0].tolist() == twin.binary_view()
    channels = np.zeros((1, 4, worlds.view, worlds.view), dtype=np.int8)
    core.look_for_patterns(worlds.shape, state, channels)
    assert channels[0].tolist() == twin.pattern_view()


@wraps_around
@pytest.mark.parametrize("task", ["task1", "all"])
@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES)
def test_every_step_is_that_of_the_naive_twin(geometry, task):
    worlds, twin = pair(geometry, task)
    assert_same(worlds, twin)
    for action in np.random.default_rng(1).integers(0, 8, 400):
        worlds.step(np.array([action]))
        twin.step(action)
        assert_same(worlds, twin)
    assert worlds.state.counts.sum() > 5  # it did eat


@wraps_around
def test_a_task_moves_in_as_it_does_with_the_naive_twin():
    worlds, twin = pair(GEOMETRIES["several words a row"], "task1")
    for share in (0.5, 1.0):
        worlds.blend(0, TASKS["v+h-"], share)
        twin.share, twin.arriving = share, dict(zip(PATTERNS, worlds.state.arriving[0], strict=True))
        twin.value = dict(zip(PATTERNS, worlds.state.value[0], strict=True))
        for action in np.random.default_rng(2).integers(0, 8, 600):
            worlds.step(np.array([action]))
            twin.step(action)
            assert_same(worlds, twin)
    assert worlds.state.quota[0, PATTERNS.index("vertical")] > 3
    assert worlds.state.quota.sum() == worlds.n_pairs


@pytest.mark.parametrize("switch", ["NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"])
def test_the_twin_also_agrees_without_the_compiler_and_with_bounds_checks(switch, tmp_path):
    env = os.environ | {switch: "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", "twin and not compiler"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout


def test_the_halo_of_every_pattern_is_the_pair_and_all_its_neighbours():
    for pattern in range(4):
        second = (core.SECOND_ROW[pattern], core.SECOND_COL[pattern])
        near = {(r + i, c + j) for r, c in ((0, 0), second) for i in (-1, 0, 1) for j in (-1, 0, 1)}
        drawn = {(r, c) for r in range(-2, 3) for c in range(-1, 3) if core._HALO[pattern][r + 2] >> (c + 1) & 1}
        assert drawn == near


def test_half_of_the_pairs_are_rewarded_and_a_mirrored_task_lays_the_same_world():
    there, back = (Worlds(1) for _ in range(2))
    for worlds, task in ((there, "h+n-"), (back, "n+h-")):
        worlds.assign(0, TASKS[task])
        worlds.seed(0, np.random.default_rng(0))
        worlds.build()
    assert there.n_pairs == 125
    assert sorted(there.state.quota[0]) == [0, 0, 62, 63]
    np.testing.assert_array_equal(there.state.food, back.state.food)
    np.testing.assert_array_equal(there.state.value, -back.state.value)


def test_new_pairs_are_laid_uniformly_over_the_legal_places():
    # A 6 x 6 torus with one pair: after it is eaten every anchor is legal, so all 36 must be equally likely.
    worlds = Worlds(4000, size=(6, 6), view=3, density=0.06)
    for w in range(worlds.n):
        worlds.assign(w, TASKS["task1"])
        worlds.seed(w, np.random.default_rng(w))
    worlds.build()
    anchors = np.zeros((6, 6))
    for w in range(worlds.n):
        row, col = np.argwhere(worlds.pattern_map(w) == 0).min(axis=0)
        cells = {tuple(cell) for cell in np.argwhere(worlds.pattern_map(w) == 0)}
        if {(row, 0), (row, 5)} <= cells:
            col = 5
        anchors[row, col] += 1
    expected = worlds.n / 36
    chi_squared = ((anchors - expected) ** 2 / expected).sum()
    assert chi_squared < 70  # 35 degrees of freedom; above 70 one time in 2,500 (fixed seeds: never again)


@pytest.mark.parametrize("name", ["position", "task", "eaten", "value", "last_action", "arriving", "share"])
def test_a_damaged_state_is_refused_and_leaves_the_worlds_alone(name):
    worlds, _ = pair(GEOMETRIES["study"], "task1")
    before, damaged = worlds.get_state(), worlds.get_state()
    damaged[name][...] = 99
    with pytest.raises(ValueError, match=f"{name} of the saved state"):
        worlds.set_state(damaged)
    for key, array in worlds.get_state().items():
        np.testing.assert_array_equal(array, before[key])


def test_a_state_with_damaged_food_is_refused():
    worlds, _ = pair(GEOMETRIES["several words a row"], "task1")
    for row, word, bit in ((4, 0, 7), (0, 0, 3), (9, 2, 63), (7, 1, 5)):  # inside, margins, beyond the last column
        damaged = worlds.get_state()
        damaged["food"][0, row, word] ^= np.uint64(1 << bit)
        with pytest.raises(ValueError, match="food of the saved state is not 71 pairs that touch no other"):
            worlds.set_state(damaged)
    worlds.set_state(worlds.get_state())


def test_a_state_of_another_geometry_is_refused():
    worlds, _ = pair(GEOMETRIES["study"], "task1")
    other, _ = pair(GEOMETRIES["smallest"], "task1")
    with pytest.raises(ValueError, match="make an environment with the same arguments"):
        worlds.set_state(other.get_state())


@pytest.mark.parametrize(
    ("actions", "error"),
    [([1.0], TypeError), ([True], TypeError), ([1, 2], ValueError), ([8], ValueError), ([-1], ValueError)],
    ids=str,
)
def test_actions_that_are_none_move_nothing(actions, error):
    worlds, _ = pair(GEOMETRIES["study"], "task1")
    before = worlds.get_state()
    with pytest.raises(error):
        worlds.step(np.array(actions))
    np.testing.assert_equal(worlds.get_state(), before)
