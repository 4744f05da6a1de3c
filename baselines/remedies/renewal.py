"""Parts of a network as they were before any learning: the layers of a model's networks, and fresh ones for them."""

from typing import Any

import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import ActorCriticPolicy

from baselines.policy_network import policy_network

_HIDDEN_GAIN, _ACTION_GAIN, _VALUE_GAIN = 2**0.5, 0.01, 1.0  # SB3's, of actors and critics


def learned_networks(model: BaseAlgorithm) -> list[torch.nn.Sequential]:
    """The policy network and, of actor-critics, the value network, from flat observations; they share no layer."""
    policy: Any = model.policy
    networks = [policy_network(model)]
    if isinstance(policy, ActorCriticPolicy):
        networks.append(torch.nn.Sequential(policy.mlp_extractor.value_net, policy.value_net))
    return networks


def linear_layers(network: torch.nn.Module) -> list[torch.nn.Linear]:
    """Its linear layers, from the inputs on."""
    return [part for part in network.modules() if isinstance(part, torch.nn.Linear)]


def target_head(model: BaseAlgorithm) -> torch.nn.Linear | None:
    """The last layer of the target network; None where there is no such network."""
    policy: Any = model.policy
    for name in ("q_net", "quantile_net"):
        if hasattr(policy, f"{name}_target"):
            return linear_layers(getattr(getattr(policy, f"{name}_target"), name))[-1]
    return None


def fresh(model: BaseAlgorithm, layer: torch.nn.Linear) -> torch.nn.Linear:
    """A layer like that one of ``model``, as SB3 begins with it; it is drawn from torch's global generator."""
    new = torch.nn.Linear(layer.in_features, layer.out_features)
    policy: Any = model.policy
    if isinstance(policy, ActorCriticPolicy) and policy.ortho_init:
        gains = {policy.action_net: _ACTION_GAIN, policy.value_net: _VALUE_GAIN}
        policy.init_weights(new, gain=gains.get(layer, _HIDDEN_GAIN))
    return new
