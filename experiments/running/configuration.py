"""What ``config.json`` says: enough to run the same thing again and to know what made the numbers."""

import json
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from experiments.plans.plan import Plan, species_from
from experiments.running.storage import FORMAT
from foraging_env.extras import DISTRIBUTION

IDENTITY = ("format", "experiment", "preset", "seeds", "plans", "species", "versions")
"""The parts that must be equal for a run to go on in a folder; commit and command are for the reader."""

_PACKAGES = {"forage": DISTRIBUTION} | {
    name: name for name in ("numpy", "numba", "gymnasium", "stable_baselines3", "torch")
}
"""By the names that they have in files: names of what is installed."""


def describe(
    experiment: str, preset: str, plans: Sequence[Plan], seeds: Sequence[int], species: dict[str, Any], command: str
) -> dict[str, Any]:
    """The configuration of a run, as it is written to ``config.json``."""
    return {
        "format": FORMAT,
        "experiment": experiment,
        "preset": preset,
        "plans": [plan.describe() for plan in plans],
        "seeds": list(seeds),
        "species": species,
        "versions": versions(),
        "commit": commit(),
        "command": command,
    }


def versions() -> dict[str, str | None]:
    """Versions of Python and of the packages that make the numbers; None for one that is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name, package in _PACKAGES.items():
        try:
            found[name] = version(package)
        except PackageNotFoundError:
            found[name] = None
    return found


def commit() -> str | None:
    """Commit of the checkout that this code runs from, ``-dirty`` if changed; None if it runs from elsewhere.

    Only a file that git knows counts: an environment inside somebody's repository is not a checkout.
    """
    here = Path(__file__).resolve()

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(here.parent), *arguments], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        git("ls-files", "--error-unmatch", here.name)
        return git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    except (OSError, subprocess.SubprocessError):
        return None


def species_settings(config: dict[str, Any]) -> dict[str, dict[str, str]]:
    """By species: lengths and constants of a configuration, names joined by dots."""
    found: dict[str, dict[str, str]] = {}
    for plan in config.get("plans") or []:
        name = species_from({"name": "agents"} | (plan.get("species") or {})).key
        lengths = {"lengths": plan.get("lengths"), "rollout": plan.get("rollout")}
        constants = (config.get("species") or {}).get(name)
        found[name] = flat({**lengths, **(constants if isinstance(constants, dict) else {"constants": constants})})
    return found


def flat(content: Any, name: str = "") -> dict[str, str]:
    """Nested objects as one, its names joined by dots; values as JSON, what is None or empty left out."""
    if isinstance(content, dict):
        return {
            key: value
            for inner, each in content.items()
            for key, value in flat(each, f"{name}.{inner}" if name else str(inner)).items()
        }
    return {} if content is None else {name: json.dumps(content, ensure_ascii=False)}
