"""`Distillation` and `Cloning`: the policy after a task teaches those after later ones, on observations that it kept.

A finished task leaves observations and what the policy did there. While later tasks are learned, every gradient step
also goes down the slope of the difference from that, as in Li & Hoiem 2016, Learning without Forgetting (ECCV), eq. 4,
and in CLEAR (Rolnick et al. 2019, Experience Replay for Continual Learning, NeurIPS), section 3. The loss for what is
learned now is SB3's own; the teacher's gradient comes in before each step of the policy's optimiser.

What is kept is kept at the cost of what is new. PPO, 150,000 steps in each task of ``cycle``, one network; intake on
the first task at the end, and on the second and the third right after each, by the weight of distillation
(deterministic tests):

=======  =====  ======  =====
weight   first  second  third
=======  =====  ======  =====
(none)   -11.8  10.3    13.2
0.1      -0.1   12.6    0.1
0.3      1.2    9.7     -0.3
1        9.7    1.1     -1.3
5        19.7   0.0     -0.6
=======  =====  ======  =====

A pattern that is punished in one task is rewarded in the next. A policy that is held where it was may shun it there,
too, eat nothing, and so never find out; that this is the reason was not tested. In ``paper``, where the patterns of the
tasks differ, little is forgotten anyway (0.974, intake 21.7, without a remedy) and nothing with weight 1 (0.994, 21.7).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from baselines.remedies.contract import Pupil, Remedy
from baselines.worlds import training_worlds

N_OBSERVATIONS = 5_000
"""Kept of every task."""

N_WORLDS = 50
"""In which they are gathered."""

BATCH = 256
"""Observations drawn for one gradient step, from those of all earlier tasks together."""

_LEAST = 1e-8  # probability, so that its logarithm is finite


class Imitation(Remedy, ABC):
    """Base of both: observations and the old policy's answers are kept, and each gradient step is drawn to them.

    ``kept["lessons"]`` holds for every task ``observations`` [n, ...], as worlds show them, and ``answers`` [n, ...].
    The gradient of ``weight`` times the loss is added after SB3 has clipped its own, so it has no optimiser to save.
    """

    algorithms: ClassVar[tuple[str, ...]] = ("ppo", "a2c")
    weight: ClassVar[float]
    """Of the teacher's loss beside the algorithm's."""

    def __init__(self) -> None:
        super().__init__()
        self._policy: Any = None

    @abstractmethod
    def answers(self, logits: Tensor) -> Tensor:
        """What is kept of the old policy's log probabilities, float32[n, moves]."""

    @abstractmethod
    def loss(self, logits: Tensor, answers: Tensor) -> Tensor:
        """How far log probabilities, float32[n, moves], are from ``answers``; the mean over n."""

    def attach(self, agent: Pupil) -> None:
        """Teach before every step of the optimiser."""
        self._policy = agent.model.policy
        agent.optimizer.teach(self._add_gradient)

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Let the policy forage in worlds of its own, and keep what it saw and did; a task met again is kept anew."""
        worlds = training_worlds(N_WORLDS, tasks, agent.habitat)
        worlds.seed(int(np.random.SeedSequence((agent.seed, agent.tasks_begun)).generate_state(1)[0] >> 1))
        seen: Any = worlds.reset()
        views = []
        for _ in range(N_OBSERVATIONS // N_WORLDS):
            views.append(torch.from_numpy(seen.copy()))
            actions, _ = agent.model.predict(seen, deterministic=False)
            seen = worlds.step(actions)[0]
        observations = torch.cat(views)
        with torch.no_grad():
            answers = self.answers(self._logits(observations))
        self.kept.setdefault("lessons", {})["+".join(tasks)] = {"observations": observations, "answers": answers}

    def teaching_loss(self, chosen: Sequence[int] | Tensor) -> Tensor:
        """`loss` of the policy as it is now on the kept observations of these indices, counted through all tasks."""
        observations, answers, before = [], [], 0
        chosen = torch.as_tensor(chosen)
        for lesson in self.kept["lessons"].values():
            n = len(lesson["observations"])
            own = chosen[(chosen >= before) & (chosen < before + n)] - before
            observations.append(lesson["observations"][own])
            answers.append(lesson["answers"][own])
            before += n
        return self.loss(self._logits(torch.cat(observations)), torch.cat(answers))

    def _logits(self, observations: Tensor) -> Tensor:
        return self._policy.get_distribution(observations).distribution.logits

    def _add_gradient(self) -> None:
        if "lessons" not in self.kept:
            return
        n = sum(len(lesson["observations"]) for lesson in self.kept["lessons"].values())
        loss = self.weight * self.teaching_loss(torch.randint(n, (BATCH,)))
        parameters = list(self._policy.parameters())
        for parameter, gradient in zip(
            parameters, torch.autograd.grad(loss, parameters, allow_unused=True), strict=True
        ):
            if gradient is not None and parameter.grad is not None:  # a value function of its own has no part in it
                parameter.grad.add_(gradient)


class Distillation(Imitation):
    """The old policy's probabilities of all moves are kept, and KL(old || new) is descended (Rusu et al. 2015).

    A. A. Rusu et al., Policy Distillation, arXiv 1511.06295, section 3; it is CLEAR's policy cloning loss, too.

    Differs from the paper:

    1. There a new network learns from the teacher alone. Here the same one goes on, and learns the next task beside
       it, with the weights of both losses as in Learning without Forgetting.
    2. The teacher is a policy, not a Q network, so its probabilities are taken as they are, at temperature 1.
    3. The teacher itself is not kept, only its answers. They are gathered after the task, in 5,000 steps in worlds
       apart from training ones; no reward is taken from those steps, and they count neither as training nor as test.
    4. The value function is not distilled (CLEAR does that, too), nor is there off-policy learning from the memory.
    """

    name = "distillation"
    summary = "KL(old policy || new) on kept observations, beside what is learned now"
    weight = 0.3

    def answers(self, logits: Tensor) -> Tensor:
        """Probabilities, float32[n, moves]."""
        return logits.exp()

    def loss(self, logits: Tensor, answers: Tensor) -> Tensor:
        """KL(old || new)."""
        return (answers * (answers.clamp_min(_LEAST).log() - logits)).sum(dim=1).mean()


class Cloning(Imitation):
    """The old policy's likeliest move is kept, and its cross-entropy is descended: behaviour cloning.

    Rusu et al. 2015, Policy Distillation, arXiv 1511.06295, section 3, compare it with distillation (their "NLL").

    Differs from the paper: as `Distillation`, and

    1. The move is the teacher's likeliest one, whatever it did there.
    2. It makes the policy surer than the teacher was; nothing counters that.
    """

    name = "cloning"
    summary = "cross-entropy of the old policy's moves on kept observations, beside what is learned now"
    weight = 0.1

    def answers(self, logits: Tensor) -> Tensor:
        """The likeliest move, uint8[n]."""
        return logits.argmax(dim=1).to(torch.uint8)

    def loss(self, logits: Tensor, answers: Tensor) -> Tensor:
        """Cross-entropy."""
        return torch.nn.functional.nll_loss(logits, answers.long())
