"""What is sensed is one value: it makes the observations that it says, and comes back from a file as it was."""

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foraging_env import ForageEnv
from foraging_env.senses import MODES, SPACES, Senses


def possible(arguments):
    """Whether there is such an observation: images show no cues, nor four channels of 3 x 3 cells."""
    cued, four = arguments["task_cue"] or arguments["last_action"], arguments["observation"] == "pattern"
    return arguments["space"] != "image" or not (cued or (four and arguments["view"] == 3))


ANY = (
    st.fixed_dictionaries(
        {
            "observation": st.sampled_from(MODES),
            "view": st.sampled_from([3, 7, 11]),
            "task_cue": st.booleans(),
            "last_action": st.booleans(),
            "space": st.sampled_from(SPACES),
        }
    )
    .filter(possible)
    .map(lambda arguments: Senses(**arguments))
)


@given(ANY)
@settings(deadline=None)
def test_an_environment_senses_what_it_was_made_with(senses):
    assert ForageEnv(**senses.arguments()).senses == senses
    assert gym.make_vec("Forage-v0", num_envs=2, **senses.arguments()).unwrapped.senses == senses


@given(ANY, st.integers(0, 1000))
@settings(deadline=None)
def test_every_space_holds_the_same(senses, seed):
    plain = Senses(**senses.arguments() | {"space": "multibinary"})
    one, other = (gym.make_vec("Forage-v0", num_envs=2, **which.arguments()) for which in (plain, senses))
    (expected, _), (seen, _) = one.reset(seed=seed), other.reset(seed=seed)
    for action in range(8):
        assert other.observation_space.contains(seen)
        assert seen.flags.c_contiguous
        if senses.space == "image":
            assert seen.dtype == np.uint8
            assert set(np.unique(seen)) <= {0, 255}
            channels = np.moveaxis(seen // 255, -1, 1)
            seen = channels if senses.observation == "pattern" else channels[:, 0]
        np.testing.assert_array_equal(seen.reshape(2, -1), expected.reshape(2, -1))
        expected, seen = (env.step(np.full(2, action))[0] for env in (one, other))


def test_what_was_observed_before_there_were_spaces_is_observed_still():
    seen, _ = ForageEnv().reset(seed=0)
    assert ForageEnv().observation_space == gym.spaces.MultiBinary((7, 7))
    assert (seen.shape, seen.dtype) == ((7, 7), np.int8)
    assert ForageEnv(task_cue=True).observation_space == gym.spaces.MultiBinary(49 + 13)


@given(ANY)
def test_a_description_holds_all_that_differs(senses):
    assert Senses.described({"name": "ppo"} | senses.describe()) == senses


def test_files_from_before_there_were_other_senses_mean_the_same():
    assert Senses().describe() == {"task_cue": False}
    assert Senses(task_cue=True).describe() == {"task_cue": True}


@given(ANY, ANY)
def test_different_senses_have_different_labels(one, other):
    assert (one.label == other.label) == (one == other)
    assert Senses().label == ""


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"observation": "smell"}, ValueError, "unknown observation 'smell'; known observations: binary, pattern"),
        ({"task_cue": 1}, TypeError, "task_cue=1 must be True or False"),
        ({"space": "flat", "observation": "flat"}, ValueError, "unknown observation 'flat'"),
        ({"last_action": None}, TypeError, "last_action=None must be True or False"),
    ],
)
def test_what_cannot_be_sensed_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        Senses(**wrong)
