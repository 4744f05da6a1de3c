"""The agent as a whole: one life however it is lived, saved and loaded; tests and predictions; what is refused."""

import json
import zipfile

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import RecordEpisodeStatistics
from same_files import assert_same_bytes
from stable_baselines3.common.callbacks import ConvertCallback

from spiking_agent import NetworkConfig, SleepCallback, SpikingAgent, storage
from spiking_agent.config import WiringConfig


def see_everything(*_):
    """A callback that SB3 calls in every step, so that there is no compiled loop."""
    return True


# ---- one life, two routes --------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [-1, 170])
@pytest.mark.parametrize("sleeps", [False, True], ids=["awake", "with sleep"])
def test_the_compiled_loop_lives_the_life_of_the_gymnasium_loop(make_agent, same_life, limit, sleeps):
    lives = []
    for watchers in ([], [ConvertCallback(see_everything)]):
        agent = make_agent(limit=limit)
        members = [SleepCallback(every=40, duration=30)] if sleeps else []
        agent.learn(250, callback=[*members, *watchers])
        agent.freeze_hidden()
        agent.learn(250, callback=[*members, *watchers], reset_num_timesteps=False)
        lives.append(agent)
    assert lives[0].num_timesteps == 500
    assert lives[0].asleep_cycles == (360 if sleeps else 0)
    same_life(*lives)


def test_a_wrapper_the_agent_does_not_know_changes_nothing_but_the_speed(make_agent, make_env):
    plain, wrapped = make_agent(), make_agent(env=RecordEpisodeStatistics(make_env()))
    for agent in (plain, wrapped):
        agent.learn(300)
    np.testing.assert_array_equal(plain.weights, wrapped.weights)
    np.testing.assert_array_equal(plain.input_weights, wrapped.input_weights)


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_same_seed_same_life_and_other_seed_another(make_agent, same_life, engine):
    one, same, other = (make_agent(seed=seed, engine=engine).learn(60) for seed in (1, 1, 2))
    same_life(one, same)
    assert (one.weights != other.weights).any()


def test_learning_in_pieces_is_learning_in_one(make_agent, same_life):
    whole, pieces = make_agent(limit=90), make_agent(limit=90)
    whole.learn(400)
    pieces.learn(1)
    for length in (99, 0, 250, 50):
        pieces.learn(length, reset_num_timesteps=False)
    same_life(whole, pieces)


def test_a_new_episode_begins_with_learn_as_in_sb3(make_agent):
    agent = make_agent().learn(50)
    assert agent.num_timesteps == 50
    assert agent.learn(20, reset_num_timesteps=False).num_timesteps == 70
    assert agent.learn(30).num_timesteps == 30


# ---- files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sleeps", [False, True], ids=["awake", "with sleep"])
@pytest.mark.parametrize("limit", [-1, 170])
def test_a_life_saved_and_loaded_in_the_middle_goes_on_as_if_nothing_had_happened(
    make_agent, make_env, same_life, tmp_path, limit, sleeps
):
    def callback():
        return SleepCallback(every=40, duration=30) if sleeps else None

    whole = make_agent(limit=limit).learn(500, callback=callback())
    first = make_agent(limit=limit).learn(230, callback=callback())  # 30 cycles into a block awake
    first.save(tmp_path / "half")
    second = SpikingAgent.load(tmp_path / "half", env=make_env(limit=limit))
    same_life(first, second)
    second.learn(270, callback=callback(), reset_num_timesteps=False)
    same_life(whole, second)


def test_a_sleep_saved_and_loaded_in_the_middle_goes_on_as_if_nothing_had_happened(
    make_agent, make_env, same_life, tmp_path
):
    whole, first = make_agent().learn(100), make_agent().learn(100)
    whole.sleep(100)
    first.sleep(37)
    first.save(tmp_path / "asleep")
    second = SpikingAgent.load(tmp_path / "asleep", env=make_env())
    second.sleep(63)
    for agent in (whole, second):
        agent.learn(50, reset_num_timesteps=False)
    same_life(whole, second)


def test_without_an_environment_a_loaded_agent_predicts_and_sleeps(make_agent, tmp_path):
    agent = make_agent().learn(100)
    agent.save(tmp_path / "agent")
    loaded = SpikingAgent.load(tmp_path / "agent")
    view = np.eye(7, dtype=np.int8)
    assert loaded.predict(view, deterministic=True)[0] == agent.predict(view, deterministic=True)[0]
    for one in (agent, loaded):
        one.sleep(20)
    np.testing.assert_array_equal(agent.weights, loaded.weights)
    with pytest.raises(ValueError, match="no environment; give it one with set_env"):
        loaded.learn(1)


