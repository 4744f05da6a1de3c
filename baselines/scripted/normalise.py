"""Measure the ends of the scale: ``python -m baselines.scripted.normalise`` adds what the table of scales lacks.

The table is ``foraging_env/normalisation.json``: for every registered id and each of its tasks, what the random and the
full-knowledge forager take in. Published numbers never move, so only what is missing is measured, with the table's own
numbers of seeds and steps. Neither forager looks at its observation, so a task is measured once for all ids with the
same world, whatever they show of it.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import gymnasium as gym
import typer
from rich.console import Console
from rich.progress import Progress

import foraging_env
from baselines.scripted.foragers import SCRIPTED
from foraging_env.files import replacing
from foraging_env.sequences import SEQUENCES
from foraging_env.tasks import DISTINCT_TASKS, PATTERNS, named_task

TABLE = Path(foraging_env.__file__).with_name("normalisation.json")
ENDS = {"random": "random", "full_knowledge": "full-knowledge"}
"""The ends of a scale, as they are called in the table, and their foragers in `SCRIPTED`."""

_STEPS_AT_ONCE = 100  # between two signs of life


class World(NamedTuple):
    """The arguments of an environment that decide what there is to eat."""

    size: tuple[int, int] = (50, 50)
    density: float = 0.1
    patterns: tuple[str, ...] = PATTERNS


DEFAULT_WORLD = World()


class Place(NamedTuple):
    """Where a scale stands in the table."""

    env_id: str
    task: str


def intake(
    forager: str,
    task: str,
    *,
    seeds: int,
    steps: int,
    world: World = DEFAULT_WORLD,
    tell: Callable[[int], Any] = lambda steps: None,
) -> float:
    """(rewarded - punished) in 100 steps, mean over ``seeds`` lives of ``steps`` steps in worlds like ``world``.

    ``tell`` is called now and then with the steps that were done since.
    """
    env = gym.make_vec("Forage-v0", num_envs=seeds, max_episode_steps=-1, task=task, **world._asdict())
    seen, infos = env.reset(seed=0)
    agent, state = SCRIPTED[forager](env, seed=0), None
    for begun in range(0, steps, _STEPS_AT_ONCE):
        some = min(_STEPS_AT_ONCE, steps - begun)
        for _ in range(some):
            actions, state = agent.predict(seen, state)
            seen, _, _, _, infos = env.step(actions)
        tell(some)
    return 100.0 * float((infos["rewarded"] - infos["punished"]).mean()) / steps


def wanted() -> list[Place]:
    """Every scale that there should be: of each registered id, each task with a rewarded pattern."""
    tasks = {"Forage-v0": [task.name for task in DISTINCT_TASKS if task.rewarded is not None]}
    for name, sequence in SEQUENCES.items():
        tasks[f"Forage{name}-v0"] = [named_task(task).name for task in sequence.tasks]
    return [Place(env_id, task) for env_id, names in tasks.items() for task in dict.fromkeys(names)]


def world_of(env_id: str) -> World:
    """The world of a registered id, as its own environment has it."""
    env: Any = gym.make_vec(env_id, num_envs=1).unwrapped
    rows, cols = env.worlds.shape.rows, env.worlds.shape.cols
    return World((rows, cols), 2 * env.worlds.n_pairs / (rows * cols), env.worlds.patterns)


class Scales:
    """The table, and what is measured for it.

    Raises FileNotFoundError, or ValueError for a file that is no such table.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._data = json.loads(path.read_text(encoding="utf-8"))
            self._ids: dict[str, dict[str, dict[str, float]]] = self._data["ids"]
            self._lives = {"seeds": int(self._data["seeds"]), "steps": int(self._data["steps"])}
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is no table of scales ({type(error).__name__}: {error})") from error
        self._worlds = {env_id: world_of(env_id) for env_id in dict.fromkeys(place.env_id for place in wanted())}

    @property
    def steps(self) -> int:
        """Steps of one measurement: of both foragers, in one world and task."""
        return len(ENDS) * self._lives["steps"]

    @property
    def missing(self) -> list[Place]:
        """What the table lacks."""
        return [place for place in wanted() if place.task not in self._ids.get(place.env_id, {})]

    def published(self, place: Place) -> dict[str, float] | None:
        """The scale in the table, if there is one."""
        return self._ids.get(place.env_id, {}).get(place.task)

    def distinct(self, places: list[Place]) -> dict[tuple[World, str], list[Place]]:
        """The measurements that ``places`` need, and which of them each is for."""
        found: dict[tuple[World, str], list[Place]] = {}
        for place in places:
            found.setdefault((self._worlds[place.env_id], place.task), []).append(place)
        return found

    def measured(self, world: World, task: str, tell: Callable[[int], Any]) -> dict[str, float]:
        """Both ends of the scale of a task in a world."""
        return {
            end: round(intake(forager, task, world=world, tell=tell, **self._lives), 4) for end, forager in ENDS.items()
        }

    def add(self, place: Place, scale: dict[str, float]) -> None:
        """Write a new scale into the table, whole or not at all. Raises ValueError for one that is published."""
        if self.published(place) is not None:
            raise ValueError(f"the scale of task {place.task!r} of {place.env_id} is published and never moves")
        self._ids.setdefault(place.env_id, {})[place.task] = scale
        with replacing(self._path) as draft:
            draft.write_text(json.dumps(self._data, indent=1) + "\n", encoding="utf-8")


