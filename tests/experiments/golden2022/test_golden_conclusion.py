import csv
import math
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_ind

from experiments.catalogue import EXPERIMENTS
from experiments.evidence.paper import Published, published
from experiments.golden2022.analysis.replication import MARGIN, PAPER_NETWORKS, Verdict, replications, welch
from experiments.golden2022.conclusion import Outcome, conclude
from experiments.golden2022.conditions import CONDITIONS
from experiments.golden2022.conditions import PROTOCOL as GOLDEN2022
from experiments.printing import console as new_console
from experiments.running.tables import Result
from foraging_env.files import write_csv, write_json

PAPER = Published(0.70, 0.02)


def row_of(condition: str, seed: int, task: str, performance: float, stage: str = "") -> Result:
    rewarded = round(10_000 * performance)
    counts = (rewarded, 10_000 - rewarded, 100_000, rewarded / 10_000, (2 * rewarded - 10_000) / 1_000)
    return Result("golden2022", condition, seed, 1, stage or condition, task, *counts)


def as_published(n: int, conditions: Sequence[str] = CONDITIONS) -> list[Result]:
    """n networks whose mean and deviation are the paper's in every condition and task."""
    scores = np.linspace(-1.0, 1.0, n) if n > 1 else np.zeros(1)
    scores /= scores.std(ddof=1) if n > 1 else 1.0
    return [
        row_of(condition, seed, task, paper.mean + paper.sd * scores[seed])
        for condition in conditions
        for seed in range(n)
        for task in GOLDEN2022.tests
        if (paper := published(condition, task))
    ]


def concluded(folder: Path, results: Sequence[Result]) -> str:
    plans = EXPERIMENTS["golden2022"].plans("golden2022", CONDITIONS, EXPERIMENTS["golden2022"].presets["quick"])
    write_json(folder / "config.json", {"experiment": "golden2022", "plans": [plan.describe() for plan in plans]})
    write_csv(folder / "results.csv", Result._fields, results)
    console = new_console(file=StringIO(), width=80)
    conclude(folder, console)
    return console.file.getvalue()


def test_the_comparison_is_welchs_test_of_two_summaries():
    values = [0.66, 0.71, 0.69, 0.75]
    ten = np.linspace(-1.0, 1.0, PAPER_NETWORKS)
    by_scipy = ttest_ind(values, PAPER.mean + PAPER.sd * ten / ten.std(ddof=1), equal_var=False)
    ours = welch(values, PAPER)
    assert ours.p == pytest.approx(by_scipy.pvalue)
    assert (ours.low, ours.high) == pytest.approx(by_scipy.confidence_interval(0.90))
    assert (ours.low + ours.high) / 2 == pytest.approx(ours.difference)


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_networks_like_the_papers_agree_as_soon_as_there_are_enough(tmp_path, n):
    rows = replications(as_published(n), CONDITIONS, GOLDEN2022.tests)
    assert len(rows) == 2 * len(CONDITIONS)
    assert all(abs(row.difference) < 1e-4 for row in rows)
    if n < 3:
        assert {row.verdict for row in rows} == {Verdict.TOO_FEW}
        assert all(math.isnan(row.ours.low) for row in rows)
    else:
        assert Verdict.DIFFERS not in {row.verdict for row in rows}
    if n == 10:
        assert {row.verdict for row in rows} == {Verdict.AGREES}
    printed = concluded(tmp_path, as_published(n))
    assert "…" not in printed, "a cell does not fit into 80 columns"
    assert f"forage figures golden2022 --run {tmp_path}" in printed.replace("\n", "")


def test_a_wide_scatter_is_unclear_and_a_shift_differs():
    shift = 2 * MARGIN
    scattered = [row_of("T1", seed, "task1", 0.70 + d) for seed, d in enumerate((-0.1, 0.1, -0.08, 0.08))]
    shifted = [row_of("T2", seed, "task2", 0.71 + shift + d) for seed, d in enumerate((-0.01, 0.01, 0.0, 0.005))]
    verdicts = {row.condition: row.verdict for row in replications(scattered + shifted, CONDITIONS, GOLDEN2022.tests)}
    assert verdicts == {"T1": Verdict.UNCLEAR, "T2": Verdict.DIFFERS}


def test_the_table_holds_every_condition_once_whatever_led_to_it(tmp_path):
    some = ["T1-Int(S,T2)", "T1-T2"]
    on_the_way = [row_of("T1-T2", seed, "task1", 0.7, stage="T1") for seed in range(2)]
    concluded(tmp_path, on_the_way + as_published(2, some))
    with (tmp_path / "golden2022.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == Outcome._fields
    assert tuple(rows[0]) == ("condition", "seed", "task", "performance", "intake", "rewarded", "punished", "cycles")
    assert [(row["condition"], row["seed"], row["task"]) for row in rows] == [
        (condition, seed, task) for condition in ("T1-T2", "T1-Int(S,T2)") for seed in "01" for task in GOLDEN2022.tests
    ]
    assert all(
        float(row["performance"]) == int(row["rewarded"]) / (int(row["rewarded"]) + int(row["punished"]))
        for row in rows
    )


def test_a_run_without_tests_says_so(tmp_path):
    assert "No condition" in concluded(tmp_path, [])
