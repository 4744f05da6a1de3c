"""``forage doctor``: it compares with golden numbers, knows every extra, and deletes only what nobody uses."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

from experiments.__main__ import main
from experiments.checks import self_test
from experiments.checks.self_test import CHECKS, Check, Measured, compare, examine, read_golden
from experiments.commands import doctor
from foraging_env.core.compiled import cache_directory

GOLDEN = Measured({"rewarded": 74}, {"length": (2.0, 1e-3)}, "ab", 100.0)


def check(measure) -> Check:
    return Check("life", "steps", measure, "look at the versions")


def content(golden: Measured = GOLDEN) -> dict:
    made = {"machine": "Linux x86_64", "made_on": "2026-11-21", "versions": {"numpy": "2.0"}}
    return {**made, "checks": {"life": golden._asdict()}}


@pytest.fixture
def caches(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    for name in ("kernels-0123", "kernels-4567", "somebody-elses", cache_directory().name):
        (tmp_path / name).mkdir()
        (tmp_path / name / "code.nbc").write_bytes(b"x" * 1_000)
    return tmp_path


def forage(monkeypatch, *arguments) -> int:
    monkeypatch.setattr(sys, "argv", ["forage", *arguments])
    monkeypatch.setenv("COLUMNS", "160")
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


def examined(monkeypatch, measure) -> None:
    monkeypatch.setattr(self_test, "CHECKS", (check(measure),))
    monkeypatch.setattr(self_test, "read_golden", content)


def test_what_lies_within_its_tolerance_does_not_differ():
    assert compare(GOLDEN._replace(near={"length": (2.0019, 0.0)}, bits="cd"), GOLDEN) == []


@pytest.mark.parametrize(
    ("here", "told"),
    [
        (GOLDEN._replace(exact={"rewarded": 75}), "rewarded: here 75, golden 74"),
        (GOLDEN._replace(exact={}), "rewarded: here None, golden 74"),
        (GOLDEN._replace(near={"length": (2.0021, 1.0)}), "length: here 2.0021, golden 2, allowed 0.001 of it"),
        (GOLDEN._replace(near={"length": (float("nan"), 1.0)}), "length: here nan, golden 2, allowed 0.001 of it"),
    ],
)
def test_what_differs_is_told_with_both_values(here, told):
    assert compare(here, GOLDEN) == [told]


def test_a_check_that_cannot_be_run_is_a_finding_and_stops_nothing():
    def broken():
        raise ImportError("no torch")

    findings = list(examine(content(), [check(broken), check(lambda: GOLDEN)]))

    assert [finding.ok for finding in findings] == [False, True]
    assert findings[0].differences == ["it cannot be run: ImportError: no torch"]
    assert findings[1].same_bits


def test_here_the_golden_numbers_come_out_again():
    findings = list(examine(read_golden(), CHECKS))

    assert [finding.differences for finding in findings] == [[], [], []]
    assert all(finding.speed > 0 for finding in findings)


def test_the_exit_status_and_the_text_say_that_all_is_well(monkeypatch, capsys, caches):
    examined(monkeypatch, lambda: GOLDEN)

    assert forage(monkeypatch, "doctor") == 0

    told = capsys.readouterr().out
    assert "ok, to the bit" in told
    assert "All is well." in told
    assert "2 folders, 2.0 kB; forage doctor --clean-cache" in told


def test_the_exit_status_and_the_text_say_that_something_differs(monkeypatch, capsys, caches):
    examined(monkeypatch, lambda: GOLDEN._replace(exact={"rewarded": 75}))

    assert forage(monkeypatch, "doctor") == 1

    told = capsys.readouterr().out
    assert "life differs: rewarded: here 75, golden 74" in told
    assert "life: look at the versions" in told
    assert "Golden numbers were made with numpy 2.0 on Linux x86_64, 2026-11-21." in told


def test_json_is_one_object_on_standard_output(monkeypatch, capsys, caches):
    examined(monkeypatch, lambda: GOLDEN._replace(exact={"rewarded": 75}))

    assert forage(monkeypatch, "doctor", "--json") == 1

    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert told["checks"][0]["differences"] == ["rewarded: here 75, golden 74"]
    assert told["cache"]["old_bytes"] == 2_000
    assert told["cores"] >= 1


def test_a_user_without_a_home_is_told_what_that_costs_and_what_helps(monkeypatch, capsys):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *arguments, **options: "~/.cache/forage")
    examined(monkeypatch, lambda: GOLDEN)

    assert forage(monkeypatch, "doctor") == 0
    assert "this user has no home folder: every start compiles; set NUMBA_CACHE_DIR" in capsys.readouterr().out
    assert forage(monkeypatch, "doctor", "--clean-cache") == 2
    assert capsys.readouterr().err == "forage: this user has no home folder\n"


def test_only_caches_of_other_sources_are_deleted(monkeypatch, caches):
    assert forage(monkeypatch, "doctor", "--clean-cache", "--yes") == 0

    assert sorted(path.name for path in caches.iterdir()) == sorted([cache_directory().name, "somebody-elses"])


def test_nothing_is_deleted_without_a_yes(monkeypatch, caches):
    monkeypatch.setattr(doctor.typer, "confirm", lambda question: False)

    assert forage(monkeypatch, "doctor", "--clean-cache") == 0

    assert len(list(caches.iterdir())) == 4


def test_every_extra_of_the_project_is_known_with_its_packages():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]

    for name, requirements in project["optional-dependencies"].items():
        packages = [re.split(r"[\[<>=]", requirement)[0] for requirement in requirements]
        assert sorted(doctor.EXTRAS[name].packages) == sorted(set(packages) - {"foraging-env"})


def test_what_lacks_is_named():
    assert doctor.missing(doctor.Extra("nothing", ("numpy", "no-such-package"))) == ["no-such-package"]
