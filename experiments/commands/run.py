"""``forage run``: agents live through a protocol."""

import os
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.errors import FAILED, STOPPED, TERMINATED, Terminated, UserError, breaking_off, known
from experiments.printing import console, duration

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.plans.experiment import Experiment
    from experiments.running.runner import Run


def run(
    experiment: Annotated[str, typer.Argument(help="sleep, golden2022, beyond, forgetting: see forage list.")],
    preset: Annotated[
        str, typer.Option(help="How long: quick, or paper (sleep, golden2022) and full (the others).")
    ] = "quick",
    protocol: Annotated[
        str | None,
        typer.Option(
            help="Which: one that forage list shows, or a TOML or JSON file of yours (for golden2022 there is one).",
            show_default="the first of the list",
        ),
    ] = None,
    agents: Annotated[
        str | None,
        typer.Option(
            help="Who, for forgetting, with commas between, and with settings if wanted: ppo:ent_coef=0.02,"
            "ppo+ewc:strength=100; the preset's if not given."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="A setting of an algorithm or a remedy, for all agents that have it, as ewc:strength=100; may be "
            "given several times.",
        ),
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
        Path | None,
        typer.Option(
            help="Folder for the agents' states; runs that share it share equal stages. Loading an agent of your own "
            "runs its code: use folders that you trust."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="A Dask cluster whose workers do it instead of processes here, as tcp://host:port. "
            "All must see the result folder under the same path. Needs foraging-env\\[distributed].",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="reference: rank the agents among those whose results are shipped, without running them again; "
            "none: show them alone. Where the settings match, reference if not given.",
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

    1    something was run and something failed; what is finished is saved

    2    refused; nothing was run

    130  stopped with Ctrl-C, 143 by SIGTERM; what is finished is saved

    [bold]Examples[/bold]

    forage run sleep                                  two networks, a few minutes

    forage run sleep --preset paper --jobs 2          ten networks at the paper's lengths, hours

    forage run golden2022 --conditions "T1-T2,T1-Int(S,T2)"      conditions of the paper, then forage figures

    forage run beyond --protocol dose                 how much sleep is enough

    forage run sleep --protocol mine.toml             stages of your own

    forage run forgetting                             deep agents on three tasks that they are shown

    forage run forgetting --protocol paper            spiking and deep agents on the paper's two tasks

    forage run forgetting --preset full --agent mypackage.module:make    yours among the shipped results

    forage run forgetting --protocol mine.toml --agents ppo,ppo+ewc:strength=100 --seeds 5
    """
    own_agents, some = agent or [], conditions or []
    request, row = _request(
        experiment, preset, protocol, agents, settings or [], own_agents, some, seed, seeds, out, stages
    )
    at_once = jobs or os.cpu_count() or 1
    if scheduler and jobs and not dry_run:
        raise UserError(
            "--jobs counts processes of this machine; with --scheduler the cluster's workers are what counts"
        )
    out_console = console(quiet=quiet)
    beside = _beside_shipped(row, request, against, out_console, newcomer=bool(own_agents))
    if dry_run:
        from experiments.running.runner import announce

        announce(request, at_once, out_console)
        return
    command = shlex.join(["forage", *sys.argv[1:]])
    try:
        complete = _live_and_conclude(request, row, at_once, out_console, command, scheduler, tensorboard, beside)
    except KeyboardInterrupt as error:
        print(f"\nStopped. What is finished is saved; go on with the same command:\n  {command}", file=sys.stderr)
        raise typer.Exit(TERMINATED if isinstance(error, Terminated) else STOPPED) from None
    if not complete:
        raise typer.Exit(FAILED)


def _request(
    name: str,
    preset: str,
    protocol: str | None,
    agents: str | None,
    settings: list[str],
    own_agents: list[str],
    conditions: list[str],
    first_seed: int,
    seeds: int | None,
    out: Path | None,
    stages: Path | None,
) -> "tuple[Run, Experiment]":
    """What is to be run, from what was typed, and the row of the experiment."""
    from experiments.catalogue import experiment
    from experiments.plans.experiment import names_in, with_settings
    from experiments.running.runner import Run

    row = experiment(name)
    lengths = known(row.presets, preset, f"preset of {name}")
    chosen = protocol or row.first_protocol
    if own_agents:
        sys.path.append(os.getcwd())  # a command line's search path lacks it; behind ours, lest a folder shadow it
    names = [*names_in(agents or ""), *own_agents, *(each for part in conditions for each in names_in(part))]
    if not names:
        names, left_out = row.default_agents(chosen, preset)
        for reason in left_out:
            console(stderr=True).print(f"{reason}; it is left out", soft_wrap=True)
    names = with_settings(names, settings)
    plans = row.plans(chosen, names, lengths)
    lived = tuple(range(first_seed, first_seed + (seeds or lengths.seeds)))
    folder = out or Path("runs") / "-".join(dict.fromkeys((name, Path(chosen).stem, preset)))
    return Run(name, preset, plans, lived, folder, stages), row


def _beside_shipped(
    row: "Experiment", request: "Run", against: str | None, console: "Console", *, newcomer: bool
) -> bool:
    """Whether shipped results are shown beside those of the run. Raises UserError if that is asked for in vain."""
    if against is not None:
        known({"reference": "", "none": ""}, against, "choice of --against")
    if against == "none":
        return False
    reason = row.cannot_compare(request.plans)
    if reason and against:
        raise UserError(f"--against reference: {reason}")
    if reason and newcomer:
        console.print(f"Not ranked among the shipped results: {reason}.", soft_wrap=True, style="dim")
    return not reason


def _live_and_conclude(
    request: "Run",
    row: "Experiment",
    jobs: int,
    console: "Console",
    command: str,
    scheduler: str | None,
    tensorboard: Path | None,
    beside_shipped: bool,
) -> bool:
    """Whether every agent came to its end; if so, what came out is shown."""
    from experiments.running.runner import run

    begin = time.monotonic()
    if not run(request, jobs=jobs, console=console, command=command, scheduler=scheduler):
        return False
    with breaking_off(f"The results are in {request.out}; the same command shows them."):
        conclude = row.conclude_beside if beside_shipped and row.conclude_beside else row.conclude
        conclude(request.out, console)
        if tensorboard is not None:
            from experiments.commands.tensorboard import write_events

            write_events(request.out, tensorboard)
            console.print(f"Look at the curves with: tensorboard --logdir {tensorboard}", soft_wrap=True)
    console.print(f"Done in {duration(time.monotonic() - begin)}; all is in {request.out}", soft_wrap=True)
    return True
