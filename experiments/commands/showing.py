"""A forager to look at: who it is, its life step by step, and pictures of it for a window or a movie."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import foraging_env
from baselines.agent import DeepAgent
from baselines.scripted.foragers import SCRIPTED
from experiments.errors import UserError
from foraging_env.env import ForageEnv
from foraging_env.scene import Caption, scene
from foraging_env.world import Worlds
from spiking_agent import SpikingAgent

_EVEN = 2  # video codecs want even sides


@dataclass
class Showing:
    """A forager in a world of its own. ``agent`` has SB3's ``predict``; ``name`` is shown above the score."""

    name: str
    agent: Any
    env: ForageEnv

    @property
    def worlds(self) -> Worlds:
        """The world, as scenes want it."""
        return self.env.worlds

    def life(self, seed: int, steps: int) -> Iterator[Caption]:
        """Live from a new world on, and say before the first and after every step what is to be seen."""
        seen, _ = self.env.reset(seed=seed)
        state = None
        yield Caption(self.name, votes=self._votes(state), steps=0)
        for step in range(1, steps + 1):
            action, state = self.agent.predict(seen, state, np.array([step == 1]), False)
            seen, *_ = self.env.step(action)
            yield Caption(self.name, votes=self._votes(state), steps=step)

    def _votes(self, state: Any) -> list[int] | None:
        """Output spikes of the latest cycle, if this forager has an output layer."""
        if not isinstance(self.agent, SpikingAgent):
            return None
        return [0] * 8 if state is None else state[0]["votes"][0].tolist()


def showing(who: str, task: str, seed: int) -> Showing:
    """The forager ``who`` in a world of ``task``: a scripted forager (name) or a saved agent (path).

    A folder stands for the last agent saved in it.

    Raises UserError for a task or forager that does not exist.
    """
    if task not in foraging_env.TASKS:
        raise UserError(f"unknown task {task!r}; known: {', '.join(foraging_env.TASKS)}")
    if who in SCRIPTED:
        env = ForageEnv(task)
        return Showing(f"{who} forager", SCRIPTED[who](env, seed=seed), env)
    path = Path(who)
    saved = sorted([*path.glob("*.npz"), *path.glob("*.pt")]) if path.is_dir() else [path]
    if not saved or not saved[-1].is_file():
        raise UserError(f"{who}: no saved agent, nor a scripted forager; known ones: {', '.join(SCRIPTED)}")
    try:
        return _deep(saved[-1], task) if saved[-1].suffix == ".pt" else _spiking(saved[-1], task)
    except ValueError as error:
        raise UserError(str(error)) from error


def _spiking(path: Path, task: str) -> Showing:
    agent = SpikingAgent.load(path)
    space: Any = agent.observation_space
    name = path.parent.name if path.stem.startswith("state-") else path.stem
    return Showing(name, agent, ForageEnv(task, view=space.shape[0]))


def _deep(path: Path, task: str) -> Showing:
    agent = DeepAgent.load(path)
    return Showing(agent.name, agent, ForageEnv(task, **agent.senses.arguments()))


def film(show: Showing, out: Path, *, seed: int, steps: int, fps: float, height: int) -> None:
    """Write a life of ``steps`` steps as a movie, one picture a step; the name's ending chooses GIF or MP4.

    Raises UserError for another ending, for a place that cannot be written, or without the movie extra.
    """
    if out.suffix not in (".gif", ".mp4"):
        raise UserError(f"{out}: a movie is a .gif or an .mp4; choose another --out")
    try:
        import imageio.v2 as imageio
    except ImportError as error:
        raise UserError("movies need imageio: pip install 'forage[movie]'") from error
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.open("ab").close()  # imageio notices only when all is filmed
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    how: dict[str, Any] = {"fps": fps, "macro_block_size": _EVEN, "quality": 8}
    if out.suffix == ".gif":
        how = {"duration": 1000 / fps, "loop": 0}
    writer: Any
    with imageio.get_writer(out, **how) as writer:
        for caption in show.life(seed, steps):
            writer.append_data(scene(show.worlds, caption, height=height))
