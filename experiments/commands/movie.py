"""``forage movie``: film a forager."""

from pathlib import Path
from typing import Annotated

import typer


def movie(
    who: Annotated[
        str,
        typer.Argument(
            metavar="AGENT",
            help="A folder of forage run, a folder of a stage, a saved agent, or random, nearest-food, full-knowledge.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The movie: a .gif or an .mp4.")],
    task: Annotated[str, typer.Option(help="The food: task1, task2, all, or a pair such as v+h-.")] = "task1",
    stage: Annotated[
        str | None, typer.Option(help="After which stage, in a folder of forage run.", show_default="the last one")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which world.")] = 0,
    steps: Annotated[int, typer.Option(min=1, help="How long.")] = 200,
    fps: Annotated[float, typer.Option(min=1, max=60, help="Steps in a second.")] = 10,
    height: Annotated[int, typer.Option(min=520, max=2000, help="Pixels.")] = 560,
) -> None:
    """Film a forager: the world, its score, what it sees and how its output layer votes.

    [bold]Examples[/bold]

      forage movie full-knowledge --out expert.gif

      forage movie runs/sleep-quick --stage T1 --task task2 --out after-task1.mp4
    """
    from experiments.commands.showing import film, showing

    film(showing(who, task, seed, stage), out, seed=seed, steps=steps, fps=fps, height=height)
    print(out)
