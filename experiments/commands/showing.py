"""A forager to look at: who it is, its life step by step, and pictures of it for a window or a movie."""

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import foraging_env
from baselines.agent import DeepAgent
from baselines.scripted.foragers import SCRIPTED
from experiments.errors import UserError
from experiments.running.storage import RunFolder, plain_name
from foraging_env.env import ForageEnv
from foraging_env.extras import install
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


def showing(who: str, task: str, seed: int, stage: str | None = None) -> Showing:
    """The forager ``who`` in a world of ``task``: a scripted forager (name) or a saved agent (path).

    A path may be a saved agent, the folder of a stage, with or without the digits at its end, or a folder of
    ``forage run``: then ``stage`` says after which stage, the last one if it does not.

    Raises UserError for a task, a forager or a stage that does not exist.
    """
    if task not in foraging_env.TASKS:
        raise UserError(f"unknown task {task!r}; known: {', '.join(foraging_env.TASKS)}")
    if who in SCRIPTED:
        env = ForageEnv(task)
        return Showing(f"{who} forager", SCRIPTED[who](env, seed=seed), env)
    path = _saved(Path(who), stage)
    try:
        return _deep(path, task) if path.suffix == ".pt" else _spiking(path, task)
    except ValueError as error:
        raise UserError(str(error)) from error


def _saved(path: Path, stage: str | None) -> Path:
    """The file of a saved agent."""
    if (path / "config.json").is_file():
        return _in_run(path, stage)
    if stage is not None:
        raise UserError(f"--stage {stage} chooses within a folder of forage run, and {path} is none; leave it out")
    folders = [path] if path.exists() else _stages_called(path.parent, path.name)
    found = [saved for folder in folders for saved in _states(folder)]
    if not found:
        raise UserError(
            f"{path}: no saved agent, nor a scripted forager; known ones: {', '.join(SCRIPTED)}. A saved agent is a "
            "file (.npz, .pt), the folder of a stage, or a folder of forage run"
        )
    return found[-1]


def _in_run(path: Path, stage: str | None) -> Path:
    """The agent of a run's first seed that was saved after a stage, or after the last one that there is."""
    names = [each.name for plan in RunFolder(path).plans() for each in plan.protocol.stages]
    if stage is not None and stage not in names:
        raise UserError(f"unknown stage {stage!r} of {path}; known: {', '.join(names)}")
    for name in [stage] if stage is not None else reversed(names):
        for folder in sorted(path.glob("stages/*")):
            for here in _stages_called(folder, plain_name(name)):
                if states := _states(here):
                    return states[-1]
    raise UserError(
        f"{path} holds no agent saved after {stage or 'any stage'}; if it was run with --stages, give the folder of a "
        "stage there"
    )


def _stages_called(folder: Path, name: str) -> list[Path]:
    """Folders of stages of that name; their names end in the digits of all that the stage depends on."""
    digits = "[0-9a-f]" * 10
    return sorted(path for path in folder.glob(f"{glob.escape(name)}-{digits}") if path.is_dir())


def _states(path: Path) -> list[Path]:
    return sorted([*path.glob("*.npz"), *path.glob("*.pt")]) if path.is_dir() else [path]


def _spiking(path: Path, task: str) -> Showing:
    agent = SpikingAgent.load(path)
    space: Any = agent.observation_space
    name = re.sub("-[0-9a-f]{10}$", "", path.parent.name) if path.stem.startswith("state-") else path.stem
    return Showing(name, agent, ForageEnv(task, view=space.shape[0]))


def _deep(path: Path, task: str) -> Showing:
    agent = DeepAgent.load(path)
    return Showing(agent.name, agent, ForageEnv(task, **agent.habitat.arguments()))


def film(show: Showing, out: Path, *, seed: int, steps: int, fps: float, height: int) -> None:
    """Write a life of ``steps`` steps as a movie, one picture a step; the name's ending chooses GIF or MP4.

    Raises UserError for another ending, for a place that cannot be written, or without the movie extra.
    """
    if out.suffix not in (".gif", ".mp4"):
        raise UserError(f"{out}: a movie is a .gif or an .mp4; choose another --out")
    try:
        import imageio.v2 as imageio
    except ImportError as error:
        raise UserError(f"movies need imageio: {install('movie')}") from error
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
