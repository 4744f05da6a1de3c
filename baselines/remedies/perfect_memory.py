"""`PerfectMemory`: a replay buffer that is long enough to keep everything.

M. Wołczyk et al. (2021), Continual World, NeurIPS, and T. Tomilin et al. (2023), COOM, NeurIPS datasets and benchmarks,
compare it under this name.

DQN, 204,800 steps in each of h+n-, n+v- and v+h-, which it was shown, 2 seeds: mean intake on all three at the end was
8.7 with it, 7.1 without, 3.7 with rehearsal. Nearly nothing of the first task is lost (20.0), but of the last, a third
of what is drawn by its end, little is learned (1.9).
"""

from typing import Any, ClassVar

from baselines.remedies.contract import FirstTask, Pupil, Remedy


class PerfectMemory(Remedy):
    """Every transition of all tasks so far is as likely to be drawn for a batch as any other.

    The replay buffer holds ``capacity`` transitions; beyond that the oldest go. It is no remedy that could be afforded
    for long (118 bytes a transition that shows 7 x 7 places), and saved agents are as large; it says what replay alone
    can do. A ``buffer_size`` of the algorithm is refused beside it: this one counts.

    Differs from the paper:

    1. DQN or QR-DQN learns, not soft actor-critic, and one network has one head.
    2. In Continual World every task begins with moves at random; here exploration is constant.
    """

    name = "perfect-memory"
    summary = "perfect memory: a replay buffer that keeps every transition of all tasks"
    algorithms = ("dqn", "qrdqn")
    first_task = FirstTask.ACTS
    capacity: ClassVar[int] = 1_000_000

    def __init__(self) -> None:
        super().__init__()
        self._model: Any = None

    def arguments(self) -> dict[str, Any]:
        """The length of the replay buffer, in place of the algorithm's."""
        return {"buffer_size": self.capacity}

    def attach(self, agent: Pupil) -> None:
        """Remember whose buffer it is."""
        self._model = agent.model

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """From now on all that is there is of earlier tasks."""
        self.kept["ended"] = agent.model.num_timesteps

    @property
    def bytes_kept(self) -> int:
        """Bytes of the transitions in the buffer that are of earlier tasks, not of the present one."""
        if "ended" not in self.kept:
            return 0
        buffer = self._model.replay_buffer
        rows = buffer.size() - (self._model.num_timesteps - self.kept["ended"]) // buffer.n_envs
        arrays = (buffer.observations, buffer.next_observations, buffer.actions, buffer.rewards, buffer.dones)
        return max(rows, 0) * sum(array[0].nbytes for array in (*arrays, buffer.timeouts))
