"""The part of a model that chooses moves, apart from what only judges them: observations in, one number a move out."""

from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from torch import Tensor


class _MeanOfQuantiles(torch.nn.Module):
    """From float32[n, quantiles * moves], quantile by quantile, to float32[n, moves]."""

    def __init__(self, n_quantiles: int) -> None:
        super().__init__()
        self.n_quantiles = n_quantiles

    def forward(self, quantiles: Tensor) -> Tensor:
        return quantiles.unflatten(1, (self.n_quantiles, -1)).mean(dim=1)


def chooses_by_value(model: BaseAlgorithm) -> bool:
    """Whether the network's outputs are Q values (DQN, QR-DQN); else they are the logits of a policy."""
    return isinstance(model, OffPolicyAlgorithm)


def policy_network(model: BaseAlgorithm) -> torch.nn.Sequential:
    """The network from flat observations, float32[n, inputs], to logits or Q values, float32[n, moves].

    Its parameters are the model's own. A value function and a target network are no part of it.
    """
    policy: Any = model.policy
    if not chooses_by_value(model):
        return torch.nn.Sequential(policy.mlp_extractor.policy_net, policy.action_net)
    if hasattr(policy, "quantile_net"):
        net = policy.quantile_net
        return torch.nn.Sequential(net.quantile_net, _MeanOfQuantiles(net.n_quantiles))
    return torch.nn.Sequential(policy.q_net.q_net)


def network_inputs(model: BaseAlgorithm, observations: np.ndarray) -> Tensor:
    """Observations as `policy_network` takes them: float32[n, inputs]."""
    policy: Any = model.policy
    seen, _ = policy.obs_to_tensor(observations)
    part = getattr(policy, "quantile_net", None) or getattr(policy, "q_net", None) or policy
    with torch.no_grad():
        flat: Tensor = part.extract_features(seen, part.features_extractor)
    return flat


def aligned(model: BaseAlgorithm, per_parameter: list[Tensor]) -> list[Tensor | None]:
    """``per_parameter``, one for each parameter of `policy_network`, in the optimiser's order; None for all others."""
    policy: Any = model.policy
    places = {id(p): place for place, p in enumerate(policy_network(model).parameters())}
    order = [p for group in policy.optimizer.param_groups for p in group["params"]]
    return [per_parameter[places[id(p)]] if id(p) in places else None for p in order]
