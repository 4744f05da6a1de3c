"""``forage bench`` in miniature."""

import json

from experiments.checks import bench_engines
from experiments.checks.bench_engines import Lengths, measure

MINIATURE = Lengths(unsupervised=2_000, task=1_000, repeats=2, fast=200, reference=5, compared=40)
KEYS = ["fast_us_per_cycle", "reference_us_per_cycle", "ratio", "moves_equal", "spikes_equal"]


def test_it_times_both_engines_and_compares_them_cycle_by_cycle():
    done = []
    report = measure(MINIATURE, lambda what, work: done.append(work))

    assert list(report) == KEYS
    assert 0 < report["fast_us_per_cycle"] < report["reference_us_per_cycle"]
    assert report["ratio"] > 5
    assert 0.97 <= report["moves_equal"] <= 1
    assert 0 <= report["spikes_equal"] <= 1
    assert sum(done) == MINIATURE.work()


def test_json_is_one_object_on_standard_output(monkeypatch, capsys):
    monkeypatch.setattr(bench_engines, "Lengths", lambda: MINIATURE)
    bench_engines.bench_engines(json=True)
    assert list(json.loads(capsys.readouterr().out)) == KEYS

    bench_engines.bench_engines(json=False)
    assert "moves equal" in capsys.readouterr().out
