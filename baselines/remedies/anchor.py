"""An L2 anchor: every weight of the policy is pulled back to where the last task left it, all equally.

The plain twin of elastic weight consolidation, and the control of Kirkpatrick et al. (2017), PNAS 114: 3521, figure 2.
"""

from typing import ClassVar

import torch

from baselines.policy_network import aligned, policy_network
from baselines.remedies.contract import Pupil, Remedy


class Anchor(Remedy):
    """strength / 2 * (weight - weight at the end of the last task)^2, for every weight of the policy.

    Differs from the paper:

    1. The value function is not pulled.
    2. The pull goes through Adam, which scales it together with the gradient of the loss.
    """

    name = "l2"
    summary = "L2 anchor: all weights of the policy are pulled back to where the last task left them"
    strength: ClassVar[float] = 0.001

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Pull to the weights as they are now."""
        weights = [parameter.detach().clone() for parameter in policy_network(agent.model).parameters()]
        self.kept["anchor"] = weights
        strengths = [torch.full_like(weight, self.strength) for weight in weights]
        agent.optimizer.pull(aligned(agent.model, weights), aligned(agent.model, strengths))
