"""Seeds in processes of their own, some at a time; nothing here can change a result.

This module imports nothing heavy: a fresh process reads it before its numbers of threads are set.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, NamedTuple

from experiments.protocols import Plan
from experiments.storage import RunFolder

if TYPE_CHECKING:
    from experiments.life import Step

_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class Finished(NamedTuple):
    """A seed has all its stages."""

    seed: int


class Failed(NamedTuple):
    """A seed could not go on; ``reason`` is one line, ``details`` a traceback if there is one."""

    seed: int
    reason: str
    details: str


def run_seeds(
    plan: Plan, seeds: Sequence[int], folder: RunFolder, jobs: int
) -> "Generator[Step | Finished | Failed, None, None]":
    """Live every seed, at most ``jobs`` at once, and tell what happens as it happens.

    A seed that fails does not stop the others. Closing the iterator ends all processes; what they had saved stays.

    Raises ValueError if ``jobs`` is below 1.
    """
    if jobs < 1:
        raise ValueError(f"jobs={jobs}: at least one process is needed")
    context = multiprocessing.get_context("spawn")
    waiting = list(seeds)
    running: dict[Connection, tuple[int, SpawnProcess]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                seed = waiting.pop(0)
                receiver, sender = context.Pipe(duplex=False)
                process = context.Process(target=_work, args=(plan, seed, folder, sender), name=f"seed-{seed}")
                with _deaf_to_ctrl_c():
                    process.start()
                sender.close()  # so that the receiver sees the end when the process dies
                running[receiver] = (seed, process)
            for receiver in [r for r in wait(list(running)) if isinstance(r, Connection)]:
                seed, process = running[receiver]
                try:
                    message = receiver.recv()
                except EOFError:
                    process.join()
                    message = Failed(seed, _death(process.exitcode), "")
                yield message
                if isinstance(message, Finished | Failed):
                    process.join()
                    del running[receiver]
    finally:
        for _, process in running.values():
            process.terminate()
        for _, process in running.values():
            process.join()


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


def _work(plan: Plan, seed: int, folder: RunFolder, sender: Connection) -> None:
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        import torch

        from experiments.life import live

        torch.set_num_threads(1)
        for step in live(plan, seed, folder):
            sender.send(step)
        sender.send(Finished(seed))
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        sender.send(Failed(seed, reason, traceback.format_exc()))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
