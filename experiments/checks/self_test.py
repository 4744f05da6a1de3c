"""Does this machine compute what ours computed? Short lives with golden numbers, and how fast they were lived.

Three lives are compared with those in ``golden.json``. The world is whole numbers and must agree to the bit. The
spiking network is double precision: the last digit of an exponential may differ between processors and libraries, and
in so short a life such a digit moves no spike. So its counts must agree exactly, its sums of weights to nine digits,
and whether even the bits agree is told and not asked for. PPO is single precision, whose sums differ in the seventh
digit from one library to the next, and once in thousands of moves that draws another move: its numbers may differ by
some percent.

Speeds are per second of processor time, which other programs on the machine hardly change.
``python -m experiments.commands.doctor --write-golden`` makes the file anew.
"""

import hashlib
import json
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.running.configuration import versions

GOLDEN = Path(__file__).with_name("golden.json")
"""What the checks gave on our machine, with its versions and speeds."""


class Measured(NamedTuple):
    """What a life gave: numbers that must be equal, numbers that must be near, a fingerprint of everything."""

    exact: dict[str, int | str]
    near: dict[str, tuple[float, float]]  # value, and how far off another machine may be, relative to it
    bits: str  # hexadecimal
    speed: float  # steps in a second of processor time


class Check(NamedTuple):
    """A life that is compared."""

    name: str
    unit: str  # of its speed
    measure: Callable[[], Measured]
    hint: str  # if it differs


class Finding(NamedTuple):
    """A check and what came out."""

    name: str
    ok: bool
    differences: list[str]  # each "what: here X, golden Y"
    same_bits: bool
    hint: str  # empty if it is ok
    unit: str
    speed: float
    golden_speed: float


def world() -> Measured:
    """1,500 steps of 16 worlds, with moves that a seed gives; the ends of their episodes lie in between."""
    import gymnasium as gym

    import foraging_env  # noqa: F401  registers Forage-v0
    from experiments.checks.env_speed import batch

    env = gym.make_vec("Forage-v0", num_envs=16, vectorization_mode="vector_entry_point")
    digest = hashlib.sha256()
    seen, _ = env.reset(seed=0)
    rewarded = punished = 0
    for moves in np.random.default_rng(0).integers(0, 8, size=(1_500, 16)):
        digest.update(np.ascontiguousarray(seen, dtype=np.int8).tobytes())
        seen, rewards, _, _, _ = env.step(moves)
        rewarded += int((rewards > 0).sum())
        punished += int((rewards < 0).sum())
    bits = digest.hexdigest()[:16]
    run = batch(gym.make_vec("Forage-v0", num_envs=64, vectorization_mode="vector_entry_point"))
    run(200)
    speed = _speed(lambda: run(4_000))
    return Measured({"rewarded": rewarded, "punished": punished, "all observations": bits}, {}, bits, speed)


def spiking() -> Measured:
    """4,000 cycles without values, 2,000 of task 1 with as many asleep, a test; then more for the speed."""
    import gymnasium as gym

    import foraging_env  # noqa: F401  registers Forage-v0
    from spiking_agent import SleepCallback, SpikingAgent

    agent = SpikingAgent(gym.make("Forage-v0", task="all", max_episode_steps=-1), seed=7)
    agent.learn(4_000, log_interval=None)
    agent.freeze_hidden()
    agent.set_task("task1")
    agent.set_output_resistance(5.0)
    sleep = SleepCallback(every=100, duration=100)
    agent.learn(2_000, callback=sleep, reset_num_timesteps=False, log_interval=None)
    net = agent.brain.net[0]
    learned = {  # scaling holds the sums, so lengths as vectors are taken
        "input weights": net.w_in,
        "output weights": agent.weights,
        "output resistances": agent.output_resistance,
        "hidden rates": net.rate_hidden,
    }
    near = {f"length of {what}": (float(np.linalg.norm(array)), 1e-9) for what, array in learned.items()}
    bits = hashlib.sha256(b"".join(array.tobytes() for array in learned.values())).hexdigest()[:16]
    tested = agent.evaluate("task1", 2_000, seed=1)
    exact: dict[str, int | str] = {
        "cycles asleep": agent.asleep_cycles,
        "rewarded in the test": tested.rewarded,
        "punished in the test": tested.punished,
    }

    def live() -> int:
        agent.learn(10_000, reset_num_timesteps=False, log_interval=None)
        return 10_000

    return Measured(exact, near, bits, _speed(live))


