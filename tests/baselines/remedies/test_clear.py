"""CLEAR: V-trace against its formula, what is kept of rollouts, and where replay pulls."""

import numpy as np
import pytest
import torch
from stable_baselines3.common.callbacks import BaseCallback

from baselines.remedies import clear
from baselines.remedies.clear import Clear, stretches, v_trace
from tests.baselines.small import small_agent


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def drawn(n, steps, seed=0):
    """Values, rewards, discounts with episodes that end, and ratios of n stretches."""
    draw = torch.Generator().manual_seed(seed)
    discounts = 0.9 * (torch.rand(n, steps, generator=draw) > 0.2)
    numbers = (torch.randn(n, steps + 1, generator=draw), torch.randn(n, steps, generator=draw))
    return *numbers, discounts, torch.randn(n, steps, generator=draw).exp()


def naive_v_trace(values, rewards, discounts, ratios, most_rho, most_c):
    """Espeholt et al. (2018), eq. 1, read aloud, of one stretch."""
    targets = []
    for s in range(len(rewards)):
        target = values[s]
        for t in range(s, len(rewards)):
            weight = 1.0
            for i in range(s, t):
                weight *= discounts[i] * min(most_c, ratios[i])
            delta = min(most_rho, ratios[t]) * (rewards[t] + discounts[t] * values[t + 1] - values[t])
            target += weight * delta
        targets.append(target)
    following = [*targets[1:], values[-1]]
    advantages = [
        min(most_rho, ratios[s]) * (rewards[s] + discounts[s] * following[s] - values[s]) for s in range(len(rewards))
    ]
    return targets, advantages


