"""``forage play``: forage yourself."""

from typing import Annotated

import typer

# Left hand, number block, arrows: the direction on the keyboard is the direction in the world.
MOVE_OF_KEY = {
    **dict(zip(("q", "w", "e", "a", "d", "z", "x", "c"), range(8), strict=True)),
    **dict(zip(("[7]", "[8]", "[9]", "[4]", "[6]", "[1]", "[2]", "[3]"), range(8), strict=True)),
    **{"up": 1, "left": 3, "right": 4, "down": 6},
}


def play(
    task: Annotated[str, typer.Option(help="The food: task1, task2, all, or a pair such as v+h-.")] = "task1",
    seed: Annotated[int, typer.Option(min=0, help="Which world.")] = 0,
    steps: Annotated[int, typer.Option(min=1, help="How long.")] = 200,
) -> None:
    """Forage with the keyboard, as many steps as the scripted forager that knows everything.

    Keys: q w e / a d / z x c, the number block, or the arrows, for the eight neighbours. Escape ends it.

    [bold]Examples[/bold]

      forage play

      forage play --task v+h- --steps 100
    """
    from experiments.commands.showing import showing
    from foraging_env.env import ForageEnv
    from foraging_env.scene import Caption
    from foraging_env.window import Window

    rival = showing("full-knowledge", task, seed)
    rival_life = rival.life(seed, steps)
    next(rival_life)
    env = ForageEnv(task)
    env.reset(seed=seed)
    window = Window("forage play", steps_per_second=12)
    step = 0
    while step <= steps and window.is_open:
        against = rival.worlds.state.counts[0].tolist()
        lines = [("scripted", f"{against[2]} : {against[0]}"), ("steps left", f"{steps - step}")]
        window.show(env.worlds, Caption("you", lines=lines, note="q w e / a d / z x c; esc ends"))
        if step == steps:
            break
        moves: list[int] = []
        while window.is_open and not moves:
            pressed = window.keys()
            if "escape" in pressed:
                window.close()
            moves = [MOVE_OF_KEY[key] for key in pressed if key in MOVE_OF_KEY]
            window.wait(0.005)
        if window.is_open:
            env.step(moves[0])
            next(rival_life)
            step += 1
    window.close()
    punished, _, rewarded = env.worlds.state.counts[0].tolist()
    rival_punished, _, rival_rewarded = rival.worlds.state.counts[0].tolist()
    print(f"{step} steps. You: rewarded {rewarded}, punished {punished}.", end=" ")
    print(f"The scripted forager: rewarded {rival_rewarded}, punished {rival_punished}.")
