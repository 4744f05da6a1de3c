"""The console command ``forage``: what can be asked, in words; the work is imported when it is asked for.

Start-up stays instant because only Typer and plain data are imported here.
"""

import os
import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.bench_env import bench_env
from experiments.commands.compare import compare
from experiments.commands.doctor import doctor
from experiments.commands.figures import figures
from experiments.commands.movie import movie
from experiments.commands.play import play
from experiments.commands.report import report
from experiments.commands.watch import watch
from experiments.errors import UserError, known

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)
bench = typer.Typer(invoke_without_command=True)
app.add_typer(bench, name="bench")

_LOG_WIDTH = 110  # columns where there is no terminal to ask

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


@app.callback()
def forage() -> None:
    """A spiking forager that learns, forgets, and is saved by sleep (Golden et al. 2022).

    [bold]Begin here:[/bold] forage run sleep
    """


@app.command()
def run(
    experiment: Annotated[str, typer.Argument(help="sleep, golden2022, beyond, forgetting: see forage list.")],
    preset: Annotated[
        str, typer.Option(help="How long: quick, or paper (sleep, golden2022) and full (the others).")
    ] = "quick",
    protocol: Annotated[
        str | None,
        typer.Option(
            help="Which, for forgetting and beyond: one that forage list shows; for forgetting also a TOML or JSON "
            "file of yours.",
            show_default="the first of the list",
        ),
    ] = None,
    agents: Annotated[
        str | None, typer.Option(help="Who, for forgetting, with commas between; the preset's if not given.")
    ] = None,
    agent: Annotated[
        list[str] | None,
        typer.Option(help="Your own agent, mypackage.module:make; may be given several times."),
    ] = None,
    conditions: Annotated[
        list[str] | None,
        typer.Option(help="Which, for golden2022, with commas between, or given several times; all 13 if not given."),
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many seeds; the preset's if not given.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The first seed; the others follow it.")] = 0,
    jobs: Annotated[int | None, typer.Option(min=1, help="Agents at a time; one a core if not given.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Result folder; runs/EXPERIMENT-PROTOCOL-PRESET if not given.")
    ] = None,
    stages: Annotated[
        Path | None, typer.Option(help="Folder for the agents' states; runs that share it share equal stages.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="A Dask cluster whose workers do it instead of processes here, as tcp://host:port. "
            "All must see the result folder under the same path. Needs forage\\[distributed].",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, and how long it takes.")
    ] = False,
    tensorboard: Annotated[
        Path | None, typer.Option(help="Folder for the curves as event files, written when all is done.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print errors only; the exit status says how it ended.")
    ] = False,
) -> None:
    """Run an experiment: agents live through a protocol, then a table is printed and a figure drawn.

    The folder gets results.csv (a test of every task after every stage), curve.csv (short tests on the way),
    costs.csv, config.json and a figure. Stopped or killed, the same command goes on where it was, with the same
    result.

    [bold]Exit status[/bold]

    0    done

    1    an agent failed; the others are done

    2    refused; nothing was run

    130  stopped with Ctrl-C; what was finished is saved

    [bold]Examples[/bold]

    forage run sleep                                  two networks, a few minutes

    forage run sleep --preset paper --jobs 2          ten networks at the paper's lengths, hours

    forage run golden2022 --conditions "T1-T2,T1-Int(S,T2)"      conditions of the paper, then forage figures

    forage run beyond --protocol dose                 how much sleep is enough

    forage run forgetting                             spiking and deep agents on the paper's two tasks

    forage run forgetting --protocol cycle --agents ppo,ppo+ewc,dqn,dqn+rehearsal --seeds 5

    forage run forgetting --protocol mine.toml --agents ppo --agent mypackage.module:make
    """
    from rich.console import Console

    from experiments.catalogue import experiment as known_experiment
    from experiments.catalogue import names_in
    from experiments.running.progress import duration
    from experiments.running.runner import Run, announce
    from experiments.running.runner import run as run_request

    row = known_experiment(experiment)
    lengths = known(row.presets, preset, f"preset of {experiment}")
    chosen = protocol or row.protocols[0]
    names = names_in(agents or "") + (agent or []) + [name for part in conditions or [] for name in names_in(part)]
    if agent:
        sys.path.insert(0, os.getcwd())  # a command line's search path lacks it
    names = names or names_in(row.agents[preset])
    label = "-".join(dict.fromkeys((experiment, Path(chosen).stem, preset)))
    folder = out or Path("runs") / label
    count = seeds or lengths.seeds
    command = shlex.join(["forage", *sys.argv[1:]])
    request = Run(
        experiment, preset, row.plans(chosen, names, lengths), tuple(range(seed, seed + count)), folder, stages
    )
    console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _LOG_WIDTH, quiet=quiet)
    begin = time.monotonic()
    if scheduler and jobs and not dry_run:
        raise UserError(
            "--jobs counts processes of this machine; with --scheduler the cluster's workers are what counts"
        )
    if dry_run:
        announce(request, jobs or os.cpu_count() or 1, console)
        return
    try:
        complete = run_request(
            request, jobs=jobs or os.cpu_count() or 1, console=console, command=command, scheduler=scheduler
        )
        if complete:
            row.conclude(folder, console)
            if tensorboard is not None:
                from experiments.commands.tensorboard import write_events

                write_events(folder, tensorboard)
                console.print(f"Look at the curves with: tensorboard --logdir {tensorboard}", soft_wrap=True)
            console.print(f"Done in {duration(time.monotonic() - begin)}; all is in {folder}", soft_wrap=True)
    except KeyboardInterrupt:
        print(f"\nStopped. What is finished is saved; go on with the same command:\n  {command}", file=sys.stderr)
        raise typer.Exit(130) from None
    if not complete:
        raise typer.Exit(1)


@app.command("list")
def list_() -> None:
    """Show what there is to run: experiments, protocols, presets with their costs, and agents.

    [bold]Example[/bold]

      forage list
    """
    from rich.console import Console

    from experiments.commands.listing import show

    show(Console())


@bench.callback()
def bench_engines(context: typer.Context, json: Json = False) -> None:
    """Time the fast network engine against the reference one, and count how many of their moves are equal.

    [bold]Examples[/bold]

      forage bench           a table
      forage bench --json    for programs
    """
    if context.invoked_subcommand is None:
        from experiments.checks.bench_engines import bench_engines

        bench_engines(json=json)


bench.command("env")(bench_env)
app.command()(figures)
app.command()(report)
app.command()(compare)
for command in (watch, play, movie, doctor):
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
