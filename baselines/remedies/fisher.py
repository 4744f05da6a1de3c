"""How much each weight of a policy matters for what it does: the diagonal of its Fisher information, and the like."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap

from baselines.policy_network import chooses_by_value, network_inputs, policy_network
from baselines.remedies.contract import Pupil
from baselines.worlds import training_worlds

N_WORLDS = 64
STRIDE = 8
"""Moves between two states that are kept of one world: neighbours in time are nearly the same state."""

_STREAM = 0xF15  # keeps these random numbers apart from others that descend from an agent's seed
_AT_ONCE = 256  # samples whose gradients are in memory together

Score = Callable[[Tensor, Tensor], Tensor]
"""From one sample's outputs, float32[moves], and a move, int64[], to a number."""


def log_probability(logits: Tensor, move: Tensor) -> Tensor:
    """log pi(move)."""
    return torch.log_softmax(logits, dim=-1).gather(-1, move[None])[0]


def q_value(values: Tensor, move: Tensor) -> Tensor:
    """Q(move)."""
    return values.gather(-1, move[None])[0]


def policy_fisher(agent: Pupil, tasks: tuple[str, ...], n_states: int) -> list[Tensor]:
    """The diagonal of the Fisher information of an agent's policy on ``tasks``, one tensor a parameter.

    Of a Q network it is the Fisher information of a normal distribution around Q, of variance 1, with moves drawn
    evenly. Nothing of the agent changes, its random streams included.
    """
    inputs, moves = experience(agent, tasks, n_states)
    score = q_value if chooses_by_value(agent.model) else log_probability
    return mean_gradient_sizes(policy_network(agent.model), score, inputs, moves, size=torch.square)


def experience(agent: Pupil, tasks: tuple[str, ...], n_states: int) -> tuple[Tensor, Tensor]:
    """States that the agent comes to in ``tasks``, float32[n_states, inputs], and a move for each, int64[n_states].

    It acts, as it does while learning, in worlds of its own, from random streams of its own: equal for equal seeds and
    numbers of tasks begun. The moves are those of its policy; for Q networks they are drawn evenly.
    """
    model: Any = agent.model
    network = policy_network(model)
    world_seed, move_seed = np.random.SeedSequence(agent.seed, spawn_key=(_STREAM, agent.tasks_begun)).generate_state(2)
    draw = torch.Generator().manual_seed(int(move_seed))
    worlds = training_worlds(max(N_WORLDS, len(tasks)), tasks, agent.habitat)
    worlds.seed(int(world_seed >> 1))
    seen = worlds.reset()
    kept_inputs, kept_moves = [], []
    for step in range(STRIDE * -(-n_states // worlds.num_envs)):
        inputs = network_inputs(model, np.asarray(seen))
        with torch.no_grad():
            outputs = network(inputs)
        if chooses_by_value(model):
            evenly = torch.randint(outputs.shape[1], (len(outputs),), generator=draw)
            explores = torch.rand(len(outputs), generator=draw) < model.exploration_rate
            moves, judged = torch.where(explores, evenly, outputs.argmax(dim=1)), evenly
        else:
            moves = judged = torch.multinomial(torch.softmax(outputs, dim=1), 1, generator=draw)[:, 0]
        if step % STRIDE == STRIDE - 1:
            kept_inputs.append(inputs)
            kept_moves.append(judged)
        seen, _, _, _ = worlds.step(moves.numpy())
    return torch.cat(kept_inputs)[:n_states], torch.cat(kept_moves)[:n_states]


def mean_gradient_sizes(
    network: torch.nn.Module, score: Score, inputs: Tensor, moves: Tensor, *, size: Callable[[Tensor], Tensor]
) -> list[Tensor]:
    """Mean over samples of the ``size`` of each sample's own gradient of ``score``, one tensor a parameter."""
    weights = {name: parameter.detach() for name, parameter in network.named_parameters()}

    def of_one(weights: dict[str, Tensor], seen: Tensor, move: Tensor) -> Tensor:
        outputs: Tensor = functional_call(network, weights, (seen[None],))
        return score(outputs[0], move)

    of_each = vmap(grad(of_one), in_dims=(None, 0, 0))
    totals = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for some_inputs, some_moves in zip(inputs.split(_AT_ONCE), moves.split(_AT_ONCE), strict=True):
        for name, gradients in of_each(weights, some_inputs, some_moves).items():
            totals[name] += size(gradients).sum(dim=0)
    return [total / len(inputs) for total in totals.values()]
