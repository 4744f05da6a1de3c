"""``forage bench``: the fast engine beside the reference engine: time of a movement cycle, moves and spikes that agree.

Both are measured where the paper's training goes on: in task training, after an unsupervised stage (`lives`). The fast
engine is timed in the other kinds of life too.
"""

import json as json_format
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from experiments.checks import against as versions
from experiments.checks import lives
from experiments.checks.side_by_side import awake
from experiments.printing import console, table
from foraging_env.tasks import named_task
from foraging_env.world import Worlds
from spiking_agent import SpikingAgent


class Lengths(NamedTuple):
    """Movement cycles of every part of the measurement."""

    preparation: lives.Preparation = lives.Preparation()
    repeats: int = 9
    fast: int = 20_000  # in every repeat
    reference: int = 300
    compared: int = 10_000

    def work(self) -> float:
        """About how long it all takes, in fast cycles."""
        timed = (self.repeats + 1) * (len(lives.LIVES) * self.fast + _SLOW * self.reference)
        return self.preparation.cycles() + timed + _SLOW * self.compared


Advance = Callable[[str, float], None]  # what is being done, and how many fast cycles' worth of it was done

_SLOW = 200  # fast cycles in a reference cycle


def bench_engines(json: bool, against: Path | None) -> None:
    """Measure, and print a table or one JSON object; progress goes to standard error."""
    lengths = Lengths()
    if against is not None:
        _bench_against(against, json)
        return
    with _progress(lengths.work()) as advance:
        report = measure(lengths, advance)
    if json:
        print(json_format.dumps(report))
    else:
        console().print(_table(report, lengths))


def _bench_against(checkout: Path, json: bool) -> None:
    lengths = versions.Lengths()
    with _progress(versions.work(lengths)) as advance:
        paces = versions.measure(checkout, lengths, advance)
    if json:
        print(json_format.dumps(versions.report(paces)))
    else:
        console().print(versions.as_table(paces, checkout, lengths))


@contextmanager
def _progress(work: float) -> Iterator[Advance]:
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TextColumn("left"), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=work)
        yield lambda what, done: progress.update(bar, description=what, advance=done)


def measure(lengths: Lengths, advance: Advance) -> dict[str, float]:
    """Microseconds a cycle of both engines, their ratio, and the shares of cycles with equal moves and equal spikes.

    Of the fast engine, in all kinds of life. Times are of the processor.
    """
    times: dict[str, list[float]] = {name: [] for name in ("reference", *lives.LIVES)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lives.prepare(folder, lengths.preparation, lambda cycles: advance("training networks", cycles))
        fast, reference = (
            SpikingAgent.load(folder / f"{lives.TRAINING}.npz", env=lives.world(), engine=engine)
            for engine in ("fast", "reference")
        )
        for repeat in range(lengths.repeats + 1):
            took = {life: lives.microseconds(folder, life, lengths.fast) for life in lives.LIVES}
            advance("timing the fast engine", len(lives.LIVES) * lengths.fast)
            took["reference"] = _microseconds(reference, lengths.reference)
            advance("timing the reference engine", _SLOW * lengths.reference)
            if repeat > 0:  # the first round warms up
                for name, microseconds in took.items():
                    times[name].append(microseconds)
    worlds = Worlds(1)
    worlds.assign(0, named_task("task1"))
    worlds.seed(0, np.random.default_rng(lives.SEED))
    worlds.build()
    moves_equal = spikes_equal = 0
    for cycle in islice(awake(reference.brain, fast.brain, worlds), lengths.compared):
        moves_equal += cycle.moves
        spikes_equal += cycle.spikes
        advance("comparing them cycle by cycle", _SLOW)
    medians = {name: median(values) for name, values in times.items()}
    return {
        "fast_us_per_cycle": round(medians[lives.TRAINING], 2),
        "reference_us_per_cycle": round(medians["reference"], 1),
        "ratio": round(medians["reference"] / medians[lives.TRAINING], 1),
        "moves_equal": moves_equal / lengths.compared,
        "spikes_equal": spikes_equal / lengths.compared,
        "test_us_per_cycle": round(medians[lives.TEST], 2),
        "sleep_us_per_cycle": round(medians[lives.SLEEP], 2),
        "unsupervised_us_per_cycle": round(medians[lives.UNSUPERVISED], 2),
    }


def _microseconds(agent: SpikingAgent, cycles: int) -> float:
    start = time.process_time()
    agent.learn(cycles, reset_num_timesteps=False, log_interval=None)
    return 1e6 * (time.process_time() - start) / cycles


def _table(report: dict[str, Any], lengths: Lengths) -> Table:
    grid = table(
        "One movement cycle, world included",
        caption=f"processor time, median of {lengths.repeats}; equal: fed the same views, weights and noise, "
        f"in {lengths.compared:,} cycles",
        show_header=False,
    )
    grid.add_row("training", f"{report['fast_us_per_cycle']:.2f} µs")
    for life, key in ((lives.TEST, "test"), (lives.SLEEP, "sleep"), (lives.UNSUPERVISED, "unsupervised")):
        grid.add_row(life, f"{report[f'{key}_us_per_cycle']:.2f} µs")
    grid.add_row("training, reference engine", f"{report['reference_us_per_cycle']:,.0f} µs")
    grid.add_row("ratio", f"{report['ratio']:.0f}")
    grid.add_row("moves equal", f"{100 * report['moves_equal']:.2f}%")
    grid.add_row("all spikes equal", f"{100 * report['spikes_equal']:.2f}%")
    return grid
