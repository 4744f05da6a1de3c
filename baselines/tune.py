"""How the settings of `baselines.algorithms` were found: ``python -m baselines.tune dqn --out FILE.csv``.

Every trial is one agent that learns task 1 from scratch and is then tested, frozen, in other worlds. What is sought is
intake: it needs an agent that eats much and leaves poison alone. Only task 1 is looked at, and only one task: settings
that had been chosen by what survives a second task would be a remedy against forgetting themselves. The default seed
is far from those of experiments, so that nothing is tuned to the worlds that agents are later compared in.

Parameters are proposed by optuna's tree-structured Parzen estimator (Bergstra et al. 2011, Algorithms for
hyper-parameter optimization, NeurIPS 24); the first trial is the row of the table as it stands. A proposal depends on
the seed, its number and the trials before it, so a search that was stopped goes on as if it had not been.
"""

import inspect
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
import typer
from gymnasium.error import DependencyNotInstalled
from rich.console import Console
from rich.progress import Progress
from stable_baselines3.common.callbacks import BaseCallback

from baselines.agent import DeepAgent
from baselines.algorithms import algorithm
from baselines.trials import read_trials
from foraging_env.extras import install
from foraging_env.files import write_csv

TASK = "task1"
TEST_STEPS = 50_000
_STARTUP = 6  # trials drawn without a look at earlier ones


class Between(NamedTuple):
    """A number in ``low`` to ``high``, all magnitudes equally likely."""

    low: float
    high: float


Space = Mapping[str, Between | tuple[Any, ...]]
"""What a search may choose: constructor arguments to a range, or to the values there are."""

_OFF_POLICY: Space = {
    "learning_rate": Between(2e-4, 3e-3),
    "gamma": (0.8, 0.85, 0.9, 0.93, 0.95, 0.97),
    "n_steps": (1, 3, 5, 7, 10),
    "batch_size": (64, 128, 256, 512),
    "gradient_steps": (1, 2, 3, 4),
    "target_update_interval": (128, 256, 512, 1_000, 2_000),
}

SPACES: dict[str, Space] = {
    "ppo": {
        "learning_rate": Between(2e-4, 3e-3),
        "gamma": (0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99),
        "gae_lambda": (0.8, 0.9, 0.95, 0.98),
        "n_steps": (32, 64, 128, 256),
        "batch_size": (256, 512, 1024),
        "n_epochs": (2, 4, 8),
        "ent_coef": (0.0, 0.001, 0.003, 0.01, 0.02, 0.03),
        "clip_range": (0.1, 0.2, 0.3),
    },
    "a2c": {
        "learning_rate": Between(2e-4, 5e-3),
        "gamma": (0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99),
        "gae_lambda": (0.8, 0.9, 0.95, 1.0),
        "n_steps": (4, 8, 16, 32),
        "ent_coef": (0.0, 0.001, 0.003, 0.01, 0.03),
        "normalize_advantage": (False, True),
    },
    "dqn": _OFF_POLICY,
    "qrdqn": _OFF_POLICY,
}
"""What is searched, for every algorithm. The worlds at once and the network are those of the table. DQN's exploration
is too: one task alone would have as little of it as possible, and a later task needs it."""


class Row(NamedTuple):
    """One trial: ``DeepAgent(algorithm, seed=seed, settings=parameters)`` after ``steps`` steps of task 1."""

    algorithm: str
    trial: int
    seed: int
    steps: int
    parameters: dict[str, Any]
    performance: float  # rewarded / (rewarded + punished) in a frozen test
    intake: float  # (rewarded - punished) per 100 steps, there
    steps_per_second: int  # of learning, worlds included, and of processor time: other work counts for nothing


Trial = Callable[[dict[str, Any]], tuple[float, float, int]]
"""From constructor arguments to performance, intake and steps per second."""


