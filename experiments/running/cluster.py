"""Units on the workers of a Dask cluster instead of in processes of this machine; nothing here can change a result.

A worker lives a unit as `experiments.running.workers` does here: in a new process of its own, with one thread, from the
stages that are there. All that the machines share is the folder of stages, on a file system that all of them see. News
comes back as events that the worker logs with the scheduler and the client subscribes to.

A worker may die at any moment: Dask gives its unit to another one, which goes on after the last segment that was saved
and comes to the same bytes. A worker that only lost touch with the scheduler may be at the unit still. The lock of the
stage keeps them apart; it is an ``flock``, and that works between machines where the file system says so:

* NFS 4, and NFS 3 with its lock service (on Linux both turn it into a lock of the server), GPFS, CephFS: yes;
* Lustre: if mounted with ``flock``; with ``localflock`` every node has locks of its own, and nobody is told;
* BeeGFS: if global file locks are switched on; else as with ``localflock``;
* a mount that refuses ``flock`` altogether: filelock falls back to files that only name their holder. A killed holder's
  is cleared away by the same machine only. If all wait for a node that is gone, delete the stage's ``.lock``, and the
  ``.tables.lock`` of the run.

Without locks that hold between machines nothing false is written (all write the same bytes, whole or not at all), but
one may clear away what another is writing, and the other's unit stops with an error. Then share no stages: run agents
that share them (``ppo,ppo+ewc``) one after the other.
"""

import multiprocessing
import os
import queue
import time
import uuid
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from experiments.errors import UserError
from experiments.plans.plan import Plan, Unit
from experiments.running.configuration import versions
from experiments.running.life import Step, is_done
from experiments.running.storage import Stages, tests_key
from experiments.running.workers import Failed, Finished, Started, run_units
from foraging_env.extras import install

if TYPE_CHECKING:
    from distributed import Future

_TRIES = 3
"""Times that a unit may be lost without having saved anything in between; Dask's own tries after the death of a worker
(three, if it is not told otherwise) count as one."""

_ARRIVAL = 90.0
"""Seconds for which this machine waits to see what a worker says that it wrote; NFS looks again after 60 at most."""


class Place(NamedTuple):
    """What a worker must find where it is, so that what it does counts."""

    beacon: Path  # a file in the folder of stages that the client has just lit
    versions: dict[str, str | None]


class LostError(Exception):
    """The process of a unit was ended from outside; the unit may be tried again. Argument: the reason, one line."""


class BrokenError(Exception):
    """A unit could not go on. Arguments: the reason, one line, and a traceback."""


@dataclass
class _Task:
    """A unit on its way through the cluster."""

    unit: Unit
    reached: int  # pieces that were saved when it was last submitted
    future: "Future | None" = None
    begun: bool = False
    lost: int = 0  # times, since something was saved


