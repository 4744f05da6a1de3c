"""A user's own agent in the comparison: ``--agent mypackage.module:make``.

``make(worlds, seed)`` returns an agent in the manner of SB3; ``worlds(n)`` makes the `VecEnv` that it learns in, which
it may wrap::

    def make(worlds, seed):
        return PPO("MlpPolicy", worlds(16), n_steps=64, seed=seed)

| the agent has | for |
|---|---|
| ``learn(total_timesteps, reset_num_timesteps=False)`` | a segment of a stage, in worlds that are built anew |
| ``predict(observation, state, episode_start, deterministic)`` | tests; returns actions and the state to hand in next |
| ``save(path)``, ``load(path, env=...)`` (of its class) | going on where a run was stopped |
| ``begin_task(tasks)``, ``end_task(tasks)``, if it likes | what it does against forgetting |
| ``bytes_kept``, if it likes | the bytes that it keeps from earlier tasks |

Python's, NumPy's and torch's global generators are seeded anew for every segment. So a run that is stopped goes on to
the same numbers, if ``save`` forgets nothing (SB3's DQN forgets its replay buffer).

The worlds are wrapped as ``make`` wrapped them, in every stage; what SB3's `VecNormalize` has measured is kept with
the agent, and other wrappers begin anew. Tests show the agent the observations of the worlds themselves, normalised if
it learns with `VecNormalize`.

``load`` is the agent's own, and SB3's unpickles: whoever can write into a folder of stages can run code with it. So
states of other users are not loaded, unless ``FORAGE_TRUST_STAGES=1`` says so.
"""

import json
import os
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper, VecNormalize

from baselines.evaluation import count
from baselines.randomness import Streams
from baselines.sb3_vector import SB3VectorEnv
from baselines.worlds import dealt, training_worlds
from experiments.errors import UserError
from experiments.learners.learner import Learner
from experiments.learners.own_source import digest_of, make_of
from experiments.plans.plan import Plan, Species
from experiments.plans.stages import Stage
from foraging_env.scores import Counts

_ABOUT = "about.json"
_NEEDED = ("learn", "predict", "save", "load")
_TRUST = "FORAGE_TRUST_STAGES"
_ROOT = 0  # whoever is this user can do all that the agent could


class CustomLearner(Learner):
    """An agent that `make` made, in worlds that descend from the seed and from how much it has learned."""

    suffix = ".zip"

    def __init__(self, plan: Plan, seed: int, steps: int = 0) -> None:
        self._name, self._seed, self._steps = plan.species.name, seed, steps
        self._habitat = plan.species.habitat
        self._worlds: SB3VectorEnv | None = None
        with Streams(self._derived_seed()):
            self._agent = make_of(self._name)(self._new_worlds, seed)
        lacking = [name for name in _NEEDED if not callable(getattr(self._agent, name, None))]
        if lacking:
            raise UserError(f"the agent of {self._name} has no {', '.join(lacking)}; it needs {', '.join(_NEEDED)}")
        if self._worlds is None:
            raise UserError(f"{self._name} made an agent without worlds; let it learn in what worlds(n) gives")
        self._env: VecEnv = self._as_made()

    @classmethod
    def born(cls, plan: Plan, seed: int) -> "CustomLearner":
        """What ``make`` makes."""
        return cls(plan, seed)

    @classmethod
    def loaded(cls, plan: Plan, path: Path) -> "CustomLearner":
        """What the agent's own ``load`` makes of its file.

        Raises UserError if the file is another user's.
        """
        _check_owner(path)
        with zipfile.ZipFile(path) as parts, TemporaryDirectory() as folder:
            about = json.loads(parts.read(_ABOUT))
            learner = cls(plan, about["seed"], about["steps"])
            for name in parts.namelist():
                if name != Path(name).name:
                    raise UserError(f"{path} holds {name!r}, which is no plain name of a file; delete its folder")
                if name != _ABOUT:
                    (Path(folder) / name).write_bytes(parts.read(name))
            learner._agent = type(learner._agent).load(Path(folder) / Path(about["file"]).name, env=learner._env)
            if "normalised" in about:
                learner._normaliser().set_state(about["normalised"])
        return learner

    @classmethod
    def describe(cls, species: Species) -> dict[str, Any]:
        """Where it comes from, and a digest of its source: an edited agent begins anew."""
        return {**species.describe(), "source": digest_of(species.name)}

    @classmethod
    def remedies(cls, species: Species) -> dict[str, bool]:
        """Its own affair."""
        return {}

    @classmethod
    def rollout(cls, species: Species) -> int:
        """Its own affair."""
        return 1

    def enter(self, stage: Stage, parent: Stage | None) -> None:
        """Tell it which tasks begin, if it wants to know."""
        if stage.trains:
            self._tell("begin_task", stage)

    def train(self, stage: Stage, steps: int) -> None:
        """``steps``, or as many more as the agent's own rollouts take, in worlds built anew."""
        worlds = self._base()
        worlds.seed(self._derived_seed())
        worlds.set_options([{"task": task} for task in dealt(stage.tasks, worlds.num_envs)])
        if hasattr(self._agent, "_last_obs"):
            self._agent._last_obs = None  # SB3 then resets its worlds
        else:
            self._env.reset()
        with Streams(self._derived_seed()):
            self._agent.learn(total_timesteps=steps, reset_num_timesteps=False)
        self._steps += steps

    def leave(self, stage: Stage) -> None:
        """Tell it which tasks are over, if it wants to know."""
        if stage.trains:
            self._tell("end_task", stage)

    def evaluate(self, task: str, steps: int, seed: int) -> Counts:
        """As deep agents are tested."""
        return count(_Tested(self._agent, self._name, self._normaliser()), task, steps, seed, habitat=self._habitat)

    def save(self, path: Path) -> None:
        """The agent's own files, what its worlds have measured, and how far it is, as one file.

        Raises UserError if its ``save`` does not write one file, or several of which one has the name it was given.
        """
        with TemporaryDirectory() as folder:
            asked = Path(folder) / "agent.zip"
            self._agent.save(asked)
            written = sorted(Path(folder).iterdir())
            if len(written) != 1 and asked not in written:
                names = ", ".join(each.name for each in written) or "nothing"
                raise UserError(
                    f"save of {self._name} was given {asked.name} and wrote {names}; let it write one file, or one of "
                    "that name beside others"
                )
            own = asked if asked in written else written[0]
            about: dict[str, Any] = {"seed": self._seed, "steps": self._steps, "file": own.name}
            measured = self._normaliser().get_state()
            if measured:
                about["normalised"] = measured
            with zipfile.ZipFile(path, "w") as parts:  # entries without a time, so that equal agents are equal bytes
                parts.writestr(zipfile.ZipInfo(_ABOUT), json.dumps(about))
                for each in written:
                    parts.writestr(zipfile.ZipInfo(each.name), each.read_bytes())

    @property
    def bytes_kept(self) -> int:
        """What it says."""
        return int(getattr(self._agent, "bytes_kept", 0))

    def _new_worlds(self, n: int) -> SB3VectorEnv:
        self._worlds = training_worlds(n, ["task1"], self._habitat)
        self._worlds.seed(self._derived_seed())
        return self._worlds

    def _base(self) -> SB3VectorEnv:
        assert self._worlds is not None
        return self._worlds

    def _as_made(self) -> VecEnv:
        """The worlds that the agent learns in, with what ``make`` wrapped around them."""
        get_env = getattr(self._agent, "get_env", None)
        env: Any = get_env() if callable(get_env) else getattr(self._agent, "env", None)
        env = env if isinstance(env, VecEnv) else self._base()
        if env.unwrapped is not self._base():
            raise UserError(f"the agent of {self._name} learns in other worlds than worlds(n) gave; let it wrap those")
        if env.observation_space != self._base().observation_space:
            raise UserError(
                f"{self._name} wraps its worlds so that they show {env.observation_space}, but tests show "
                f"{self._base().observation_space}; change observations within the agent's learn and predict"
            )
        return env

    def _normaliser(self) -> "_Normaliser":
        return _Normaliser(self._env)

    def _derived_seed(self) -> int:
        return int(np.random.SeedSequence((self._seed, self._steps)).generate_state(1)[0] >> 1)

    def _tell(self, what: str, stage: Stage) -> None:
        listener = getattr(self._agent, what, None)
        if listener is not None:
            with Streams(self._derived_seed()):
                listener(stage.tasks)


