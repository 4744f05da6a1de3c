"""The console command ``forage``: what can be asked, in words; the work is imported when it is asked for.

Start-up stays instant because only Typer and plain data are imported here.
"""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from experiments.bench_env import bench_env
from experiments.errors import UserError
from experiments.movie import movie
from experiments.play import play
from experiments.protocols import PRESETS, PROTOCOLS, Plan
from experiments.watch import watch

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)
bench = typer.Typer(invoke_without_command=True)
app.add_typer(bench, name="bench")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


@app.callback()
def forage() -> None:
    """A spiking forager that learns, forgets, and is saved by sleep (Golden et al. 2022).

    [bold]Begin here:[/bold] forage run sleep
    """


@app.command()
def run(
    protocol: Annotated[str, typer.Argument(help=f"What is trained after what: {', '.join(PROTOCOLS)}.")],
    preset: Annotated[str, typer.Option(help=f"How long: {', '.join(PRESETS)}.")] = "quick",
    seeds: Annotated[int | None, typer.Option(min=1, help="How many networks; the preset's if not given.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The first seed; the others follow it.")] = 0,
    jobs: Annotated[int | None, typer.Option(min=1, help="Networks at a time; one a core if not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Result folder; runs/PROTOCOL-PRESET if not given.")] = None,
) -> None:
    """Run a protocol: networks live through its stages, then a table is printed and a figure drawn.

    The folder gets results.csv (a test of every task after every stage), curve.csv (short tests on the way),
    config.json and a figure. Stopped or killed, the same command goes on where it was, with the same result.

    [bold]Examples[/bold]

    forage run sleep                                  two networks, a few minutes

    forage run sleep --seeds 5 --out runs/five        five networks, seeds 0 to 4

    forage run sleep --preset paper --jobs 2          ten networks at the paper's lengths, hours
    """
    plan = Plan(_known(PROTOCOLS, protocol, "protocol"), _known(PRESETS, preset, "preset"))
    count = seeds or plan.preset.seeds
    folder = out or Path("runs") / f"{protocol}-{preset}"
    command = shlex.join(["forage", *sys.argv[1:]])
    at_once = jobs or os.cpu_count() or 1
    from rich.console import Console

    from experiments.runner import run

    try:
        complete = run(
            plan,
            range(seed, seed + count),
            folder,
            jobs=at_once,
            console=Console(),
            command=command,
        )
    except KeyboardInterrupt:
        print(f"\nStopped. What is finished is saved; go on with the same command:\n  {command}", file=sys.stderr)
        raise typer.Exit(130) from None
    if not complete:
        raise typer.Exit(1)


def _known(table: dict[str, T], name: str, kind: str) -> T:
    if name not in table:
        raise UserError(f"unknown {kind} {name!r}; known: {', '.join(table)}")
    return table[name]


@bench.callback()
def bench_engines(context: typer.Context, json: Json = False) -> None:
    """Time the fast network engine against the reference one, and count how many of their moves are equal.

    [bold]Examples[/bold]

      forage bench           a table
      forage bench --json    for programs
    """
    if context.invoked_subcommand is None:
        from experiments.bench_engines import bench_engines

        bench_engines(json=json)


bench.command("env")(bench_env)
for command in (watch, play, movie):
    app.command()(command)


def main() -> None:
    """Run the command line; what a person did wrong ends in one message and status 2."""
    try:
        app()
    except UserError as error:
        print(f"forage: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
