"""A protocol in miniature from beginning to end: with any number of processes, and killed on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import miniature
import pytest
from miniature import SLEEP, comparison, contents, live_in, request
from same_files import assert_same_bytes, assert_same_files

from experiments.errors import UserError
from experiments.evidence.results import read_curve, read_results
from experiments.printing import console as new_console
from experiments.running.runner import run, stages_of
from experiments.running.workers import Failed, Started, run_units

TABLES = ("results.csv", "curve.csv", "sleep.png")


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run") / "finished"
    live_in(out, jobs=1)
    return out


def test_every_stage_of_every_seed_is_tested_on_both_tasks(finished):
    results, curve = read_results(finished / "results.csv"), read_curve(finished / "curve.csv")

    assert len(results) == 2 * 6 * 2
    assert len(curve) == 2 * 6 * 2 * 2
    assert {row.cycles for row in results} == {200}
    assert all((finished / name).stat().st_size for name in TABLES)


def test_seeds_live_different_lives(finished):
    lives = {seed: [row[6:8] for row in read_curve(finished / "curve.csv") if row.seed == seed] for seed in (0, 1)}

    assert lives[0] != lives[1]


def test_the_number_of_processes_changes_nothing(finished, tmp_path):
    live_in(tmp_path, jobs=2)

    assert_same_files(contents(tmp_path), contents(finished))


def test_killed_on_the_way_it_goes_on_to_the_same_bytes(finished, tmp_path):
    process = subprocess.Popen([sys.executable, miniature.__file__, tmp_path])
    wait_for(tmp_path / "stages", "spiking-seed-0/T1-*/record.json", process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reached = sum(1 for _ in tmp_path.rglob("record.json"))

    live_in(tmp_path)

    assert reached < 12, "it was killed too late for this test to say anything"
    assert_same_files(contents(tmp_path), contents(finished))


def wait_for(folder: Path, pattern: str, process: subprocess.Popen | None = None) -> None:
    deadline = time.monotonic() + 120
    while not any(folder.glob(pattern)):
        assert process is None or process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, f"{pattern} did not appear"
        time.sleep(0.002)


def test_a_finished_run_is_shown_again_and_not_run(finished):
    before = contents(finished)

    assert "is complete" in live_in(finished)
    assert_same_files(contents(finished), before)


def test_a_folder_of_other_seeds_is_refused(finished):
    with pytest.raises(UserError, match=r"seeds\[0\] is 0 there and 5 here"):
        live_in(finished, seeds=(5, 6))


def test_agents_share_stages_and_their_number_and_order_change_nothing(tmp_path):
    agents = ["ppo", "ppo+ewc", "ppo+interleaved", "ppo+single"]
    live_in(tmp_path / "together", comparison(agents), seeds=[0], jobs=2)
    live_in(tmp_path / "ewc", comparison(["ppo+ewc"]), seeds=[0], jobs=1)

    together, alone = contents(tmp_path / "together"), contents(tmp_path / "ewc")

    states = [name for name in together if name.endswith(".pt")]
    assert len(states) == 6, "birth, two tasks, a second task with the remedy, both at once, the second task alone"
    shared = [name for name in alone if name.startswith("stages")]
    assert_same_files(
        {name: content for name, content in together.items() if name in shared}, {name: alone[name] for name in shared}
    )


def test_runs_may_share_a_folder_of_stages(tmp_path):
    console = new_console(file=StringIO(), width=200)
    for name in ("one", "two"):
        wanted = replace(request(tmp_path / name, seeds=[0]), stages=tmp_path / "stages")
        assert run(wanted, jobs=1, console=console, command="forage run")

    assert "is complete; tables and figure are made again" in console.file.getvalue()
    assert_same_bytes(tmp_path / "one/results.csv", tmp_path / "two/results.csv")


def test_two_processes_in_one_folder_make_one_run(tmp_path):
    command = [sys.executable, miniature.__file__, str(tmp_path / "shared"), "ppo,ppo+single"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        live_in(tmp_path / "alone", comparison(["ppo", "ppo+single"]), [0], 1)
        told = [process.communicate(timeout=600)[0] for process in both]
    finally:
        for process in both:
            process.kill()

    assert [process.returncode for process in both] == [0, 0]
    assert sum("Another process is at work" in text for text in told) == 1
    shared, alone = contents(tmp_path / "shared"), contents(tmp_path / "alone")
    for files in (shared, alone):
        del files["scores.csv"]  # has seconds in it
    assert_same_files(shared, alone)


def events(out: Path) -> Iterator:
    wanted = request(out, seeds=[0])
    return run_units(SLEEP, wanted.units(), stages_of(wanted, {"spiking": {}}), jobs=1)


def test_a_process_that_dies_is_reported(tmp_path):
    stream = events(tmp_path)
    assert isinstance(next(stream), Started)
    (worker,) = stream.gi_frame.f_locals["workers"]
    os.kill(worker.process.pid, signal.SIGKILL)

    last = list(stream)[-1]

    assert isinstance(last, Failed)
    assert last.reason.startswith("its process was ended by SIGKILL")


def test_a_damaged_record_is_named_with_what_to_do_and_no_traceback(tmp_path):
    wanted = request(tmp_path, seeds=[0])
    folder = stages_of(wanted, {"spiking": {}}).folder(SLEEP[0], SLEEP[0].protocol.stages[0], 0)
    folder.path.mkdir(parents=True)
    (folder.path / "record.json").write_text("nonsense")

    *_, failure = events(tmp_path)

    assert isinstance(failure, Failed)
    assert "record.json is not a record of a stage" in failure.reason
    assert not failure.details


def test_a_fault_of_the_program_comes_with_its_traceback(tmp_path):
    plans = comparison(["own_agent:make_failing"])
    wanted = request(tmp_path, plans, seeds=[0])
    stages = stages_of(wanted, {"own_agent:make_failing": {}})

    *_, failure = run_units(plans, wanted.units(), stages, jobs=1)

    assert isinstance(failure, Failed)
    assert failure.reason == "ZeroDivisionError: nothing to learn from"
    assert "Traceback" in failure.details
