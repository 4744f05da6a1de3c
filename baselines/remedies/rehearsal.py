"""`Rehearsal`: part of every batch comes from earlier tasks.

R. Ratcliff 1990, Psychol Rev 97: 285; A. Robins 1995, Connection Science 7: 123. For reinforcement learning: D. Isele
and A. Cosgun 2018, Selective Experience Replay for Lifelong Learning (AAAI), whose "distribution matching" keeps a
uniform sample of everything, and Rolnick et al. 2019, Experience Replay for Continual Learning (NeurIPS).

DQN, 100,000 steps in each task of ``paper``, one network, intake: the first task falls from 20.0 to 11.1 during the
second without it, to 15.9 with it; the second reaches 17.1 without it, 14.5 with it. In ``cycle`` DQN, with and without
it, hardly eats in the second and third task (0.1 and less after 100,000 steps).
"""

from typing import Any, ClassVar

import numpy as np
import torch
from stable_baselines3.common.buffers import NStepReplayBuffer
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.type_aliases import ReplayBufferSamples
from stable_baselines3.common.vec_env import VecNormalize
from torch import Tensor

from baselines.remedies.contract import Pupil, Remedy, size_of

_ARRAYS = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")

Pool = dict[str, Tensor]
"""Transitions of earlier tasks: the fields of SB3's samples, each [n, ...], and ``task`` int16[n], which."""


class RehearsalBuffer(NStepReplayBuffer):
    """A ring whose batches hold a share of ``pool``; without one it draws what SB3's buffer draws, to the bit.

    With ``n_steps=1`` it is SB3's `ReplayBuffer`.
    """

    pool: Pool | None = None
    share: float = 0.5

    @classmethod
    def in_place_of(cls, model: OffPolicyAlgorithm) -> "RehearsalBuffer":
        """A buffer with the arrays of the one that ``model`` has, and its n steps and discount."""
        old: Any = model.replay_buffer
        new = cls(
            1,
            old.observation_space,
            old.action_space,
            device=old.device,
            n_envs=old.n_envs,
            handle_timeout_termination=old.handle_timeout_termination,
            n_steps=getattr(old, "n_steps", 1),
            gamma=model.gamma,
        )
        new.buffer_size, new.pos, new.full = old.buffer_size, old.pos, old.full
        for name in _ARRAYS:
            setattr(new, name, getattr(old, name))
        return new

    def sample(self, batch_size: int, env: VecNormalize | None = None) -> ReplayBufferSamples:
        """A batch; the last ``round(share * batch_size)`` are of earlier tasks, each kept transition as likely."""
        if self.pool is None:
            return super().sample(batch_size, env)
        n_old = round(self.share * batch_size)
        fresh: Any = super().sample(batch_size - n_old, env)
        chosen = torch.from_numpy(np.random.randint(0, len(self.pool["task"]), size=n_old))  # noqa: NPY002  as SB3
        old = (self.pool[field][chosen] for field in fresh._fields)
        return ReplayBufferSamples(*(torch.cat(pair) for pair in zip(fresh, old, strict=True)))

    def latest(self, n_rows: int, size: int) -> Pool:
        """``size`` transitions out of the last ``n_rows`` steps of all worlds, drawn as SB3 draws: with replacement."""
        rows = (self.pos - n_rows + np.random.randint(0, n_rows, size=size)) % self.buffer_size  # noqa: NPY002  as SB3
        samples: Any = self._get_samples(rows)
        return samples._asdict()


class Rehearsal(Remedy):
    """Half of every batch is drawn from earlier tasks, of which 10,000 transitions are kept, equally many of each.

    After a task its share is drawn uniformly from what the replay buffer holds of it; what is kept of older tasks is
    thinned out at random, so every task's remains a uniform sample. What is kept of a task that comes again is drawn
    anew. The replay buffer itself goes on over a change of task: for as many steps as it is long, its half of the
    batch still holds some of the task before, as with plain DQN.

    Differs from the paper:

    1. Isele & Cosgun put transitions into the memory as they come, by random keys. Here they are drawn after the task,
       so of a task that is longer than the replay buffer only its end is kept; but tasks need not be equally long.
    2. The share of the batch is fixed (Rolnick et al. use half, too). Isele & Cosgun draw from both as from one.
    3. Rolnick et al. learn from the memory off-policy, with an actor and a critic, and clone them; here it is
       Q-learning, as from fresh transitions.
    4. Transitions are kept as batches hold them, so with returns over n steps, those are kept.
    """

    name = "rehearsal"
    summary = "half of every batch from a uniform sample of earlier tasks"
    algorithms: ClassVar[tuple[str, ...]] = ("dqn", "qrdqn")
    capacity: ClassVar[int] = 10_000
    """Transitions kept of all earlier tasks together."""
    share: ClassVar[float] = 0.5
    """Of every batch that comes from them."""

    def attach(self, agent: Pupil) -> None:
        """Put a `RehearsalBuffer` in the place of the model's."""
        # Not by replay_buffer_class: with one, SB3 leaves out the returns over n steps, and warns.
        model: Any = agent.model
        if not isinstance(model.replay_buffer, RehearsalBuffer):
            model.replay_buffer = RehearsalBuffer.in_place_of(model)
        model.replay_buffer.pool = self.kept.get("pool")
        model.replay_buffer.share = self.share

    def begin_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Note where it begins in the replay buffer."""
        self.kept["began"] = agent.model.num_timesteps

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Make room, and keep a sample of the task."""
        model: Any = agent.model
        ring: RehearsalBuffer = model.replay_buffer
        lived = model.num_timesteps - self.kept.setdefault("began", 0)  # 0: taken up after the first task
        n_rows = min(lived // ring.n_envs, ring.size())
        if n_rows == 0:
            return
        names: list[str] = self.kept.get("names", [])
        pool: Pool | None = self.kept.get("pool")
        name = "+".join(tasks)
        others = [other for other in names if other != name]
        each = self.capacity // (len(others) + 1)
        parts = [] if pool is None else [_some(pool, names.index(other), each) for other in others]
        parts.append(ring.latest(n_rows, min(each, n_rows * ring.n_envs)))
        for place, part in enumerate(parts):
            part["task"] = torch.full((len(part["rewards"]),), place, dtype=torch.int16)
        self.kept["names"] = [*others, name]
        self.kept["pool"] = {field: torch.cat([part[field] for part in parts]) for field in parts[0]}
        ring.pool = self.kept["pool"]

    @property
    def bytes_kept(self) -> int:
        """Bytes of the transitions kept."""
        return size_of(self.kept.get("pool", {}))


def _some(pool: Pool, task: int, most: int) -> Pool:
    """At most ``most`` transitions of that task, any of them as likely."""
    own = torch.nonzero(pool["task"] == task).flatten()
    chosen = own[torch.from_numpy(np.random.permutation(len(own))[:most])]  # noqa: NPY002  the agent's own state
    return {field: values[chosen] for field, values in pool.items()}
