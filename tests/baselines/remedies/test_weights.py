"""Remedies that act on the weights themselves: freezing, shrinking and perturbing, the pull to the beginning."""

import pytest
import torch

from baselines.agent import DeepAgent
from baselines.remedies.freezing import Freezing, strongest
from baselines.remedies.initial import InitialPull, ShrinkPerturb

SMALL = {"n_steps": 8, "batch_size": 64, "n_epochs": 1}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def learned(agent):
    return {name: parameter.detach().clone() for name, parameter in agent.model.policy.named_parameters()}


def test_the_strongest_of_the_free_are_chosen_row_by_row():
    weight = torch.tensor([[0.1, -4.0, 2.0, 3.0, 0.0], [9.0, 8.0, -7.0, 6.0, 5.0]])
    free = torch.tensor([[True, True, True, False, True], [True, False, False, True, True]])
    chosen = strongest(weight, free, 0.5)
    assert chosen.tolist() == [[False, True, True, False, False], [True, False, False, True, False]]
    assert not strongest(weight, ~torch.ones_like(free), 1.0).any()
    assert torch.equal(strongest(torch.zeros(2, 5), free, 1.0), free)


def test_what_is_frozen_stays_and_more_is_frozen_after_every_task():
    agent = DeepAgent("ppo", "freeze", seed=3, settings=SMALL)
    agent.learn_task("task1", 256)
    after_first = learned(agent)
    first = [mask.clone() for mask in agent.remedy.kept["held"]]
    agent.learn_task("task2", 256)
    after_second = learned(agent)
    second = agent.remedy.kept["held"]
    names = [name for name in after_first if name.startswith(("mlp_extractor.policy_net", "action_net"))]
    for name, mask, grown in zip(names, first, second, strict=True):
        assert torch.equal(after_first[name][mask], after_second[name][mask])
        assert (after_first[name] != after_second[name])[~mask].float().mean() > 0.5
        assert not (mask & ~grown).any()
        if mask.ndim == 2:
            inputs = mask.shape[1]
            free = inputs - round(Freezing.share * inputs)
            assert (mask.sum(dim=1) == inputs - free).all()
            assert (grown.sum(dim=1) == inputs - free + round(Freezing.share * free)).all()
            assert after_first[name].abs()[mask].mean() > after_first[name].abs()[~mask].mean()
        else:
            assert not grown.any()
    assert agent.bytes_kept == sum(mask.numel() for mask in second)


def test_weights_shrink_and_become_noisy_when_a_task_begins_but_not_the_first():
    agent = DeepAgent("ppo", "shrink-perturb", seed=3, settings=SMALL)
    born = learned(agent)
    agent.begin_task("task1")
    assert all(torch.equal(born[name], now) for name, now in learned(agent).items())
    agent.learn(256)
    agent.end_task()
    before = learned(agent)
    agent.begin_task("task2")
    noise = torch.cat([(now - ShrinkPerturb.shrink * before[name]).flatten() for name, now in learned(agent).items()])
    assert abs(noise.mean().item()) < 4 * ShrinkPerturb.noise / len(noise) ** 0.5
    assert abs(noise.std().item() / ShrinkPerturb.noise - 1) < 4 / (2 * len(noise)) ** 0.5
    assert agent.bytes_kept == 0


def test_the_pull_to_the_beginning_reaches_every_weight_in_every_task():
    agent = DeepAgent("ppo", "l2-init", seed=3, settings=SMALL)
    born = learned(agent)
    agent.learn_task("task1", 256)
    agent.learn_task("task2", 256)
    for name, parameter in agent.model.policy.named_parameters():
        state = agent.optimizer.state[parameter]
        assert torch.equal(state["anchor"], born[name])
        assert (state["strength"] == InitialPull.strength).all()
    assert agent.bytes_kept == sum(weight.nbytes for weight in born.values())
