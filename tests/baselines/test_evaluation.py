"""Tests of what an agent knows: repeatable, and nothing of the training shows that they were made."""

import copy
import csv
import random

import numpy as np
import pytest
import torch
from same_files import assert_same_bytes
from stable_baselines3 import DQN, PPO
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from baselines.agent import DeepAgent
from baselines.callbacks import COLUMNS, TaskEvaluation
from baselines.evaluation import count
from baselines.scripted.foragers import SCRIPTED
from baselines.worlds import evaluation_worlds, training_worlds
from foraging_env.habitat import Habitat
from foraging_env.normalisation import scale
from foraging_env.scores import Counts
from foraging_env.senses import Senses
from spiking_agent import SpikingAgent

SMALL = {
    "ppo": {"n_steps": 8, "batch_size": 128, "n_epochs": 1},
    "dqn": {"buffer_size": 640, "learning_starts": 64, "batch_size": 16, "target_update_interval": 128},
}
TASKS = ["task1", "n+v-"]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def plain(kind, **more):
    worlds = training_worlds(4, ["task1"])
    network = {"policy_kwargs": {"net_arch": [16]}, "device": "cpu"}
    if kind is PPO:
        return PPO("MlpPolicy", worlds, n_steps=16, batch_size=32, n_epochs=1, seed=3, **network, **more)
    return DQN("MlpPolicy", worlds, buffer_size=400, learning_starts=20, batch_size=8, seed=3, **network, **more)


def global_states():
    state = np.random.get_state(legacy=True)  # noqa: NPY002
    return random.getstate(), state[1].tolist(), state[2], torch.random.get_rng_state().tolist()


def everything(model):
    weights = {name: tensor.tolist() for name, tensor in model.policy.state_dict().items()}
    return weights, model.action_space.np_random.bit_generator.state, model._last_obs.tolist(), global_states()


@pytest.mark.parametrize("kind", [PPO, DQN])
def test_sb3_learns_the_same_with_and_without_tests(kind):
    ends = []
    for callback in (None, TaskEvaluation(TASKS, every=50, steps=100, seed=1)):
        model = plain(kind)
        model.learn(256, callback=callback)
        ends.append(everything(model))
    assert ends[0] == ends[1]
    assert [r.num_timesteps for r in callback.results if r.task == "n+v-"] == [52, 100, 152, 200, 252, 256]


@pytest.mark.parametrize("name", ["ppo", "dqn"])
def test_an_agent_learns_the_same_with_and_without_tests(name, tmp_path):
    before = global_states()
    for file, callback in (("a.pt", None), ("b.pt", TaskEvaluation(TASKS, every=100, steps=100, seed=1))):
        agent = DeepAgent(name, seed=4, settings=SMALL[name])
        agent.learn_task("task1", 512, callback)
        agent.learn_task("n+v-", 256, callback)
        agent.save(tmp_path / file)
    assert_same_bytes(tmp_path / "a.pt", tmp_path / "b.pt")
    assert global_states() == before
    assert [r.num_timesteps for r in callback.results if r.at_end] == [512, 512, 768, 768]


def test_tests_come_every_so_many_steps_and_at_the_end_however_learning_is_cut():
    def times(*pieces):
        callback = TaskEvaluation(["task1"], every=100, steps=50, seed=1)
        model = plain(PPO)
        for steps in pieces:
            model.learn(steps, callback=callback, reset_num_timesteps=False)
        return [(r.num_timesteps, r.at_end) for r in callback.results]

    assert times(256) == [(100, False), (200, False), (256, True)]
    assert times(128, 128) == [(100, False), (128, True), (200, False), (256, True)]


@pytest.mark.parametrize("deterministic", [False, True])
@pytest.mark.parametrize("kind", [PPO, DQN])
def test_equal_seeds_give_equal_counts_and_leave_everything_as_it_was(kind, deterministic):
    model = plain(kind)
    model.learn(64)
    before = copy.deepcopy(everything(model))
    first = count(model, "task1", 2000, 7, deterministic=deterministic)
    np.random.seed(1)  # noqa: NPY002  what lies outside has no say in it
    torch.manual_seed(1)
    outside = global_states()
    assert count(model, "task1", 2000, 7, deterministic=deterministic) == first
    assert global_states() == outside
    assert everything(model)[:3] == before[:3]
    assert count(model, "task1", 2000, 8, deterministic=deterministic) != first


