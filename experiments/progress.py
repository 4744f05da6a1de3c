"""How a run tells a person how far it is: a live bar for every seed on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol as Interface

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_LINE_EVERY = 30.0  # seconds between plain lines, so that a log stays short


class Reporter(Interface):
    """Told what happens; shows it."""

    def advance(self, seed: int, stage: str, cycles: int) -> None:
        """A seed did ``cycles`` more cycles, in ``stage``."""

    def end(self, seed: int, outcome: str) -> None:
        """A seed ended; ``outcome`` is one word or a line."""


@contextmanager
def reporter(console: Console, done: Mapping[int, int], cycles_per_seed: int) -> Iterator[Reporter]:
    """The way of reporting that suits ``console``; ``done`` are the cycles that every seed already has."""
    if console.is_terminal:
        with _columns(console) as progress:
            yield _Bars(progress, done, cycles_per_seed)
    else:
        yield _Lines(console, done, cycles_per_seed)


def _columns(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<7}"),
        TextColumn("{task.fields[stage]:<18}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=console,
        speed_estimate_period=120,
    )


class _Bars:
    def __init__(self, progress: Progress, done: Mapping[int, int], total: int) -> None:
        self._progress = progress
        self._bars = {
            seed: progress.add_task(
                f"seed {seed}", total=total, completed=cycles, stage="waiting" if cycles < total else "finished"
            )
            for seed, cycles in done.items()
        }
        self._all = progress.add_task("all", total=total * len(done), completed=sum(done.values()), stage="")

    def advance(self, seed: int, stage: str, cycles: int) -> None:
        self._progress.update(self._bars[seed], advance=cycles, stage=stage)
        self._progress.update(self._all, advance=cycles)

    def end(self, seed: int, outcome: str) -> None:
        self._progress.update(self._bars[seed], stage=outcome)


class _Lines:
    """Time left is reckoned from the first news on, so that starting and compiling do not count as slowness."""

    def __init__(self, console: Console, done: Mapping[int, int], total: int) -> None:
        self._console = console
        self._total = total * len(done)
        self._done = sum(done.values())
        self._begin = self._last = time.monotonic()
        self._first_news: tuple[float, int] | None = None

    def advance(self, seed: int, stage: str, cycles: int) -> None:
        self._done += cycles
        now = time.monotonic()
        if self._first_news is None:
            self._first_news = now, self._done
        elif now - self._last >= _LINE_EVERY:
            self._last = now
            self._print(now, f"seed {seed} in {stage}")

    def end(self, seed: int, outcome: str) -> None:
        self._print(time.monotonic(), f"seed {seed} {outcome}")

    def _print(self, now: float, what: str) -> None:
        share = f"{100 * self._done / self._total:5.1f}% of all cycles"
        text = f"{_duration(now - self._begin)}  {share}{self._left(now)}; {what}"
        self._console.print(text, highlight=False, soft_wrap=True)

    def _left(self, now: float) -> str:
        since, done = self._first_news or (now, self._done)
        if done == self._done:
            return ""
        return f", about {_duration((now - since) * (self._total - self._done) / (self._done - done))} left"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"
