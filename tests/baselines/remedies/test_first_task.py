"""What remedies do in the first task is what they say: nothing at all, watch, or act."""

import hashlib

import numpy as np
import pytest
import torch
from same_files import assert_same_bytes
from stable_baselines3.common.callbacks import BaseCallback

from baselines import checkpoint
from baselines.agent import DeepAgent
from baselines.remedies import distillation, sleep
from baselines.remedies.contract import FirstTask, Remedy
from baselines.remedies.table import REMEDIES
from tests.baselines.small import WITH_REMEDIES, small_agent

STEPS = 256


class PathIntegral(Remedy):
    """Synaptic intelligence in miniature (Zenke et al. 2017): what each weight has contributed to the fall of the loss.

    It sums -gradient * change over the steps of the optimiser, and pulls by that after the first task.
    """

    name = "path-integral"
    summary = "sums what each weight has contributed to the fall of the loss"
    first_task = FirstTask.WATCHES

    def attach(self, agent):
        if "path" not in self.kept:
            self.kept["path"] = [torch.zeros_like(p) for p in agent.optimizer.parameters()]
        agent.optimizer.watch(self._add)

    def _add(self, gradients, changes):
        for total, gradient, change in zip(self.kept["path"], gradients, changes, strict=True):
            if gradient is not None:
                total.sub_(gradient * change)

    def end_task(self, agent, tasks):
        weights = [p.detach().clone() for p in agent.optimizer.parameters()]
        agent.optimizer.pull(weights, [total.clamp_min(0.0) for total in self.kept["path"]])


class Nudges(PathIntegral):
    """Says that it watches, but moves a weight."""

    name = "nudges"

    def _add(self, gradients, changes):
        super()._add(gradients, changes)
        self._weight.data.view(-1)[0] += 1e-6

    def attach(self, agent):
        super().attach(agent)
        self._weight = agent.optimizer.parameters()[0]


class Draws(PathIntegral):
    """Says that it watches, but draws one random number, of which nothing that is learned after it depends."""

    name = "draws"

    def callback(self, agent):
        class Drawing(BaseCallback):
            def _on_step(self):
                return True

            def _on_training_end(self):
                torch.rand(1)

        return Drawing()


class EndsBadly(PathIntegral):
    """Says that it watches, but shrinks the weights when the task ends."""

    name = "ends-badly"

    def end_task(self, agent, tasks):
        with torch.no_grad():
            for parameter in agent.model.policy.parameters():
                parameter.mul_(0.999)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    torch.set_num_threads(1)
    for kind in REMEDIES.values():
        if "n_states" in kind.settings():
            monkeypatch.setattr(kind, "n_states", 64)
    monkeypatch.setattr(distillation, "N_OBSERVATIONS", 200)
    monkeypatch.setattr(sleep, "N_STEPS", 10)
    for kind in (PathIntegral, Nudges, Draws, EndsBadly):
        monkeypatch.setitem(REMEDIES, kind.name, kind)


def digest(value):
    if isinstance(value, dict):
        return [(name, digest(part)) for name, part in value.items()]
    if isinstance(value, list | tuple):
        return [digest(part) for part in value]
    if isinstance(value, torch.Tensor | np.ndarray):
        return hashlib.sha256(np.asarray(value).tobytes()).hexdigest()
    return value


def state_of(agent):
    model = checkpoint.of_model(agent.model)
    return {
        "weights": digest(model.pop("policy")),
        "random numbers": digest([agent.streams.get_state(), model.pop("actions")]),
        "moves": digest([agent.worlds.get_state(), [model.get(part) for part in ("seen", "starts", "buffer")]]),
    }


def assert_the_first_task_is_plain(algorithm, remedy):
    """With the remedy, the first task is to the bit what it is without it; so are the weights once it has ended."""
    plain, helped = small_agent(algorithm), small_agent(f"{algorithm}+{remedy}")
    for agent in (plain, helped):
        agent.begin_task("task1")
        agent.learn(STEPS)
    expected, found = state_of(plain), state_of(helped)
    differing = [part for part in expected if expected[part] != found[part]]
    assert not differing, f"{helped.name} changes the first task's {', '.join(differing)}"
    for agent in (plain, helped):
        agent.end_task()
    assert state_of(plain)["weights"] == state_of(helped)["weights"], f"{helped.name} changes weights at its end"


def plain_at_first():
    """Every algorithm with every remedy that works with it and does not act in the first task."""
    kinds = [*REMEDIES.values(), PathIntegral]
    return [
        (algorithm, kind.name)
        for algorithm in WITH_REMEDIES
        for kind in kinds
        if kind.first_task is not FirstTask.ACTS and (not kind.algorithms or algorithm in kind.algorithms)
    ]


@pytest.mark.parametrize(("algorithm", "remedy"), plain_at_first())
def test_who_says_that_the_first_task_is_plain_leaves_it_so(algorithm, remedy):
    assert_the_first_task_is_plain(algorithm, remedy)


@pytest.mark.parametrize(
    ("liar", "what"),
    [
        (Nudges, "nudges changes the first task's weights"),
        (Draws, "draws changes the first task's random numbers"),
        (EndsBadly, "ends-badly changes weights at its end"),
    ],
)
@pytest.mark.parametrize("algorithm", WITH_REMEDIES)
def test_a_liar_is_caught(algorithm, liar, what):
    with pytest.raises(AssertionError, match=what):
        assert_the_first_task_is_plain(algorithm, liar.name)


@pytest.mark.parametrize("algorithm", WITH_REMEDIES)
def test_who_watches_has_seen_something_whether_or_not_it_was_interrupted(algorithm, tmp_path):
    agent = small_agent(f"{algorithm}+path-integral")
    agent.begin_task("task1")
    agent.learn(STEPS)
    agent.save(tmp_path / "middle.pt")
    loaded = DeepAgent.load(tmp_path / "middle.pt")
    for one, name in ((agent, "a.pt"), (loaded, "b.pt")):
        one.learn(STEPS)
        one.end_task()
        one.learn_task("task2", STEPS)
        one.save(tmp_path / name)
    assert_same_bytes(tmp_path / "a.pt", tmp_path / "b.pt")
    policy = agent.optimizer.parameters()
    assert agent.bytes_kept == sum(parameter.nbytes for parameter in policy)
    assert sum(total.sum() for total in agent.remedy.kept["path"]) > 0, "steps go down on the whole"


def test_who_watches_must_be_there_from_birth():
    agent = small_agent("a2c")
    agent.adopt("path-integral")
    agent.learn_task("task1", STEPS)
    assert agent.name == "a2c+path-integral"
    late = small_agent("a2c")
    late.learn_task("task1", STEPS)
    with pytest.raises(
        ValueError,
        match=r"'path-integral' watches the first task, .* make the agent with it: DeepAgent\('a2c', 'path-integral'",
    ):
        late.adopt("path-integral")
    assert late.name == "a2c"
