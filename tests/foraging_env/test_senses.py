"""What is sensed is one value: it makes the observations that it says, and comes back from a file as it was."""

import gymnasium as gym
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foraging_env import ForageEnv
from foraging_env.senses import MODES, Senses

ANY = st.builds(
    Senses,
    observation=st.sampled_from(MODES),
    view=st.sampled_from([3, 7, 11]),
    task_cue=st.booleans(),
    last_action=st.booleans(),
)


@given(ANY)
def test_an_environment_senses_what_it_was_made_with(senses):
    assert ForageEnv(**senses.arguments()).senses == senses
    assert gym.make_vec("Forage-v0", num_envs=2, **senses.arguments()).unwrapped.senses == senses


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
        ({"last_action": None}, TypeError, "last_action=None must be True or False"),
    ],
)
def test_what_cannot_be_sensed_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        Senses(**wrong)
