"""How fast environments are: steps per second of several, measured in turns, and the time to a first step."""

import importlib
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import gymnasium as gym
from gymnasium.vector import VectorEnv

import foraging_env  # noqa: F401 (registers the ids)

ROUNDS = 7
STARTS = 5
_SECONDS_A_ROUND = 0.25
_FIRST_STEP = "import gymnasium as gym, foraging_env; e = gym.make('Forage-v0'); e.reset(seed=0); e.step(0)"

Stepper = Callable[[int], int]
"""Takes a number of calls of ``step``, makes them, and returns how many environment steps these were."""


def single(env: gym.Env) -> Stepper:
    """Random moves in one environment, which is reset when an episode ends."""
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(1024)]

    def run(calls: int) -> int:
        for k in range(calls):
            _, _, terminated, truncated, _ = env.step(actions[k & 1023])
            if terminated or truncated:
                env.reset()
        return calls

    return run


def batch(env: VectorEnv) -> Stepper:
    """Random moves in a vector environment."""
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(64)]

    def run(calls: int) -> int:
        for k in range(calls):
            env.step(actions[k & 63])
        return calls * env.num_envs

    return run


def _native(env_id: str, n: int, **arguments: Any) -> VectorEnv:
    return gym.make_vec(env_id, num_envs=n, vectorization_mode="vector_entry_point", **arguments)


def _registered_by(package: str, env_id: str) -> gym.Env:
    """An environment whose package registers it when it is imported."""
    module = importlib.import_module(package)
    gym.register_envs(module)
    return gym.make(env_id, disable_env_checker=True)  # not every package passes it


def _forager() -> Stepper:
    """andnp's Forager, 50 x 50 cells and 7 x 7 in view; it has no ends of episodes."""
    from forager.Env import ForagerConfig, ForagerEnv  # type: ignore[import-not-found]
    from forager.objects import Flower, Thorns  # type: ignore[import-not-found]

    objects = {"flower": Flower, "thorns": Thorns}
    env = ForagerEnv(ForagerConfig(size=50, object_types=objects, observation_mode="objects", aperture=7))
    for name in objects:
        env.generate_objects(freq=0.05, name=name)
    env.start()

    def run(calls: int) -> int:
        for k in range(calls):
            env.step(k * 7 % 4)
        return calls

    return run


def _foragax() -> Stepper:
    """continual-foragax, its step compiled and called from Python, 7 x 7 in view."""
    import jax  # type: ignore[import-not-found]
    from foragax.registry import make  # type: ignore[import-not-found]

    env = make("ForagaxNeverEndingRelearning-v1", aperture_size=7, observation_type="object")
    params, key, step = env.default_params, jax.random.key(0), jax.jit(env.step)
    state = env.reset(key, params)[1]

    def run(calls: int) -> int:
        nonlocal state
        for k in range(calls):
            seen, state, *_ = step(key, state, k * 7 % 4, params)
        jax.block_until_ready(seen)
        return calls

    run(1)
    return run


CONTENDERS: dict[str, Callable[[], Stepper]] = {
    "Forage-v0": lambda: single(gym.make("Forage-v0")),
    "Forage-v0, 64 worlds": lambda: batch(_native("Forage-v0", 64)),
    "Forage-v0, 1024 worlds": lambda: batch(_native("Forage-v0", 1024)),
    "CartPole-v1": lambda: single(gym.make("CartPole-v1")),
    "CartPole-v1, 64 worlds": lambda: batch(_native("CartPole-v1", 64)),
    "CartPole-v1, 1024 worlds": lambda: batch(_native("CartPole-v1", 1024)),
}
"""What is always there."""

PEERS: dict[str, tuple[str, Callable[[], Stepper]]] = {
    "MiniGrid-Empty-8x8-v0": ("minigrid", lambda: single(_registered_by("minigrid", "MiniGrid-Empty-8x8-v0"))),
    "Foraging-8x8-2p-1f-v3": ("lbforaging", lambda: single(_registered_by("lbforaging", "Foraging-8x8-2p-1f-v3"))),
    "Forager": ("forager", _forager),
    "ForagaxNeverEndingRelearning-v1": ("foragax", _foragax),
}
"""What is measured too if its package is installed: name, package, how to make it."""


def measure() -> dict[str, Any]:
    """Everything `forage bench env` reports; speeds in environment steps per second, times in seconds."""
    steppers = {name: make() for name, make in CONTENDERS.items()}
    broken = {}
    for name, (package, make) in PEERS.items():
        if importlib.util.find_spec(package) is not None:
            try:
                steppers[name] = make()
            except Exception as error:  # a peer that is installed but broken is named, and stops nothing
                broken[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    speeds = _in_turns(steppers)
    return {
        "single": speeds["Forage-v0"],
        "vector64": speeds["Forage-v0, 64 worlds"],
        "vector1024": speeds["Forage-v0, 1024 worlds"],
        "cartpole": speeds["CartPole-v1"],
        "start_seconds": statistics.median(_start_seconds(dict(os.environ)) for _ in range(STARTS)),
        "first_start_seconds": _first_start_seconds(),
        "bytes_per_world": _native("Forage-v0", 64).unwrapped.worlds.bytes_per_world,  # type: ignore[attr-defined]
        "rounds": ROUNDS,
        "broken_peers": broken,
        "speeds": speeds,
    }


def _in_turns(steppers: dict[str, Stepper]) -> dict[str, float]:
    """Median speed of each over rounds in which all take turns, so that a slow moment of the machine hits all."""
    calls = {}
    for name, run in steppers.items():
        run(20)
        started = time.perf_counter()
        run(200)
        calls[name] = max(50, round(200 * _SECONDS_A_ROUND / (time.perf_counter() - started)))
    speeds: dict[str, list[float]] = {name: [] for name in steppers}
    for _ in range(ROUNDS):
        for name, run in steppers.items():
            started = time.perf_counter()
            steps = run(calls[name])
            speeds[name].append(steps / (time.perf_counter() - started))
    return {name: statistics.median(measured) for name, measured in speeds.items()}


def _start_seconds(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", _FIRST_STEP], check=True, env=environment)
    return time.perf_counter() - started


def _first_start_seconds() -> float:
    with tempfile.TemporaryDirectory() as empty:
        return _start_seconds(os.environ | {"NUMBA_CACHE_DIR": empty})
