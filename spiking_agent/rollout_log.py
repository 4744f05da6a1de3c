"""What was eaten and what became of the network meanwhile, as records in SB3's logger."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import configure_logger

from foraging_env.scores import Counts

_NEVER = 2**62


def new_logger(verbose: int, tensorboard_log: str | None, name: str, reset_num_timesteps: bool) -> Logger:
    """SB3's logger; where nothing is to be logged, without the temporary folder that SB3 makes and never removes."""
    if not verbose and tensorboard_log is None:
        return Logger(folder=None, output_formats=[])
    return configure_logger(verbose, tensorboard_log, name, reset_num_timesteps)


class RolloutLog:
    """A record every ``interval`` cycles, none if it is None.

    Raises ValueError unless ``interval`` is None or at least 1.
    """

    def __init__(self, interval: int | None) -> None:
        if interval is not None and interval < 1:
            raise ValueError(f"log_interval={interval} must be at least 1 cycle, or None")
        self._interval = interval
        self._tally = np.zeros(3, np.int64)

    def cycles_until_due(self) -> int:
        """How many cycles may pass before the next record."""
        return _NEVER if self._interval is None else self._interval - int(self._tally[2])

    def add(self, infos: list[dict[str, Any]]) -> None:
        """Count the cycles since the last call; ``tally`` in their info says what was eaten."""
        self._tally += infos[0]["tally"]

    def write_if_due(self, logger: Logger, num_timesteps: int, measured: Callable[[], Mapping[str, float]]) -> None:
        """Write a record when the interval is over: the scores since the last one, and what ``measured`` says now."""
        if self._interval is None or self._tally[2] < self._interval:
            return
        eaten = Counts(*(int(n) for n in self._tally))
        logger.record("rollout/performance", eaten.performance)
        logger.record("rollout/intake", eaten.intake)
        for name, value in measured().items():
            logger.record(name, value)
        logger.record("time/total_timesteps", num_timesteps, exclude="tensorboard")
        logger.dump(num_timesteps)
        self._tally[:] = 0
