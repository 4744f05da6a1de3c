"""The same units on a Dask cluster: the same bytes, also when a worker is killed; and what is refused."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from miniature import comparison, contents, request
from same_files import assert_same_files

from experiments.errors import UserError
from experiments.learners.species import learner
from experiments.plans.plan import Plan
from experiments.printing import console as new_console
from experiments.running.cluster import Cluster, Place, check
from experiments.running.configuration import versions
from experiments.running.runner import run, stages_of
from experiments.running.workers import Started

distributed = pytest.importorskip("distributed")

PLANS = comparison(["ppo", "ppo+ewc"])


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit=0
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run") / "here"
    live(out)
    return out


def live(out: Path, scheduler: str | None = None, plans: tuple[Plan, ...] = PLANS) -> str:
    console = new_console(file=StringIO(), width=200)
    wanted = request(out, plans, [0], "forgetting")
    assert run(wanted, jobs=1, console=console, command="forage run", scheduler=scheduler), console.file.getvalue()
    return console.file.getvalue()


def test_a_cluster_makes_the_same_bytes_as_this_machine(scheduler, here, tmp_path):
    told = live(tmp_path, scheduler)

    assert "2 agents, 2 at a time" in told
    assert_same_files(contents(tmp_path), contents(here))


def test_a_worker_that_is_killed_changes_nothing(scheduler, here, tmp_path):
    killed: list[int] = []
    over = threading.Event()
    killer = threading.Thread(target=kill_a_worker_at_work, args=(scheduler, tmp_path, killed, over))
    killer.start()
    try:
        live(tmp_path, scheduler, comparison(["ppo"]))
    finally:
        over.set()
        killer.join()

    assert killed, "the run ended before a worker could be killed"
    undisturbed, states = contents(here), {n: c for n, c in contents(tmp_path).items() if n.startswith("stages")}
    assert {name for name in states if name.endswith(".pt")}
    assert_same_files(states, {name: undisturbed[name] for name in states if name in undisturbed})


def kill_a_worker_at_work(scheduler: str, out: Path, killed: list[int], over: threading.Event) -> None:
    """With SIGKILL, when the first task is being learned; the unit's process ends with its worker."""
    with distributed.Client(scheduler, set_as_default=False) as client:
        while not any(out.glob("stages/ppo-seed-0/1-task1-*/record.json")):
            if over.wait(0.01):
                return
        pids = client.run(os.getpid)
        busy = [worker for worker, keys in client.processing().items() if keys]
        os.kill(pids[busy[0]], signal.SIGKILL)
        killed.append(pids[busy[0]])


def test_whoever_stops_listening_takes_back_what_was_not_begun(scheduler, tmp_path):
    wanted = request(tmp_path, PLANS, range(3), "forgetting")
    species = {plan.species.key: learner(plan.species).describe(plan.species) for plan in PLANS}
    stages = stages_of(wanted, species)
    with Cluster(scheduler) as cluster:
        events = cluster.run_units(PLANS, wanted.units(), stages, tmp_path / "stages")
        assert isinstance(next(events), Started)
        events.close()

    with distributed.Client(scheduler, set_as_default=False) as client:
        wait_until(lambda: not any(client.processing().values()))
        wait_until(lambda: client.run(children) and not any(client.run(children).values()))
    assert not list(tmp_path.glob("stages/ppo-seed-2")), "begun after it was taken back"
    assert not list(tmp_path.glob("stages/.beacon*"))


def children() -> int:
    """Processes of units that a worker has."""
    import multiprocessing

    return len(multiprocessing.active_children())


def wait_until(true) -> None:
    deadline = time.monotonic() + 300
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_without_the_folder_or_with_other_versions_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"worker tcp://far:1 does not see .* choose another --out"):
        check(Place(tmp_path / ".beacon", versions()), "tcp://far:1")
    with pytest.raises(UserError, match=r"has numpy .* and this machine 0\.1.* start workers from the same environ"):
        check(Place(tmp_path, versions() | {"numpy": "0.1"}), "tcp://far:1")


def test_no_scheduler_at_the_address_is_said():
    with pytest.raises(UserError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'.* 'dask scheduler'"):
        Cluster("tcp://127.0.0.1:9", patience=0.2)


def test_without_the_extra_the_remedy_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(UserError, match=r'pip install "foraging-env\[distributed\]"'):
        Cluster("tcp://127.0.0.1:9")
