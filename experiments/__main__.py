"""The console command ``forage``: what can be asked, in words; the work is imported when it is asked for.

Start-up stays instant because nothing but Typer is imported here.
"""

import sys
from typing import Annotated

import typer

from experiments.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
    help="A spiking forager that learns, forgets, and is saved by sleep (Golden et al. 2022).",
)
bench = typer.Typer(help="Measure how fast this machine runs it.", invoke_without_command=True)
app.add_typer(bench, name="bench")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


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


def main() -> None:
    """Run the command line; what a person did wrong ends in one message and status 2."""
    try:
        app()
    except UserError as error:
        print(f"forage: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
