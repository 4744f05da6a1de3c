"""``forage watch``: see a forager live."""

from typing import Annotated

import typer


def watch(
    who: Annotated[
        str,
        typer.Argument(
            metavar="AGENT",
            help="A folder of forage run, a folder of a stage, a saved agent, or random, nearest-food, full-knowledge.",
        ),
    ],
    task: Annotated[str, typer.Option(help="The food: task1, task2, all, or a pair such as v+h-.")] = "task1",
    stage: Annotated[
        str | None, typer.Option(help="After which stage, in a folder of forage run.", show_default="the last one")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which world.")] = 0,
    steps: Annotated[int, typer.Option(min=1, help="How long.")] = 1000,
    speed: Annotated[float, typer.Option(min=0.5, max=60, help="Steps in a second.")] = 8,
) -> None:
    """Open a window and watch a forager, with its score, what it sees and how its output layer votes.

    Space holds it, escape or closing the window ends it. A saved agent does not learn here.

    [bold]Examples[/bold]

      forage watch full-knowledge

      forage watch runs/sleep-quick --stage T1 --task task2 --speed 20
    """
    from experiments.commands.showing import showing
    from foraging_env.window import Window

    show = showing(who, task, seed, stage)
    window = Window(f"forage watch {show.name}", steps_per_second=speed)
    held = False
    for caption in show.life(seed, steps):
        window.show(show.worlds, caption)
        pressed = window.keys()
        held ^= "space" in pressed
        while held and window.is_open and "escape" not in pressed:
            window.wait(0.05)
            pressed = window.keys()
            held ^= "space" in pressed
        if not window.is_open or "escape" in pressed:
            break
    window.close()
    punished, _, rewarded = show.worlds.state.counts[0].tolist()
    print(f"{show.name}: rewarded {rewarded}, punished {punished}")
