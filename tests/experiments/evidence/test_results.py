"""Tables come from records and can be read back."""

import threading
from pathlib import Path

import pytest
from miniature import SLEEP

from experiments.errors import UserError
from experiments.evidence.paper import published
from experiments.evidence.results import performance_after, read_costs, read_curve, read_results
from experiments.running.storage import Cost, Record, StageFolder, Stages
from experiments.running.tables import Expense, Result, write_tables
from foraging_env.scores import Counts


def test_the_columns_are_those_that_readers_of_the_files_know(told):
    header = (told.path / "results.csv").read_text().splitlines()[0]

    assert header == "protocol,agent,seed,phase,stage,task,rewarded,punished,cycles,performance,intake"


def test_there_is_a_row_for_every_seed_stage_and_task(told):
    rows = read_results(told.path / "results.csv")

    assert len(rows) == 2 * 6 * 2
    assert rows[0] == Result("sleep", "spiking", 0, 0, "unsupervised", "task1", 60, 40, 1000, 0.6, 2.0)


def test_the_curve_counts_cycles_within_the_stage(told):
    rows = read_curve(told.path / "curve.csv")

    assert len(rows) == 2 * 6 * 2 * 2
    assert [row.trained for row in rows if (row.seed, row.stage, row.task) == (1, "T1", "task2")] == [400, 800]


def test_tables_are_written_from_what_is_there_so_far(told, stages):
    write_tables(SLEEP, range(3), told, stages)

    assert {row.seed for row in read_results(told.path / "results.csv")} == {0, 1}


def test_a_slow_process_does_not_write_older_tables_over_newer_ones(told, monkeypatch):
    began, may_go_on = threading.Event(), threading.Event()
    read = StageFolder.read

    def read_slowly(folder):
        record = read(folder)
        if threading.current_thread() is slow:
            began.set()
            may_go_on.wait(60)
        return record

    monkeypatch.setattr(StageFolder, "read", read_slowly)
    stages = Stages(told.path / "stages", {"spiking": {}}, {})
    plan, folder = SLEEP[0], stages.folder(SLEEP[0], SLEEP[0].protocol.stages[0], 5)
    slow, quick = (threading.Thread(target=write_tables, args=(SLEEP, [5], told, stages)) for _ in range(2))
    slow.start()
    assert began.wait(60)
    with folder.locked():
        counts = {task: Counts(1, 2, 10) for task in plan.protocol.tests}
        folder.commit(Record(2, [counts] * 2, 0), Path.touch, ".npz", Cost())
    quick.start()
    quick.join(0.3)
    may_go_on.set()
    for writer in (slow, quick):
        writer.join(60)

    assert len(read_curve(told.path / "curve.csv")) == 2 * 2


def test_costs_add_up(told):
    rows = read_costs(told.path / "costs.csv")

    assert len(rows) == 2 * 6
    assert rows[1] == Expense("sleep", "spiking", 0, 1, "T1", 800, 8, 3.0, 1.5, 100)


def test_performance_after_a_stage_is_over_seeds(told):
    rows = read_results(told.path / "results.csv")

    assert performance_after(rows, "T1", "task1") == pytest.approx((0.605, 0.01 / 2**0.5, 2))


def test_the_paper_stands_beside_by_stage_and_task():
    assert published("T1-T2-Int(S,T1)", "task1") == (0.69, 0.02)
    assert published("T1-T2-T1", "task1") is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda lines: [*lines, lines[1]], r"line \d+: spiking 0 unsupervised task1 stands in line 2 already"),
        (lambda lines: [*lines[:-1], lines[-1].rsplit(",", 2)[0] + ",nan,nan"], "performance = nan cannot be"),
        (lambda lines: [*lines[:-1], lines[-1].rsplit(",", 2)[0] + ",1.5,0.0"], r"performance = 1\.5 cannot be"),
        (lambda lines: [*lines[:-1], lines[-1].rsplit(",", 1)[0] + ",inf"], "intake = inf cannot be"),
        (lambda lines: [lines[0], lines[1].replace(",1000,", ",0,")], "cycles = 0 cannot be"),
        (lambda lines: [lines[0], lines[1].replace(",60,", ",-60,")], "rewarded = -60 cannot be"),
        (
            lambda lines: [lines[0], lines[1].replace(",60,", ",sixty,")],
            "rewarded = 'sixty' is no value",
        ),
        (lambda lines: [*lines, lines[1] + ",more"], "is no value of that column"),
        (lambda lines: [lines[0].replace("intake", "income"), *lines[1:]], "has the columns protocol, agent,"),
        (lambda lines: [*lines, lines[1].rsplit(",", 1)[0]], "intake = None is no value of that column"),
        (lambda lines: [], "has the columns , not protocol"),
    ],
)
def test_what_no_run_can_have_written_is_refused_with_its_line(told, change, text):
    path = told.path / "results.csv"
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")

    with pytest.raises(UserError, match=text) as refused:
        read_results(path)

    assert str(path) in str(refused.value)


def test_a_table_that_an_editor_saved_with_a_byte_order_mark_is_read(told):
    path = told.path / "results.csv"
    rows = read_results(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert read_results(path) == rows
