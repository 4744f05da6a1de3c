"""Strengths are sought on tasks and seeds that nothing is reported of, and a search that was stopped goes on."""

import pytest

from baselines import tune_remedies
from baselines.remedies.table import REMEDIES
from baselines.tune_remedies import FIRST_SEED, SEARCHES, SEQUENCE, Row, best, read, search
from foraging_env.sequences import SEQUENCES

STEPS = 4_096


def without_seconds(rows):
    return [row._replace(cpu_seconds=0.0) for row in rows]


def test_no_task_of_the_search_is_in_a_protocol_that_is_reported():
    given = [sequence for sequence in SEQUENCES.values() if sequence.order == "given"]
    assert not {task for sequence in given for task in sequence.tasks} & set(SEQUENCE)
    assert FIRST_SEED > 10_000


@pytest.mark.parametrize("name", SEARCHES)
def test_every_search_is_of_a_setting_that_the_remedy_has_and_holds_its_value(name):
    found = SEARCHES[name]
    assert REMEDIES[name].settings()[found.setting] in found.values, "the default must be among what was tried"
    assert not REMEDIES[name].algorithms or found.algorithm in REMEDIES[name].algorithms


def test_a_search_that_was_stopped_goes_on_with_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(tune_remedies, "TEST_STEPS", 500)
    monkeypatch.setattr(tune_remedies, "SEARCHES", {"l2": SEARCHES["l2"]._replace(values=(0.001, 1.0))})
    whole = list(search(["none", "l2"], 1, STEPS, tmp_path / "whole.csv"))[-1]

    halves = search(["none", "l2"], 1, STEPS, tmp_path / "parts.csv")
    next(halves), next(halves)
    halves.close()
    *_, resumed = search(["none", "l2"], 1, STEPS, tmp_path / "parts.csv")

    assert without_seconds(resumed) == without_seconds(whole)
    assert read(tmp_path / "whole.csv") == whole
    assert [(row.remedy, row.value, row.seed) for row in whole] == [
        ("none", 0.0, FIRST_SEED),
        ("l2", 0.001, FIRST_SEED),
        ("l2", 1.0, FIRST_SEED),
    ]
    with pytest.raises(ValueError, match="holds trials of 4096 steps a task, not 8192"):
        list(search(["none"], 1, 8_192, tmp_path / "whole.csv"))


def test_the_best_has_the_highest_mean_intake_over_seeds():
    rows = [
        Row("l2", "ppo", "strength", value, seed, 1, 0.9, intake, 0.0, 0.0)
        for value, intakes in ((0.1, (1.0, 5.0)), (1.0, (4.0, 4.0)))
        for seed, intake in enumerate(intakes)
    ]
    assert best(rows) == {"l2": (1.0, 4.0, 0.9, 2)}


def test_a_file_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"is no table of trials .*choose another file"):
        read(tmp_path / "x.csv")