def ppo() -> Measured:
    """One update of PPO after 4,096 steps of task 1 and a test; then more for the speed."""
    from baselines.agent import DeepAgent

    with _one_thread():
        agent = DeepAgent("ppo", seed=7)
        agent.begin_task("task1")
        before = _parameters(agent.model.policy)
        agent.learn(agent.algorithm.rollout)
        after = _parameters(agent.model.policy)
        tested = agent.evaluate("task1", 5_000, seed=1)
        near = {
            "length of the update": (float(np.linalg.norm(after - before)), 0.02),
            "eaten in the test": (float(tested.rewarded + tested.punished), 0.1),
        }
        bits = hashlib.sha256(after.tobytes()).hexdigest()[:16]

        def live() -> int:
            agent.learn(agent.algorithm.rollout)
            return agent.algorithm.rollout

        return Measured({"steps": agent.model.num_timesteps}, near, bits, _speed(live))


CHECKS = (
    Check(
        "world",
        "steps of 64 worlds",
        world,
        "it is whole numbers only: a fault of the compiler or of the installation; try --clean-cache, then compare "
        "the versions of numba and numpy with those of the golden numbers",
    ),
    Check(
        "spiking network",
        "cycles while learning",
        spiking,
        "results of the spiking agent will differ from ours; if the world is well, compare the versions of numba and "
        "numpy with those of the golden numbers",
    ),
    Check(
        "PPO",
        "steps while learning",
        ppo,
        "deep agents will differ from ours by more than rounding; compare the versions of torch and stable_baselines3 "
        "with those of the golden numbers",
    ),
)
"""All checks, in the order in which they are made."""


def read_golden(path: Path = GOLDEN) -> dict[str, Any]:
    """What `write_golden` wrote."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_golden(path: Path = GOLDEN) -> None:
    """Make the golden numbers on this machine."""
    content = {
        "made_by": "python -m experiments.commands.doctor --write-golden",
        "made_on": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": versions(),
        "checks": {check.name: check.measure()._asdict() for check in CHECKS},
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def examine(golden: Mapping[str, Any], checks: Sequence[Check]) -> Iterator[Finding]:
    """Live every check and compare; one that cannot be lived is not ok and says why."""
    for check in checks:
        there = Measured(**golden["checks"][check.name])
        try:
            here = check.measure()
        except Exception as error:  # whatever is wrong with an installation, the other checks go on
            reason = f"it cannot be run: {type(error).__name__}: {error}"
            yield Finding(check.name, False, [reason], False, check.hint, check.unit, 0.0, there.speed)
            continue
        differences = compare(here, there)
        yield Finding(
            check.name,
            not differences,
            differences,
            here.bits == there.bits,
            check.hint if differences else "",
            check.unit,
            here.speed,
            there.speed,
        )


def compare(here: Measured, golden: Measured) -> list[str]:
    """What differs, each as "what: here X, golden Y"; the golden numbers say how near is near enough."""
    told = [
        f"{name}: here {here.exact.get(name)}, golden {value}"
        for name, value in golden.exact.items()
        if here.exact.get(name) != value
    ]
    for name, (value, allowed) in golden.near.items():
        found, _ = here.near.get(name, (float("nan"), 0.0))
        if not abs(found - value) <= allowed * abs(value):
            told.append(f"{name}: here {found:.12g}, golden {value:.12g}, allowed {allowed:g} of it")
    return told


def _parameters(module: Any) -> NDArray[np.float32]:
    """All of them, one after the other."""
    return np.concatenate([parameter.detach().cpu().numpy().ravel() for parameter in module.parameters()])


def _speed(live: Callable[[], int]) -> float:
    """Steps in a second of processor time, the best of three rounds; ``live`` says how many it has made."""
    speeds = []
    for _ in range(3):
        begin = time.process_time()
        steps = live()
        speeds.append(steps / max(time.process_time() - begin, 1e-9))
    return round(max(speeds), 1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch with one thread, as in every process of a run."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