class _Normaliser:
    """What a `VecNormalize` among the wrappers of an environment has measured; without one, nothing."""

    def __init__(self, env: VecEnv) -> None:
        while isinstance(env, VecEnvWrapper) and not isinstance(env, VecNormalize):
            env = env.venv
        self._env = env if isinstance(env, VecNormalize) else None

    def observations(self, seen: np.ndarray) -> np.ndarray:
        """As the agent sees them while it learns."""
        return seen if self._env is None else np.asarray(self._env.normalize_obs(seen))

    def get_state(self) -> dict[str, Any]:
        """Numbers and lists of them; floats keep all their digits."""
        if self._env is None:
            return {}
        state: dict[str, Any] = {"returns": self._env.returns.tolist()}
        for name, measured in self._measured().items():
            state[name] = [np.asarray(measured.mean).tolist(), np.asarray(measured.var).tolist(), float(measured.count)]
        return state

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from `get_state`."""
        assert self._env is not None
        self._env.returns = np.array(state["returns"])
        for name, measured in self._measured().items():
            measured.mean, measured.var = (np.array(part) for part in state[name][:2])
            measured.count = state[name][2]

    def _measured(self) -> dict[str, RunningMeanStd]:
        found = {name: getattr(self._env, name, None) for name in ("ret_rms", "obs_rms")}
        return {name: measured for name, measured in found.items() if isinstance(measured, RunningMeanStd)}


class _Tested:
    """The agent as tests need it: what its ``predict`` returns is looked at."""

    def __init__(self, agent: Any, name: str, normaliser: _Normaliser) -> None:
        self._agent, self._name, self._normaliser = agent, name, normaliser
        for attribute in ("observation_space", "action_space"):
            if hasattr(agent, attribute):
                setattr(self, attribute, getattr(agent, attribute))

    def predict(
        self, observation: np.ndarray, state: Any = None, episode_start: Any = None, deterministic: bool = False
    ) -> tuple[np.ndarray, Any]:
        """Moves int64[n] and the state. Raises UserError for anything else than both."""
        seen = self._normaliser.observations(observation)
        answer = self._agent.predict(seen, state, episode_start, deterministic=deterministic)
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise UserError(
                f"predict of {self._name} returned {type(answer).__name__}, not (actions, state); return the state to "
                "hand in next beside the actions, None if there is none"
            )
        actions = np.asarray(answer[0])
        if actions.shape != (len(observation),) or not np.isin(actions, np.arange(8)).all():
            raise UserError(
                f"predict of {self._name} returned actions of shape {actions.shape} for {len(observation)} "
                f"observations; return one of 0 to 7 for each"
            )
        return actions, answer[1]


def _check_owner(path: Path) -> None:
    if not hasattr(os, "getuid") or os.environ.get(_TRUST):
        return
    owner = path.stat().st_uid
    if owner not in (os.getuid(), _ROOT):
        raise UserError(
            f"{path} belongs to another user ({owner}), and an agent's own load may run code that lies in it; "
            f"set {_TRUST}=1 if you trust them, or choose another --stages"
        )
