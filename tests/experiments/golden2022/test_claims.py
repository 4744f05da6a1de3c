import numpy as np
import pytest

from experiments.evidence.paper import published
from experiments.golden2022.analysis.claims import (
    BOTH,
    CLAIMS,
    TASKS,
    UNTRAINED,
    Claim,
    Expected,
    Verdict,
    examine,
)
from experiments.golden2022.analysis.replication import MARGIN
from experiments.golden2022.conditions import CONDITIONS
from experiments.golden2022.conditions import PROTOCOL as GOLDEN2022

N = 10


def as_published(n: int, sd: float = 0.004) -> dict[tuple[str, str], dict[int, float]]:
    """n networks around the paper's means; untrained ones around chance."""
    random = np.random.default_rng(3)
    means = {(stage, task): published(stage, task) for stage in (*CONDITIONS, UNTRAINED) for task in TASKS}
    return {
        key: {seed: (paper.mean if paper else 0.5) + random.normal(0, sd) for seed in range(n)}
        for key, paper in means.items()
    }


def verdict_of(differences: np.ndarray, expected: Expected) -> Verdict:
    claim = Claim("", "", "T1", "T2", "task1", expected)
    scores = {
        ("T1", "task1"): {seed: 0.6 + value for seed, value in enumerate(differences)},
        ("T2", "task1"): dict.fromkeys(range(len(differences)), 0.6),
    }
    (row,) = examine(scores, [claim])
    return row.verdict


def test_claims_name_stages_of_the_protocol():
    stages = {stage.name for stage in GOLDEN2022.stages}
    assert {name for claim in CLAIMS for name in (claim.condition, claim.reference)} <= stages


def test_networks_like_the_papers_hold_what_the_paper_claims():
    rows = examine(as_published(N))
    assert len(rows) == len(CLAIMS)
    assert {row.claim.text: row.verdict for row in rows if row.verdict is not Verdict.HOLDS} == {}


def test_ten_networks_can_be_significant_after_correction_over_all_claims():
    assert 2 / 2**N * len(CLAIMS) < 0.05


def test_up_to_five_networks_are_too_few_and_none_is_nothing():
    assert {row.verdict for row in examine(as_published(5))} == {Verdict.TOO_FEW}
    assert {row.verdict for row in examine(as_published(1))} == {Verdict.TOO_FEW}
    assert examine(as_published(0)) == []


@pytest.mark.parametrize(
    ("shift", "expected", "verdict"),
    [
        (+0.10, Expected.HIGHER, Verdict.HOLDS),
        (+0.10, Expected.LOWER, Verdict.CONTRARY),
        (+0.10, Expected.SAME, Verdict.CONTRARY),
        (+0.10, Expected.NOT_LOWER, Verdict.HOLDS),
        (-0.10, Expected.NOT_LOWER, Verdict.CONTRARY),
        (+0.00, Expected.SAME, Verdict.HOLDS),
        (-0.03, Expected.NOT_LOWER, Verdict.HOLDS),
        (+0.00, Expected.HIGHER, Verdict.OPEN),
        (MARGIN, Expected.SAME, Verdict.OPEN),
    ],
)
def test_a_verdict_follows_from_where_the_differences_lie(shift, expected, verdict):
    assert verdict_of(shift + 0.01 * np.linspace(-1, 1, N), expected) is verdict


def test_equivalence_needs_both_sides_and_its_p_is_the_exact_one_sided_one():
    differences = 0.01 * np.linspace(-1, 1, N)
    claim = Claim("", "", "T1", "T2", "task1", Expected.SAME)
    scores = {
        ("T1", "task1"): dict(enumerate(0.6 + differences)),
        ("T2", "task1"): dict.fromkeys(range(N), 0.6),
    }
    (row,) = examine(scores, [claim])
    assert row.p == 1 / 2**N  # every difference lies on the inner side of both margins


def test_both_tasks_count_half_each_and_seeds_are_paired():
    scores = {
        ("T1", "task1"): {0: 0.8, 1: 0.6, 7: 0.1},
        ("T1", "task2"): {1: 0.5, 0: 0.4},
        ("T2", "task1"): {0: 0.5, 1: 0.5, 9: 0.9},
        ("T2", "task2"): {0: 0.5, 1: 0.5},
    }
    (row,) = examine(scores, [Claim("", "", "T1", "T2", BOTH, Expected.HIGHER)])
    assert row.seeds == (0, 1)
    assert row.differences == pytest.approx([0.1, 0.05])
