"""`Clear`: short stretches of earlier tasks are learned from again, off-policy, and what was done there is cloned.

D. Rolnick, A. Ahuja, J. Schwarz, T. Lillicrap, G. Wayne (2019), Experience replay for continual learning, NeurIPS,
section 3. V-trace: L. Espeholt et al. (2018), IMPALA, ICML, section 4.

204,800 steps in each of h+n-, n+v- and v+h-, which the agents were shown, 2 seeds; intake at the end:

=========  ======  ==================  =================  =====  ======  =====  =====
algorithm  weight  ``policy_cloning``  ``value_cloning``  first  second  third  mean
=========  ======  ==================  =================  =====  ======  =====  =====
PPO        (none)                                         -5.0   1.6     13.4   3.4
PPO        1       0                   0                  1.4    8.3     7.2    5.6
PPO        1       0.01                0.005              8.8    8.4     14.0   10.4
PPO        1       0.1                 0.005              15.0   11.5    17.4   14.6
PPO        1       0.1                 0.05               16.4   12.3    17.6   15.4
PPO        1       0.3                 0.05               15.6   9.9     17.3   14.2
PPO        1       1                   0.5                15.0   5.3     15.4   11.9
PPO        0.3     0.01                0.005              4.1    4.5     14.0   7.5
PPO        3       0.01                0.005              10.5   10.8    13.6   11.6
A2C        (none)                                         -1.8   0.0     4.0    0.7
A2C        1       0.1                 0.05               14.6   10.4    14.6   13.2
=========  ======  ==================  =================  =====  ======  =====  =====
"""

from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from stable_baselines3.common.callbacks import BaseCallback
from torch import Tensor

from baselines.remedies.contract import FirstTask, Pupil, Remedy

CAPACITY = 10_000
"""Transitions kept of all tasks together, the present one included."""

UNROLL = 16
"""Steps of one stretch, unless rollouts are shorter. The last one only lends its value to those before it."""

BATCH = 256
"""Steps replayed beside one gradient step."""

_STREAM = 0xC1EA  # keeps these random numbers apart from others that descend from an agent's seed
_LEAST = 1e-8  # probability, so that its logarithm is finite

Memory = dict[str, Tensor]
"""Stretches, one a row: ``observations`` [n, UNROLL, ...], as worlds show them; ``actions`` uint8, ``rewards`` float32,
``ends`` bool (of an episode, after this step), ``values`` float32: [n, UNROLL]; the behaviour's ``probabilities``
float32[n, UNROLL, moves]; and ``keys`` float32[n], random: the smallest stay."""


