"""The curves of a finished run as TensorBoard's event files, written from its tables alone: training cannot notice.

``python -m experiments.commands.tensorboard runs/forgetting-paper-quick logs`` does it for a run that is there already.
Every agent with every seed is a run of TensorBoard's; an agent whose stages branch has one for every last stage. Tags
are ``eval/<task>/performance`` and ``eval/<task>/intake``, as those of `baselines.callbacks.TaskEvaluation`; steps
count from the beginning of the life. Weights & Biases takes such folders as they are: ``wandb sync logs``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from experiments.errors import UserError
from experiments.evidence.results import read_run
from experiments.plans.plan import Agent, Plan
from experiments.plans.stages import Stage
from experiments.running.tables import Point, Result


class Scalar(NamedTuple):
    """A point of a curve."""

    tag: str
    value: float
    step: int  # since the beginning of the life


def write_events(folder: Path, logs: Path) -> list[Path]:
    """Write the curves of the result folder ``folder`` below ``logs`` and return the folders that were written.

    Event files that lie in these are replaced. Raises UserError without the package tensorboard, or if ``folder`` holds
    no results.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UserError("event files need the package tensorboard: pip install tensorboard") from error
    written = []
    for name, scalars in curves(folder):
        run = logs / name
        for old in run.glob("events.out.tfevents.*"):
            old.unlink()
        writer: Any = SummaryWriter(run)
        for scalar in scalars:
            writer.add_scalar(*scalar)
        writer.close()
        written.append(run)
    return written


def curves(folder: Path) -> Iterator[tuple[str, list[Scalar]]]:
    """The name of every run and its points: short tests on the way, long ones after every stage, in order of steps.

    Raises UserError if ``folder`` holds no results.
    """
    told = read_run(folder)
    lasts = {(row.agent, row.seed, row.stage): row.steps for row in told.costs}
    tests: list[tuple[Point | Result, int]] = [(row, row.trained) for row in told.curve]
    tests += [(row, lasts.get((row.agent, row.seed, row.stage), 0)) for row in told.results]
    for plan in told.plans:
        for agent in plan.agents:
            lives = _lives(plan, agent)
            for seed in told.seeds:
                for life in lives:
                    begins = _beginnings(life, [lasts.get((agent.name, seed, stage.name), 0) for stage in life])
                    scalars = [
                        Scalar(f"eval/{row.task}/{measure}", getattr(row, measure), begins[row.stage] + trained)
                        for row, trained in tests
                        if (row.agent, row.seed) == (agent.name, seed) and row.stage in begins
                        for measure in ("performance", "intake")
                    ]
                    end = f"-{life[-1].name}" if len(lives) > 1 else ""
                    yield f"{agent.name}-seed-{seed}{end}", sorted(scalars, key=lambda scalar: scalar.step)


def _lives(plan: Plan, agent: Agent) -> list[list[Stage]]:
    """The ways from the root to every last stage of an agent."""
    own = plan.stages_of(agent)
    parents = {stage.parent for stage in own}
    return [[*reversed(plan.protocol.ancestors(stage)), stage] for stage in own if stage.name not in parents]


def _beginnings(life: list[Stage], steps: list[int]) -> dict[str, int]:
    """Steps lived before every stage."""
    return {stage.name: sum(steps[:number]) for number, stage in enumerate(life)}


def main(
    folder: Annotated[Path, typer.Argument(help="The result folder of a run.")],
    logs: Annotated[Path, typer.Argument(help="Where the event files go.")],
) -> None:
    """Write the curves of a run as event files for TensorBoard."""
    try:
        runs = write_events(folder, logs)
    except UserError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    print(f"{len(runs)} runs; look at them with: tensorboard --logdir {logs}")


if __name__ == "__main__":
    typer.run(main)
