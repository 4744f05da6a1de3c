"""config.json says what made the numbers."""

import json
import re

from miniature import SLEEP

from experiments.running.configuration import IDENTITY, commit, describe, versions


def test_versions_of_everything_that_makes_numbers_are_known():
    assert versions().keys() == {"python", "forage", "numpy", "numba", "gymnasium", "stable_baselines3", "torch"}
    assert all(versions().values())


def test_the_commit_is_a_hash_or_nothing():
    assert re.fullmatch("[0-9a-f]{40}(-dirty)?", commit() or "0" * 40)


def test_a_configuration_survives_json_and_has_all_that_identifies_it():
    config = describe("sleep", "mini", SLEEP, [3, 4], {"spiking": {"alpha": 3.65}}, "forage run sleep")

    assert set(IDENTITY) <= config.keys()
    assert json.loads(json.dumps(config))["seeds"] == [3, 4]
    assert config["plans"][0]["lengths"]["output_resistance"] == 5.0
