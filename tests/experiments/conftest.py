"""Folders with the records of lives that nobody lived."""

from pathlib import Path

import pytest
from miniature import MINI

from experiments.configuration import describe
from experiments.results import write_tables
from experiments.scores import Counts
from experiments.storage import Record, RunFolder, write_json


@pytest.fixture
def told(tmp_path: Path) -> RunFolder:
    """A folder of two seeds with made-up records: seed s ate 60 + s of 100 pairs in every test."""
    folder = RunFolder(tmp_path)
    for seed in range(2):
        probe = {task: Counts(60 + seed, 40 - seed, 1000) for task in MINI.protocol.tests}
        for stage in MINI.protocol.stages:
            folder.stage(seed, stage.name).commit(Record([probe] * 2, probe), Path.touch)
    write_json(tmp_path / "config.json", describe(MINI, range(2), {"name": "told"}, "forage run"))
    write_tables(MINI, "told", range(2), folder)
    return folder
