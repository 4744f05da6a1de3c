"""The comparison of what both engines learn, in miniature."""

import pytest

from experiments.checks.agreement import Row, Schedule, compare, difference, read
from experiments.errors import UserError
from foraging_env.files import write_csv

MINIATURE = Schedule(unsupervised=300, lives=2, tests=2, learned=10, tested=300)


def test_it_does_what_is_missing_and_tests_both_engines_alike(tmp_path):
    out = tmp_path / "agree.csv"
    there = [Row(0, engine, 6, 4, n, 0.6) for engine, n in (("fast", 1200), ("reference", 1200), ("start", 300))]
    write_csv(out, Row._fields, there)

    *_, rows = compare(2, 1, out, MINIATURE)

    assert read(out) == rows
    assert rows[:3] == there
    assert [(r.seed, r.engine, r.cycles) for r in rows[3:]] == [
        (1, "fast", 1200),
        (1, "reference", 1200),
        (1, "start", 300),
    ]


def test_a_file_of_another_schedule_is_refused(tmp_path):
    out = tmp_path / "agree.csv"
    write_csv(out, Row._fields, [Row(0, "fast", 6, 4, 10, 0.6)])
    with pytest.raises(UserError, match=r"agree\.csv holds tests of 10 cycles, not 1200; choose another file"):
        next(compare(2, 1, out, MINIATURE))


def test_the_interval_is_that_of_paired_differences():
    shifts = [0.01, 0.02, 0.03]
    rows = [Row(s, "reference", 0, 0, 0, 0.5 + s / 10) for s in range(3)]
    rows += [Row(s, "fast", 0, 0, 0, 0.5 + s / 10 + shift) for s, shift in enumerate(shifts)]
    mean, low, high, n = difference(rows)
    assert n == 3
    assert mean == pytest.approx(0.02)
    assert high - mean == pytest.approx(4.3027 * 0.01 / 3**0.5, rel=1e-4)
    assert mean - low == pytest.approx(high - mean)
    with pytest.raises(ValueError, match="at least two seeds with both engines, got 1"):
        difference([r for r in rows if r.seed == 0])
