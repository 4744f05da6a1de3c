"""Sleep: what is replayed, when, and that it needs no world."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiking_agent import InterleaveCallback, SleepCallback, SpikingAgent
from spiking_agent.stimulation import DOWN, UP, spells


def test_rates_are_the_mean_over_tasks_of_spikes_per_cycle(make_agent):
    agent = make_agent(env=None)
    counted = {}
    for task in ("all", "task1", "task2"):
        agent.set_task(task)
        net = agent.brain.net[0]
        agent.learn(200, reset_num_timesteps=False)
        counted[task] = net.measured.copy() / 200
    agent.sleep(1)
    expected = (counted["task1"] + counted["task2"]) / 2  # a stage without values is no task
    np.testing.assert_allclose(agent.sleep_rates(), expected)
    np.testing.assert_allclose(agent.sleep_rates("uniform"), expected.mean())


def test_the_task_in_progress_counts_by_its_latest_block_awake(make_agent):
    agent = make_agent()
    blocks = []
    for _ in range(2):
        agent.learn(100, reset_num_timesteps=False)
        blocks.append(agent.brain.net[0].measured.copy() / 100)
        agent.sleep(10)
    np.testing.assert_allclose(agent.sleep_rates(), blocks[-1])
    assert (blocks[0] != blocks[1]).any()


def test_sleep_learns_and_leaves_the_world_alone(make_agent):
    agent = make_agent().learn(100)
    agent.freeze_hidden()
    world = agent.get_env().envs[0].unwrapped
    before, weights, state = agent.weights, agent.input_weights, world.get_state()
    agent.sleep(50)
    assert (agent.weights != before).any()
    np.testing.assert_array_equal(agent.input_weights, weights)
    np.testing.assert_equal(world.get_state(), state)
    assert agent.num_timesteps == 100
    assert agent.asleep_cycles == 50


def test_sleep_before_anything_was_lived_and_other_bad_sleep_is_refused(make_agent):
    agent = make_agent()
    with pytest.raises(ValueError, match="no task has been lived in yet"):
        agent.sleep(10)
    agent.learn(10)
    for attempt, text in [
        (lambda: agent.sleep(-1), "n_cycles=-1 must be a whole number, not negative"),
        (lambda: agent.sleep(10, noise="pink"), "unknown noise 'pink'; known: rates, uniform, rhythm, cue:TASK"),
        (lambda: agent.sleep(10, rates=np.zeros(3)), r"rates must be 784 finite numbers.*shape \(3,\)"),
        (lambda: agent.sleep(10, rates=np.full(784, np.nan)), "rates must be 784 finite numbers"),
        (lambda: SleepCallback(every=0), "every=0 must be a whole number of cycles, at least 1"),
        (lambda: SleepCallback(duration=1.5), r"duration=1\.5 must be a whole number"),
        (lambda: SleepCallback(noise="pink"), "unknown noise 'pink'"),
        (lambda: InterleaveCallback(["task1"]), "must name at least two tasks"),
    ]:
        with pytest.raises(ValueError, match=text):
            attempt()


def test_the_callback_sleeps_after_every_block_and_wakes_in_a_fresh_world(make_agent):
    agent = make_agent()
    agent.learn(250, callback=SleepCallback(every=100, duration=30))
    assert agent.num_timesteps == 250
    assert agent.asleep_cycles == 60

    for fresh in (True, False):
        agent = make_agent().learn(1)
        world = agent.get_env().envs[0].unwrapped
        before = world.get_state()["food"]
        agent.learn(1, callback=SleepCallback(every=1, duration=1, fresh_world=fresh), reset_num_timesteps=False)
        changed = float((world.get_state()["food"] != before).mean())
        assert (changed > 0.5) is fresh


def test_interleaving_takes_turns_and_remembers_its_turn_through_save_and_load(
    make_agent, make_env, same_life, tmp_path
):
    def turns():
        return InterleaveCallback(["task1", "task2"], every=40)

    whole = make_agent().learn(230, callback=turns())
    half = make_agent().learn(90, callback=turns())
    half.save(tmp_path / "half")
    half = SpikingAgent.load(tmp_path / "half", env=make_env())
    half.learn(140, callback=turns(), reset_num_timesteps=False)
    same_life(whole, half)
    assert set(whole.activity.cycles) == {"task1", "task2"}


def test_a_cue_kicks_the_assemblies_of_one_task_as_often_in_all(make_agent):
    agent = make_agent()
    for task in ("task1", "task2"):
        agent.set_task(task)
        agent.learn(200, reset_num_timesteps=False)
    agent.sleep(1)
    cued, plain = agent.sleep_rates("cue:task1"), agent.sleep_rates()

    np.testing.assert_allclose(cued.sum(), plain.sum())
    np.testing.assert_allclose(
        cued * agent.activity.rates()["task1"].sum(), agent.activity.rates()["task1"] * cued.sum()
    )
    with pytest.raises(ValueError, match=r"'cue:h\+p-' cues a task that was never lived in; known: task1, task2"):
        agent.sleep(10, noise="cue:h+p-")


@given(st.integers(0, 200))
def test_up_states_hold_all_kicks_and_half_of_the_time(n_cycles):
    kicks = np.array([0.0, 0.2, 0.5])
    cycles, drives = zip(*spells("rhythm", n_cycles, kicks), strict=True) if n_cycles else ((), ())

    assert sum(cycles) == n_cycles
    assert all(length <= UP for length in cycles)
    assert [drive.any() for drive in drives] == [i % 2 == 0 for i in range(len(drives))]
    if n_cycles % (UP + DOWN) == 0:
        given = sum((length * drive for length, drive in zip(cycles, drives, strict=True)), np.zeros(3))
        np.testing.assert_allclose(given, n_cycles * kicks)


def test_a_rhythm_is_double_noise_and_silence_in_turn(make_agent):
    one, other = (make_agent().learn(200) for _ in range(2))
    kicks = np.full(784, 0.1)
    one.sleep(2 * (UP + DOWN), noise="rhythm", rates=kicks)
    for _ in range(2):
        other.sleep(UP, rates=2 * kicks)
        other.sleep(DOWN, rates=0 * kicks)

    np.testing.assert_array_equal(one.weights, other.weights)
