"""The story in one figure: Task 1, Task 2, then both in turn or sleep in turn (as figures 3A-B and 4A-B together)."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from matplotlib.figure import Figure

from experiments.drawing.stages import performance_figure
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks
from experiments.plans.stages import Protocol
from experiments.running.tables import Point, Result

STORY = ("unsupervised", "T1", "T1-T2", "T1-T2-Int(T1,T2)", "T1-T2-Int(S,T1)")
"""The stages that it is told with."""

Row = TypeVar("Row", Result, Point)


def draw(networks: Networks) -> Figure:
    """Performance along and after the stages of `STORY`, of the networks that lived through all of them."""
    whole, seeds = networks.plan.protocol, networks.seeds(*STORY)
    stages = tuple(stage for stage in whole.stages if stage.name in STORY)
    told = Protocol(whole.name, whole.summary, stages, whole.tests)
    return performance_figure(told, _once(networks.curve(), seeds), _once(networks.results(), seeds))


def measure(networks: Networks) -> Iterator[Measurement]:
    """Performance and intake on each task after every stage of every network, whatever the figure shows."""
    seen = set()
    for row in networks.results():
        key = (row.stage, row.seed, row.task)
        if key not in seen:
            seen.add(key)
            yield Measurement("overview", f"performance on {row.task}", row.stage, row.seed, row.performance)
            yield Measurement("overview", f"intake on {row.task} (per 100 cycles)", row.stage, row.seed, row.intake)


def _once(rows: Sequence[Row], seeds: Sequence[int]) -> list[Row]:
    """Rows of the story's stages, each once: conditions that share a stage have its rows each for themselves."""
    kept = {row._replace(agent=""): row for row in rows if row.stage in STORY and row.seed in seeds}
    return list(kept.values())
