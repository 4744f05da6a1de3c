"""Remedies against networks that can no longer learn: keep them close to how a network begins."""

from typing import ClassVar

import torch

from baselines.remedies.contract import FirstTask, Pupil, Remedy


class ShrinkPerturb(Remedy):
    """As every task but the first begins: weight <- ``shrink`` * weight + normal noise of deviation ``noise``.

    Ash & Adams (2020), On warm-starting neural network training, NeurIPS. It is meant for learning the new, not for
    keeping the old.

    Differs from the paper:

    1. It comes with every new task, not with every new batch of data.
    2. Adam's running means are not reset, and DQN's target network follows at its next update.
    """

    name = "shrink-perturb"
    summary = "shrink and perturb: when a task begins, all weights become smaller and noisy"
    shrink: ClassVar[float] = 0.8
    noise: ClassVar[float] = 0.01

    def begin_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Shrink and perturb everything that is learned."""
        if not agent.tasks_begun:
            return
        with torch.no_grad():
            for parameter in agent.optimizer.parameters():
                parameter.mul_(self.shrink).add_(torch.randn_like(parameter), alpha=self.noise)


class InitialPull(Remedy):
    """strength / 2 * (weight - weight at the beginning)^2, in every task, the first included.

    L2 Init: Kumar, Marklund, Van Roy (2023), Maintaining plasticity in continual learning via regenerative
    regularization, arXiv 2308.11958. It is meant for learning the new, not for keeping the old.

    Differs from the paper:

    1. The penalty is strength / 2 times the square, not strength times it.
    """

    name = "l2-init"
    summary = "L2 init: all weights are pulled to where they were before any learning"
    first_task = FirstTask.ACTS
    strength: ClassVar[float] = 1e-3

    def attach(self, agent: Pupil) -> None:
        """Pull to the weights as they are, unless they were kept before (then the optimiser knows)."""
        if self.kept:
            return
        self.kept["initial"] = [parameter.detach().clone() for parameter in agent.optimizer.parameters()]
        strengths = [torch.full_like(weight, self.strength) for weight in self.kept["initial"]]
        agent.optimizer.pull(self.kept["initial"], strengths)
