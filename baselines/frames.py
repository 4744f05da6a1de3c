"""Agents that see the last observations at once: their worlds while they learn, their memory in tests."""

from dataclasses import replace

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm

from foraging_env.habitat import Habitat


def flattened(habitat: Habitat) -> Habitat:
    """The same worlds, shown as a flat Box, which SB3's `VecFrameStack` needs."""
    return replace(habitat, senses=replace(habitat.senses, space="flat"))


class FrameMemory:
    """A model that learned in a `VecFrameStack`, for worlds that show one observation at a time.

    The frames are its state: float32[n, frames * inputs], the oldest first; frames from before an episode are 0.
    """

    def __init__(self, model: BaseAlgorithm, frames: int) -> None:
        self._model, self._frames = model, frames
        self._inputs = int(np.prod(model.observation_space.shape or ())) // frames
        self.action_space = model.action_space

    def predict(
        self,
        observation: np.ndarray,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """SB3's ``predict`` for observations [n, ...], or one of them, whatever their shape and dtype.

        Raises ValueError for observations of another size than the model's.
        """
        is_one = observation.size == self._inputs and len(observation) > 1
        each = observation.size if is_one else observation[0].size
        if each != self._inputs:
            raise ValueError(f"the model sees {self._inputs} numbers a frame, not {each}")
        seen = np.asarray(observation, dtype=np.float32).reshape(-1, self._inputs)
        frames = np.zeros((len(seen), self._frames * self._inputs), dtype=np.float32)
        if state is not None:
            frames[:, : -self._inputs] = state[0][:, self._inputs :]
            if episode_start is not None:
                frames[np.asarray(episode_start, dtype=bool)] = 0.0
        frames[:, -self._inputs :] = seen
        actions, _ = self._model.predict(frames, deterministic=deterministic)
        return actions[0] if is_one else actions, (frames,)
