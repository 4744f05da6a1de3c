"""``forage doctor``: what is installed, whether it computes what it should, and how fast this machine is.

``python -m experiments.commands.doctor --write-golden`` makes the golden numbers of the self-test anew.
"""

import json as json_format
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from experiments.errors import UserError
from experiments.printing import console as new_console
from experiments.printing import size, table


class Extra(NamedTuple):
    """An optional extra of this project: what it is for, and the packages that it brings."""

    purpose: str
    packages: tuple[str, ...]


EXTRAS = {
    "human": Extra("forage play, forage watch", ("pygame", "pillow")),
    "movie": Extra("forage movie", ("imageio", "imageio-ffmpeg", "pillow")),
    "tune": Extra("python -m baselines.tune", ("optuna",)),
    "contrib": Extra("the agent qrdqn", ("sb3-contrib",)),
    "distributed": Extra("runs on a Dask cluster", ("distributed",)),
    "test": Extra(
        "the tests; tensorboard",
        (
            "hypothesis",
            "array-api-compat",
            "import-linter",
            "mypy",
            "pytest",
            "pytest-xdist",
            "ruff",
            "opencv-python-headless",
            "tensorboard",
        ),
    ),
}
"""Every extra of ``pyproject.toml``, by name; a test holds both together."""


class OldCaches(NamedTuple):
    """Machine code of other sources than these, beside the cache in use."""

    folders: list[Path]
    size: int  # bytes


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    clean_cache: Annotated[
        bool, typer.Option("--clean-cache", help="Delete compiled kernels of other versions; nothing else is done.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Look whether all is well: versions, machine, caches, extras, and a self-test of some 20 seconds.

    A world, a spiking network and an update of PPO are compared with golden numbers, and timed beside our machine,
    on which the estimates of forage list and forage run were made.

    [bold]Exit status[/bold]

      0  all is well

      1  something differs from the golden numbers

    [bold]Examples[/bold]

      forage doctor

      forage doctor --json > doctor.json    goes well with the report of a fault

      forage doctor --clean-cache           deletes compiled kernels of other versions
    """
    console = new_console(stderr=json)
    if clean_cache:
        _clean(console, ask=not yes)
        return
    facts, findings = _facts(), _findings()
    well = all(finding.ok for finding in findings)
    if json:
        checks = [finding._asdict() for finding in findings]
        print(json_format.dumps({"ok": well, **facts, "checks": checks}, indent=1))
    else:
        _show(console, facts, findings)
    raise typer.Exit(0 if well else 1)


def _facts() -> dict[str, Any]:
    """Everything but the self-test, as plain data."""
    import torch

    from experiments.running.configuration import commit, versions

    return {
        "versions": versions(),
        "commit": commit(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cores": _cores(),
        "memory_bytes": _memory(),
        "torch_threads": torch.get_num_threads(),
        "cache": _cache(),
        "extras": {name: {"purpose": row.purpose, "missing": missing(row)} for name, row in EXTRAS.items()},
    }


def _cache() -> dict[str, Any]:
    """Where compiled kernels lie; ``path`` is None, and ``reason`` says why, where they cannot be kept."""
    from foraging_env.core.compiled import cache_directory

    try:
        cache = cache_directory()
        old = old_caches(cache)
        found = {"path": str(cache), "exists": cache.is_dir(), "bytes": size_of(cache)}
    except OSError as error:
        return {"path": None, "exists": False, "bytes": 0, "old_folders": 0, "old_bytes": 0, "reason": str(error)}
    return {**found, "old_folders": len(old.folders), "old_bytes": old.size}


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int | None:
    """Bytes in this machine; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows
        return None


def missing(extra: Extra) -> list[str]:
    """Packages of an extra that are not installed."""
    lacking = []
    for package in extra.packages:
        try:
            version(package)
        except PackageNotFoundError:
            lacking.append(package)
    return lacking


def size_of(folder: Path) -> int:
    """Bytes of all files below; 0 if there is no such folder. Files that vanish meanwhile, or are hidden, count 0."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def old_caches(cache: Path) -> OldCaches:
    """Folders like ``cache`` beside it: of an edited kernel, another numba, another switch of numba's."""
    stem = cache.name.partition("-")[0]
    folders = sorted(path for path in cache.parent.glob(f"{stem}-*") if path.is_dir() and path != cache)
    return OldCaches(folders, sum(size_of(folder) for folder in folders))


def _clean(console: Any, *, ask: bool) -> None:
    from foraging_env.core.compiled import cache_directory

    try:
        cache = cache_directory()
    except OSError as error:
        raise UserError(str(error)) from error
    old = old_caches(cache)
    if not old.folders:
        console.print(f"Nothing to delete: {cache.parent} holds no compiled kernels of other versions.", soft_wrap=True)
        return
    what = f"{len(old.folders)} folders with {size(old.size)} of compiled kernels in {cache.parent}"
    if ask and not typer.confirm(f"Delete {what}? Whoever still uses one compiles again."):
        console.print("Nothing was deleted.")
        return
    for folder in old.folders:
        shutil.rmtree(folder, ignore_errors=True)
    left = len(old_caches(cache).folders)
    console.print(f"Deleted {what}" + (f"; {left} could not be deleted." if left else "."), soft_wrap=True)


def _findings() -> list[Any]:
    """The self-test, with a bar on the error stream."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from experiments.checks.self_test import CHECKS, examine, read_golden

    found = []
    columns = (SpinnerColumn(), TextColumn("{task.description:<40}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=new_console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=len(CHECKS))
        findings = examine(read_golden(), CHECKS)
        for check in CHECKS:
            progress.update(bar, description=f"{check.name}; its kernels are compiled if new")
            found.append(next(findings))
            progress.advance(bar)
    return found


def _show(console: Any, facts: dict[str, Any], findings: Sequence[Any]) -> None:
    for grid in (_about(facts), _extras(facts), _self_test(findings), _speeds(findings)):
        console.print(grid)
    for finding in findings:
        for difference in finding.differences:
            console.print(f"{finding.name} differs: {difference}", style="red", soft_wrap=True)
        if finding.hint:
            console.print(f"{finding.name}: {finding.hint}", soft_wrap=True)
    if all(finding.ok for finding in findings):
        console.print("All is well.")
    else:
        console.print(f"Golden numbers were made with {_golden_versions()}.", soft_wrap=True)


def _about(facts: dict[str, Any]) -> Any:
    grid = _table("This machine", show_header=False)
    for package, number in facts["versions"].items():
        grid.add_row(package, number or "not installed")
    grid.add_row("commit", facts["commit"] or "unknown: not run from a checkout")
    grid.add_row("platform", facts["platform"])
    grid.add_row("cores", str(facts["cores"]))
    memory = facts["memory_bytes"]
    grid.add_row("memory", "unknown" if memory is None else f"{memory / 2**30:.1f} GiB")
    grid.add_row("torch threads", f"{facts['torch_threads']}; runs take one a process")
    cache = facts["cache"]
    state = size(cache["bytes"]) if cache["exists"] else "not there yet: the first start compiles"
    if cache["path"] is None:
        state = f"{cache['reason']}: every start compiles; set NUMBA_CACHE_DIR to a folder that can be written"
    grid.add_row("compiled kernels", state if cache["path"] is None else f"{cache['path']}: {state}")
    if cache["old_folders"]:
        old = f"{cache['old_folders']} folders, {size(cache['old_bytes'])}; forage doctor --clean-cache"
        grid.add_row("of other versions", old)
    return grid


def _extras(facts: dict[str, Any]) -> Any:
    from foraging_env.extras import install

    grid = _table("Optional extras", "extra", "for", "state")
    for name, row in facts["extras"].items():
        lacking = ", ".join(row["missing"])
        state = f"lacks {lacking}: {install(name)}" if lacking else "installed"
        grid.add_row(name, row["purpose"], state)
    return grid


def _self_test(findings: Sequence[Any]) -> Any:
    grid = _table("Self-test", show_header=False)
    for finding in findings:
        how = "ok, to the bit" if finding.same_bits else "ok, but for rounding"
        grid.add_row(finding.name, how if finding.ok else "differs", style=None if finding.ok else "red")
    return grid


def _speeds(findings: Sequence[Any]) -> Any:
    grid = _table("Steps in a second of processor time", "", "here", "ours", "here / ours", right=True)
    for finding in findings:
        ratio = finding.speed / finding.golden_speed
        grid.add_row(
            f"{finding.name}, {finding.unit}", f"{finding.speed:,.0f}", f"{finding.golden_speed:,.0f}", f"{ratio:.2f}"
        )
    grid.caption = "divide the estimates of forage list and forage run by the last column"
    return grid


def _table(title: str, *columns: str, right: bool = False, **style: Any) -> Any:
    grid = table(title, **style)
    for i, column in enumerate(columns):
        grid.add_column(column, justify="right" if right and i else "left")
    return grid


def _golden_versions() -> str:
    from experiments.checks.self_test import read_golden

    golden = read_golden()
    packages = ", ".join(f"{package} {number}" for package, number in golden["versions"].items())
    return f"{packages} on {golden['machine']}, {golden['made_on']}"


def main(
    write_golden: Annotated[
        bool, typer.Option("--write-golden", help="Make the golden numbers of the self-test anew, on this machine.")
    ] = False,
) -> None:
    """The self-test's golden numbers."""
    from experiments.checks import self_test

    if not write_golden:
        print("forage doctor looks; --write-golden makes the golden numbers anew", file=sys.stderr)
        raise typer.Exit(2)
    self_test.write_golden()
    print(self_test.GOLDEN)


if __name__ == "__main__":
    typer.run(main)
