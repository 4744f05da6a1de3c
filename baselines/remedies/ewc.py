"""Elastic weight consolidation: weights that mattered for earlier tasks are pulled back to what they were.

Kirkpatrick et al. (2017), Overcoming catastrophic forgetting in neural networks, PNAS 114: 3521. Online: Schwarz et al.
(2018), Progress & Compress, ICML, section 3.2.
"""

from typing import ClassVar

import torch
from torch import Tensor

from baselines.policy_network import aligned, policy_network
from baselines.remedies.contract import Pupil, Remedy
from baselines.remedies.fisher import policy_fisher


class ElasticWeights(Remedy):
    """EWC with a term for every earlier task: strength / 2 * sum over tasks k of F_k * (weight - weight_k)^2.

    Only two tensors a parameter are kept, however many tasks there were: as a function of the weight, the terms' sum is
    F * (weight - a)^2 plus a constant, with F the sum of all F_k and a the mean of all weight_k, weighed by F_k.

    Differs from the paper:

    1. F is that of the policy, log pi of moves it draws itself. The value function, which learning needs but acting
       does not, is not pulled.
    2. For DQN and QR-DQN, F is that of a normal distribution of variance 1 around Q, of all moves alike.
    3. No gains or biases belong to one task only; nobody tells the network which task it is in.
    4. The pull goes through Adam, which scales it together with the gradient of the loss.
    """

    name = "ewc"
    summary = "elastic weight consolidation: weights that mattered are pulled back, by a term for every earlier task"
    strength: ClassVar[float] = 1.0
    n_states: ClassVar[int] = 2048
    """States of every task that its Fisher information is measured on."""

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Measure how much each weight mattered here, and pull from now on."""
        weights = [parameter.detach().clone() for parameter in policy_network(agent.model).parameters()]
        fisher = policy_fisher(agent, tasks, self.n_states)
        if self.kept:
            fisher, weights = self.joined(self.kept["fisher"], self.kept["anchor"], fisher, weights)
        self.kept["fisher"], self.kept["anchor"] = fisher, weights
        strengths = [self.strength * information for information in fisher]
        agent.optimizer.pull(aligned(agent.model, weights), aligned(agent.model, strengths))

    def joined(
        self, fisher: list[Tensor], anchor: list[Tensor], new_fisher: list[Tensor], new_anchor: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """One F and one anchor a parameter, for those so far together with those of a new task."""
        total = [old + new for old, new in zip(fisher, new_fisher, strict=True)]
        mean = [
            old + torch.where(both > 0, share / both, 0.0) * (new - old)
            for old, new, share, both in zip(anchor, new_anchor, new_fisher, total, strict=True)
        ]
        return total, mean


class OnlineElasticWeights(ElasticWeights):
    """Online EWC: strength / 2 * F * (weight - weight at the end of the last task)^2, F <- decay * F + F of that task.

    Differs from the paper, besides what `ElasticWeights` says:

    1. One network learns and remembers; there is no second one to compress into.
    2. F is not normalised, so a task of which the policy is less sure weighs more.
    """

    name = "online-ewc"
    summary = "online EWC: one term, with a running Fisher information and the weights after the last task"
    decay: ClassVar[float] = 0.9

    def joined(
        self, fisher: list[Tensor], anchor: list[Tensor], new_fisher: list[Tensor], new_anchor: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """The running F, and the new anchor."""
        return [self.decay * old + new for old, new in zip(fisher, new_fisher, strict=True)], new_anchor
