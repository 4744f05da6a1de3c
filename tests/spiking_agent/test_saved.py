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


@pytest.mark.parametrize("name", LIMITS)
def test_an_agent_of_an_earlier_version_is_loaded_whole_and_saved_whole(name, tmp_path):
    agent = load(name)
    agent.save(tmp_path / name)
    (about, arrays), (about_again, arrays_again) = storage.read(SAVED / f"{name}.npz"), storage.read(tmp_path / name)

    assert about_again == about
    assert arrays_again.keys() == arrays.keys()
    for what in arrays.keys() - {"network"}:
        np.testing.assert_array_equal(arrays_again[what], arrays[what], err_msg=what)
    then, now = arrays["network"][0], arrays_again["network"][0]
    np.testing.assert_array_equal(agent.weights, then["w_out"])
    np.testing.assert_array_equal(now["free"].T, then["free"])
    idle = now["average_cycle"] - then["average_cycle"]  # it lies since then
    decayed = then["average"] * 0.999**idle
    expected = np.copysign(np.maximum(np.abs(decayed), 1e-10), decayed)
    np.testing.assert_allclose(now["average"].T, expected, rtol=1e-12)
    for field in then.dtype.fields.keys() - {"w_out", "free", "average", "average_cycle", "last_factor"}:
        for again, piece in zip(pieces(now[field]), pieces(then[field]), strict=True):
            np.testing.assert_array_equal(again, piece, err_msg=field)


def test_what_is_no_network_of_this_model_is_refused(tmp_path):
    about, arrays = storage.read(SAVED / "newborn.npz")
    kept = [name for name in arrays["network"].dtype.names if name != "hunger"]
    storage.write(tmp_path / "agent.npz", about, arrays | {"network": arrays["network"][kept].copy()})

    with pytest.raises(ValueError, match="its network does not fit this version of the model; train the agent anew"):
        SpikingAgent.load(tmp_path / "agent.npz", env=world("newborn"))


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