def search(name: str, trials: int, steps: int, seed: int, out: Path, run: Trial) -> Iterator[list[Row]]:
    """Do the trials that ``out`` lacks; yields all of the algorithm's rows, at first and whenever a trial is done.

    ``out`` is written after every trial, whole or not at all; rows of other algorithms in it are kept.

    Raises ValueError if ``out`` is no such table or was made with another seed or other steps, and
    DependencyNotInstalled without optuna.
    """
    optuna = _optuna()
    table = read(out)
    rows = [row for row in table if row.algorithm == name]
    others = [row for row in table if row.algorithm != name]
    for row in rows:
        if (row.seed, row.steps) != (seed, steps):
            raise ValueError(
                f"{out} holds trials of {name} with --seed {row.seed} --steps {row.steps}, not --seed {seed} "
                f"--steps {steps}; give those, or another file"
            )
    if [row.trial for row in rows] != list(range(len(rows))):
        raise ValueError(f"{out} holds trials {[row.trial for row in rows]} of {name}; they must count from 0")
    yield rows
    space = {parameter: _distribution(values) for parameter, values in SPACES[name].items()}
    study = optuna.create_study(direction="maximize")
    for row in rows:
        tried = {parameter: row.parameters[parameter] for parameter in space}
        study.add_trial(optuna.trial.create_trial(params=tried, distributions=space, value=row.intake))
    for number in range(len(rows), trials):
        words = np.random.SeedSequence((seed, number)).generate_state(1)
        study.sampler = optuna.samplers.TPESampler(seed=int(words[0]), n_startup_trials=_STARTUP)
        if number == 0:
            study.enqueue_trial(present(name))
        asked = study.ask(space)
        parameters = dict(asked.params)
        performance, intake, speed = run(parameters)
        study.tell(asked, intake)
        rows = [*rows, Row(name, number, seed, steps, parameters, performance, intake, speed)]
        write(out, [*others, *rows])
        yield rows


def present(name: str) -> dict[str, Any]:
    """The searched parameters as they are in the table; what the table leaves out is as in the constructor.

    Raises ValueError for an algorithm that has no space to search, and for a table that has left it.
    """
    if name not in SPACES:
        raise ValueError(f"unknown algorithm {name!r}; known: {', '.join(SPACES)}")
    row = algorithm(name)
    defaults = _defaults(row.kind)
    values = {parameter: row.settings.get(parameter, defaults[parameter]) for parameter in SPACES[name]}
    for parameter, allowed in SPACES[name].items():
        value = values[parameter]
        inside = allowed.low <= value <= allowed.high if isinstance(allowed, Between) else value in allowed
        if not inside:
            raise ValueError(f"{parameter}={value} of {name} is not among what is searched, {allowed}; add it there")
    return values


def learn_and_test(
    name: str, parameters: dict[str, Any], seed: int, steps: int, callback: BaseCallback | None = None
) -> tuple[float, float, int]:
    """One trial: performance, intake, and steps per second of processor time spent on learning.

    An agent whose weights have gone to infinity eats nothing: performance 0.5, intake 0.
    """
    agent = DeepAgent(name, seed=seed, settings=parameters)
    agent.begin_task(TASK)
    begun = time.process_time()
    try:
        agent.learn(steps, callback)
    except ValueError as error:
        if "nan" not in str(error):
            raise
        return 0.5, 0.0, 0
    speed = agent.model.num_timesteps / (time.process_time() - begun)
    agent.end_task()
    test_seed = int(np.random.SeedSequence((seed, 1)).generate_state(1)[0])
    counts = agent.evaluate(TASK, TEST_STEPS, test_seed)
    return round(counts.performance, 4), round(counts.intake, 3), round(speed)


def read(path: Path) -> list[Row]:
    """The rows of a file that `write` wrote, none if there is no file. Raises ValueError if it is no such file."""
    return read_trials(path, Row._fields, _parsed)


def write(path: Path, rows: list[Row]) -> None:
    """Write a table of trials, whole or not at all."""
    plain = [[json.dumps(value) if isinstance(value, dict) else value for value in row] for row in rows]
    write_csv(path, Row._fields, plain)