def complete(scales: Scales, tell: Callable[[int], Any]) -> Iterator[tuple[Place, dict[str, float]]]:
    """Add what is missing; what is published of the same task in the same world is taken over, not measured anew."""
    published = scales.distinct([place for place in wanted() if scales.published(place)])
    for (world, task), places in scales.distinct(scales.missing).items():
        known = published.get((world, task))
        scale = scales.published(known[0]) if known else None
        if scale is None:
            scale = scales.measured(world, task, tell)
        else:
            tell(scales.steps)
        for place in places:
            scales.add(place, scale)
            yield place, scale


def differing(scales: Scales, tell: Callable[[int], Any]) -> Iterator[tuple[Place, dict[str, float]]]:
    """Measure everything again, write nothing: where the table says something else, or nothing, and what was found."""
    for (world, task), places in scales.distinct(wanted()).items():
        found = scales.measured(world, task, tell)
        for place in places:
            if scales.published(place) != found:
                yield place, found


def main(
    check: Annotated[bool, typer.Option("--check", help="Measure everything again, compare, write nothing.")] = False,
    table: Annotated[Path, typer.Option(help="The table of scales.")] = TABLE,
) -> None:
    """Measure the scales that an environment still lacks.

    A scale goes from what the random forager takes in, normalised 0, to what
    the forager that knows everything takes in, normalised 1: (rewarded -
    punished) patterns per 100 steps. A new row in the registry of environments
    needs one scale for each of its tasks. Published scales are never touched;
    what would move them gets a new id.

    [bold]Examples[/bold]

      python -m baselines.scripted.normalise            add what is missing

      python -m baselines.scripted.normalise --check    is all as published?

    One task in one world takes a few seconds. Each scale is written as soon as
    it is measured; Ctrl-C loses the one under way, and the same command goes
    on. Exit status of --check: 0 if all is as published, 1 if not.
    """
    try:
        scales = Scales(table)
        work = scales.distinct(wanted() if check else scales.missing)
        n_found = 0
        with Progress(console=Console(stderr=True), disable=not work) as progress:
            bar = progress.add_task("checking" if check else "measuring", total=len(work) * scales.steps)
            work_through = differing if check else complete
            for place, found in work_through(scales, lambda steps: progress.update(bar, advance=steps)):
                n_found += 1
                was = f", published {_text(scales.published(place))}" if check else ""
                progress.console.print(f"{place.env_id} {place.task}: {_text(found)}{was}", highlight=False)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        print("\nStopped. Finished scales are in the table; go on with the same command.", file=sys.stderr)
        raise typer.Exit(130) from None
    if not check:
        print(f"{n_found} scales added to {table}" if n_found else f"{table} lacks nothing")
    elif n_found:
        print(f"{n_found} scales are not what {table} says", file=sys.stderr)
        raise typer.Exit(1)
    else:
        print(f"all scales are as in {table}")


def _text(scale: dict[str, float] | None) -> str:
    return "nothing" if scale is None else ", ".join(f"{end} {number}" for end, number in scale.items())


if __name__ == "__main__":
    typer.run(main)