def test_the_engine_can_be_changed_on_loading(make_agent, make_env, tmp_path):
    make_agent().learn(100).save(tmp_path / "agent")
    fast, reference = (
        SpikingAgent.load(tmp_path / "agent", env=make_env(), engine=engine).learn(20, reset_num_timesteps=False)
        for engine in ("fast", "reference")
    )
    assert reference.engine == "reference"
    np.testing.assert_allclose(reference.weights, fast.weights, rtol=0.05)


def test_a_configuration_comes_back_with_its_agent(make_env, tmp_path):
    config = NetworkConfig(wiring=WiringConfig(n_hidden=98))
    SpikingAgent(make_env(), config, seed=0).save(tmp_path / "agent")
    assert SpikingAgent.load(tmp_path / "agent").config == config


def damaged(path, change):
    """Rewrite a saved agent with some members changed: ``change(name, bytes)`` returns the new bytes, or None."""
    with zipfile.ZipFile(path) as file:
        members = {name: change(name, file.read(name)) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            if content is not None:
                file.writestr(name, content)


def without(missing):
    return lambda name, content: None if name.startswith(missing) else content


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no agent"),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes().replace(path.read_bytes()[9000:9100], bytes(100))),
        lambda path: np.savez(path, weights=np.zeros(3)),
        lambda path: damaged(path, without("about")),
        lambda path: damaged(path, without("network")),
        lambda path: damaged(path, without("wiring")),
        lambda path: damaged(path, lambda n, c: c[:-8] + bytes(8) if n.startswith("wiring") else c[: len(c) // 2]),
        lambda path: damaged(path, lambda n, c: c.replace(b"num_timesteps", b"mun_timesteps")),
        lambda path: damaged(path, lambda n, c: c.replace(b"spiking-forager-1", b"spiking-forager-9")),
    ],
    ids=[
        "empty",
        "text",
        "cut",
        "overwritten",
        "other npz",
        "no about",
        "no network",
        "no wiring",
        "short",
        "renamed",
        "format",
    ],
)
def test_a_file_that_is_no_saved_agent_is_refused(make_agent, make_env, tmp_path, spoil):
    path = tmp_path / "agent.npz"
    make_agent().learn(10).save(path)
    spoil(path)
    with pytest.raises(ValueError, match=r"agent\.npz"):
        SpikingAgent.load(path, env=make_env())


def test_whatever_is_missing_from_a_file_or_bent_in_it_is_refused(make_agent, make_env, tmp_path):
    path = tmp_path / "agent.npz"
    agent = make_agent().learn(10)
    agent.save(path)
    about, arrays = storage.read(path)
    bent = [
        about | {"measured_cycles": {"task1": 5}},
        about | {"env_seed": "x"},
        about | {"num_timesteps": "ten"},
        about | {"phases": [1]},
        about | {"config": {"neuron": 3}},
    ]
    lacking = [{key: about[key] for key in about if key != name} for name in about if name != "format"]
    for wrong in (*bent, *lacking):
        storage.write(path, {"format": about["format"]} | wrong, arrays)
        with pytest.raises(ValueError, match=r"agent\.npz"):
            SpikingAgent.load(path, env=make_env())
    for name in arrays:
        storage.write(path, about, {key: array for key, array in arrays.items() if key != name})
        with pytest.raises(ValueError, match=r"agent\.npz"):
            SpikingAgent.load(path, env=make_env())


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("w_out", np.nan, "its w_out holds numbers that are not finite"),
        ("average", np.inf, "its average holds numbers that are not finite"),
        ("w_in", -0.1, "its w_in is out of range: nothing in it can be negative"),
        ("resistance", 0.0, "its resistance is out of range: all must be positive"),
        ("free", 0.5, "its free is out of range: all must be 0 or 1"),
        ("n_frozen", 3, r"its n_frozen is \[3, .*, but \[0, .* of its synapses are frozen"),
        ("scale", 0.0, "its scale is out of range: all must be positive"),
        ("hunger", -1, "its hunger is out of range"),
        ("direction", 8, "its direction is out of range"),
    ],
)
def test_numbers_that_no_life_can_have_are_refused(make_agent, make_env, tmp_path, field, value, text):
    path = tmp_path / "agent.npz"
    make_agent().learn(10).save(path)
    about, arrays = storage.read(path)
    arrays["network"][field] = value
    storage.write(path, about, arrays)

    with pytest.raises(ValueError, match=f"agent.npz cannot be loaded here: {text}"):
        SpikingAgent.load(path, env=make_env())


