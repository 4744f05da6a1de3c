"""What was eaten, counted and logged."""

from typing import TYPE_CHECKING, Any

import numpy as np

from foraging_env.scores import Counts

if TYPE_CHECKING:
    from spiking_agent.agent import SpikingAgent


_NEVER = 2**62


class TallyLog:
    """What happened since the last record, for SB3's logger."""

    def __init__(self, agent: "SpikingAgent", interval: int | None) -> None:
        if interval is not None and interval < 1:
            raise ValueError(f"log_interval={interval} must be at least 1 cycle, or None")
        self._agent, self._interval = agent, interval
        self._tally = np.zeros(3, np.int64)

    def cycles_until_due(self) -> int:
        """How many cycles may pass before the next record."""
        return _NEVER if self._interval is None else self._interval - int(self._tally[2])

    def add(self, infos: list[dict[str, Any]]) -> None:
        """Count the cycles since the last call; ``tally`` in their info says what was eaten."""
        self._tally += infos[0]["tally"]

    def write_if_due(self) -> None:
        """Write a record when the interval is over."""
        if self._interval is None or self._tally[2] < self._interval:
            return
        eaten, logger, net = Counts(*(int(n) for n in self._tally)), self._agent.logger, self._agent._net
        logger.record("rollout/performance", eaten.performance)
        logger.record("rollout/intake", eaten.intake)
        logger.record("network/output_resistance", float(net.resistance.mean()))
        logger.record("network/output_rate", float(net.rate_out.mean()))
        logger.record("time/total_timesteps", self._agent.num_timesteps, exclude="tensorboard")
        logger.record("time/asleep_cycles", self._agent.asleep_cycles)
        logger.dump(self._agent.num_timesteps)
        self._tally[:] = 0