def main(
    algorithm_name: Annotated[str, typer.Argument(metavar="ALGORITHM", help=f"One of {', '.join(SPACES)}.")],
    out: Annotated[Path, typer.Option(help="The table; the trials it already holds are not done again.")],
    trials: Annotated[int, typer.Option(min=1, help="Trials in all, with those in the table.")] = 20,
    steps: Annotated[int, typer.Option(min=1, help="Environment steps of learning in a trial, all worlds.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the search, the agents and their worlds.")] = 1_000_000,
) -> None:
    """Search an algorithm's settings for the highest intake on task 1.

    intake is (rewarded - punished) patterns per 100 steps in a frozen test.
    Trial 0 is the present settings. The table is written after every trial;
    Ctrl-C loses the trial under way, and the same command goes on. The best
    are printed at the end; a person weighs them against their speed and
    writes them into baselines/algorithms.py.

    [bold]Examples[/bold]

      python -m baselines.tune ppo --out trials.csv

      python -m baselines.tune dqn --trials 40 --out trials.csv    the same file may hold both

    A trial of 100,000 steps takes about 5 s with ppo and a2c, 10 s with dqn.
    Needs optuna: pip install "foraging-env\\[tune]"
    """
    torch.set_num_threads(1)
    try:
        present(algorithm_name)
        if not out.parent.is_dir():
            raise ValueError(f"{out.parent} is no folder; make it first")
        with Progress(console=Console(stderr=True, markup=False)) as progress:
            bar = progress.add_task("", total=trials * steps)
            run = _with_progress(algorithm_name, seed, steps, lambda n: progress.update(bar, advance=n))
            rows: list[Row] = []
            for rows in search(algorithm_name, trials, steps, seed, out, run):
                n = len(rows)
                label = f"{algorithm_name} trial {n} of {trials}" if n < trials else algorithm_name
                progress.update(bar, completed=n * steps, description=label)
                if rows:
                    progress.console.print(_line(rows[-1]), highlight=False, soft_wrap=True, markup=False)
    except (ValueError, DependencyNotInstalled) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        print(f"\nStopped. Finished trials are in {out}; go on with the same command.", file=sys.stderr)
        raise typer.Exit(130) from None
    print("best intake first:")
    for row in sorted(rows, key=lambda row: -row.intake)[:5]:
        print(_line(row))


class _Advance(BaseCallback):
    """Tells how many steps were done."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._tell = tell

    def _on_step(self) -> bool:
        self._tell(self.training_env.num_envs)
        return True


def _with_progress(name: str, seed: int, steps: int, tell: Callable[[int], None]) -> Trial:
    return lambda parameters: learn_and_test(name, parameters, seed, steps, _Advance(tell))


def _line(row: Row) -> str:
    return (
        f"trial {row.trial:3}  intake {row.intake:6.2f}  performance {row.performance:.3f}  "
        f"{row.steps_per_second:6} steps/s  {json.dumps(row.parameters)}"
    )


def _parsed(line: dict[str, str]) -> Row:
    kinds = {**Row.__annotations__, "parameters": json.loads}
    row = Row(**{name: kinds[name](text) for name, text in line.items()})
    if not (math.isfinite(row.intake) and isinstance(row.parameters, dict)):
        raise ValueError(f"trial {row.trial} is not one")
    return row


def _distribution(values: Between | tuple[Any, ...]) -> Any:
    optuna = _optuna()
    if isinstance(values, Between):
        return optuna.distributions.FloatDistribution(values.low, values.high, log=True)
    return optuna.distributions.CategoricalDistribution(values)


def _defaults(kind: Any) -> dict[str, Any]:
    return {name: parameter.default for name, parameter in inspect.signature(kind).parameters.items()}


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise DependencyNotInstalled(f"tuning needs optuna: {install('tune')}") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


if __name__ == "__main__":
    typer.run(main)
