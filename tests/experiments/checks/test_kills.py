"""The command that kills commands compares what it says it does."""

import numpy as np

from experiments.checks.kills import Command, contents, kill_often


def test_seconds_are_no_difference_and_everything_else_is(tmp_path):
    for name, seconds, score in (("a", "1.5", "0.7"), ("b", "2.5", "0.7"), ("c", "1.5", "0.8")):
        (tmp_path / name).mkdir()
        rows = f"ppo,0,cost,cpu_seconds,{seconds}\nppo,0,performance,learned,{score}\n"
        (tmp_path / name / "scores.csv").write_text(rows)
        (tmp_path / name / "costs.csv").write_text(seconds)

    assert contents(tmp_path / "a") == contents(tmp_path / "b") != contents(tmp_path / "c")


def test_a_command_is_killed_as_often_as_it_is_told_and_its_ends_are_compared(tmp_path):
    command = Command("list", lambda out: ["list", "sleep"], lambda out: out.mkdir(exist_ok=True))

    *_, count = kill_often(command, tmp_path, 2, np.random.default_rng(1), lambda: None)

    assert count.kills == 2
    assert count.ends >= 1
    assert not count.differing


def test_what_differs_is_named(tmp_path):
    def prepare(out):
        out.mkdir()
        (out / "drawn.txt").write_text(out.name)

    command = Command("list", lambda out: ["list", "sleep"], prepare)

    *_, count = kill_often(command, tmp_path, 1, np.random.default_rng(1), lambda: None)

    assert count.differing[0] == "list-0/drawn.txt"
