"""What the README promises is what happens."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_it_is_set_up_by_two_lines_that_use_the_tested_versions():
    lines = "".join(blocks("bash")).strip().splitlines()

    assert len(lines) == 2
    assert all("pip install -c constraints.txt" in line for line in lines)
    assert lines[0].endswith("forage run sleep")
    assert lines[1].endswith("pytest -n 2")


@pytest.mark.parametrize("program", [program for program in blocks("python") if "def make" not in program])
def test_its_programs_run(program, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shortened = program.replace("0_000", "0")
    assert shortened != program

    exec(shortened, {})

    assert ("print(" in program) == bool(re.search(r"Counts\(", capsys.readouterr().out))
