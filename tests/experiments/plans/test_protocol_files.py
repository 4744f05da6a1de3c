"""A protocol of the spiking agent may come from a file, and says in one sentence what is wrong with it."""

import re

import pytest
from miniature import PRESET

from experiments.catalogue import EXPERIMENTS
from experiments.errors import UserError
from experiments.plans.protocol_files import read_protocol
from experiments.plans.stages import Protocol, Sleep, Stage

FILE = """
summary = "sleep after a while"

[[stages]]
name = "unsupervised"
tasks = ["all"]
unsupervised = true

[[stages]]
name = "T1"
parent = "unsupervised"
tasks = ["h+n-"]

[[stages]]
name = "late"
parent = "T1"
tasks = ["task2"]
sleep = { awake = 1, asleep = 3 }
length = 0.5
frozen = 0.05

[lengths.spiking]
stage = 1_600
"""


def test_stages_and_lengths_are_those_of_the_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE)

    (plan,) = EXPERIMENTS["sleep"].plans(str(path), ["spiking"], PRESET)

    assert plan.protocol == Protocol(
        "mine",
        "sleep after a while",
        (
            Stage("unsupervised", None, ("all",), unsupervised=True),
            Stage("T1", "unsupervised", ("task1",)),
            Stage("late", "T1", ("task2",), "sleep", length=0.5, sleep=Sleep(asleep=3), frozen=0.05),
        ),
        ("task1", "task2"),
    )
    assert [plan.steps(stage) for stage in plan.protocol.stages] == [1_200, 1_600, 800]


def test_json_says_the_same(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"stages": [{"name": "T1", "tasks": ["drawn-2"]}, {"name": "S", "parent": "T1", "sleep": {}}]}')

    protocol, lengths = read_protocol(path)

    assert [stage.trains for stage in protocol.stages] == [True, True]
    assert (protocol.tests, lengths) == (("drawn-2",), {})


STAGE = "[[stages]]\nname = 'T1'\ntasks = ['task1']\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("stages = []", "must have its stages as [[stages]] tables"),
        ("steps = 3", "unknown entry of"),
        ("[[stages]]\ntasks = ['task1']", "stage 1 has no name"),
        (STAGE + "colour = 1", "unknown entry of stage 1 in"),
        (STAGE + "parent = 3", "stage 1 (T1): parent = 3 must be the name of a stage before it"),
        (STAGE + "parent = 'T0'", "stage 'T1' needs stage 'T0' before it"),
        (STAGE + STAGE, "stage 'T1' comes twice"),
        (STAGE + "length = 0", "length = 0 must be above 0"),
        (STAGE + "length = 'long'", "length = 'long' must be a finite number"),
        (STAGE + "frozen = 1", "frozen = 1 at least 0 and below 1"),
        (STAGE + "unsupervised = 'yes'", "unsupervised = 'yes' must be true or false"),
        (STAGE + "sleep = true", "sleep = True must be a table"),
        (STAGE + "sleep = { depth = 1 }", "unknown entry of sleep in"),
        (STAGE + "sleep = { asleep = 0 }", "asleep = 0 must be a whole number of blocks"),
        (STAGE + "sleep = { noise = 'pink' }", "unknown noise 'pink'; known: rates, uniform"),
        (STAGE + "sleep = { rates_from = 'T9' }", "stage 'T1' needs stage 'T9' before it"),
        ("[[stages]]\nname = 'T1'\ntasks = ['h+h-']", "unknown task 'h+h-'; known tasks"),
        ("[[stages]]\nname = 'U'\ntasks = ['all']\nunsupervised = true", "must name one task or more"),
        ("tests = ['all']\n" + STAGE, "all of them with values"),
    ],
)
def test_a_file_that_is_no_protocol_is_refused_with_the_reason(tmp_path, text, complaint):
    (tmp_path / "mine.toml").write_text(text)

    with pytest.raises(UserError, match=re.escape(complaint)):
        read_protocol(tmp_path / "mine.toml")


def test_a_length_that_cannot_be_cut_is_refused(tmp_path):
    (tmp_path / "mine.toml").write_text(STAGE + "length = 0.3")

    with pytest.raises(UserError, match=r"stage 'T1' lasts 240 steps .* multiple of 200"):
        EXPERIMENTS["sleep"].plans(str(tmp_path / "mine.toml"), ["spiking"], PRESET)


def test_an_unknown_protocol_is_answered_with_the_known_ones():
    with pytest.raises(UserError, match=r"unknown protocol of sleep 'nap'; known: sleep.*, or a file of your own"):
        EXPERIMENTS["sleep"].plans("nap", ["spiking"], PRESET)
