"""What a machine can check of the house rules: style, types, and who may import whom."""

import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))


def version_that_the_sources_are_written_for(tool: str) -> str:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next(pin.partition("==")[2] for pin in pins if pin.startswith(f"{tool}=="))


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("ruff", [SCRIPTS / "ruff", "check", "--no-cache"]),
        ("ruff", [SCRIPTS / "ruff", "format", "--check", "--no-cache"]),
        ("mypy", [sys.executable, "-m", "mypy"]),
        ("import-linter", [SCRIPTS / "lint-imports", "--no-cache"]),
    ],
    ids=["style", "format", "types", "imports"],
)
def test_the_sources_obey(tool: str, command: list[str]) -> None:
    wanted = version_that_the_sources_are_written_for(tool)
    if version(tool) != wanted:
        pytest.skip(f"{tool} {version(tool)} has other rules than {wanted} of constraints.txt")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_help_is_instant_because_nothing_heavy_is_imported() -> None:
    heavy = ("torch", "numba", "numpy", "matplotlib", "pandas", "gymnasium", "stable_baselines3")
    program = f"import sys, experiments.__main__; print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