def test_a_forager_that_knows_everything_is_told_from_one_that_knows_nothing():
    class Blind:
        def predict(self, seen, state=None, starts=None, deterministic=False):
            return np.full(len(seen), 4), state

    assert count(Blind(), "all", 120, 1) == Counts(0, 0, 100)
    walker = count(Blind(), "task1", 20_000, 1)
    assert 0.3 < walker.performance < 0.7
    forager = SCRIPTED["nearest-food"](evaluation_worlds(50, "task1"), seed=0)
    assert count(forager, "task1", 20_000, 1).rewarded > 2 * walker.rewarded


def test_bad_tests_are_refused():
    model = plain(PPO)
    with pytest.raises(ValueError, match="steps=0 must be at least 1"):
        count(model, "task1", 0, 1)
    with pytest.raises(ValueError, match="unknown task 'task9'"):
        count(model, "task9", 10, 1)
    with pytest.raises(ValueError, match=r"the model sees MultiBinary.*test it in the habitat that it learned in"):
        count(model, "task1", 10, 1, habitat=Habitat(Senses(task_cue=True)))


def test_an_event_file_holds_the_scores(tmp_path):
    agent = DeepAgent("ppo", seed=4, settings=SMALL["ppo"], tensorboard_log=str(tmp_path))
    callback = TaskEvaluation(["task1", "all"], every=512, steps=500, seed=1)
    agent.learn_task("task1", 1024, callback)
    (folder,) = tmp_path.iterdir()
    events = EventAccumulator(str(folder))
    events.Reload()
    for name in ("performance", "intake", "return", "eaten"):
        for task in ("task1", "all"):
            assert [event.step for event in events.Scalars(f"eval/{task}/{name}")] == [512, 1024]
    last = next(r for r in reversed(callback.results) if r.task == "task1").counts
    logged = {name: events.Scalars(f"eval/task1/{name}")[-1].value for name in ("performance", "intake", "return")}
    assert logged["performance"] == pytest.approx(last.performance)
    assert logged["intake"] == pytest.approx(last.intake)
    assert logged["return"] == pytest.approx(1000 * (last.rewarded - last.punished) / last.steps)
    low, high = scale("Forage-v0", "task1")
    normalised = events.Scalars("eval/task1/normalised_return")[-1].value
    assert normalised == pytest.approx((last.intake - low) / (high - low), rel=1e-5)
    assert "eval/all/normalised_return" not in events.Tags()["scalars"]


def test_a_csv_file_grows_and_another_one_is_refused(tmp_path, capsys):
    table = tmp_path / "tests.csv"
    results = []
    for _ in range(2):
        callback = TaskEvaluation(TASKS, steps=200, seed=1, csv_path=table)
        plain(PPO).learn(64, callback=callback)
        results += callback.results
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["task"] for row in rows] == TASKS * 2
    for row, result in zip(rows, results, strict=True):
        assert tuple(row) == COLUMNS
        assert Counts(int(row["rewarded"]), int(row["punished"]), int(row["steps"])) == result.counts
        assert float(row["performance"]) == pytest.approx(result.counts.performance, abs=1e-6)
    assert rows[:2] == rows[2:]
    assert capsys.readouterr().out == ""
    table.write_text("seed,performance\n")
    with pytest.raises(ValueError, match="give another csv_path"):
        TaskEvaluation(TASKS, seed=1, csv_path=table)


def test_the_spiking_agent_is_tested_by_its_own_test_and_stays_in_its_compiled_loop():
    def after(callback):
        agent = SpikingAgent("Forage-v0", seed=2)
        agent.learn(3000, callback=callback)
        return agent

    callback = TaskEvaluation(["task1"], every=1000, steps=500, seed=1)
    agent = after(callback)
    assert [(r.num_timesteps, r.at_end) for r in callback.results] == [(1000, False), (2000, False), (3000, True)]
    assert callback.n_calls < 10
    own = agent.evaluate("task1", 500, seed=1)
    assert callback.results[-1].counts == Counts(own.rewarded, own.punished, 500)
    np.testing.assert_array_equal(agent.input_weights, after(None).input_weights)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"tasks": "task1"}, TypeError, r"write \['task1'\]"),
        ({"tasks": []}, ValueError, "at least one task"),
        ({"tasks": ["task1", "h+n-"]}, ValueError, "none of them twice"),
        ({"tasks": ["task9"]}, ValueError, "unknown task 'task9'"),
        ({"every": 0}, ValueError, "every=0 must be a whole number, at least 1"),
        ({"every": 2.5}, ValueError, "every=2.5 must be a whole number"),
        ({"steps": 0}, ValueError, "steps=0 must be a whole number, at least 1"),
        ({"seed": -1}, ValueError, "seed=-1 must be a whole number, at least 0"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        TaskEvaluation(**({"tasks": ["task1"], "seed": 1} | arguments))
