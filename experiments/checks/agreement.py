"""Do both engines learn the same?

``python -m experiments.checks.agreement --out experiments/results/engines_agree.csv``

For every seed one network spends an unsupervised stage with the fast engine. From that same saved state it then learns
task 1 with each engine. In every cycle both would answer almost alike, but lives part at the first different move, and
single lives scatter: so each engine lives several, which differ in their noise, and in each the frozen network is
tested a few times along the way. All tests are done by the fast engine: what is compared is what was learned. A seed's
performance comes from all tests of its lives together; the answer is the mean difference over seeds, with a t-interval.

Stopped and started again with the same file it goes on with the seeds that are missing.
"""

import csv
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, NamedTuple

import gymnasium as gym
import numpy as np
import typer
from rich.progress import Progress
from scipy.stats import t as student

import foraging_env  # noqa: F401  registers Forage-v0
from experiments.errors import UserError
from experiments.printing import console
from foraging_env.files import write_csv
from foraging_env.scores import Counts
from spiking_agent import SpikingAgent

START = "start"  # in the place of an engine: the state from which both go on


class Schedule(NamedTuple):
    """Movement cycles, and how often."""

    unsupervised: int = 600_000
    lives: int = 2
    tests: int = 2  # in every life, at equal distances
    learned: int = 9_000  # from one test to the next
    tested: int = 80_000


class Row(NamedTuple):
    """What one seed ate with one engine, in all tests of its lives together."""

    seed: int
    engine: str
    rewarded: int
    punished: int
    cycles: int
    performance: float


class Interval(NamedTuple):
    """Mean of a difference over seeds, and its 95% t-interval."""

    mean: float
    low: float
    high: float
    n: int


def rows_of(seed: int, schedule: Schedule) -> list[Row]:
    """Live and test with one seed: the state both engines go on from, then each of them."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        start = Path(folder) / "start.npz"
        begun = _begin(seed, schedule)
        begun.save(start)
        rows.append(_row(seed, START, [_test(begun, seed, 0, schedule)]))
        for engine in ("fast", "reference"):
            tests = []
            for life in range(schedule.lives):
                agent = SpikingAgent.load(start, env=_world(), engine=engine)
                net = agent.brain.net[0]
                net.stream = np.uint64(net.stream) ^ np.uint64(life)
                for test in range(schedule.tests):
                    agent.learn(schedule.learned, reset_num_timesteps=False, log_interval=None)
                    tests.append(_test(agent, seed, 1 + life * schedule.tests + test, schedule))
            rows.append(_row(seed, engine, tests))
    return rows


def _row(seed: int, engine: str, tests: list[Counts]) -> Row:
    counts = Counts(*(sum(column) for column in zip(*tests, strict=True)))
    return Row(seed, engine, *counts, counts.performance)


def difference(rows: list[Row]) -> Interval:
    """Performance with the fast engine minus performance with the reference engine, paired by seed.

    Raises ValueError for fewer than two seeds.
    """
    by_engine = {
        engine: {r.seed: r.performance for r in rows if r.engine == engine} for engine in ("fast", "reference")
    }
    both = sorted(by_engine["fast"].keys() & by_engine["reference"].keys())
    if len(both) < 2:
        raise ValueError(f"an interval needs at least two seeds with both engines, got {len(both)}")
    differences = np.array([by_engine["fast"][seed] - by_engine["reference"][seed] for seed in both])
    half = student.ppf(0.975, len(both) - 1) * differences.std(ddof=1) / np.sqrt(len(both))
    return Interval(differences.mean(), differences.mean() - half, differences.mean() + half, len(both))


def read(path: Path) -> list[Row]:
    """The rows of a file that `compare` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        kinds = Row.__annotations__
        return [Row(**{name: kinds[name](text) for name, text in line.items()}) for line in csv.DictReader(file)]


def compare(seeds: int, jobs: int, out: Path, schedule: Schedule) -> Iterator[list[Row]]:
    """Do what ``out`` lacks; yields all rows whenever a seed is done.

    Raises UserError if ``out`` was written with another schedule.
    """
    rows = read(out) if out.exists() else []
    for r in rows:
        expected = schedule.tested * (1 if r.engine == START else schedule.lives * schedule.tests)
        if r.cycles != expected:
            raise UserError(f"{out} holds tests of {r.cycles} cycles, not {expected}; choose another file")
    missing = sorted(set(range(seeds)) - {r.seed for r in rows})
    yield rows
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(rows_of, seed, schedule) for seed in missing]):
            rows = sorted([*rows, *done.result()])
            write_csv(out, Row._fields, rows)
            yield rows


def main(
    out: Annotated[Path, typer.Option(help="The table; what it already holds is kept.")],
    seeds: Annotated[int, typer.Option(min=2, help="How many networks.")] = 10,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Compare what both engines learn; about two minutes a seed on one core."""
    try:
        with Progress(console=console(stderr=True)) as progress:
            bar = progress.add_task("learning with both engines", total=seeds)
            for rows in compare(seeds, jobs, out, Schedule()):
                progress.update(bar, completed=len(rows) // 3)
    except UserError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    for engine in (START, "fast", "reference"):
        print(f"{engine:>9}: {np.mean([r.performance for r in rows if r.engine == engine]):.4f}")
    mean, low, high, n = difference(rows)
    print(f"fast - reference: {mean:+.4f}, 95% interval {low:+.4f} to {high:+.4f}, {n} seeds")
    sys.exit(0 if -0.02 <= low <= high <= 0.02 else 1)


def _world() -> gym.Env:
    return gym.make("Forage-v0", task="all", max_episode_steps=-1)


def _begin(seed: int, schedule: Schedule) -> SpikingAgent:
    agent = SpikingAgent(_world(), seed=seed)
    agent.learn(schedule.unsupervised, log_interval=None)
    agent.freeze_hidden()
    agent.set_output_resistance(0.5)  # at the value where they will rest the outputs would be silent for long
    agent.set_task("task1")
    return agent


def _test(agent: SpikingAgent, seed: int, number: int, schedule: Schedule) -> Counts:
    where = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
    if agent.engine != "fast":
        with tempfile.TemporaryDirectory() as folder:
            agent.save(Path(folder) / "frozen.npz")
            agent = SpikingAgent.load(Path(folder) / "frozen.npz", env=_world(), engine="fast")
    return agent.evaluate("task1", schedule.tested, where)


if __name__ == "__main__":
    typer.run(main)
