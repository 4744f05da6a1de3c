"""A habitat is one value: it makes the worlds that it says, and comes back from a file as it was."""

import json

import gymnasium as gym
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foraging_env import ForageEnv, Habitat, Senses

ANY = st.builds(
    Habitat,
    st.builds(Senses, view=st.sampled_from([3, 7]), task_cue=st.booleans(), last_action=st.booleans()),
    size=st.sampled_from([(50, 50), (12, 30), (30, 12)]),
    density=st.sampled_from([0.1, 0.05, 0.16]),
    rewards=st.sampled_from([(1, -1, 0), (1, -1.5, 0), (1, 0, -1)]),
)


@given(ANY)
@settings(deadline=None)
def test_an_environment_is_the_habitat_that_it_was_made_with(habitat):
    single = ForageEnv(**habitat.arguments())
    many = gym.make_vec("Forage-v0", num_envs=2, **habitat.arguments()).unwrapped
    for env in (single, many):
        worlds = env.worlds
        assert env.senses == habitat.senses
        assert (worlds.shape.rows, worlds.shape.cols, worlds.view) == (*habitat.size, habitat.senses.view)
        assert worlds.n_pairs == round(habitat.density * habitat.size[0] * habitat.size[1] / 2)


@given(ANY)
def test_a_description_holds_all_that_differs(habitat):
    written = json.loads(json.dumps({"name": "ppo"} | habitat.describe()))
    assert Habitat.described(written) == habitat


def test_files_from_before_there_were_other_habitats_mean_the_same():
    assert Habitat().describe() == {"task_cue": False}
    assert Habitat(density=0.05).describe() == {"task_cue": False, "density": 0.05}


@given(ANY, ANY)
def test_different_habitats_have_different_labels(one, other):
    assert (one.label == other.label) == (one == other)
    assert Habitat().label == ""


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"size": 50}, TypeError, "size=50 must be two whole numbers"),
        ({"size": [5, 5]}, ValueError, "both sides must be at least 7"),
        ({"density": 0.5}, ValueError, "density=0.5 must be above 0 and at most 0.16"),
        ({"density": "thin"}, TypeError, "density='thin' must be a number"),
        ({"rewards": [1, -1]}, TypeError, "must be three numbers"),
    ],
)
def test_worlds_that_cannot_be_are_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        Habitat(**wrong)
