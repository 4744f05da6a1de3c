"""Event files hold what the tables hold."""

import warnings

import pytest

from experiments.commands.tensorboard import curves, write_events
from experiments.errors import UserError
from experiments.evidence.results import read_results


def test_branches_are_runs_whose_steps_count_from_the_beginning_of_the_life(told):
    runs = dict(curves(told.path))

    assert list(runs)[:3] == [f"spiking-seed-0-T1-T2-{last}" for last in ("T1", "Int(T1,T2)", "Int(S,T1)")]
    assert len(runs) == 6
    steps = [scalar.step for scalar in runs["spiking-seed-1-T1-T2-T1"] if scalar.tag == "eval/task2/performance"]
    # Halves of 1,200 and three times 800 cycles; the end of a stage has a short and a long test.
    assert steps == [600, 1200, 1200, 1600, 2000, 2000, 2400, 2800, 2800, 3200, 3600, 3600]
    assert {scalar.value for scalar in runs["spiking-seed-1-T1-T2-T1"] if "performance" in scalar.tag} == {0.61}


def test_tensorboard_reads_the_numbers_of_the_tables(told, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tensorboard's own imports
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        runs = write_events(told.path, tmp_path / "logs")
        events = EventAccumulator(str(runs[-1]))
        events.Reload()

    last = events.Scalars("eval/task1/intake")[-1]
    assert last.step == 3_600
    assert last.value == pytest.approx(read_results(told.path / "results.csv")[-1].intake)
    write_events(told.path, tmp_path / "logs")
    assert len(list(runs[-1].iterdir())) == 1, "written again, it takes the place of what was there"


def test_a_folder_without_tables_is_refused(told):
    (told.path / "curve.csv").unlink()

    with pytest.raises(UserError, match=r"has no curve\.csv yet; it comes when the first agent has finished"):
        list(curves(told.path))
