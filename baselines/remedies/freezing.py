"""Freezing: the strongest weights of every unit stay as they are once a task is over.

Golden et al. (2022), PLoS Comput Biol 18(11): e1010628, supplement: after a task, the strongest share of the synapses
to every output neuron is frozen, as a control for sleep.
"""

from typing import ClassVar

import torch
from torch import Tensor

from baselines.policy_network import aligned, policy_network
from baselines.remedies.contract import Pupil, Remedy


class Freezing(Remedy):
    """At the end of a task, ``share`` of each unit's input weights that are still free are held for ever.

    Differs from the paper:

    1. Strong is what is far from zero: weights have two signs here.
    2. All layers are held, since all layers learn. In the paper only one does.
    3. It goes on with every further task, where the paper has only two.
    4. Biases, which the paper's neurons lack, stay free, and so does the value function.
    """

    name = "freeze"
    summary = "freezing: the strongest weights into every unit are held once a task is over"
    share: ClassVar[float] = 0.3

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Hold the strongest of the weights that are still free."""
        weights = [parameter.detach() for parameter in policy_network(agent.model).parameters()]
        held = self.kept.get("held") or [torch.zeros_like(weight, dtype=torch.bool) for weight in weights]
        self.kept["held"] = [
            mask | strongest(weight, ~mask, self.share) if weight.ndim == 2 else mask
            for weight, mask in zip(weights, held, strict=True)
        ]
        agent.optimizer.hold(aligned(agent.model, self.kept["held"]))


def strongest(weight: Tensor, free: Tensor, share: float) -> Tensor:
    """Which elements of ``weight``, float32[units, inputs], are the largest in size among the ``free`` of their row.

    ``share`` of each row's free elements, rounded to the nearest number of them: bool[units, inputs].
    """
    size = torch.where(free, weight.abs(), -1.0)
    rank = size.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    wanted = (share * free.sum(dim=1, keepdim=True)).round()
    return rank < wanted
