"""The networks of a golden2022 run, for whoever looks into them."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.errors import UserError
from experiments.evidence.results import read_run
from experiments.learners.spiking import SpikingLearner
from experiments.plans.plan import Plan
from experiments.running.life import is_done
from experiments.running.snapshots import read_snapshots
from experiments.running.storage import StageFolder, Stages
from experiments.running.tables import Point, Result
from spiking_agent import SpikingAgent


class Course(NamedTuple):
    """Output weights along a stage; the first are those that it began with."""

    cycles: np.ndarray  # int64[n], of the stage so far, sleep included
    weights: np.ndarray  # float32[n, outputs, hidden]


class Networks:
    """What a run of golden2022 left: networks after every stage, their weights along it, and their scores.

    ``stages`` is where the run keeps its states, by default the folder ``stages`` in its own.
    Raises UserError if ``path`` is no folder of such a run.
    """

    def __init__(self, path: Path, stages: Path | None = None) -> None:
        self._run = read_run(path)
        config = self._run.config
        if config.get("experiment") != "golden2022":
            raise UserError(
                f"{path} holds a run of {config.get('experiment')!r}; give a folder of forage run golden2022"
            )
        self.path = path
        self.plan: Plan = self._run.plans[0]
        self._stages = Stages(stages or path / "stages", config["species"], config["versions"])

    def seeds(self, *stages: str) -> list[int]:
        """Seeds that have lived through all of these stages.

        Raises UserError if there are none.
        """
        unknown = set(stages) - {stage.name for stage in self.plan.protocol.stages}
        if unknown:
            raise KeyError(f"no stage {sorted(unknown)} in protocol {self.plan.protocol.name!r}")
        ready = [
            seed
            for seed in self._run.seeds
            if all(is_done(self.plan, self.plan.protocol.stage(name), seed, self._stages) for name in stages)
        ]
        if not ready:
            raise UserError(
                f"{self.path}: no seed has finished {', '.join(stages)}; let forage run golden2022 come to its end, "
                "or say with --stages where its states are"
            )
        return ready

    def agent(self, stage: str, seed: int) -> SpikingAgent:
        """The network as the stage left it, in its world; yours to change."""
        folder, segments = self._end(stage, seed)
        return SpikingLearner.loaded(self.plan, folder.state(segments)).agent

    def weights(self, stage: str, seed: int) -> np.ndarray:
        """Output weights after the stage, float32[outputs, hidden]; rounded to half precision."""
        return self.course(stage, seed).weights[-1]

    @lru_cache(maxsize=512)  # noqa: B019  a Networks lives as long as its process
    def course(self, stage: str, seed: int) -> Course:
        """Output weights along the stage, the first those that its parent left."""
        folder, segments = self._end(stage, seed)
        here = self.plan.protocol.stage(stage)
        along = read_snapshots(folder, segments).astype(np.float32)
        cycles = self.plan.steps(here) * np.arange(1, len(along) + 1) // len(along)
        if here.parent is None:
            return Course(cycles, along)
        return Course(np.append(0, cycles), np.concatenate([self.course(here.parent, seed).weights[-1:], along]))

    def way(self, stage: str, seed: int, *, since: str = "unsupervised") -> list[tuple[str, Course]]:
        """The courses from behind the stage ``since`` to this one, in order, by name."""
        names = [each.name for each in reversed(self.plan.protocol.ancestors(self.plan.protocol.stage(stage)))]
        return [(name, self.course(name, seed)) for name in [*names[names.index(since) + 1 :], stage]]

    def results(self) -> Sequence[Result]:
        """Tests after the stages; a stage that several conditions share stands there once for each of them."""
        return self._run.results

    def curve(self) -> Sequence[Point]:
        """Short tests along the stages, likewise."""
        return self._run.curve

    def _end(self, stage: str, seed: int) -> tuple[StageFolder, int]:
        here = self.plan.protocol.stage(stage)
        return self._stages.folder(self.plan, here, seed), self.plan.segments(here)
