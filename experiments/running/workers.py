"""Units, agents with their seeds, in processes of their own, some at a time; nothing here can change a result.

This module imports nothing heavy: a fresh process reads it before its numbers of threads are set.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, NamedTuple

from experiments.errors import UserError, in_words
from experiments.plans.plan import Plan, Unit
from experiments.running.storage import Stages

if TYPE_CHECKING:
    from experiments.running.life import Step

_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class Started(NamedTuple):
    """A process begins with a unit."""

    unit: Unit


class Finished(NamedTuple):
    """A unit has all its stages."""

    unit: Unit


class Failed(NamedTuple):
    """A unit could not go on; ``reason`` is one line, ``details`` the traceback of a fault of the program.

    ``lost``: its process was ended from outside, so the unit may be tried again.
    """

    unit: Unit
    reason: str
    details: str = ""
    lost: bool = False


@dataclass
class _Worker:
    """A process that lives one unit after the other, and the unit that it is at."""

    process: SpawnProcess
    pipe: Connection
    unit: Unit

    def end(self) -> None:
        """Let it go; it has nothing more to do."""
        self.pipe.close()
        self.process.join()


def run_units(
    plans: Sequence[Plan], units: Sequence[Unit], stages: Stages, jobs: int
) -> "Generator[Started | Step | Finished | Failed, None, None]":
    """Live every unit, at most ``jobs`` at once, and tell what happens as it happens.

    A unit that fails does not stop the others. Closing the iterator ends all processes; what they had saved stays.

    Raises ValueError if ``jobs`` is below 1.
    """
    if jobs < 1:
        raise ValueError(f"jobs={jobs}: at least one process is needed")
    waiting = list(units)
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < jobs:
                workers.append(_hire(plans, stages, waiting.pop(0)))
                yield Started(workers[-1].unit)
            ready = wait([worker.pipe for worker in workers])
            for worker in [worker for worker in workers if worker.pipe in ready]:
                message = _news(worker)
                yield message
                if isinstance(message, Failed) or (isinstance(message, Finished) and not waiting):
                    workers.remove(worker)
                    worker.end()
                elif isinstance(message, Finished):
                    worker.unit = waiting.pop(0)
                    yield Started(worker.unit)
                    with suppress(ConnectionError):  # it died; the next news says so
                        worker.pipe.send(worker.unit)
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.end()


def _hire(plans: Sequence[Plan], stages: Stages, unit: Unit) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(plans, stages, theirs))
    with _deaf_to_ctrl_c():
        process.start()
    theirs.close()  # so that our end sees when the process dies
    ours.send(unit)
    return _Worker(process, ours, unit)


def _news(worker: _Worker) -> "Step | Finished | Failed":
    try:
        message: Step | Finished | Failed = worker.pipe.recv()
        return message
    except (EOFError, ConnectionError):
        worker.process.join()
        return Failed(worker.unit, _death(worker.process.exitcode), lost=True)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """A process that is started here never hears Ctrl-C, which reaches the whole group: its parent answers it."""
    if threading.current_thread() is not threading.main_thread():  # only there can it be said
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _death(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        name = signal.Signals(-exitcode).name
        return f"its process was ended by {name}" + (" (often: out of memory)" if name == "SIGKILL" else "")
    return f"its process ended with status {exitcode}"


def _work(plans: Sequence[Plan], stages: Stages, pipe: Connection) -> None:
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    while True:
        try:
            unit: Unit = pipe.recv()
        except EOFError:
            return
        try:
            _live(plans[unit.plan], unit, stages, pipe)
            pipe.send(Finished(unit))
        except (UserError, OSError, MemoryError) as error:
            pipe.send(Failed(unit, in_words(error)))
        except Exception as error:
            pipe.send(Failed(unit, f"{type(error).__name__}: {error}", traceback.format_exc()))


def _live(plan: Plan, unit: Unit, stages: Stages, pipe: Connection) -> None:
    import torch

    from experiments.running.life import live

    torch.set_num_threads(1)
    for step in live(plan, unit, stages):
        pipe.send(step)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
