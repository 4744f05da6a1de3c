"""Folders with the records of lives that nobody lived."""

from pathlib import Path

import pytest
from miniature import SLEEP

from experiments.running.configuration import describe
from experiments.running.storage import Cost, Record, RunFolder, Stages, tests_key
from experiments.running.tables import write_tables
from foraging_env.files import write_json
from foraging_env.scores import Counts

(PLAN,) = SLEEP


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    return Stages(tmp_path / "stages", {"spiking": {}}, {})


@pytest.fixture
def told(tmp_path: Path, stages: Stages) -> RunFolder:
    """A folder of two seeds with made-up records: seed s ate 60 + s of 100 pairs in every test."""
    folder = RunFolder(tmp_path)
    for seed in range(2):
        probe = {task: Counts(60 + seed, 40 - seed, 1000) for task in PLAN.protocol.tests}
        for stage in PLAN.protocol.stages:
            here = stages.folder(PLAN, stage, seed)
            with here.locked():
                here.commit(Record(2, [probe] * 2, 8), Path.touch, ".npz", Cost(2.0, 1.0, 100))
                here.commit_tests(tests_key(PLAN), probe, Cost(1.0, 0.5, 90))
    write_json(tmp_path / "config.json", describe("sleep", "mini", SLEEP, range(2), {}, "forage run"))
    write_tables(SLEEP, range(2), folder, stages)
    return folder