def test_membranes_of_other_numbers_are_refused_too(make_agent, make_env, tmp_path):
    path = tmp_path / "agent.npz"
    make_agent().learn(10).save(path)
    about, arrays = storage.read(path)
    arrays["network"]["membrane"]["slow"] = np.nan
    storage.write(path, about, arrays)

    with pytest.raises(ValueError, match=r"its membrane\.slow holds numbers that are not finite"):
        SpikingAgent.load(path, env=make_env())


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="no saved agent at"):
        SpikingAgent.load(tmp_path / "nothing")


def test_nothing_is_pickled(make_agent, tmp_path):
    make_agent().learn(10).save(tmp_path / "agent")
    with np.load(tmp_path / "agent.npz", allow_pickle=False) as file:
        about = json.loads(file["about.json"].tobytes())
        assert {"network", "wiring", "observation", "world/food"} <= set(file.files)
    assert about["seed"] == 3


# ---- tests -----------------------------------------------------------------------------------------------


def test_evaluation_is_repeatable_and_leaves_the_agent_as_it_was(make_agent, same_life):
    agent, twin = make_agent().learn(100), make_agent().learn(100)
    tallies = [agent.evaluate(task, 2000, seed=seed) for task, seed in (("task2", 1), ("task2", 1), ("task2", 2))]
    assert tallies[0] == tallies[1] != tallies[2]
    assert tallies[0].steps == 2000
    assert tallies[0].rewarded + tallies[0].punished > 10
    same_life(agent, twin)
    for one in (agent, twin):
        one.learn(50, reset_num_timesteps=False)
    same_life(agent, twin)


# ---- prediction ------------------------------------------------------------------------------------------


def test_prediction_leaves_the_agent_untouched(make_agent, tmp_path):
    agent = make_agent().learn(100)
    views = np.random.default_rng(0).integers(0, 2, (5, 7, 7)).astype(np.int8)
    agent.save(tmp_path / "before.npz")
    moves, state = agent.predict(views, deterministic=True)
    again, _ = agent.predict(views, deterministic=True)
    agent.save(tmp_path / "after.npz")
    assert_same_bytes(tmp_path / "before.npz", tmp_path / "after.npz")
    np.testing.assert_array_equal(moves, again)
    assert state[0]["votes"].shape == (5, 8)
    for n, view in enumerate(views):
        assert agent.predict(view, deterministic=True)[0] == moves[n]


def test_prediction_carries_its_state_and_episode_starts_put_it_at_rest(make_agent):
    agent = make_agent().learn(100)
    view = np.random.default_rng(0).integers(0, 2, (7, 7)).astype(np.int8)
    _, first = agent.predict(view, deterministic=True)
    _, second = agent.predict(view, state=first, deterministic=True)
    _, fresh = agent.predict(view, state=second, episode_start=np.array([True]), deterministic=True)
    assert second[0]["cycle"] == first[0]["cycle"] + 1
    assert fresh[0].tobytes() == first[0].tobytes()


def test_release_noise_varies_predictions_unless_they_are_deterministic(make_agent):
    agent = make_agent().learn(200)
    view = np.random.default_rng(0).integers(0, 2, (7, 7)).astype(np.int8)
    votes = [agent.predict(view)[1][0]["votes"].tolist() for _ in range(5)]
    assert any(v != votes[0] for v in votes)
    with pytest.raises(ValueError, match=r"views of shape \(5, 5\); this network sees \(7, 7\)"):
        agent.predict(np.zeros((5, 5)))


# ---- the border ------------------------------------------------------------------------------------------


def test_what_does_not_fit_is_refused_with_value_rule_and_remedy(make_agent, make_env):
    agent = make_agent()
    refusals = [
        (ValueError, "unknown engine 'quick'; known engines: fast, reference", lambda: make_agent(engine="quick")),
        (ValueError, r"total_timesteps=-1 must not be negative", lambda: agent.learn(-1)),
        (ValueError, r"log_interval=0 must be at least 1", lambda: agent.learn(1, log_interval=0)),
        (TypeError, r"callback=3 must be an SB3 callback", lambda: agent.learn(1, callback=3)),
        (ValueError, r"shows 5 cells a side, this network sees 7", lambda: agent.set_env(make_env(view=5))),
        (ValueError, r"observation='binary' without cues", lambda: agent.set_env(make_env(observation="pattern"))),
        (ValueError, r"must be Discrete\(8\)", lambda: agent.set_env(gym.make("FrozenLake-v1"))),
        (TypeError, r"no Gymnasium environment", lambda: agent.set_env(7)),
        (ValueError, r"resistance=0 must be positive", lambda: agent.set_output_resistance(0)),
        (ValueError, r"unknown task 'task9'", lambda: agent.set_task("task9")),
        (ValueError, r"cannot be shared equally", lambda: SpikingAgent(make_env(view=5), seed=0)),
    ]
    for kind, text, attempt in refusals:
        with pytest.raises(kind, match=text):
            attempt()
