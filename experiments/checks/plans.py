"""What an environment of the fuzzer is made of, as plain data, and the environment itself."""

from typing import Any, NamedTuple

import gymnasium as gym
from gymnasium.vector import AutoresetMode

from experiments.checks.invariants import Rules
from foraging_env import Schedule
from foraging_env.wrappers import (
    ForagingStatistics,
    RecordPath,
    ScheduledTasks,
    VectorForagingStatistics,
    VectorScheduledTasks,
)


class Plan(NamedTuple):
    """Everything that an environment is made of, as plain data."""

    id: str  # a registered id
    worlds: int  # 0 for a single environment
    rules: Rules
    tasks: tuple[str, ...]  # one, or one for each world; without a schedule
    schedule: Schedule | None
    truncate: bool  # the end of a phase is the end of an episode
    limit: int | None  # steps of an episode
    mode: AutoresetMode
    statistics: bool  # with the wrapper of that name; and single ones with `RecordPath`
    checker: bool  # single: with Gymnasium's own checker around
    twin: bool  # vector: beside it Gymnasium's batch of single ones, which must live the same life


def make(plan: Plan) -> Any:
    """The environment of a plan."""
    arguments = arguments_of(plan)
    env: Any
    if plan.worlds:
        env = gym.make_vec(plan.id, num_envs=plan.worlds, vectorization_mode="vector_entry_point", **arguments)
        if plan.schedule and plan.id == "Forage-v0":
            env = VectorScheduledTasks(env, plan.schedule, truncate=plan.truncate)
        return VectorForagingStatistics(env) if plan.statistics else env
    env = single(plan, arguments)
    return RecordPath(ForagingStatistics(env), keep=100) if plan.statistics else env


def single(plan: Plan, arguments: dict[str, Any]) -> gym.Env:
    """A single environment of a plan, with the wrappers of its schedule."""
    env = gym.make(plan.id, disable_env_checker=not plan.checker, **arguments)
    if plan.schedule and plan.id == "Forage-v0":
        return ScheduledTasks(env, plan.schedule, truncate=plan.truncate)
    return env


def arguments_of(plan: Plan) -> dict[str, Any]:
    """The keyword arguments of ``gym.make`` or ``gym.make_vec``."""
    arguments: dict[str, Any] = plan.rules._asdict()
    if plan.id == "Forage-v0":
        arguments["max_episode_steps"] = -1 if plan.limit is None else plan.limit
        if plan.schedule is None:
            arguments["task"] = plan.tasks[0] if len(plan.tasks) == 1 else list(plan.tasks)
        if plan.worlds:
            arguments["autoreset_mode"] = plan.mode
        return arguments
    assert plan.schedule is not None
    return arguments | {"steps_per_task": plan.schedule.phases[0][1], "episode_steps": plan.limit}
