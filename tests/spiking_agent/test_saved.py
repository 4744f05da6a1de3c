"""Agents saved by an earlier version load, are complete, and go on as they would have gone on there.

``saved/*.npz`` and ``saved/after.json``, what became of them in 200 more cycles, were made once by the code of commit
a3e7959 with ``saved/make.py``, which says how.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from spiking_agent import SpikingAgent, storage
from tests.spiking_agent.saved.make import LIMITS, go_on, pieces, summary, world

SAVED = Path(__file__).parent / "saved"
AFTER = json.loads((SAVED / "after.json").read_text(encoding="utf-8"))


def load(name):
    return SpikingAgent.load(SAVED / f"{name}.npz", env=world(name))


@pytest.mark.parametrize("name", LIMITS)
def test_an_agent_of_an_earlier_version_goes_on_as_it_would_have_gone_on_there(name):
    there, here = AFTER[name], summary(go_on(load(name), name))

    for what in ("counted", "cycles"):
        assert here[what] == there[what]
    for what in ("weights", "input weights", "resistance"):
        np.testing.assert_allclose(here[what], there[what], rtol=1e-9)
    if here["constants"] == there["constants"]:  # exp() and ** may round differently on another platform
        assert here["network"] == there["network"]


@pytest.mark.parametrize("name", LIMITS)
def test_an_agent_of_an_earlier_version_is_saved_again_as_it_was(name, tmp_path):
    load(name).save(tmp_path / name)
    (about, arrays), (about_again, arrays_again) = storage.read(SAVED / f"{name}.npz"), storage.read(tmp_path / name)

    assert about_again == about
    assert arrays_again.keys() == arrays.keys()
    for what, array in arrays.items():
        assert (arrays_again[what].dtype, arrays_again[what].shape) == (array.dtype, array.shape)
        for again, piece in zip(pieces(arrays_again[what]), pieces(array), strict=True):
            np.testing.assert_array_equal(again, piece, err_msg=what)


def test_an_agent_of_an_earlier_version_remembers_when_its_callbacks_acted():
    assert load("learned").clocks == {
        "SleepCallback(50)": 30,
        "InterleaveCallback(task1/task2, 40)": 10,
        "InterleaveCallback(task1/task2, 40) turn": 0,
    }


def test_a_file_that_could_not_be_written_whole_is_not_written_at_all(tmp_path):
    storage.write(tmp_path / "new folder" / "agent", {"seed": 1}, {"a": np.arange(3)})
    with pytest.raises(ValueError, match="b cannot be saved: objects are no numbers"):
        storage.write(tmp_path / "new folder" / "agent.npz", {}, {"a": np.arange(9), "b": np.array([{}])})

    assert [path.name for path in (tmp_path / "new folder").iterdir()] == ["agent.npz"]
    about, arrays = storage.read(tmp_path / "new folder" / "agent")
    assert about["seed"] == 1
    np.testing.assert_array_equal(arrays["a"], np.arange(3))