class Cluster:
    """A Dask cluster that is there already; close it, or use it in a ``with`` block, and it forgets about us."""

    def __init__(self, scheduler: str, patience: float = 20.0) -> None:
        """``scheduler`` is an address such as ``tcp://host:8786``; it is given up after ``patience`` seconds.

        Raises UserError without the package `distributed`, and if there is no scheduler at the address.
        """
        try:
            from distributed import Client
        except ImportError as error:
            raise UserError(f"--scheduler needs the package distributed: {install('distributed')}") from error
        self.scheduler = scheduler
        try:
            self._client = Client(scheduler, timeout=patience, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UserError(
                f"no Dask scheduler answers at {scheduler!r} ({error}); start one with 'dask scheduler', "
                "and give the address that it prints, such as tcp://host:8786"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the cluster; what it still does for us is stopped."""
        self._client.close()

    def places(self) -> int:
        """How many units it lives at once: the threads of its present workers; it may grow."""
        return sum(self._client.nthreads().values())

    def run_units(
        self, plans: Sequence[Plan], units: Sequence[Unit], stages: Stages, folder: Path
    ) -> Generator[Started | Step | Finished | Failed, None, None]:
        """Live every unit on the cluster and tell what happens as it happens; as `running.workers.run_units`.

        ``folder`` is where the stages lie; it and the path of ``stages`` must be absolute, and mean the same folder
        everywhere. A unit whose worker or process dies is lived again from what it had saved; it fails if that happens
        three times without anything having been saved in between. Closing the iterator takes back what was not begun;
        what was begun is stopped at its next news.

        Raises UserError if a worker does not see the folder, has other versions of the packages that make the numbers,
        or if the scheduler goes away.
        """
        run = uuid.uuid4().hex
        folder.mkdir(parents=True, exist_ok=True)
        place = Place(folder / f".beacon-{run}", versions())
        news: queue.SimpleQueue[tuple[int, Future | None, list[Any]]] = queue.SimpleQueue()
        tasks: dict[int, _Task] = {}

        def submit(numbers: Sequence[int], attempt: int) -> None:
            futures = self._client.map(  # all at once, so that the scheduler hands them out one by one
                live_here,
                numbers,
                [tasks[number].unit for number in numbers],
                plans=plans,
                stages=stages,
                place=place,
                topic=run,
                key=[f"forage-{run}-{number}-{attempt}" for number in numbers],
                pure=False,
            )
            for number, future in zip(numbers, futures, strict=True):
                tasks[number].future = future
                future.add_done_callback(lambda done, number=number: news.put((number, done, [])))

        self._client.subscribe_topic(run, lambda event: news.put((event[1][0], None, event[1][1:])))
        try:
            place.beacon.touch()
            tasks.update((number, _Task(unit, _saved(plans, unit, stages))) for number, unit in enumerate(units))
            submit(list(tasks), 0)
            attempt = 0
            while tasks:
                number, future, step = news.get()
                task = tasks.get(number)
                if task is None or (future is not None and future is not task.future):  # late news of what has ended
                    continue
                if not task.begun:
                    task.begun = True
                    yield Started(task.unit)
                if future is not None:
                    outcome = self._outcome(task, plans, stages)
                    if outcome is None:
                        attempt += 1
                        submit([number], attempt)
                    else:
                        del tasks[number]
                        yield outcome
                elif step:
                    yield Step(task.unit, *step)
        finally:
            with suppress(OSError):
                place.beacon.unlink(missing_ok=True)
            if self._client.status == "running":
                self._client.unsubscribe_topic(run)
                self._client.cancel([task.future for task in tasks.values() if task.future is not None])

    def _outcome(self, task: _Task, plans: Sequence[Plan], stages: Stages) -> Finished | Failed | None:
        """How a unit ended whose future is done; None if it is worth another try."""
        from distributed.scheduler import KilledWorker

        assert task.future is not None
        if task.future.status == "finished":
            return _arrived(plans, task.unit, stages)
        if task.future.status != "error":
            raise UserError(
                f"the scheduler at {self.scheduler} has gone, or dropped our agents ({task.future.status}); what is "
                "finished is saved: start a scheduler, and the same command goes on"
            )
        error = task.future.exception()
        if isinstance(error, UserError):
            raise error
        if isinstance(error, BrokenError):
            return Failed(task.unit, *error.args)
        if not isinstance(error, LostError | KilledWorker):
            return Failed(task.unit, f"{type(error).__name__}: {error}")
        saved = _saved(plans, task.unit, stages)
        task.lost = 1 if saved > task.reached else task.lost + 1
        task.reached = saved
        if task.lost >= _TRIES:
            return Failed(task.unit, f"lost {_TRIES} times without getting on; the last time: {error}")
        return None


def _saved(plans: Sequence[Plan], unit: Unit, stages: Stages) -> int:
    """How many pieces of a life are saved: segments, and tests after stages."""
    plan = plans[unit.plan]
    folders = [stages.folder(plan, stage, unit.seed) for stage in plan.stages_of(unit.agent)]
    return sum(folder.read().segments + (folder.tests(tests_key(plan)) is not None) for folder in folders)


def _arrived(plans: Sequence[Plan], unit: Unit, stages: Stages) -> Finished | Failed:
    """What a worker finished is finished when this machine sees it; network file systems may take a minute."""
    plan, deadline = plans[unit.plan], time.monotonic() + _ARRIVAL
    while not all(is_done(plan, stage, unit.seed, stages) for stage in plan.stages_of(unit.agent)):
        if time.monotonic() > deadline:
            return Failed(unit, f"a worker finished it, but after {_ARRIVAL:.0f} s this machine does not see it")
        time.sleep(0.5)
    return Finished(unit)


def live_here(number: int, unit: Unit, *, plans: Sequence[Plan], stages: Stages, place: Place, topic: str) -> None:
    """Live a unit; what a worker of the cluster does. News goes to ``topic``, under our ``number``.

    Raises UserError if this is not the place, LostError or BrokenError if the unit did not come to its end.
    """
    from distributed import get_worker

    worker = get_worker()
    check(place, worker.address)
    key = worker.get_current_task()
    if multiprocessing.current_process().daemon:
        # Dask's nannies make workers daemons, which may not have processes of their own. Ours end with their parent.
        multiprocessing.current_process().daemon = False
    with closing(run_units(plans, [unit], stages, jobs=1)) as events:
        for event in events:
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":  # nobody wants it any more
                return
            match event:
                case Started():
                    worker.log_event(topic, [number])
                case Failed(_, reason, details, lost):
                    if lost:
                        raise LostError(f"{reason}, on {worker.address}")
                    raise BrokenError(f"{reason}, on {worker.address}", details)
                case Finished():
                    pass
                case Step(_, stage, learned, tested):
                    worker.log_event(topic, [number, stage, learned, tested])


def check(place: Place, where: str) -> None:
    """See that results made here are the client's results: same folder, same versions.

    Raises UserError if not.
    """
    if not place.beacon.exists():
        raise UserError(
            f"worker {where} does not see {place.beacon.parent} as this machine has it; results must lie on a file "
            "system that all workers share under the same path: choose another --out (or --stages)"
        )
    here = versions()
    for name, wanted in place.versions.items():
        if here[name] != wanted:
            raise UserError(
                f"worker {where} (process {os.getpid()}) has {name} {here[name]}, and this machine {wanted}, which "
                "may give other numbers; start workers from the same environment"
            )
