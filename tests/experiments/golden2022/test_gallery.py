"""Every figure of the gallery is drawn from a run in miniature, and its numbers are finite and belong to its seeds."""

from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text
from miniature import PRESET

from experiments.catalogue import EXPERIMENTS
from experiments.errors import UserError
from experiments.golden2022.conditions import CONDITIONS
from experiments.golden2022.gallery import GALLERY
from experiments.golden2022.measurement import Measurement, overall
from experiments.golden2022.networks import Networks
from experiments.plans.plan import Unit
from experiments.plans.presets import Preset
from experiments.running.configuration import describe
from experiments.running.life import live
from experiments.running.storage import RunFolder, Stages
from experiments.running.tables import write_tables
from foraging_env.files import write_json

SEEDS = (0, 1, 2)
LENGTHS = replace(PRESET.lengths["spiking"], unsupervised=4_000, stage=8_000, segments=4, snapshots=5)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A run of all conditions with hardly any time, three seeds."""
    path = tmp_path_factory.mktemp("golden2022")
    plans = EXPERIMENTS["golden2022"].plans("golden2022", CONDITIONS, Preset("mini", "", 3, {"spiking": LENGTHS}))
    stages = Stages(path / "stages", {"spiking": {}}, {})
    for agent in plans[0].agents:
        for seed in SEEDS:
            for _ in live(plans[0], Unit(0, agent, seed), stages):
                pass
    config = describe("golden2022", "mini", plans, SEEDS, {"spiking": {}}, "forage run") | {"versions": {}}
    write_json(path / "config.json", config)
    write_tables(plans, SEEDS, RunFolder(path), stages)
    return path


@pytest.fixture(scope="module")
def networks(run) -> Networks:
    return Networks(run)


@pytest.mark.parametrize("picture", GALLERY.values(), ids=GALLERY)
def test_a_picture_is_drawn_and_measured(networks, picture, tmp_path, monkeypatch):
    subject = picture.subject()
    drawn = []
    draw = Text.draw
    monkeypatch.setattr(Text, "draw", lambda self, *rest, **more: (drawn.append(self), draw(self, *rest, **more))[1])
    subject.draw(networks).savefig(tmp_path / "figure.png", dpi=60)
    markup = [text.get_text() for text in drawn if "\\math" in text.get_text() and not text.get_parse_math()]
    assert not markup, "a formula's markup is written out"
    rows = list(subject.measure(networks))

    assert len(plt.get_fignums()) == 0, "a figure that pyplot keeps is never freed"
    assert rows, "a figure without numbers"
    assert {row.figure for row in rows} == {picture.name}
    assert {row.seed for row in rows} <= set(SEEDS)
    assert all(np.isfinite(row.value) or np.isnan(row.value) for row in rows)


def test_numbers_over_networks_leave_out_what_is_not_defined():
    rows = [Measurement("f", "q", "c", seed, value) for seed, value in enumerate([0.1, np.nan, 0.3, 0.5])]
    (row,) = overall([*rows, Measurement("f", "q", "nothing", 0, np.nan)])

    assert (row.n, row.mean, row.sd) == (3, pytest.approx(0.3), pytest.approx(0.2))
    assert row.low < 0.3 < row.high
    with pytest.raises(ValueError, match="measured twice; two things need two names"):
        list(overall([rows[0], rows[0]]))


def test_the_course_of_a_stage_begins_where_its_parent_ended(networks):
    first, then = networks.course("T1", 1), networks.course("T1-T2", 1)

    assert first.weights.shape == (21, 8, 784)
    assert list(then.cycles[[0, 1, -1]]) == [0, 400, 8_000]
    np.testing.assert_array_equal(first.weights[-1], then.weights[0])
    np.testing.assert_array_equal(networks.weights("T1-T2", 1), networks.agent("T1-T2", 1).weights.astype(np.float16))
    assert [name for name, _ in networks.way("T1-T2-Int(S,T1)", 0)] == ["T1", "T1-T2", "T1-T2-Int(S,T1)"]


def test_stages_that_nobody_has_lived_are_told(run, tmp_path):
    with pytest.raises(UserError, match=r"no seed has finished T1.* say with --stages where its states are"):
        Networks(run, tmp_path).seeds("T1")


def test_a_folder_of_another_experiment_is_refused(tmp_path):
    write_json(tmp_path / "config.json", {"experiment": "sleep", "plans": []})

    with pytest.raises(UserError, match="holds a run of 'sleep'; give a folder of forage run golden2022"):
        Networks(tmp_path)
