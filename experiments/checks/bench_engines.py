"""``forage bench``: the fast engine beside the reference engine: time of a movement cycle, moves and spikes that agree.

Both are measured where the paper's training goes on: in task training, after an unsupervised stage. What a cycle costs
depends on the spikes in it, and homeostasis holds those: 0.01 a hidden neuron, 0.5 an output neuron. So the network
need not have lived as long as the paper's, only until its rates have come to rest. One million cycles without values
give the hidden layer its rate and its selectivity. Then output resistance is set to 2, instead of letting it climb
there from 0.06, and after 300,000 cycles of task 1 it rests at 3, the rates at 0.0104 and 0.51, and the network
performs at 0.64 (seed 11; nothing of this changes in the next 100,000 cycles).
"""

import json as json_format
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import foraging_env  # noqa: F401  registers Forage-v0
from experiments.checks.side_by_side import awake
from experiments.printing import console, table
from foraging_env.tasks import named_task
from foraging_env.world import Worlds
from spiking_agent import SpikingAgent


class Lengths(NamedTuple):
    """Movement cycles of every part of the measurement."""

    unsupervised: int = 1_000_000
    task: int = 300_000
    repeats: int = 9
    fast: int = 20_000  # in every repeat
    reference: int = 300
    compared: int = 10_000

    def work(self) -> float:
        """About how long it all takes, in fast cycles."""
        slow = 100  # fast cycles in a reference cycle
        timed = self.repeats * (self.fast + slow * self.reference)
        return self.unsupervised + self.task + timed + slow * self.compared


Advance = Callable[[str, float], None]  # what is being done, and how many fast cycles' worth of it was done

_PIECE = 50_000  # cycles between two movements of the progress bar


def bench_engines(json: bool) -> None:
    """Measure, and print a table or one JSON object; progress goes to standard error."""
    lengths = Lengths()
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TextColumn("left"), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=lengths.work())
        report = measure(lengths, lambda what, work: progress.update(bar, description=what, advance=work))
    if json:
        print(json_format.dumps(report))
    else:
        console().print(_table(report, lengths))


def measure(lengths: Lengths, advance: Advance, seed: int = 11) -> dict[str, float]:
    """Microseconds a cycle of both engines, their ratio, and the shares of cycles with equal moves and equal spikes."""
    trained = _trained(lengths, advance, seed)
    with tempfile.TemporaryDirectory() as folder:
        trained.save(Path(folder) / "trained.npz")
        fast, reference = (
            SpikingAgent.load(Path(folder) / "trained.npz", env=_world(), engine=engine)
            for engine in ("fast", "reference")
        )
    times: dict[str, list[float]] = {"fast": [], "reference": []}
    for repeat in range(lengths.repeats + 1):
        for agent, cycles, weight in ((fast, lengths.fast, 1), (reference, lengths.reference, 100)):
            took = _microseconds(agent, cycles)
            if repeat > 0:  # the first round warms up
                times[agent.engine].append(took)
                advance("timing both engines", weight * cycles)
    worlds = Worlds(1)
    worlds.assign(0, named_task("task1"))
    worlds.seed(0, np.random.default_rng(seed))
    worlds.build()
    moves_equal = spikes_equal = 0
    for cycle in islice(awake(reference.brain, fast.brain, worlds), lengths.compared):
        moves_equal += cycle.moves
        spikes_equal += cycle.spikes
        advance("comparing them cycle by cycle", 100)
    fast_us, reference_us = median(times["fast"]), median(times["reference"])
    return {
        "fast_us_per_cycle": round(fast_us, 2),
        "reference_us_per_cycle": round(reference_us, 1),
        "ratio": round(reference_us / fast_us, 1),
        "moves_equal": moves_equal / lengths.compared,
        "spikes_equal": spikes_equal / lengths.compared,
    }


def _world() -> gym.Env:
    return gym.make("Forage-v0", task="all", max_episode_steps=-1)


def _trained(lengths: Lengths, advance: Advance, seed: int) -> SpikingAgent:
    agent = SpikingAgent(_world(), seed=seed)
    for task, cycles in (("all", lengths.unsupervised), ("task1", lengths.task)):
        agent.set_task(task)
        if task != "all":
            agent.freeze_hidden()
            agent.set_output_resistance(2.0)
        for begin in range(0, cycles, _PIECE):
            piece = min(_PIECE, cycles - begin)
            agent.learn(piece, reset_num_timesteps=False, log_interval=None)
            advance("training a network", piece)
    return agent


def _microseconds(agent: SpikingAgent, cycles: int) -> float:
    start = time.perf_counter()
    agent.learn(cycles, reset_num_timesteps=False, log_interval=None)
    return 1e6 * (time.perf_counter() - start) / cycles


def _table(report: dict[str, Any], lengths: Lengths) -> Table:
    grid = table(
        "One movement cycle of task training, world included",
        caption=f"one core, median of {lengths.repeats}; equal: fed the same views, weights and noise, "
        f"in {lengths.compared:,} cycles",
        show_header=False,
    )
    grid.add_row("fast engine", f"{report['fast_us_per_cycle']:.1f} µs")
    grid.add_row("reference engine", f"{report['reference_us_per_cycle']:,.0f} µs")
    grid.add_row("ratio", f"{report['ratio']:.0f}")
    grid.add_row("moves equal", f"{100 * report['moves_equal']:.2f}%")
    grid.add_row("all spikes equal", f"{100 * report['spikes_equal']:.2f}%")
    return grid
