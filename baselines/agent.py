"""`DeepAgent`: a Stable-Baselines3 algorithm that meets task after task, with a remedy against forgetting.

>>> agent = DeepAgent("ppo", "none", seed=1)
>>> agent.learn_task("task1", 100_000)
>>> agent.learn_task("task2", 100_000)
>>> agent.evaluate("task1", 10_000, seed=2).performance
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecFrameStack

from baselines import checkpoint
from baselines.algorithms import algorithm
from baselines.evaluation import count, register_own_test
from baselines.frames import FrameMemory, flattened
from baselines.optimizer import ConstrainedAdam
from baselines.randomness import Streams, seeds_from
from baselines.remedies.contract import FirstTask
from baselines.remedies.table import remedy
from baselines.worlds import dealt, training_worlds
from foraging_env.habitat import Habitat
from foraging_env.scores import Counts

_ACTIVATION = torch.nn.ReLU  # sleep turns units into spiking ones, which have no negative rates


@dataclass
class Progress:
    """How far an agent is in its tasks."""

    tasks: tuple[str, ...] = ()  # those that it is learning, in turn; none before the first
    inside: bool = False  # between the beginning and the end of a task
    begun: int = 0  # tasks begun so far


class DeepAgent:
    """An algorithm of `baselines.algorithms.ALGORITHMS` with a remedy of `baselines.remedies.table.REMEDIES`.

    Args:
        algorithm_name: ``"ppo"``, ``"a2c"``, ``"dqn"`` or ``"qrdqn"``
        remedy_name: ``"none"``, ``"ewc"`` or another
        seed: of everything random in it, worlds included
        habitat: the worlds it lives in, and what it senses there; the network takes that as one flat vector
        settings: arguments of the algorithm's constructor, in place of those in its row
        verbose, tensorboard_log: SB3's

    Equal seeds and calls give equal numbers on the CPU, whatever else happens in the process. Raises ValueError for
    unknown names and for a remedy that does not work with the algorithm, or with these settings of it.
    """

    def __init__(
        self,
        algorithm_name: str,
        remedy_name: str = "none",
        *,
        seed: int,
        habitat: Habitat = Habitat(),
        settings: dict[str, Any] | None = None,
        verbose: int = 0,
        tensorboard_log: str | None = None,
        _row: dict[str, Any] | None = None,
        _remedy_settings: dict[str, Any] | None = None,
    ) -> None:
        self.algorithm = algorithm(algorithm_name)
        if _row is not None:  # of a saved agent, which goes on with the settings that it began with
            self.algorithm = replace(self.algorithm, settings=_row)
        self.settings = dict(settings or {})
        kind = remedy(remedy_name, algorithm_name, self.settings)
        if _remedy_settings:  # likewise
            kind = kind.with_settings(kind.name, _remedy_settings)
        self.remedy = kind()
        self.seed = seed
        self.habitat = habitat
        self.progress = Progress()
        self.streams = Streams(seed)
        seen = habitat if self.algorithm.frames == 1 else flattened(habitat)
        self.worlds = training_worlds(self.algorithm.n_envs, ["task1"], seen)
        self._env = self.worlds if self.algorithm.frames == 1 else VecFrameStack(self.worlds, self.algorithm.frames)
        self.model = self._new_model(verbose, tensorboard_log)
        self.remedy.attach(self)

    @property
    def name(self) -> str:
        """``ppo``, ``ppo+ewc``, ..."""
        return self.algorithm.name if self.remedy.name == "none" else f"{self.algorithm.name}+{self.remedy.name}"

    @property
    def optimizer(self) -> ConstrainedAdam:
        """The optimiser of the policy (of the Q network, for DQN)."""
        policy: Any = self.model.policy
        return policy.optimizer

    @property
    def tasks_begun(self) -> int:
        """How many tasks were begun so far."""
        return self.progress.begun

    @property
    def bytes_kept(self) -> int:
        """Bytes that the remedy keeps from earlier tasks."""
        return self.remedy.bytes_kept

    def begin_task(self, tasks: str | Sequence[str]) -> None:
        """Go over to a task, or to several that the worlds hold in turn; the worlds are built anew.

        Raises RuntimeError if the last task was not ended, ValueError for unknown tasks.
        """
        if self.progress.inside:
            raise RuntimeError(f"task {self.progress.tasks} was not ended; call end_task() before begin_task()")
        chosen = (tasks,) if isinstance(tasks, str) else tuple(tasks)
        per_world = dealt(chosen, self.worlds.num_envs)
        with self.streams:
            self.remedy.begin_task(self, chosen)
        self.worlds.set_options([{"task": task} for task in per_world])
        if not self.progress.begun:
            # World w gets this + w: agents of neighbouring seeds must not share worlds.
            self.worlds.seed(seeds_from(self.seed).worlds)
        self._cut_experience()
        self.model._last_obs = self._env.reset()  # type: ignore[assignment]
        self.model._last_episode_starts = np.ones(self.worlds.num_envs, dtype=bool)
        self.progress = Progress(chosen, inside=True, begun=self.progress.begun + 1)

    def learn(self, steps: int, callback: BaseCallback | list[BaseCallback] | None = None) -> None:
        """Learn for ``steps`` more environment steps (rounded up to whole rollouts), the steps of all worlds together.

        Raises RuntimeError outside of a task.
        """
        if not self.progress.inside:
            raise RuntimeError("no task was begun; call begin_task(task) before learn()")
        given = callback if isinstance(callback, list) else [callback] if callback else []
        with self.streams:
            own = self.remedy.callback(self)
            self.model.learn(
                steps, callback=[*([own] if own else []), *given], reset_num_timesteps=False, log_interval=10**9
            )

    def end_task(self) -> None:
        """Tell the remedy that the task is over. Raises RuntimeError if none was begun."""
        if not self.progress.inside:
            raise RuntimeError("no task was begun, so none can be ended")
        with self.streams:
            self.remedy.end_task(self, self.progress.tasks)
        self.progress.inside = False

    def learn_task(
        self, tasks: str | Sequence[str], steps: int, callback: BaseCallback | list[BaseCallback] | None = None
    ) -> None:
        """A task from its beginning to its end."""
        self.begin_task(tasks)
        self.learn(steps, callback)
        self.end_task()

    def predict(
        self,
        observation: np.ndarray,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = True,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...] | None]:
        """SB3's ``predict``; what is drawn comes from the agent's own streams.

        An agent with a memory (several frames, an LSTM) returns it as the state, to be handed in with the next
        observation.
        """
        if deterministic:
            return self._actor.predict(observation, state, episode_start, deterministic=True)
        with self.streams:
            return self._actor.predict(observation, state, episode_start, deterministic=False)

    def evaluate(self, task: str, steps: int, seed: int, *, deterministic: bool = False) -> Counts:
        """A frozen test in worlds of its own; nothing of the agent changes. See `baselines.evaluation`."""
        with self.remedy.in_test(self, task):
            return count(self._actor, task, steps, seed, habitat=self.habitat, deterministic=deterministic)

    def adopt(self, remedy_name: str) -> None:
        """Take up a remedy before any task, or after a first task learned without one, as if it had always been there.

        Raises RuntimeError if there was a remedy already or a task is going on, ValueError after a first task for a
        remedy that watches it or acts in it.
        """
        chosen = remedy(remedy_name, self.algorithm.name, self.settings)
        if self.remedy.name != "none" or self.progress.inside or self.progress.begun > 1:
            raise RuntimeError(f"{self.name} is past the point where another remedy could be taken up")
        if self.progress.begun and chosen.first_task is not FirstTask.ABSENT:
            raise ValueError(
                f"remedy {remedy_name!r} {chosen.first_task.value} the first task, so it cannot be taken up after it; "
                f"make the agent with it: DeepAgent({self.algorithm.name!r}, {remedy_name!r}, ...)"
            )
        self.remedy = chosen()
        state = checkpoint.of_model(self.model)
        self.model = self._new_model(self.model.verbose, self.model.tensorboard_log)
        checkpoint.into_model(self.model, state)
        self.remedy.attach(self)
        if self.progress.begun:
            with self.streams:
                self.remedy.end_task(self, self.progress.tasks)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that the agent's future depends on to ``path``, whole or not at all.

        A name without a suffix gets ``.pt``; missing folders are made. Raises OSError if it cannot be written.
        """
        target = Path(path)
        checkpoint.write(target if target.suffix else target.with_suffix(".pt"), self._packed())

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, verbose: int = 0, tensorboard_log: str | None = None) -> "DeepAgent":
        """The agent as it was saved; it goes on to the bit. Nothing is unpickled but tensors and plain values.

        Of a name without a suffix, ``path.pt`` is read if there is no such file. Raises FileNotFoundError, or
        ValueError if the file is no saved agent.
        """
        source = Path(path)
        saved = checkpoint.read(source if source.suffix or source.exists() else source.with_suffix(".pt"))
        try:
            about = saved["about"]
            agent = cls(
                about["algorithm"],
                about["remedy"],
                seed=about["seed"],
                habitat=Habitat.described(about),
                settings=about["settings"],
                _row=about.get("row") or _row_before(about["algorithm"]),
                _remedy_settings=about.get("remedy_settings"),
                verbose=verbose,
                tensorboard_log=tensorboard_log,
            )
            agent._unpack(saved)
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no saved agent: {type(error).__name__}: {error}") from error
        return agent

    @property
    def _actor(self) -> Any:
        """The model, as worlds that show one observation at a time need it."""
        if self.algorithm.frames == 1:
            return self.model
        return FrameMemory(self.model, self.algorithm.frames)

    def _cut_experience(self) -> None:
        """Returns over several steps must not run from the last transition of a task into the first of the next."""
        buffer: Any = getattr(self.model, "replay_buffer", None)
        if buffer is not None and (buffer.pos or buffer.full):
            buffer.timeouts[buffer.pos - 1] = 1.0

    def _new_model(self, verbose: int, tensorboard_log: str | None) -> BaseAlgorithm:
        arguments: dict[str, Any] = {**self.algorithm.settings, **self.settings, **self.remedy.arguments()}
        kind: Any = self.algorithm.kind
        with Streams(self.seed):  # SB3 seeds the global generators when it makes a model
            model: BaseAlgorithm = kind(
                self.algorithm.policy_name,
                self._env,
                seed=seeds_from(self.seed).model,
                device="cpu",
                verbose=verbose,
                tensorboard_log=tensorboard_log,
                policy_kwargs={
                    "net_arch": list(self.algorithm.layers),
                    "activation_fn": _ACTIVATION,
                    "optimizer_class": ConstrainedAdam,
                    **self.algorithm.policy,
                },
                **arguments,
            )
        if not verbose and tensorboard_log is None:
            model.set_logger(Logger(folder=None, output_formats=[]))  # SB3 makes a temporary folder to log nothing
        register_own_test(model, self.evaluate)
        self.worlds._reset_seeds()  # SB3 has set them for the next reset; only the first one is to be seeded
        return model

    def _packed(self) -> dict[str, Any]:
        """What it is, its model, its worlds, its random streams, and what its remedy keeps."""
        worlds = self.worlds.get_state()
        return {
            "about": {
                "format": checkpoint.FORMAT,
                "algorithm": self.algorithm.name,
                "remedy": self.remedy.name,
                "seed": self.seed,
                **self.habitat.describe(),
                "settings": self.settings,
                "row": dict(self.algorithm.settings),
                "remedy_settings": self.remedy.settings(),
                "tasks": list(self.progress.tasks),
                "inside": self.progress.inside,
                "begun": self.progress.begun,
            },
            "model": checkpoint.of_model(self.model),
            "worlds": checkpoint.as_tensors(worlds["worlds"]),
            "returns": checkpoint.as_tensors([worlds["returns"], worlds["lengths"]]),
            "streams": self.streams.get_state(),
            "kept": self.remedy.kept,
        }

    def _unpack(self, saved: dict[str, Any]) -> None:
        """Go on from `_packed`, in an agent that was made with what it says about itself."""
        about = saved["about"]
        self.progress = Progress(tuple(about["tasks"]), about["inside"], about["begun"])
        returns, lengths = saved["returns"]
        self.worlds.set_state(checkpoint.as_arrays({"worlds": saved["worlds"], "returns": returns, "lengths": lengths}))
        checkpoint.into_model(self.model, saved["model"])
        if isinstance(self._env, VecFrameStack) and self.model._last_obs is not None:
            self._env.stacked_obs.stacked_obs = np.array(self.model._last_obs)
        self.streams.set_state(saved["streams"])
        self.remedy.kept = saved["kept"]
        self.remedy.attach(self)


def _row_before(algorithm_name: str) -> dict[str, Any]:
    """The settings of an algorithm's row when agents were saved without them: PPO had no entropy bonus."""
    settings = dict(algorithm(algorithm_name).settings)
    if algorithm_name == "ppo":
        del settings["ent_coef"]
    return settings
