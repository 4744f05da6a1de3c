"""How a run tells a person how far it is: a live bar for every agent at work on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol as Interface

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from experiments.printing import counted, duration

_LINE_EVERY = 30.0  # seconds between plain lines, so that a log stays short


class Reporter(Interface):
    """Told what happens; shows it. Work is counted in estimated seconds."""

    def begin(self, unit: str) -> None:
        """A process begins with a unit."""

    def advance(self, unit: str, stage: str, work: float, share: float) -> None:
        """A unit did ``work`` more, in ``stage``, of which that is the ``share``."""

    def end(self, unit: str, outcome: str) -> None:
        """A unit ended; ``outcome`` is one word or a line."""


@contextmanager
def reporter(console: Console, done: float, total: float, units: int) -> Iterator[Reporter]:
    """The way of reporting that suits ``console``; ``done`` of the ``total`` work is there already."""
    if console.is_terminal:
        with _columns(console) as progress:
            yield _Bars(progress, done, total, units)
    else:
        yield _Lines(console, done, total, units)


def _columns(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[stage]}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[left]}"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=console,
        speed_estimate_period=120,
    )


class _Tally:
    """How many of the units have ended, and how."""

    def __init__(self, units: int) -> None:
        self._units, self._finished, self._failed = units, 0, 0

    @property
    def left(self) -> int:
        """Those that have not ended."""
        return self._units - self._finished - self._failed

    def add(self, outcome: str) -> None:
        if outcome == "finished":
            self._finished += 1
        else:
            self._failed += 1

    def text(self) -> str:
        failed = f", {self._failed} failed" * (self._failed > 0)
        return f"{self._finished} of {counted(self._units, 'agent')}{failed}"


class _Bars:
    """One bar for all, and one for the present stage of every unit at work."""

    def __init__(self, progress: Progress, done: float, total: float, units: int) -> None:
        self._progress = progress
        self._tally = _Tally(units)
        self._all = progress.add_task("all", total=total, stage=self._tally.text(), left="left")
        progress.update(self._all, completed=done)
        self._bars: dict[str, TaskID] = {}

    def begin(self, unit: str) -> None:
        self._bars[unit] = self._progress.add_task(unit, total=1.0, stage="starting", left="")

    def advance(self, unit: str, stage: str, work: float, share: float) -> None:
        bar = self._bars[unit]
        task = next(task for task in self._progress.tasks if task.id == bar)
        completed = share if task.fields["stage"] != stage else task.completed + share
        self._progress.update(bar, completed=completed, stage=stage)
        self._progress.update(self._all, advance=work)

    def end(self, unit: str, outcome: str) -> None:
        self._progress.remove_task(self._bars.pop(unit))
        self._tally.add(outcome)
        self._progress.update(self._all, stage=self._tally.text())
        if outcome != "finished":
            self._progress.console.print(f"{unit} {outcome}", style="red")


class _Lines:
    """Time left is reckoned from the first news on, so that starting and compiling do not count as slowness."""

    def __init__(self, console: Console, done: float, total: float, units: int) -> None:
        self._console = console
        self._done, self._total = done, total
        self._tally = _Tally(units)
        self._begin = self._last = time.monotonic()
        self._first_news: tuple[float, float] | None = None

    def begin(self, unit: str) -> None:
        """Nothing to be said yet."""

    def advance(self, unit: str, stage: str, work: float, share: float) -> None:
        self._done += work
        now = time.monotonic()
        if self._first_news is None:
            self._first_news = now, self._done
        elif now - self._last >= _LINE_EVERY:
            self._print(now, f"{unit} in {stage}")

    def end(self, unit: str, outcome: str) -> None:
        self._tally.add(outcome)
        now = time.monotonic()
        if outcome != "finished" or not self._tally.left or now - self._last >= _LINE_EVERY / 6:
            self._print(now, f"{unit} {outcome}")

    def _print(self, now: float, what: str) -> None:
        self._last = now
        share = f"{100 * min(1.0, self._done / self._total):5.1f}%, {self._tally.text()}"
        text = f"{duration(now - self._begin)}  {share}{self._left(now)}; {what}"
        self._console.print(text, soft_wrap=True)

    def _left(self, now: float) -> str:
        since, done = self._first_news or (now, self._done)
        if done >= self._done or self._done >= self._total:
            return ""
        return f", about {duration((now - since) * (self._total - self._done) / (self._done - done))} left"
