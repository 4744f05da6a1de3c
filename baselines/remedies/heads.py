"""Output layers: one for each task, or a new one with every task.

The head of a network is its last linear layer; what lies below is its body.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from baselines.remedies.contract import TASK, Pupil, Remedy, size_of
from baselines.remedies.renewal import fresh, learned_networks, linear_layers, target_head
from foraging_env.tasks import named_task


class Heads(Remedy):
    """Multi-head: in task k the outputs are W_k f(x) + b_k, with one body f for all tasks and a head for each.

    When a task begins, the present head is put away and the task's own comes in: a fresh one, or, if the task was met
    before, the one that was put away then. A test in a task is taken with that task's head. An actor-critic's value
    function has heads, too. Nothing protects the body.

    Wołczyk et al. (2021), Continual World, NeurIPS Datasets and Benchmarks, where all methods have a head for each task
    by default, fine-tuning included. Li & Hoiem (2016), Learning without Forgetting, ECCV, section 3.

    Differs from the paper:

    1. The networks keep seeing whatever cue of the task their observations hold.
    2. With a head, fresh or come back, Adam's mean of gradients begins anew, its mean of their squares goes on. With
       both anew (as there, for the body, too) more was forgotten: PPO with the task shown, three tasks of 204,800
       steps, two seeds: mean performance 0.94 and 0.90 instead of 0.96 and 0.97.
    3. DQN's target network gets the same head as the Q network. Its replay buffer is not emptied, as it is there: for
       as long as it holds transitions of the task before, the new head learns from them, too.
    4. Several tasks at once are one task, with one head. A task that has none yet is tested with the present head.
    """

    name = "heads"
    summary = "multi-head: an output layer for each task, on one body that is fine-tuned"
    told = (TASK,)

    def begin_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Change heads, if these are other tasks than before."""
        before, now = self.kept.get("present", []), _names(tasks)
        self.kept["present"] = now
        if before in ([], now):
            return
        others: list[dict[str, Any]] = self.kept.setdefault("others", [])
        layers = _heads(agent)
        others.append({"tasks": before, "head": _copied(layers)})
        place = next((place for place, other in enumerate(others) if other["tasks"] == now), None)
        if place is None:
            for layer in layers:
                _draw_anew(agent, layer)
        else:
            _put(others.pop(place)["head"], layers)
        _begin_with(agent, layers, scale=False)

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Note whose head it is, for an agent that took this up after its first task."""
        self.kept["present"] = _names(tasks)

    @contextmanager
    def in_test(self, agent: Pupil, task: str) -> Iterator[None]:
        """With the head of that task; with the latest one, if it was also learned together with others."""
        name = named_task(task).name
        own = [other["head"] for other in self.kept.get("others", []) if name in other["tasks"]]
        if not own or name in self.kept["present"]:
            yield
            return
        layers = _heads(agent)
        present = _copied(layers)
        _put(own[-1], layers)
        try:
            yield
        finally:
            _put(present, layers)

    @property
    def bytes_kept(self) -> int:
        """Bytes of the heads that were put away."""
        return size_of(self.kept.get("others", []))


class HeadReset(Remedy):
    """When a task begins, but for the first, the head of the policy (of the Q network) is drawn anew.

    Nikishin et al. (2022), The primacy bias in deep reinforcement learning, ICML, section "Have you tried resetting
    it?": the last layers are reset now and then, and learn again from what is known by then. It is meant for learning
    the new, not for keeping the old. An agent that shuns what its last task punished never finds out that it is
    rewarded now (the hot-stove effect: Denrell & March 2001, Organization Science 12: 523); with a new head it tries.

    PPO with the task shown, three tasks of 204,800 steps, two seeds: intake right after the second and the third task
    is 23.1 and 20.0, 22.8 and 20.9; without it 17.2 and 13.2, 15.3 and 14.1. The first two are forgotten either way.

    Differs from the paper:

    1. It comes with every new task, not at fixed intervals.
    2. It is one layer of what chooses moves. There the critic is reset, too; here an actor-critic's value function goes
       on, since it only judges what was tried.
    3. PPO and A2C have no replay buffer to learn again from. DQN's goes on as it is.
    4. Adam begins anew with the layer; DQN's target network gets the same one.
    """

    name = "head-reset"
    summary = "head reset: when a task begins, the policy's output layer is drawn anew"

    def begin_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Draw the head anew."""
        if agent.tasks_begun:
            head = _heads(agent)[0]
            _draw_anew(agent, head)
            _begin_with(agent, [head], scale=True)


def _names(tasks: tuple[str, ...]) -> list[str]:
    """One name for each of them, whatever it is called; their order and number do not matter."""
    return sorted({named_task(task).name for task in tasks})


def _heads(agent: Pupil) -> list[torch.nn.Linear]:
    """The last layers: that of the policy network first, then that of a value network."""
    return [linear_layers(network)[-1] for network in learned_networks(agent.model)]


def _copied(layers: list[torch.nn.Linear]) -> list[torch.Tensor]:
    return [part.detach().clone() for layer in layers for part in (layer.weight, layer.bias)]


@torch.no_grad()
def _put(tensors: Sequence[torch.Tensor], layers: list[torch.nn.Linear]) -> None:
    """The inverse of `_copied`."""
    parts = [part for layer in layers for part in (layer.weight, layer.bias)]
    for part, tensor in zip(parts, tensors, strict=True):
        part.copy_(tensor)


def _draw_anew(agent: Pupil, layer: torch.nn.Linear) -> None:
    new = fresh(agent.model, layer)
    _put([new.weight, new.bias], [layer])


def _begin_with(agent: Pupil, layers: list[torch.nn.Linear], scale: bool) -> None:
    """Let Adam, and the target network where there is one, begin with layers that were exchanged, the policy's first.

    ``scale``: Adam begins its mean of squared gradients anew, too.
    """
    for layer in layers:
        for part in (layer.weight, layer.bias):
            agent.optimizer.restart(part, scale=scale)
    target = target_head(agent.model)
    if target is not None:
        _put(_copied(layers[:1]), [target])
