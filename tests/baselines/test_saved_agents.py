"""Agents that an earlier version saved go on as they would have there; `tests/baselines/saved/make.py` tells which."""

import json
from dataclasses import replace

import pytest
import torch
from same_files import assert_same_bytes

from baselines.agent import DeepAgent
from baselines.algorithms import ALGORITHMS
from baselines.remedies.anchor import Anchor
from tests.baselines.saved.make import AGENTS, HERE, go_on, machine, parameters_of, shrink
from tests.baselines.small import small_agent

AFTER = json.loads((HERE / "after.json").read_text())


@pytest.fixture(autouse=True)
def _as_then(monkeypatch):
    torch.set_num_threads(1)
    small = dict(ALGORITHMS)
    shrink(small)
    for name, row in small.items():
        monkeypatch.setitem(ALGORITHMS, name, row)


@pytest.mark.parametrize("name", AGENTS)
def test_it_is_read_and_learns_on_as_the_version_that_saved_it(name):
    agent = DeepAgent.load(HERE / f"{name}.pt")
    assert agent.name == name
    assert agent.seed == 11
    go_on(agent)
    now, then = parameters_of(agent), AFTER["after"][name]
    assert list(now) == list(then)
    for part, expected in then.items():
        assert now[part]["norm"] == pytest.approx(expected["norm"], rel=0.05), part
    if machine() == AFTER["machine"]:  # elsewhere the last bits may differ, and with them, in time, the others
        assert now == then


def assert_same(one, other, where="file"):
    assert type(one) is type(other), where
    if isinstance(one, dict):
        assert list(one) == list(other), where
        for name, part in one.items():
            assert_same(part, other[name], f"{where}/{name}")
    elif isinstance(one, list | tuple):
        for place, (part, same) in enumerate(zip(one, other, strict=True)):
            assert_same(part, same, f"{where}/{place}")
    elif isinstance(one, torch.Tensor):
        assert one.dtype == other.dtype, where
        assert torch.equal(one, other), where
    else:
        assert one == other, where


@pytest.mark.parametrize("name", AGENTS)
def test_what_is_read_is_written_again(name, tmp_path):
    DeepAgent.load(HERE / f"{name}.pt").save(tmp_path / "again.pt")
    before, again = (torch.load(path, weights_only=True) for path in (HERE / f"{name}.pt", tmp_path / "again.pt"))
    for lacking in ("row", "remedy_settings"):  # in files of then
        assert isinstance(again["about"].pop(lacking), dict)
    assert_same(before, again)


def test_an_agent_goes_on_with_the_settings_of_when_it_was_saved(tmp_path, monkeypatch):
    agent = small_agent("a2c+l2")
    agent.save(tmp_path / "agent.pt")
    row = ALGORITHMS["a2c"]
    strength = Anchor.strength
    monkeypatch.setattr(Anchor, "strength", 7.0)
    monkeypatch.setitem(ALGORITHMS, "a2c", replace(row, settings={**row.settings, "ent_coef": 0.5}))

    assert small_agent("a2c").model.ent_coef == 0.5
    loaded = DeepAgent.load(tmp_path / "agent.pt")
    assert loaded.model.ent_coef == agent.model.ent_coef == 0.0
    assert (loaded.remedy.strength, loaded.remedy.name) == (strength, "l2")
    loaded.save(tmp_path / "again.pt")
    assert_same_bytes(tmp_path / "again.pt", tmp_path / "agent.pt")
