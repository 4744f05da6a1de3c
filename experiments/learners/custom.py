"""A user's own agent in the comparison: ``--agent mypackage.module:make``.

``make(worlds, seed)`` returns an agent in the manner of SB3; ``worlds(n)`` makes the `VecEnv` that it learns in::

    def make(worlds, seed):
        return PPO("MlpPolicy", worlds(16), n_steps=64, seed=seed)

| the agent has | for |
|---|---|
| ``learn(total_timesteps, reset_num_timesteps=False)`` | a segment of a stage, in worlds that are built anew |
| ``predict(observation, state, episode_start, deterministic)`` | tests; returns actions and the state to hand in next |
| ``save(path)``, ``load(path, env=...)`` (of its class) | going on where a run was stopped |
| ``begin_task(tasks)``, ``end_task(tasks)``, if it likes | what it does against forgetting |
| ``bytes_kept``, if it likes | what it owns up to keeping from earlier tasks |

Python's, NumPy's and torch's global generators are seeded anew for every segment. So a run that is stopped goes on to
the same numbers, if ``save`` forgets nothing (SB3's DQN forgets its replay buffer).
"""

import hashlib
import importlib
import inspect
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from baselines.evaluation import count
from baselines.randomness import Streams
from baselines.sb3_vector import SB3VectorEnv
from baselines.worlds import dealt, training_worlds
from experiments.errors import UserError
from experiments.learners.learner import Learner
from experiments.plans.plan import Plan, Species
from experiments.plans.stages import Stage
from foraging_env.scores import Counts

_ABOUT = "about.json"
_NEEDED = ("learn", "predict", "save", "load")


class CustomLearner(Learner):
    """An agent that `make` made, in worlds that descend from the seed and from how much it has learned."""

    suffix = ".zip"

    def __init__(self, plan: Plan, seed: int, steps: int = 0) -> None:
        self._plan, self._seed, self._steps = plan, seed, steps
        self._senses = plan.species.senses
        self._env: SB3VectorEnv | None = None
        with Streams(self._derived_seed()):
            self._agent = _make(plan.species.name)(self._worlds, seed)
        lacking = [name for name in _NEEDED if not callable(getattr(self._agent, name, None))]
        if lacking:
            named = f"the agent of {plan.species.name}"
            raise UserError(f"{named} has no {', '.join(lacking)}; it needs {', '.join(_NEEDED)}")
        if self._env is None:
            raise UserError(f"{plan.species.name} made an agent without worlds; let it learn in what worlds(n) gives")

    @classmethod
    def born(cls, plan: Plan, seed: int) -> "CustomLearner":
        """What ``make`` makes."""
        return cls(plan, seed)

    @classmethod
    def loaded(cls, plan: Plan, path: Path) -> "CustomLearner":
        """What the agent's own ``load`` makes of its file."""
        with zipfile.ZipFile(path) as parts, TemporaryDirectory() as folder:
            about = json.loads(parts.read(_ABOUT))
            learner = cls(plan, about["seed"], about["steps"])
            own = Path(folder) / about["file"]
            own.write_bytes(parts.read(about["file"]))
            learner._agent = type(learner._agent).load(own, env=learner._env)
        return learner

    @classmethod
    def describe(cls, species: Species) -> dict[str, Any]:
        """Where it comes from, and a digest of that file: an edited agent begins anew."""
        source = Path(inspect.getfile(_make(species.name)))
        return {
            **species.describe(),
            "source": hashlib.sha256(source.read_bytes()).hexdigest(),
        }

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
        env = self._env
        assert env is not None
        env.seed(self._derived_seed())
        env.set_options([{"task": task} for task in dealt(stage.tasks, env.num_envs)])
        if hasattr(self._agent, "_last_obs"):
            self._agent._last_obs = None  # SB3 then resets its worlds
        else:
            env.reset()
        with Streams(self._derived_seed()):
            self._agent.learn(total_timesteps=steps, reset_num_timesteps=False)
        self._steps += steps

    def leave(self, stage: Stage) -> None:
        """Tell it which tasks are over, if it wants to know."""
        if stage.trains:
            self._tell("end_task", stage)

    def evaluate(self, task: str, steps: int, seed: int) -> Counts:
        """As deep agents are tested."""
        return count(self._agent, task, steps, seed, senses=self._senses)

    def save(self, path: Path) -> None:
        """The agent's own file, and how far it is, as one file."""
        with TemporaryDirectory() as folder:
            self._agent.save(Path(folder) / "agent.zip")
            (own,) = Path(folder).iterdir()
            about = {"seed": self._seed, "steps": self._steps, "file": own.name}
            with zipfile.ZipFile(path, "w") as parts:  # entries without a time, so that equal agents are equal bytes
                parts.writestr(zipfile.ZipInfo(_ABOUT), json.dumps(about))
                parts.writestr(zipfile.ZipInfo(own.name), own.read_bytes())

    @property
    def bytes_kept(self) -> int:
        """What it says."""
        return int(getattr(self._agent, "bytes_kept", 0))

    def _worlds(self, n: int) -> SB3VectorEnv:
        self._env = training_worlds(n, ["task1"], self._senses)
        self._env.seed(self._derived_seed())
        return self._env

    def _derived_seed(self) -> int:
        return int(np.random.SeedSequence((self._seed, self._steps)).generate_state(1)[0] >> 1)

    def _tell(self, what: str, stage: Stage) -> None:
        listener = getattr(self._agent, what, None)
        if listener is not None:
            with Streams(self._derived_seed()):
                listener(stage.tasks)


def _make(name: str) -> Callable[..., Any]:
    module_name, _, attribute = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise UserError(
            f"agent {name!r}: {module_name} cannot be imported ({error}); "
            "run from its folder, or install it, and write it as mypackage.module:make"
        ) from error
    make = getattr(module, attribute, None)
    if not callable(make):
        raise UserError(f"agent {name!r}: {module_name} has no function {attribute!r}")
    function: Callable[..., Any] = make
    return function