@pytest.mark.parametrize(("most_rho", "most_c"), [(1.0, 1.0), (2.0, 0.5), (100.0, 100.0)])
def test_v_trace_is_the_sum_in_the_paper(most_rho, most_c):
    given = drawn(20, 7)
    targets, advantages = v_trace(*given, most_rho=most_rho, most_c=most_c)
    for row in range(20):
        expected = naive_v_trace(*(each[row].tolist() for each in given), most_rho, most_c)
        np.testing.assert_allclose(targets[row], expected[0], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(advantages[row], expected[1], rtol=1e-4, atol=1e-4)


def test_on_policy_the_target_is_the_return_of_all_steps_that_follow():
    values, rewards, discounts, ratios = drawn(20, 7)
    targets, advantages = v_trace(values, rewards, discounts, torch.ones_like(ratios))
    returns = values[:, -1]
    for t in reversed(range(7)):
        returns = rewards[:, t] + discounts[:, t] * returns
        torch.testing.assert_close(targets[:, t], returns)
        torch.testing.assert_close(advantages[:, t], returns - values[:, t])


class AtTheEnd(BaseCallback):
    """Calls a function when a rollout is complete, before it is learned from."""

    def __init__(self, function):
        super().__init__()
        self._function = function

    def _on_step(self):
        return True

    def _on_rollout_end(self):
        self._function()


def test_stretches_are_what_the_rollout_was():
    agent = small_agent("ppo")

    def check():
        rollout = agent.model.rollout_buffer
        rollout.episode_starts[1:, ::3] = 1.0
        cut = stretches(rollout, 2, agent.model.policy)
        for row in range(64):
            world, steps = row // 2, slice(row % 2 * 2, row % 2 * 2 + 2)
            for name in ("observations", "rewards", "values"):
                np.testing.assert_array_equal(cut[name][row], getattr(rollout, name)[steps, world])
            moves = rollout.actions[steps, world, 0]
            np.testing.assert_array_equal(cut["actions"][row], moves)
            log_probabilities = cut["probabilities"][row][np.arange(2), moves.astype(int)].log()
            np.testing.assert_allclose(log_probabilities, rollout.log_probs[steps, world], rtol=1e-4, atol=1e-5)
            assert cut["ends"][row, 0] == rollout.episode_starts[steps.start + 1, world]

    agent.begin_task("task1")
    agent.learn(128, AtTheEnd(check))
    assert agent.model.num_timesteps == 128


def test_every_task_has_an_equal_share_and_all_together_never_exceed_the_capacity(monkeypatch):
    monkeypatch.setattr(clear, "CAPACITY", 300)
    agent = small_agent("a2c+clear")
    a_step = 49 + 1 + 4 + 1 + 4 + 8 * 4
    for n_tasks, task in enumerate(("task1", "task2", "h+v-"), start=1):
        agent.begin_task(task)
        for _ in range(4):
            agent.learn(128)
            steps = agent.bytes_kept // (4 * a_step + 4) * 4
            assert steps <= 300
        agent.end_task()
        sizes = [memory["rewards"].numel() for memory in agent.remedy.kept["earlier"].values()]
        assert sizes == [300 // n_tasks // 4 * 4] * n_tasks
    agent.begin_task("task1")  # it comes again: kept anew
    agent.learn(256)
    assert agent.bytes_kept // (4 * a_step + 4) * 4 <= 300
    agent.end_task()
    assert sorted(agent.remedy.kept["earlier"]) == ["h+v-", "task1", "task2"]


def test_a_sample_taken_on_the_way_is_one_taken_at_the_end_and_every_stretch_as_likely():
    draw = torch.Generator().manual_seed(0)
    tally = torch.zeros(50)
    for _ in range(2000):
        memory = {"rewards": torch.arange(50.0)[:, None].expand(50, 2), "keys": torch.rand(50, generator=draw)}
        on_the_way = {name: rows[:0] for name, rows in memory.items()}
        for some in range(0, 50, 10):
            more = {name: torch.cat([on_the_way[name], rows[some : some + 10]]) for name, rows in memory.items()}
            on_the_way = clear._sample(more, 17)
        assert torch.equal(on_the_way["keys"], clear._sample(memory, 17)["keys"])
        tally[on_the_way["rewards"][:, 0].long()] += 1
    expected = 2000 * 8 / 50
    chi_square = float(((tally - expected).square() / expected).sum())
    assert chi_square < 50 + 5 * np.sqrt(2 * 50)


def test_as_long_as_nothing_has_changed_nothing_is_cloned_and_learning_is_on_policy():
    agent = small_agent("ppo+clear")
    agent.remedy.policy_cloning = agent.remedy.value_cloning = 10.0
    losses = []

    def compare():
        model, cut = agent.model, stretches(agent.model.rollout_buffer, 4, agent.model.policy)
        losses.append(agent.remedy.replay_loss(cut).item())
        returns, actor, critic = cut["values"][:, 3], 0.0, 0.0
        of_moves = cut["probabilities"].log().gather(2, cut["actions"].long()[..., None])[..., 0]
        for t in (2, 1, 0):
            returns = cut["rewards"][:, t] + model.gamma * ~cut["ends"][:, t] * returns
            actor -= ((returns - cut["values"][:, t]) * of_moves[:, t]).mean() / 4
            critic += (returns - cut["values"][:, t]).square().mean() / 4
        entropy = -(cut["probabilities"] * cut["probabilities"].log()).sum(dim=2).mean()
        losses.append((actor + model.vf_coef * critic - model.ent_coef * entropy).item())

    agent.begin_task("task1")
    agent.learn(128, AtTheEnd(compare))
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)


def test_what_is_added_to_the_gradient_is_that_of_the_loss():
    agent = small_agent("a2c+clear")
    for task in ("task1", "task2"):
        agent.learn_task(task, 256)
    agent.remedy.weight = 2.0
    rows = torch.arange(clear.BATCH // 4) % sum(len(m["keys"]) for m in agent.remedy.kept["earlier"].values())
    policy = agent.model.policy
    policy.optimizer.zero_grad()
    (2.0 * agent.remedy.replay_loss(clear._rows(list(agent.remedy.kept["earlier"].values()), rows))).backward()
    expected = {name: parameter.grad.clone() for name, parameter in policy.named_parameters()}
    for parameter in policy.parameters():
        parameter.grad = torch.ones_like(parameter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "randint", lambda n, shape: rows)
        agent.remedy._add_gradient()
    for name, parameter in policy.named_parameters():
        torch.testing.assert_close(parameter.grad, 1.0 + expected[name], msg=name)


def test_a_strong_clone_keeps_the_policy_where_it_was(monkeypatch):
    def distance(weight):
        monkeypatch.setattr(Clear, "weight", weight)
        monkeypatch.setattr(Clear, "policy_cloning", 100.0)
        agent = small_agent("ppo+clear")
        agent.learn_task("task1", 256)
        agent.learn_task("n+v-", 2048)
        old = agent.remedy.kept["earlier"]["task1"]
        now = agent.model.policy.get_distribution(old["observations"].flatten(0, 1)).distribution.logits.detach()
        then = old["probabilities"].flatten(0, 1)
        return float((then * (then.log() - now)).sum(dim=1).mean())

    assert distance(1.0) < 0.3 * distance(0.0)
