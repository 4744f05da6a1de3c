"""An agent that sees several observations at once remembers in a test what it would have seen while learning."""

import numpy as np
import pytest
from stable_baselines3.common.vec_env import VecFrameStack

from baselines.frames import FrameMemory, flattened
from baselines.worlds import training_worlds
from foraging_env.habitat import Habitat
from foraging_env.senses import Senses
from tests.baselines.small import small_agent

FRAMES = 4


class Watching:
    """In a model's place: keeps what it is shown."""

    action_space = None

    def __init__(self, space):
        self.observation_space = space

    def predict(self, seen, deterministic):
        self.seen = seen
        return np.zeros(len(seen), dtype=np.int64), None


@pytest.mark.parametrize("habitat", [Habitat(), Habitat(Senses("pattern", view=5, task_cue=True))])
def test_frames_are_those_of_the_worlds_it_learned_in_ends_of_episodes_included(habitat):
    plain = training_worlds(3, ["task1"], flattened(habitat))
    stacked = VecFrameStack(training_worlds(3, ["task1"], flattened(habitat)), FRAMES)
    for worlds in (plain, stacked):
        worlds.seed(7)
    seen, expected = plain.reset(), stacked.reset()
    model = Watching(stacked.observation_space)
    memory, state, starts = FrameMemory(model, FRAMES), None, np.ones(3, dtype=bool)
    moves = np.random.default_rng(1).integers(8, size=(1_010, 3))

    for step, actions in enumerate(moves):
        _, state = memory.predict(seen, state, starts)
        np.testing.assert_array_equal(model.seen, expected, err_msg=f"step {step}")
        (seen, _, starts, _), (expected, _, _, _) = plain.step(actions), stacked.step(actions)
    assert step > 1_000, "an episode has ended"


def test_observations_of_another_size_are_refused():
    agent = small_agent("ppo-frames")
    with pytest.raises(ValueError, match="the model sees 49 numbers a frame, not 25"):
        agent.predict(np.zeros((2, 5, 5), dtype=np.int8))


@pytest.mark.parametrize("name", ["ppo-frames", "recurrent-ppo"])
def test_what_was_seen_before_matters_until_a_new_episode_begins(name):
    agent = small_agent(name)
    agent.learn_task("task1", 256)
    seen = (np.random.default_rng(2).random((64, 7, 7)) < 0.3).astype(np.int8)
    _, state = agent.predict(seen)
    fresh, _ = agent.predict(seen[::-1])
    begun, _ = agent.predict(seen[::-1], state, np.ones(64, dtype=bool))
    np.testing.assert_array_equal(fresh, begun)
    differs = [part.copy() + 5.0 for part in state]
    _, after = agent.predict(seen[::-1], state, np.zeros(64, dtype=bool))
    _, other = agent.predict(seen[::-1], tuple(differs), np.zeros(64, dtype=bool))
    assert not np.array_equal(after[0], other[0])


@pytest.mark.parametrize("name", ["ppo-frames", "recurrent-ppo"])
def test_an_agent_with_a_memory_takes_no_remedy(name):
    with pytest.raises(ValueError, match=f"remedy 'ewc' does not work with '{name}'; it works with ppo, a2c, dqn"):
        small_agent(f"{name}+ewc")