class Clear(Remedy):
    """CLEAR: every gradient step also learns from stretches of earlier tasks, by V-trace and cloning.

    The agent's own rollouts are cut into stretches of 16 steps, of which a uniform sample is kept, 10,000 steps in all,
    equally many of every task. To every gradient, once SB3 has clipped it, ``weight`` times that of this loss is added,
    the mean over steps of stretches drawn evenly from earlier tasks:

    - V-trace's losses (`v_trace`): -log pi(move) * its advantage, and, weighed as the algorithm weighs them, the
      squared distance of the value from its target, and minus the entropy;
    - ``policy_cloning`` * KL(policy then || policy now);
    - ``value_cloning`` * (value then - value now)^2.

    Differs from the paper:

    1. What is new is learned by the algorithm as it is, PPO or A2C; in the paper by V-trace, too.
    2. Only earlier tasks are replayed, and every task has an equal share of the memory, so it is told when a task ends.
       In the paper all of the past is one memory, the present included. A task met again is kept anew.
    3. Cloning weighs ten times as much as in the paper (table above). Losses are means over steps, in the paper sums.
    4. Where an episode was cut off, SB3 has added the value of what would have come to the last reward: that of then.
    """

    name = "clear"
    summary = "CLEAR: stretches of earlier tasks are learned from again by V-trace, and cloned"
    algorithms = ("ppo", "a2c")
    first_task = FirstTask.WATCHES
    weight: ClassVar[float] = 1.0
    """Of what is replayed, beside what is new."""
    policy_cloning: ClassVar[float] = 0.1
    value_cloning: ClassVar[float] = 0.05

    def __init__(self) -> None:
        super().__init__()
        self._model: Any = None

    def attach(self, agent: Pupil) -> None:
        """Replay before every step of the optimiser."""
        self._model = agent.model
        agent.optimizer.teach(self._add_gradient)

    def begin_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Make room for one more task."""
        earlier: dict[str, Memory] = self.kept.setdefault("earlier", {})
        self.kept["share"] = CAPACITY // (len(earlier) + 1)
        for name, memory in earlier.items():
            earlier[name] = _sample(memory, self.kept["share"])

    def callback(self, agent: Pupil) -> BaseCallback:
        """Keeps stretches of every rollout."""
        return _Keeping(self, agent)

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """What was kept of it is from now on of an earlier task."""
        if "present" in self.kept:
            self.kept["earlier"]["+".join(tasks)] = self.kept.pop("present")

    def keep(self, agent: Pupil) -> None:
        """Add the rollout under way to the sample of the present task."""
        rollout: Any = agent.model.rollout_buffer  # type: ignore[attr-defined]
        random = np.random.default_rng([agent.seed, _STREAM, agent.model.num_timesteps])
        new = stretches(rollout, min(UNROLL, rollout.buffer_size), agent.model.policy)
        new["keys"] = torch.from_numpy(random.random(len(new["rewards"]), dtype=np.float32))
        present: Memory | None = self.kept.get("present")
        both = new if present is None else {name: torch.cat([present[name], new[name]]) for name in new}
        self.kept["present"] = _sample(both, self.kept["share"])

    def replay_loss(self, replayed: Memory) -> Tensor:
        """What is descended on these stretches, before ``weight``."""
        model, policy = self._model, self._model.policy
        n, steps = replayed["rewards"].shape
        seen = replayed["observations"].flatten(0, 1)
        now = policy.get_distribution(seen).distribution
        values = policy.predict_values(seen).view(n, steps)
        logits, moves = now.logits.view(n, steps, -1), replayed["actions"].long()[..., None]
        then = replayed["probabilities"].clamp_min(_LEAST).log()
        log_pi = logits.gather(2, moves)[..., 0]
        cloned = (replayed["probabilities"] * (then - logits)).sum(dim=2).mean()
        values_cloned = (replayed["values"] - values).square().mean()
        entropy = now.entropy().mean()
        with torch.no_grad():
            traced = v_trace(
                values,
                replayed["rewards"][:, :-1],
                model.gamma * ~replayed["ends"][:, :-1],
                (log_pi - then.gather(2, moves)[..., 0]).exp()[:, :-1],
            )
        actor = -(traced.advantages * log_pi[:, :-1]).sum() / (n * steps)
        critic = (traced.targets - values[:, :-1]).square().sum() / (n * steps)
        learned = actor + model.vf_coef * critic - model.ent_coef * entropy
        return learned + self.policy_cloning * cloned + self.value_cloning * values_cloned

    def _add_gradient(self) -> None:
        earlier: list[Memory] = list(self.kept.get("earlier", {}).values())
        if not earlier:
            return
        steps = earlier[0]["rewards"].shape[1]
        replayed = _rows(earlier, torch.randint(sum(len(memory["keys"]) for memory in earlier), (BATCH // steps,)))
        parameters = list(self._model.policy.parameters())
        gradients = torch.autograd.grad(self.weight * self.replay_loss(replayed), parameters, allow_unused=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if gradient is not None and parameter.grad is not None:
                parameter.grad.add_(gradient)


class Traced(NamedTuple):
    """What V-trace makes of n stretches of T + 1 steps."""

    targets: Tensor  # float32[n, T], of the value function
    advantages: Tensor  # float32[n, T], of the moves made


def v_trace(
    values: Tensor, rewards: Tensor, discounts: Tensor, ratios: Tensor, *, most_rho: float = 1.0, most_c: float = 1.0
) -> Traced:
    """V-trace, Espeholt et al. (2018), eq. 1, by the recursion of its remark 1, and the advantages of section 4.2.

    With rho_t = min(``most_rho``, ratio_t) and c_t = min(``most_c``, ratio_t)::

        target_t = V_t + rho_t (r_t + gamma_t V_t+1 - V_t) + gamma_t c_t (target_t+1 - V_t+1)
        advantage_t = rho_t (r_t + gamma_t target_t+1 - V_t)

    ``values`` float32[n, T + 1], the last of them the target of a step that is not learned from; ``rewards``,
    ``discounts`` (0 where an episode ends) and ``ratios`` pi(move) / mu(move): float32[n, T].
    """
    rho, c = ratios.clamp_max(most_rho), ratios.clamp_max(most_c)
    surprises = rho * (rewards + discounts * values[:, 1:] - values[:, :-1])
    targets = values.clone()
    for t in reversed(range(rewards.shape[1])):
        beyond = targets[:, t + 1] - values[:, t + 1]
        targets[:, t] = values[:, t] + surprises[:, t] + discounts[:, t] * c[:, t] * beyond
    advantages = rho * (rewards + discounts * targets[:, 1:] - values[:, :-1])
    return Traced(targets[:, :-1], advantages)


def stretches(rollout: Any, steps: int, policy: Any) -> Memory:
    """All stretches of ``steps`` steps in SB3's rollout buffer, without keys; what is left over at its end is not."""
    n_each = rollout.buffer_size // steps
    ends = np.zeros((rollout.buffer_size, rollout.n_envs), dtype=bool)
    ends[:-1] = rollout.episode_starts[1:] > 0  # after the last step nobody asks
    with torch.no_grad():
        seen = torch.from_numpy(rollout.observations.reshape(-1, *rollout.obs_shape))
        probabilities = policy.get_distribution(seen).distribution.probs

    def cut(array: np.ndarray) -> Tensor:
        by_world = array[: n_each * steps].swapaxes(0, 1)
        return torch.from_numpy(by_world.reshape(rollout.n_envs * n_each, steps, *array.shape[2:]).copy())

    return {
        "observations": cut(rollout.observations),
        "actions": cut(rollout.actions[..., 0].astype(np.uint8)),
        "rewards": cut(rollout.rewards),
        "ends": cut(ends),
        "values": cut(rollout.values),
        "probabilities": cut(probabilities.view(rollout.buffer_size, rollout.n_envs, -1).numpy()),
    }


def _sample(memory: Memory, most_steps: int) -> Memory:
    """A uniform sample of at most so many steps: the stretches with the smallest keys, in the order they are in."""
    most = most_steps // memory["rewards"].shape[1]
    if len(memory["keys"]) <= most:
        return memory
    chosen = memory["keys"].argsort(stable=True)[:most].sort().values
    return {name: rows[chosen] for name, rows in memory.items()}


def _rows(memories: list[Memory], chosen: Tensor) -> Memory:
    """The rows of these numbers, counted through all memories."""
    sizes = torch.tensor([len(memory["keys"]) for memory in memories])
    before = sizes.cumsum(dim=0) - sizes
    parts = [
        {name: rows[chosen[(chosen >= first) & (chosen < first + n)] - first] for name, rows in memory.items()}
        for memory, first, n in zip(memories, before, sizes, strict=True)
    ]
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


class _Keeping(BaseCallback):
    """Keeps stretches of every rollout, before it is learned from."""

    def __init__(self, remedy: Clear, agent: Pupil) -> None:
        super().__init__()
        self._remedy = remedy
        self._agent = agent

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        self._remedy.keep(self._agent)
