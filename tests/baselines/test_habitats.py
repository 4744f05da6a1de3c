"""Wherever agents live and whatever they see of it, they learn from it, are helped, tested, saved and loaded."""

from math import prod

import numpy as np
import pytest
import torch

from baselines.agent import DeepAgent
from baselines.callbacks import TaskEvaluation
from baselines.policy_network import network_inputs, policy_network
from baselines.remedies import distillation, sleep
from baselines.remedies.ewc import ElasticWeights
from baselines.remedies.table import agent_names
from baselines.worlds import evaluation_worlds
from foraging_env.habitat import Habitat
from foraging_env.senses import Senses
from tests.baselines.small import small_agent

STEPS = 128
SEEN = {
    "pattern and cue": (Habitat(Senses("pattern", view=5, task_cue=True)), (4 * 5 * 5 + 13,)),
    "pattern": (Habitat(Senses("pattern", view=5)), (4, 5, 5)),
    "wide view": (Habitat(Senses(view=9)), (9, 9)),
    "last action": (Habitat(Senses(last_action=True)), (49 + 8,)),
    "small, sparse and dear": (Habitat(size=(12, 20), density=0.05, rewards=(1, -2, -0.01)), (7, 7)),
}


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(ElasticWeights, "n_states", 64)
    monkeypatch.setattr(distillation, "N_OBSERVATIONS", 200)
    monkeypatch.setattr(sleep, "N_STEPS", 10)


def assert_it_lives(name, habitat, shape, folder):
    agent = small_agent(name, habitat=habitat)
    n_inputs = prod(shape)
    assert agent.worlds.observation_space.shape == shape
    agent.learn_task("task1", STEPS)
    agent.save(folder / "agent.pt")
    loaded = DeepAgent.load(folder / "agent.pt")
    assert loaded.habitat == habitat
    for one in (agent, loaded):
        one.learn_task(("task2", "h+n-"), STEPS)
    for part, tensor in agent.model.policy.state_dict().items():
        assert torch.equal(tensor, loaded.model.policy.state_dict()[part]), part
    assert agent.evaluate("task2", 100, 3) == loaded.evaluate("task2", 100, 3)
    seen, _ = evaluation_worlds(5, "task1", habitat).reset(seed=1)
    if not agent.algorithm.takes_remedies:  # a memory, whose network is no perceptron over one view
        return agent
    inputs = network_inputs(agent.model, seen)
    assert inputs.shape == (5, n_inputs)
    with torch.no_grad():
        moves = policy_network(agent.model)(inputs).argmax(dim=1)
    np.testing.assert_array_equal(moves, agent.predict(seen)[0])
    return agent


@pytest.mark.parametrize("name", agent_names())
def test_every_agent_can_see_patterns_and_the_task(name, tmp_path):
    agent = assert_it_lives(name, *SEEN["pattern and cue"], tmp_path)
    if "rates" in agent.remedy.kept:
        assert agent.remedy.kept["rates"]["task1"].shape == (113,)
        assert agent.remedy.kept["rates"]["task1"][100:].sum() == 1, "the cue is always there"


@pytest.mark.parametrize("seen", ["pattern", "wide view", "last action", "small, sparse and dear"])
@pytest.mark.parametrize("name", ["ppo+distillation", "dqn+rehearsal", "qrdqn+ewc", "a2c+sleep"])
def test_so_it_is_with_views_of_any_shape(name, seen, tmp_path):
    assert_it_lives(name, *SEEN[seen], tmp_path)


def test_only_what_differs_from_the_default_is_said_in_the_file(tmp_path):
    for habitat, said in (
        (Habitat(), {"task_cue": False}),
        (Habitat(Senses("pattern", view=5)), {"observation": "pattern", "view": 5, "task_cue": False}),
        (Habitat(size=(20, 20)), {"size": [20, 20], "task_cue": False}),
    ):
        small_agent("a2c", habitat=habitat).save(tmp_path / "agent.pt")
        about = torch.load(tmp_path / "agent.pt", weights_only=True)["about"]
        assert {name: about[name] for name in Habitat().arguments() if name in about} == said


def test_a_callback_tests_in_the_same_habitat():
    habitat, _ = SEEN["pattern"]
    agent = small_agent("a2c", habitat=habitat)
    known = TaskEvaluation(["task1"], steps=100, seed=1, habitat=habitat)
    agent.learn_task("task1", 256, known)
    assert known.results[-1].counts == agent.evaluate("task1", 100, seed=1)
