"""``forage bench`` in miniature."""

import json

import pytest

from experiments.checks import against, bench_engines
from experiments.checks.bench_engines import Lengths, measure
from experiments.checks.lives import LIVES, Preparation
from experiments.errors import UserError

MINIATURE = Lengths(Preparation(2_000, 1_000), repeats=2, fast=200, reference=5, compared=40)
KEYS = ["fast_us_per_cycle", "reference_us_per_cycle", "ratio", "moves_equal", "spikes_equal"]
KEYS += ["test_us_per_cycle", "sleep_us_per_cycle", "unsupervised_us_per_cycle"]


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
    bench_engines.bench_engines(json=True, against=None)
    assert list(json.loads(capsys.readouterr().out)) == KEYS

    bench_engines.bench_engines(json=False, against=None)
    assert "moves equal" in capsys.readouterr().out


def test_two_versions_take_turns(monkeypatch, capsys):
    lengths = against.Lengths(Preparation(2_000, 1_000), repeats=2, cycles=200)
    done = []
    paces = against.measure(against.HERE, lengths, lambda what, work: done.append(work))

    assert list(paces) == list(LIVES)
    assert all(len(pace.there) == len(pace.here) == 2 for pace in paces.values())
    assert all(row["ratio"] > 0 for row in against.report(paces).values())
    assert sum(done) == against.work(lengths)


def test_what_is_no_checkout_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"holds no spiking_agent; give a checkout of this project"):
        against.measure(tmp_path, against.Lengths(), lambda what, work: None)
