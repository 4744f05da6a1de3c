"""The console command ``forage``: it registers the commands of `experiments.commands`.

Start-up stays instant because only Typer and plain data are imported here; a command imports its work when it is
asked for.
"""

import sys

import typer

from experiments.commands.bench import bench_engines, bench_env
from experiments.commands.compare import compare
from experiments.commands.doctor import doctor
from experiments.commands.figures import figures
from experiments.commands.listing import list_
from experiments.commands.movie import movie
from experiments.commands.play import play
from experiments.commands.report import report
from experiments.commands.run import run
from experiments.commands.watch import watch
from experiments.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)


@app.callback()
def forage() -> None:
    """A spiking forager that learns, forgets, and is saved by sleep (Golden et al. 2022).

    [bold]Begin here:[/bold] forage run sleep
    """


app.command()(run)
app.command("list")(list_)
bench = typer.Typer(invoke_without_command=True)
bench.callback()(bench_engines)
bench.command("env")(bench_env)
app.add_typer(bench, name="bench")
for command in (figures, report, compare, watch, play, movie, doctor):
    app.command()(command)


def main() -> None:
    """Run the command line; what a person did wrong, or a machine lacks, ends in one message and status 2."""
    try:
        app()
    except Exception as error:
        if not _says_all(error):
            raise
        print(f"forage: {error}", file=sys.stderr)
        sys.exit(2)


def _says_all(error: Exception) -> bool:
    """Whether the message is enough: a refusal, a file or disk, a missing extra, a screen that is not there.

    Classes of packages that are imported late are known by their names.
    """
    named = (type(error).__module__.partition(".")[0], type(error).__name__)
    return isinstance(error, UserError | OSError) or named in (
        ("gymnasium", "DependencyNotInstalled"),
        ("pygame", "error"),
    )


if __name__ == "__main__":
    main()
