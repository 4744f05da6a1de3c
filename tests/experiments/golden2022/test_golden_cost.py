from importlib.resources import files

import numpy as np

from experiments.golden2022.figures.cost import BASELINES, shares_of
from experiments.running.tables import Result


def row(agent: str, phase: int, task: str, performance: float, seed: int = 0) -> Result:
    return Result("paper", agent, seed, phase, f"{phase}", task, 1, 1, 10, performance, 0.0)


def test_left_is_the_share_of_what_was_above_chance():
    life = [row("a", 1, "task1", 0.9), row("a", 1, "task2", 0.5), row("a", 2, "task1", 0.6), row("a", 2, "task2", 0.8)]
    ((left, reached),) = shares_of(life).values()
    np.testing.assert_allclose(left, [0.25])
    np.testing.assert_allclose(reached, [0.8])


def test_an_agent_without_a_first_task_of_its_own_has_nothing_to_lose():
    together = [row("a", 2, "task1", 0.6), row("a", 2, "task2", 0.8)]
    alone = [row("b", 1, "task1", 0.6), row("b", 1, "task2", 0.8)]
    assert shares_of(together + alone) == {}


def test_the_scores_of_the_baselines_come_with_the_package():
    assert files("experiments").joinpath("results", BASELINES).is_file()
