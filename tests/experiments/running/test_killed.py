"""kill -9, again and again: a run loses nothing that was finished and ends with the same bytes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import miniature
import pytest
from miniature import comparison, contents, live_in
from same_files import assert_same_files

from experiments.running import life
from experiments.running.configuration import IDENTITY, describe
from experiments.running.storage import RunFolder, Stages
from experiments.running.tables import write_tables
from foraging_env.scores import Counts

AGENTS = "ppo,ppo+l2"
KILLS = 3
PATIENCE = 240  # seconds that a process is waited for, on however busy a machine


# ---- programs that are killed from outside, at moments that a seed draws ---------------------------------


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    live_in(out, comparison(AGENTS.split(",")), seeds=[0], jobs=1)
    return out


def start(out: Path, *, stages: Path | None = None) -> subprocess.Popen:
    """The miniature as a program, in a process group of its own."""
    command = [sys.executable, miniature.__file__, str(out), AGENTS, *([str(stages)] if stages else [])]
    return subprocess.Popen(command, start_new_session=True)


def kill_all(process: subprocess.Popen) -> None:
    """The program and its workers, at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def finished_pieces(out: Path) -> dict[str, int]:
    """Segments in every record, and tests, which count as one."""
    pieces = {str(path): json.loads(path.read_text())["segments"] for path in out.rglob("record.json")}
    return pieces | {str(path): 1 for path in out.rglob("tests-*.json")}


def lasting(out: Path) -> dict[str, bytes]:
    """Every file that lasts, but for the seconds that it took."""
    files = contents(out)
    if "scores.csv" in files:
        files["scores.csv"] = b"\n".join(row for row in files["scores.csv"].splitlines() if b"cpu_seconds" not in row)
    return files


def drafts(out: Path) -> list[Path]:
    return list(out.rglob(".*draft-*"))


def wait_for_news(out: Path, before: dict[str, int], process: subprocess.Popen) -> bool:
    """Until one more piece is finished; starting Python takes longer than all the rest, so kills wait for this.

    Returns False if the program came to its end first.
    """
    deadline = time.monotonic() + PATIENCE
    while finished_pieces(out) == before:
        if process.poll() is not None:
            return False
        assert time.monotonic() < deadline, "nothing happens"
        time.sleep(0.02)
    return True


def test_killed_again_and_again_it_ends_with_the_same_bytes(undisturbed, tmp_path):
    moments = random.Random(5)
    for _ in range(KILLS):
        before = finished_pieces(tmp_path)
        process = start(tmp_path)
        if not wait_for_news(tmp_path, before, process):
            break
        time.sleep(moments.uniform(0.0, 0.4))
        kill_all(process)

        after = finished_pieces(tmp_path)
        assert all(after[name] >= pieces for name, pieces in before.items()), "something finished was lost"
    assert start(tmp_path).wait(PATIENCE) == 0

    assert_same_files(lasting(tmp_path), lasting(undisturbed))
    assert not drafts(tmp_path)


def test_two_at_once_that_share_their_stages_end_with_the_same_bytes(undisturbed, tmp_path):
    outs = [tmp_path / "one", tmp_path / "two"]
    both = [start(out, stages=tmp_path / "stages") for out in outs]

    assert [process.wait(PATIENCE) for process in both] == [0, 0]

    whole = lasting(undisturbed)
    tables = {name: content for name, content in whole.items() if not name.startswith("stages")}
    for out in outs:
        assert_same_files(lasting(out), tables)
    states = {name: content for name, content in whole.items() if name.startswith("stages")}
    shared = {f"stages/{name}": content for name, content in lasting(tmp_path / "stages").items()}
    assert_same_files(shared, states)
    assert not drafts(tmp_path)


# ---- a life that ends at its n-th touch of the disk, for every n -----------------------------------------


class Counter:
    """An agent that can do nothing but count, so that hundreds of its lives fit into seconds."""

    suffix = ".txt"
    bytes_kept = 8

    def __init__(self, steps: int) -> None:
        self._steps = steps

    @classmethod
    def born(cls, plan, seed):
        return cls(seed)

    @classmethod
    def loaded(cls, plan, path):
        return cls(int(path.read_text()))

    def enter(self, stage, parent):
        self._steps += 1

    def train(self, stage, steps):
        self._steps = (7 * self._steps + steps) % 1_000_003

    def leave(self, stage):
        self._steps += 1

    def evaluate(self, task, steps, seed):
        return Counts(self._steps, seed % 1000, steps)

    def save(self, path):
        path.write_text(str(self._steps))


PLANS = comparison(["ppo"])
CONFIGURATION = describe("forgetting", "mini", PLANS, [0], {}, "forage run")


def live_through(out: Path) -> None:
    """A run without processes: claim the folder, live every agent, write the tables."""
    run = miniature.request(out, PLANS, [0], "forgetting")
    with RunFolder(out).claimed(CONFIGURATION, IDENTITY):
        stages = Stages(out / "stages", {"ppo": {}}, {})
        for unit in run.units():
            for _ in life.live(PLANS[unit.plan], unit, stages):
                pass
            write_tables(PLANS, [0], RunFolder(out), stages)


def live_and_die(out: Path, touch: int) -> bool:
    """Live in a process that is gone before its ``touch``-th change on the disk; returns whether it was."""
    child = os.fork()
    if child == 0:
        left = iter(range(touch))

        def watch(event: str, arguments: tuple) -> None:
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if (writes or event in ("os.rename", "os.remove", "os.mkdir")) and next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            live_through(out)
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it failed"
    return os.WIFSIGNALED(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_touch_of_the_disk_it_goes_on_to_the_same_bytes(monkeypatch, tmp_path):
    monkeypatch.setattr(life, "learner", lambda species: Counter)
    live_through(tmp_path / "whole")
    whole = contents(tmp_path / "whole")
    died, touch = True, 0
    while died:
        out = tmp_path / str(touch)
        died = live_and_die(out, touch)
        before = finished_pieces(out)  # and with this every file that is there can be read

        live_through(out)

        assert_same_files(contents(out), whole)
        assert not drafts(out)
        assert all(finished_pieces(out)[name] >= pieces for name, pieces in before.items())
        touch += 1
    assert touch > 40, "it hardly touches the disk: the test sees nothing"
