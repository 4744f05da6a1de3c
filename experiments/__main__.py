"""The console command ``forage``: it registers the commands of `experiments.commands`.

Start-up stays instant because only Typer and plain data are imported here; a command imports its work when it is
asked for.
"""

import os
import signal
import sys
from typing import Annotated

import typer

from experiments.commands.bench import bench_engines, bench_env, bench_size
from experiments.commands.compare import compare
from experiments.commands.doctor import doctor
from experiments.commands.figures import figures
from experiments.commands.leaderboard import leaderboard
from experiments.commands.listing import list_
from experiments.commands.movie import movie
from experiments.commands.play import play
from experiments.commands.report import report
from experiments.commands.run import run
from experiments.commands.watch import watch
from experiments.errors import FAILED, REFUSED, STOPPED, TERMINATED, Terminated, UserError, in_words
from experiments.printing import show_what_can_be_shown

_DEBUG = "FORAGE_DEBUG"

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)


@app.callback()
def forage(
    debug: Annotated[
        bool, typer.Option("--debug", envvar=_DEBUG, help="Show the traceback of whatever ends a command.")
    ] = False,
) -> None:
    """A spiking forager that learns, forgets, and is saved by sleep (Golden et al. 2022).

    [bold]Begin here:[/bold] forage run sleep

    [bold]Exit status[/bold] of every command

    0    done

    1    something was done and something failed

    2    refused; nothing was done

    130  stopped with Ctrl-C, 143 by SIGTERM
    """
    if debug:
        os.environ[_DEBUG] = "1"


app.command()(run)
app.command("list")(list_)
bench = typer.Typer(invoke_without_command=True)
bench.callback()(bench_engines)
bench.command("env")(bench_env)
bench.command("size")(bench_size)
app.add_typer(bench, name="bench")
for command in (figures, report, leaderboard, compare, watch, play, movie, doctor):
    app.command()(command)


def main() -> None:
    """Run the command line.

    What a person did wrong, or a machine lacks, ends in one message and a status; everything else is a fault of ours
    and ends in a traceback.
    """
    show_what_can_be_shown()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except KeyboardInterrupt as error:
        print("Stopped.", file=sys.stderr)
        sys.exit(TERMINATED if isinstance(error, Terminated) else STOPPED)
    except BrokenPipeError:  # whoever read what we print has gone, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except Exception as error:
        status = _status_of(error)
        if status is None or os.environ.get(_DEBUG):
            raise
        print(f"forage: {in_words(error)}", file=sys.stderr)
        sys.exit(status)


def _terminate(signum: int, frame: object) -> None:
    raise Terminated


def _status_of(error: Exception) -> int | None:
    """The exit status of an error whose message is enough; None for a fault of ours.

    Classes of packages that are imported late are known by their names.
    """
    if isinstance(error, UserError):
        return error.status
    if isinstance(error, OSError | MemoryError):
        return FAILED
    named = (type(error).__module__.partition(".")[0], type(error).__name__)
    return REFUSED if named in _REFUSALS else None


_REFUSALS = (("gymnasium", "DependencyNotInstalled"), ("pygame", "error"), ("foraging_env", "NoScreenError"))


if __name__ == "__main__":
    main()
