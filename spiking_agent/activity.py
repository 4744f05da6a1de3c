"""How often every hidden neuron fires while the agent is awake, kept per task: what sleep is made from."""

from typing import Any

import numpy as np

NO_VALUES = "all"  # the task without values, of the unsupervised stage; sleep replays tasks only


class Activity:
    """Hidden spikes and cycles by task.

    The kernels count into the network itself (``measured``); a *block* is what they counted since the last
    `close`. Sleep wants the latest block of the task in progress, and the mean over all training of other tasks.
    """

    def __init__(self) -> None:
        self.spikes: dict[str, np.ndarray] = {}
        self.cycles: dict[str, int] = {}

    def close(self, task: str, net: Any, *, latest_only: bool) -> None:
        """Move the block in ``net`` to the account of ``task``; with ``latest_only`` it replaces what was there."""
        cycles = int(net.measured_cycles)
        if cycles == 0:
            return
        if latest_only or task not in self.spikes:
            self.spikes[task], self.cycles[task] = net.measured.copy(), cycles
        else:
            self.spikes[task] += net.measured
            self.cycles[task] += cycles
        net.measured = 0
        net.measured_cycles = 0

    def rates(self) -> dict[str, np.ndarray]:
        """float64[H] per task: mean spikes per cycle of every hidden neuron."""
        return {task: spikes / self.cycles[task] for task, spikes in self.spikes.items() if task != NO_VALUES}
