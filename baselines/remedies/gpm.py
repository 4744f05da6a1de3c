"""Gradient projection: later tasks change the network only where the inputs of earlier ones do not feel it.

Saha, Garg, Roy (2021), Gradient projection memory for continual learning, ICLR, sections 4 and 5. With Adam: Wang, Li,
Sun, Xu (2021), Training networks in null space of feature covariance for continual learning (Adam-NSCL), CVPR.
"""

from typing import ClassVar

import torch
from torch import Tensor

from baselines.policy_network import policy_network
from baselines.remedies.contract import Pupil, Remedy
from baselines.remedies.fisher import experience

_NOTHING = 1e-12  # of the squares: rounding


class GradientProjection(Remedy):
    """Every change of a layer's weights is projected onto what is orthogonal to the kept bases of its inputs.

    After a task, for every layer: of its inputs X there, [n, inputs], what the basis M does not hold yet is X - X M M'.
    M is extended by the first right singular vectors of that, as few as are needed for all of M to hold ``share`` of
    the sum of squares of X. From then on a step changes the weights W by D - D M M' instead of D.

    Differs from the paper:

    1. Adam's change is projected, as in Adam-NSCL, not the gradient: after Adam's scaling a projected gradient would
       not be orthogonal to anything.
    2. An input that is always 1 stands for the bias; the paper's networks have none. No layer belongs to one task only.
    3. The value function is free.
    4. One ``share`` for all layers and tasks; the paper raises it from task to task.
    """

    name = "gpm"
    summary = "gradient projection memory: no step changes what layers make of the inputs of earlier tasks"
    share: ClassVar[float] = 0.95
    """PPO, 204,800 steps in each of h+n-, n+v-, v+h-, which it was shown, 2 seeds: mean intake on all three at the end
    was 8.0, 11.3, 9.1, 9.6, 7.4 with 0.9, 0.95, 0.97, 0.99, 0.999, and 3.4 without. On the last task
    alone it was 4.8, 4.9, 1.1, 0.9, -0.4, and 13.4. Views have many directions: after three tasks, of the 51 there
    are in the first layer's inputs, 0.9 holds 42 and 0.97 holds 49, so little is left to learn with."""
    n_states: ClassVar[int] = 2048
    """States of every task whose inputs to the layers are taken."""

    def attach(self, agent: Pupil) -> None:
        """Project from now on."""
        if self.kept:
            agent.optimizer.project(list(zip(_linear(agent), self.kept["bases"], strict=True)))

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Extend the bases to the inputs of this task."""
        inputs = layer_inputs(policy_network(agent.model), experience(agent, tasks, self.n_states)[0])
        bases = self.kept.get("bases") or [each.new_zeros(each.shape[1], 0) for each in inputs]
        self.kept["bases"] = [extended(*pair, self.share) for pair in zip(bases, inputs, strict=True)]
        self.attach(agent)


def layer_inputs(network: torch.nn.Module, seen: Tensor) -> list[Tensor]:
    """What each linear layer of a network without branches gets, with a 1 for the bias: float32[n, inputs + 1]."""
    found = []
    with torch.no_grad():
        for part in network.modules():
            if isinstance(part, torch.nn.Linear):
                found.append(torch.cat([seen, torch.ones(len(seen), 1)], dim=1))
            if not list(part.children()):
                seen = part(seen)
    return found


def extended(basis: Tensor, inputs: Tensor, share: float) -> Tensor:
    """``basis``, float32[inputs, m], and as few columns more as are needed to hold ``share`` of the squares of inputs.

    All columns are orthonormal; ``inputs`` is float32[n, inputs].
    """
    known, all_inputs = basis.double(), inputs.double()
    rest = all_inputs - all_inputs @ known @ known.T
    _, sizes, directions = torch.linalg.svd(rest, full_matrices=False)
    squares = sizes.square()
    total = all_inputs.square().sum()
    held = total - squares.sum() + torch.cat([squares.new_zeros(1), squares.cumsum(dim=0)])  # with 0, 1, 2 ... columns
    needed, there = int((held < share * total).sum()), int((squares > _NOTHING * total).sum())
    return torch.cat([known, directions[: min(needed, there)].T], dim=1).to(basis.dtype).contiguous()


def _linear(agent: Pupil) -> list[torch.nn.Linear]:
    return [part for part in policy_network(agent.model).modules() if isinstance(part, torch.nn.Linear)]
