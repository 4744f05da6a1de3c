"""ReDo: hidden units that hardly ever speak are recycled.

Sokar, Agarwal, Castro & Evci (2023), The dormant neuron phenomenon in deep reinforcement learning, ICML.
"""

from typing import Any, ClassVar

import numpy as np
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from torch import Tensor

from baselines.policy_network import network_inputs
from baselines.remedies.contract import FirstTask, Pupil, Remedy
from baselines.remedies.renewal import fresh, learned_networks, linear_layers


class RecycledUnits(Remedy):
    """Every ``every`` steps of the optimiser, each hidden unit i of a layer with a score at or below ``threshold``::

        score_i = E|h_i| / mean over the layer's units j of E|h_j|         E: over observations of the present

    gets incoming weights and a bias as before any learning, and outgoing weights of 0 (definition 3.1 and algorithm 1);
    Adam's running means of both begin anew. It is meant for learning the new, not for keeping the old. The policy
    network (the Q network) and an actor-critic's value network are looked after; ``kept["recycled"]`` counts the units.

    PPO with the task shown, three tasks of 204,800 steps, two seeds: 9% of the units are dormant when it looks. Intake
    right after the second and the third task is 17.4 and 15.4, 16.8 and 13.4; without it 17.2 and 13.2, 15.3 and 14.1.

    Differs from the paper:

    1. It happens at the end of the rollout in which the steps are full, just before the next gradient step.
    2. The observations are, of PPO and A2C, those of that rollout; of DQN, a batch from the replay buffer, as there.
    3. A layer that is silent as a whole is recycled as a whole.
    4. The count of steps by which Adam corrects its means goes on, since it is one for a whole weight matrix.
    5. DQN's target network follows at its next update.
    """

    name = "redo"
    summary = "ReDo: hidden units that are dormant are recycled now and then"
    first_task = FirstTask.ACTS
    every: ClassVar[int] = 200
    """There 1,000, of many more: PPO makes 800 steps in 204,800 of the environment."""
    threshold: ClassVar[float] = 0.1
    n_states: ClassVar[int] = 1024

    def attach(self, agent: Pupil) -> None:
        """Count the steps of the optimiser."""
        for name in ("steps", "looked_at", "recycled"):
            self.kept.setdefault(name, 0)
        agent.optimizer.teach(self._count)

    def callback(self, agent: Pupil) -> BaseCallback | None:
        """Recycles between rollouts and updates."""
        return _Recycling(self, agent)

    def recycle_if_due(self, agent: Pupil) -> None:
        """Recycle what is dormant, if enough steps have passed since that was done."""
        if self.kept["steps"] - self.kept["looked_at"] < self.every:
            return
        self.kept["looked_at"] = self.kept["steps"]
        inputs = network_inputs(agent.model, _present_observations(agent, self.n_states))
        for network in learned_networks(agent.model):
            self.kept["recycled"] += self.recycle(agent, linear_layers(network), inputs)

    @torch.no_grad()
    def recycle(self, agent: Pupil, layers: list[torch.nn.Linear], inputs: Tensor) -> int:
        """Recycle the units of a perceptron that are dormant on ``inputs``; how many they were."""
        silent = dormant(layers, inputs, self.threshold)
        for layer, units in zip(layers, silent, strict=False):  # the last layer's units are outputs
            if units.any():
                new = fresh(agent.model, layer)
                layer.weight[units], layer.bias[units] = new.weight[units], new.bias[units]
                agent.optimizer.restart(layer.weight, units[:, None].expand_as(layer.weight))
                agent.optimizer.restart(layer.bias, units)
        for above, units in zip(layers[1:], silent, strict=True):
            above.weight[:, units] = 0.0
            agent.optimizer.restart(above.weight, units.expand_as(above.weight))
        return sum(int(units.sum()) for units in silent)

    def _count(self) -> None:
        self.kept["steps"] += 1


class _Recycling(BaseCallback):
    """Looks for dormant units when a rollout is complete: what was seen in it is there, and no gradient is."""

    def __init__(self, remedy: RecycledUnits, agent: Pupil) -> None:
        super().__init__()
        self._remedy = remedy
        self._agent = agent

    def _on_rollout_end(self) -> None:
        self._remedy.recycle_if_due(self._agent)

    def _on_step(self) -> bool:
        return True


@torch.no_grad()
def dormant(layers: list[torch.nn.Linear], inputs: Tensor, threshold: float) -> list[Tensor]:
    """Which hidden units of a rectified perceptron are dormant on ``inputs``: bool[units] of every hidden layer."""
    silent, activity = [], inputs
    for layer in layers[:-1]:
        activity = torch.relu(layer(activity))
        mean = activity.mean(dim=0)
        silent.append(mean <= threshold * mean.mean())
    return silent


def _present_observations(agent: Pupil, n: int) -> np.ndarray:
    """About ``n`` observations: of the rollout that is complete, or as the replay buffer draws them."""
    model: Any = agent.model
    if isinstance(agent.model, OffPolicyAlgorithm):
        return np.asarray(model.replay_buffer.sample(n).observations)
    seen = model.rollout_buffer.observations  # [steps, worlds, ...]
    some = seen[:: max(1, seen.shape[0] * seen.shape[1] // n)]
    return some.reshape(-1, *seen.shape[2:])
