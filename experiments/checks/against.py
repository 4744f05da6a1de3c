"""``forage bench --against CHECKOUT``: this version of the engine beside another, in one run on one machine.

Each version is a process of its own. The other one's trains the networks, both load them (so an earlier version is to
be the other one), and then they take turns, one chunk of cycles each; what is compared is processor time.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from rich.table import Table

from experiments.checks import lives
from experiments.errors import UserError
from experiments.printing import table

HERE = Path(__file__).resolve().parents[2]


class Lengths(NamedTuple):
    """Movement cycles of every part of the measurement."""

    preparation: lives.Preparation = lives.Preparation()
    repeats: int = 9
    cycles: int = 20_000  # in every repeat


class Pace(NamedTuple):
    """Microseconds of a cycle, there and here, by repeat; both of a repeat were measured one after the other."""

    there: Sequence[float]
    here: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        """How many times faster this version was, by repeat."""
        return [there / here for there, here in zip(self.there, self.here, strict=True)]


class _Version:
    """A process that times the agent of one checkout."""

    def __init__(self, process: subprocess.Popen[str], checkout: Path) -> None:
        self._process, self._checkout = process, checkout
        agent = Path(self._answer()["agent"])
        if agent.parent != checkout:
            raise UserError(f"{checkout} holds no spiking_agent (what was found lies in {agent}); give a checkout")

    def ask(self, folder: Path, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"folder": str(folder)} | request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise UserError(f"the engine of {self._checkout} could not be timed; its error is printed above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def _version(checkout: Path) -> Iterator[_Version]:
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    command = [sys.executable, "-P", lives.__file__]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=checkout
    ) as process:
        try:
            yield _Version(process, checkout)
        finally:
            process.kill()


def measure(checkout: Path, lengths: Lengths, advance: Callable[[str, float], None]) -> dict[str, Pace]:
    """The pace of every kind of life; ``advance`` is told what is done, and how much of `work` it was.

    Raises UserError if ``checkout`` is none, or its agent cannot be timed.
    """
    there = checkout.resolve()
    if not (there / "spiking_agent" / "__init__.py").is_file():
        raise UserError(f"{checkout} holds no spiking_agent; give a checkout of this project")
    paces = {life: Pace([], []) for life in lives.LIVES}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        versions = [stack.enter_context(_version(place)) for place in (there, HERE)]
        versions[0].ask(folder, preparation=lengths.preparation)
        advance("training networks", lengths.preparation.cycles())
        for repeat in range(lengths.repeats + 1):
            for life, pace in paces.items():
                for version, times in zip(versions, pace, strict=True):
                    took = version.ask(folder, life=life, cycles=lengths.cycles)["microseconds"]
                    if repeat > 0:  # the first round warms up
                        times.append(took)  # type: ignore[attr-defined]
                    advance(f"timing the {life}", lengths.cycles)
    return paces


def work(lengths: Lengths) -> int:
    """Cycles of all that `measure` does."""
    return lengths.preparation.cycles() + 2 * len(lives.LIVES) * (lengths.repeats + 1) * lengths.cycles


def report(paces: Mapping[str, Pace]) -> dict[str, Any]:
    """Medians by kind of life: microseconds a cycle there and here, and their ratio with the smallest and largest."""
    return {
        life: {
            "there_us_per_cycle": round(median(pace.there), 2),
            "here_us_per_cycle": round(median(pace.here), 2),
            "ratio": round(median(pace.ratios), 2),
            "ratios": [round(min(pace.ratios), 2), round(max(pace.ratios), 2)],
        }
        for life, pace in paces.items()
    }


def as_table(paces: Mapping[str, Pace], checkout: Path, lengths: Lengths) -> Table:
    """`report` to be read."""
    grid = table(
        "One movement cycle, world included, µs of processor time",
        caption=f"medians of {lengths.repeats} repeats of {lengths.cycles:,} cycles, in turn with {checkout}; "
        "times faster: median, smallest, largest",
    )
    grid.add_column("")
    for heading in ("there", "here", "times faster"):
        grid.add_column(heading, justify="right")
    for life, row in report(paces).items():
        low, high = row["ratios"]
        faster = f"{row['ratio']:.2f} ({low:.2f} to {high:.2f})"
        grid.add_row(life, f"{row['there_us_per_cycle']:.2f}", f"{row['here_us_per_cycle']:.2f}", faster)
    return grid
