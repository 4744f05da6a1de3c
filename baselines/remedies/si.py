"""Synaptic intelligence: weights that did much for the fall of the loss are pulled back to what they were.

Zenke, Poole, Ganguli (2017), Continual learning through synaptic intelligence, ICML (PMLR 70: 3987), section 3.
"""

from typing import ClassVar

import torch
from torch import Tensor

from baselines.policy_network import aligned, policy_network
from baselines.remedies.contract import FirstTask, Pupil, Remedy


class SynapticIntelligence(Remedy):
    """strength / 2 * Omega * (weight - weight at the end of the last task)^2, with Omega from the path of learning.

    While a task is learned, omega sums -gradient * change of every step, so the sum over all weights is the fall of the
    loss (eq. 3). At its end, Omega <- Omega + max(omega, 0) / (change over the task^2 + damping) (eq. 5).

    Differs from the paper:

    1. The pull is strength / 2 times the square, not c times it: c = 0.1 there is 0.2 here.
    2. An omega below 0 counts as 0, task by task; in the authors' code the running sum is cut off at 0.
    3. The loss is that of reinforcement learning: it is about other data in every step, and its fall says less than
       with a fixed data set. The gradient is that of the whole loss as SB3 has clipped it, so it depends on the value
       function, too.
    4. The value function is not pulled.
    5. The pull goes through Adam, which scales it together with the gradient of the loss.
    """

    name = "si"
    summary = "synaptic intelligence: weights that did much for the fall of the loss are pulled back"
    first_task = FirstTask.WATCHES
    strength: ClassVar[float] = 1.0
    """PPO, 204,800 steps in each of h+n-, n+v-, v+h-, which it was shown, 2 seeds: mean intake on all three at the end
    was 4.3, 7.3, 7.2, 7.1 with 0.1, 1, 3, 10, and 3.4 without."""
    damping: ClassVar[float] = 0.001

    def __init__(self) -> None:
        super().__init__()
        self._path: list[Tensor | None] = []

    def attach(self, agent: Pupil) -> None:
        """Follow every step of the optimiser."""
        if not self.kept:
            weights = list(policy_network(agent.model).parameters())
            self.kept["importance"] = [torch.zeros_like(weight) for weight in weights]
            self._begin(weights)
        self._path = aligned(agent.model, self.kept["path"])  # the same tensors
        agent.optimizer.watch(self._follow)

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Turn the path into importance, pull from now on, and begin a new path."""
        weights = list(policy_network(agent.model).parameters())
        for total, path, weight, start in zip(
            self.kept["importance"], self.kept["path"], weights, self.kept["start"], strict=True
        ):
            total += path.clamp_min(0.0) / ((weight.detach() - start).square() + self.damping)
        self._begin(weights)
        self._path = aligned(agent.model, self.kept["path"])
        strengths = [self.strength * importance for importance in self.kept["importance"]]
        agent.optimizer.pull(aligned(agent.model, self.kept["start"]), aligned(agent.model, strengths))

    def _begin(self, weights: list[torch.nn.Parameter]) -> None:
        self.kept["path"] = [torch.zeros_like(weight) for weight in weights]
        self.kept["start"] = [weight.detach().clone() for weight in weights]

    def _follow(self, gradients: list[Tensor | None], changes: list[Tensor]) -> None:
        for path, gradient, change in zip(self._path, gradients, changes, strict=True):
            if path is not None and gradient is not None:
                path.addcmul_(gradient, change, value=-1.0)
