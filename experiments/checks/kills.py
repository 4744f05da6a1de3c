"""Does a run that is killed again and again end with the bytes of one that was not?

``python -m experiments.checks.kills --kills 100``. Runs, comparisons and figures in miniature are started as commands,
killed with SIGKILL at random moments, sometimes with all their processes and sometimes without, and started again in
the same folder, until they come to their end. What lies there then is compared, byte by byte, with what a command
left that was never killed; only seconds, which are another number every time, may differ.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer
from rich.progress import Progress

from experiments.errors import FAILED, STOPPED
from experiments.printing import console, table

_STAGES = """
[[stages]]
name = "unsupervised"
tasks = ["all"]
unsupervised = true

[[stages]]
name = "T1"
parent = "unsupervised"
tasks = ["task1"]

[[stages]]
name = "T1-Int(S,T2)"
parent = "T1"
tasks = ["task2"]
sleep = {}

[lengths.spiking]
unsupervised = 2_000
stage = 1_600
segments = 4
test = 400
probe = 200
"""
_TASKS = """
tasks = ["task1", "task2"]

[lengths.deep]
stage = 8_192
segments = 2
test = 400
probe = 200
"""
_PASSING = (".lock", ".tables.lock", "config.json", "cost.json", "costs.csv")


class Command(NamedTuple):
    """A command of ``forage`` that fills a folder: its arguments, and what is put there beforehand."""

    name: str
    arguments: Callable[[Path], list[str]]
    prepare: Callable[[Path], None] = lambda out: None


class Count(NamedTuple):
    """What came out for one command."""

    name: str
    kills: int
    ends: int  # runs that came to their end
    files: int  # compared in each of them
    differing: list[str]


def commands(work: Path) -> list[Command]:
    """Those that are killed; files that they need are written into ``work``."""
    (work / "stages.toml").write_text(_STAGES, encoding="utf-8")
    (work / "tasks.toml").write_text(_TASKS, encoding="utf-8")
    run = ["run", "sleep", "--protocol", str(work / "stages.toml"), "--seeds", "2", "--jobs", "2"]
    compared = ["run", "forgetting", "--protocol", str(work / "tasks.toml"), "--agents", "ppo,ppo+ewc,dqn"]
    return [
        Command("run", lambda out: [*run, "--out", str(out)]),
        Command("comparison", lambda out: [*compared, "--seeds", "1", "--jobs", "2", "--out", str(out)]),
        Command(
            "figures",
            lambda out: ["figures", "golden2022", "--run", str(out), "--only", "overview,fig1,s-controls,tests"],
            lambda out: _copy(_conditions(work / "conditions"), out),
        ),
    ]


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target)


def _conditions(out: Path) -> Path:
    """A run of the paper's conditions so short that it says nothing; it is lived once."""
    from experiments.catalogue import EXPERIMENTS
    from experiments.golden2022.conditions import CONDITIONS
    from experiments.plans.presets import Lengths, Preset
    from experiments.running.runner import Run, run

    if not out.exists():
        lengths = Lengths(
            unsupervised=2_000, stage=1_600, segments=2, test=400, probe=200, output_resistance=5.0, snapshots=2
        )
        plans = EXPERIMENTS["golden2022"].plans("golden2022", CONDITIONS, Preset("mini", "", 3, {"spiking": lengths}))
        request = Run("golden2022", "mini", plans, (0, 1, 2), out)
        if not run(request, jobs=os.cpu_count() or 1, console=console(quiet=True), command="forage run golden2022"):
            raise RuntimeError("the conditions that figures are drawn from could not be lived")
    return out


def contents(out: Path) -> dict[str, bytes]:
    """Every file that lasts, by its path; those whose numbers are another every time are left out, and such lines."""
    files = (path for path in out.rglob("*") if path.is_file() and path.name not in _PASSING)
    found = {str(path.relative_to(out)): path.read_bytes() for path in files}
    if "scores.csv" in found:
        lines = found["scores.csv"].splitlines(keepends=True)
        found["scores.csv"] = b"".join(line for line in lines if b",cpu_seconds," not in line)
    return found


