"""Seek the strengths of remedies: ``python -m baselines.tune_remedies --out FILE.csv``.

Every trial is one agent that learns three tasks one after the other and is shown which it is in. The sequence is part
of no protocol, and the seeds are far from those of experiments: nothing is tuned on what is reported. One setting of
each remedy is tried at values that lie evenly on a scale of magnitudes; what counts is the mean intake on all three
tasks after the last, frozen, in other worlds, and its mean over seeds. A person writes the best into the remedy's file.

Today's defaults are not from here yet. Those of SI, MAS, GPM, CLEAR, PackNet and ReDo are from trials by hand with two
seeds far from those of experiments, but on the tasks of the protocol ``cycle-cue``; the others are older.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import Progress

from baselines.agent import DeepAgent
from baselines.remedies.contract import FirstTask
from baselines.remedies.table import remedy
from baselines.trials import read_trials
from foraging_env.files import write_csv
from foraging_env.habitat import Habitat
from foraging_env.senses import Senses

SEQUENCE = ("n+p-", "h+v-", "p+n-")
"""Pairs of no protocol but `long`, whose order is drawn; the last contradicts the first."""

HABITAT = Habitat(Senses(task_cue=True))
FIRST_SEED = 1_000_000
TEST_STEPS = 20_000


class Search(NamedTuple):
    """What is tried of a remedy."""

    algorithm: str
    setting: str
    values: tuple[float, ...]


SEARCHES: Mapping[str, Search] = {
    "ewc": Search("ppo", "strength", (1, 10, 100, 1000)),
    "online-ewc": Search("ppo", "strength", (1, 10, 100, 1000)),
    "si": Search("ppo", "strength", (0.1, 0.3, 1.0, 3.0, 10.0)),
    "mas": Search("ppo", "strength", (0.01, 0.03, 0.1, 0.3)),
    "gpm": Search("ppo", "share", (0.8, 0.9, 0.95, 0.99)),
    "l2": Search("ppo", "strength", (0.001, 0.01, 0.1, 1.0)),
    "l2-init": Search("ppo", "strength", (0.0001, 0.001, 0.01)),
    "freeze": Search("ppo", "share", (0.1, 0.3, 0.5, 0.7)),
    "shrink-perturb": Search("ppo", "shrink", (0.4, 0.6, 0.8, 0.95)),
    "packnet": Search("ppo", "keep", (0.2, 1 / 3, 0.5)),
    "redo": Search("ppo", "threshold", (0.025, 0.1)),
    "rehearsal": Search("dqn", "share", (0.25, 0.5, 0.75)),
    "clear": Search("ppo", "policy_cloning", (0.01, 0.03, 0.1, 0.3, 1.0)),
    "distillation": Search("ppo", "weight", (0.1, 0.3, 1.0, 3.0, 10.0)),
    "cloning": Search("ppo", "weight", (0.1, 0.3, 1.0, 3.0)),
}


class Row(NamedTuple):
    """One trial."""

    remedy: str
    algorithm: str
    setting: str
    value: float
    seed: int
    steps: int  # of each task
    performance: float  # mean of the three tasks, after the last
    intake: float  # (rewarded - punished) per 100 steps, the same
    newest: float  # intake on the last task alone
    cpu_seconds: float  # of learning, without what agents share of the first task


def search(names: list[str], seeds: int, steps: int, out: Path) -> Iterator[list[Row]]:
    """Do the trials that ``out`` lacks; yields all rows after each.

    ``out`` is written after every trial, whole or not at all. Agents whose remedy is absent from the first task share
    it. Raises ValueError if ``out`` is no such table, or was made with other lengths.
    """
    rows = read(out)
    if any(row.steps != steps for row in rows):
        raise ValueError(
            f"{out} holds trials of {rows[0].steps} steps a task, not {steps}; give those, or another file"
        )
    done = {(row.remedy, row.value, row.seed) for row in rows}
    with TemporaryDirectory() as folder:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            for name in names:
                for value in SEARCHES[name].values if name in SEARCHES else (0.0,):
                    if (name, value, seed) not in done:
                        rows = [*rows, trial(name, value, seed, steps, Path(folder))]
                        write_csv(out, Row._fields, rows)
                        yield rows


def trial(name: str, value: float, seed: int, steps: int, shared: Path) -> Row:
    """One agent through `SEQUENCE`; ``shared`` is where first tasks learned without a remedy are kept."""
    algorithm, setting, _ = SEARCHES.get(name, Search("ppo", "", ()))
    full = f"{name}:{setting}={value:g}" if setting else name
    if remedy(full, algorithm).first_task is FirstTask.ABSENT:
        agent = DeepAgent.load(_first_task(algorithm, seed, steps, shared))
        if name != "none":
            agent.adopt(full)
        left: tuple[str, ...] = SEQUENCE[1:]
    else:
        agent = DeepAgent(algorithm, full, seed=seed, habitat=HABITAT)
        left = SEQUENCE
    begun = time.process_time()
    for task in left:
        agent.learn_task(task, steps)
    spent = time.process_time() - begun
    words = np.random.SeedSequence((seed, 1)).generate_state(len(SEQUENCE)).tolist()
    counts = [agent.evaluate(task, TEST_STEPS, word) for task, word in zip(SEQUENCE, words, strict=True)]
    performance = float(np.mean([each.performance for each in counts]))
    intake = float(np.mean([each.intake for each in counts]))
    return Row(
        name,
        algorithm,
        setting,
        value,
        seed,
        steps,
        round(performance, 4),
        round(intake, 3),
        round(counts[-1].intake, 3),
        round(spent, 1),
    )


def _first_task(algorithm: str, seed: int, steps: int, folder: Path) -> Path:
    path = folder / f"{algorithm}-{seed}.pt"
    if not path.exists():
        agent = DeepAgent(algorithm, seed=seed, habitat=HABITAT)
        agent.learn_task(SEQUENCE[0], steps)
        agent.save(path)
    return path


def read(path: Path) -> list[Row]:
    """The rows of a table of trials, none if there is no file. Raises ValueError if it is no such file."""
    return read_trials(path, Row._fields, _parsed)


def best(rows: list[Row]) -> dict[str, tuple[float, float, float, int]]:
    """By remedy: the value with the highest mean intake, that intake, performance, and the number of seeds."""
    found: dict[str, tuple[float, float, float, int]] = {}
    for name, value in dict.fromkeys((row.remedy, row.value) for row in rows):
        same = [row for row in rows if (row.remedy, row.value) == (name, value)]
        intake = float(np.mean([row.intake for row in same]))
        if name not in found or intake > found[name][1]:
            found[name] = (value, intake, float(np.mean([row.performance for row in same])), len(same))
    return found


def main(
    out: Annotated[Path, typer.Option(help="The table; the trials it already holds are not done again.")],
    remedies: Annotated[
        str, typer.Option(help=f"With commas between; all if not given: none, {', '.join(SEARCHES)}.")
    ] = "",
    seeds: Annotated[int, typer.Option(min=1, help=f"How many; the first is {FIRST_SEED}.")] = 2,
    steps: Annotated[
        int, typer.Option(min=1, help="Environment steps of learning in each task, all worlds.")
    ] = 204_800,
) -> None:
    """Try remedies at several strengths on a sequence of tasks that no protocol reports.

    Needs about 20 s a trial. Ctrl-C loses the trial under way, and the same
    command goes on. What did best is printed at the end.

    [bold]Examples[/bold]

      python -m baselines.tune_remedies --out trials.csv

      python -m baselines.tune_remedies --remedies ewc,l2 --seeds 5 --out trials.csv
    """
    torch.set_num_threads(1)
    names = [name.strip() for name in remedies.split(",") if name.strip()] or ["none", *SEARCHES]
    unknown = [name for name in names if name != "none" and name not in SEARCHES]
    try:
        if unknown:
            raise ValueError(f"nothing to try of {', '.join(unknown)}; known: none, {', '.join(SEARCHES)}")
        if not out.parent.is_dir():
            raise ValueError(f"{out.parent} is no folder; make it first")
        total = seeds * sum(len(SEARCHES[name].values) if name in SEARCHES else 1 for name in names)
        rows = read(out)
        with Progress(console=Console(stderr=True, markup=False)) as progress:
            bar = progress.add_task("trials", total=total)
            for rows in search(names, seeds, steps, out):
                progress.update(bar, advance=1, description=f"{rows[-1].remedy} {rows[-1].value:g}")
                progress.console.print(_line(rows[-1]), highlight=False, soft_wrap=True, markup=False)
    except ValueError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        print(f"\nStopped. Finished trials are in {out}; go on with the same command.", file=sys.stderr)
        raise typer.Exit(130) from None
    print("best of each, by mean intake:")
    for name, (value, intake, performance, n) in sorted(best(rows).items(), key=lambda each: -each[1][1]):
        setting = SEARCHES[name].setting if name in SEARCHES else ""
        what = f"{name}:{setting}={value:g}" if setting else name
        print(f"{what:32} intake {intake:6.2f}  performance {performance:.3f}  n = {n}")


def _parsed(line: dict[str, str]) -> Row:
    return Row(*(kind(line[name]) for name, kind in Row.__annotations__.items()))


def _line(row: Row) -> str:
    what = f"{row.remedy}:{row.setting}={row.value:g}" if row.setting else row.remedy
    return (
        f"{what:32} seed {row.seed}  intake {row.intake:6.2f}  performance {row.performance:.3f}  "
        f"newest task {row.newest:6.2f}  {row.cpu_seconds:5.1f} s"
    )


if __name__ == "__main__":
    typer.run(main)
