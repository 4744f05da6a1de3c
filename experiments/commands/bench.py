"""``forage bench``: how fast the engines are, and with ``env`` the world."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from experiments.printing import console, table

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


Against = Annotated[
    Path | None,
    typer.Option(metavar="CHECKOUT", help="Time this version beside another: a folder with an earlier version."),
]


def bench_engines(context: typer.Context, json: Json = False, against: Against = None) -> None:
    """Time the fast network engine against the reference one, and count how many of their moves are equal.

    With --against, time the fast engine of this version against that of another, in turns: training, frozen test,
    sleep and the unsupervised stage. Some minutes.

    [bold]Examples[/bold]

      forage bench           a table

      forage bench --json    for programs

      forage bench --against ../before    beside the version in that folder
    """
    if context.invoked_subcommand is None:
        from experiments.checks.bench_engines import bench_engines

        bench_engines(json=json, against=against)


def bench_size(json: Json = False) -> None:
    """Time networks of more hidden neurons, and with wider views, at equal activity.

    Processor time of a movement cycle, world included: the median of seven rounds. A minute or two.

    [bold]Examples[/bold]

      forage bench size           a table

      forage bench size --json    for programs
    """
    from experiments.checks.size import FIRING, costs

    progress = console(stderr=True)
    found = costs(tell=lambda cost: progress.print(f"{cost.n_hidden:,} hidden neurons, view {cost.view}: done"))
    if json:
        print(json_format.dumps([cost._asdict() for cost in found]))
        return
    grid = table(f"Microseconds a cycle, about {FIRING:g} hidden neurons firing in it")
    for heading in ("hidden", "view", "firing", "training", "frozen test", "sleep", "unsupervised"):
        grid.add_column(heading, justify="right")
    for cost in found:
        timed = (f"{each:.1f}" for each in cost[3:])
        grid.add_row(f"{cost.n_hidden:,}", f"{cost.view} × {cost.view}", f"{cost.firing:.1f}", *timed)
    console().print(grid)


def bench_env(
    json: Json = False,
) -> None:
    """Time the foraging world, single and many at once, side by side with CartPole and what else is installed.

    Steps per second on one core with random moves, observations written: the median of seven rounds in which all take
    turns. Start: from the start of a Python process to its first step, with kernels compiled before, and for the very
    first time.

    [bold]Examples[/bold]

      forage bench env           a table

      forage bench env --json    for programs
    """
    from experiments.checks.env_speed import measure

    report = measure()
    if json:
        print(json_format.dumps(report, indent=1))
        return
    grid = table("Steps per second, one core, random moves")
    grid.add_column("")
    for heading in ("steps per second", "times CartPole-v1"):
        grid.add_column(heading, justify="right")
    for name, speed in report["speeds"].items():
        grid.add_row(name, f"{speed:,.0f}", f"{speed / report['cartpole']:.2f}")
    console().print(grid)
    print(f"start to first step: {report['start_seconds']:.2f} s", end="; ")
    print(f"the very first time {report['first_start_seconds']:.1f} s")
    for name, error in report["broken_peers"].items():
        print(f"{name} is installed but does not run here ({error})")
    print(f"memory: {report['bytes_per_world']} bytes a world")