def kill_often(
    command: Command, work: Path, kills: int, random: np.random.Generator, tell: Callable[[], None]
) -> Iterator[Count]:
    """Kill a command ``kills`` times, in as many runs as that takes; yields the count after every run.

    ``tell`` is called after every kill. Raises RuntimeError if the command fails by itself.
    """
    reference = work / f"{command.name}-reference"
    command.prepare(reference)
    began = time.monotonic()
    _end(_start(command, reference), None)
    lasts = time.monotonic() - began
    expected = contents(reference)
    killed = ends = 0
    differing: list[str] = []
    while killed < kills:
        out = work / f"{command.name}-{ends}"
        command.prepare(out)
        ended = False
        while not ended:
            wait = float(random.uniform(0.0, 1.2 * lasts)) if killed < kills else None
            ended = _end(_start(command, out), wait, together=bool(random.integers(2)))
            if not ended:
                killed += 1
                tell()
        found = contents(out)
        differing += sorted(
            f"{out.name}/{name}" for name in expected.keys() | found.keys() if found.get(name) != expected.get(name)
        )
        ends += 1
        if not differing:
            shutil.rmtree(out)
        yield Count(command.name, killed, ends, len(expected), differing)


def _start(command: Command, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "experiments", *command.arguments(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env=os.environ | {"MPLBACKEND": "Agg"},
    )


def _end(process: subprocess.Popen[bytes], wait: float | None, *, together: bool = True) -> bool:
    """Whether a command came to its end within ``wait`` seconds; else it is killed, perhaps with all its processes."""
    try:
        told, _ = process.communicate(timeout=wait)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL) if together else process.kill()
        process.communicate()
        return False
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    if process.returncode != 0:
        raise RuntimeError(f"a command ended with status {process.returncode} by itself:\n{told.decode()[-2_000:]}")
    return True


def main(
    kills: Annotated[int, typer.Option(min=1, help="How many, of all commands together.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Of the moments.")] = 0,
    only: Annotated[str | None, typer.Option(help="One of run, comparison, figures.", show_default="all")] = None,
) -> None:
    """Kill runs, comparisons and figures at random moments, and see that they end with the same bytes.

    A hundred kills take about a quarter of an hour on two cores. The exit status is 1 if a byte differs.

    [bold]Example[/bold]

      python -m experiments.checks.kills --kills 100
    """
    random = np.random.default_rng(seed)
    found: dict[str, Count] = {}
    work = Path(tempfile.mkdtemp(prefix="forage-kills-"))
    try:
        chosen = [command for command in commands(work) if only in (None, command.name)]
        if not chosen:
            raise typer.BadParameter(f"unknown command {only!r}; known: run, comparison, figures")
        with Progress(console=console(stderr=True)) as progress:
            bar = progress.add_task("killing", total=kills)
            for place, command in enumerate(chosen):
                share = kills // len(chosen) + (place < kills % len(chosen))
                for count in kill_often(command, work, share, random, lambda: progress.advance(bar)):
                    found[count.name] = count
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        raise typer.Exit(STOPPED) from None
    finally:
        differing = [name for count in found.values() for name in count.differing]
        if not differing:
            shutil.rmtree(work, ignore_errors=True)
        console().print(_table(found))
    for name in differing:
        print(f"differs: {work / name}")
    raise typer.Exit(FAILED if differing else 0)


def _table(found: dict[str, Count]) -> object:
    grid = table("Killed with SIGKILL, and started again until the end")
    for heading in ("command", "kills", "ends", "files compared", "differing"):
        grid.add_column(heading, justify="left" if heading == "command" else "right")
    for count in found.values():
        grid.add_row(count.name, *map(str, (count.kills, count.ends, count.ends * count.files, len(count.differing))))
    return grid


if __name__ == "__main__":
    typer.run(main)
