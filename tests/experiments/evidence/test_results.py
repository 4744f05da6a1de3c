"""Tables come from records and can be read back."""

import pytest
from miniature import SLEEP

from experiments.evidence.paper import published
from experiments.evidence.results import performance_after, read_costs, read_curve, read_results
from experiments.running.tables import Expense, Result, write_tables


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
