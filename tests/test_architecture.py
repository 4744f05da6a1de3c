"""What a machine can check of the house rules: style, types, and who may import whom."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))


@pytest.mark.parametrize(
    "command",
    [
        [SCRIPTS / "ruff", "check", "--no-cache"],
        [SCRIPTS / "ruff", "format", "--check", "--no-cache"],
        [sys.executable, "-m", "mypy"],
        [SCRIPTS / "lint-imports", "--no-cache"],
    ],
    ids=["style", "format", "types", "imports"],
)
def test_the_sources_obey(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_help_is_instant_because_nothing_heavy_is_imported() -> None:
    heavy = ("torch", "numba", "numpy", "matplotlib", "pandas", "gymnasium", "stable_baselines3")
    program = f"import sys, experiments.__main__; print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
