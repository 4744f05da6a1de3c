"""Stable-Baselines3's own tools work with the agent as with its own algorithms."""

import tempfile

import numpy as np
import pytest
from stable_baselines3.common.callbacks import (
    BaseCallback,
    CallbackList,
    CheckpointCallback,
    EvalCallback,
    StopTrainingOnMaxEpisodes,
)
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.logger import configure
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from spiking_agent import SleepCallback, SpikingAgent


class Counter(BaseCallback):
    """Counts the calls, and stops after ``most`` of them."""

    def __init__(self, most=10**9):
        super().__init__()
        self.calls, self.most = 0, most
        self.began = self.ended = 0

    def _on_training_start(self):
        self.began += 1

    def _on_step(self):
        self.calls += 1
        assert self.num_timesteps == self.model.num_timesteps
        assert self.locals["rewards"].shape == (1,)
        assert "value" in self.locals["infos"][0]
        return self.calls < self.most

    def _on_training_end(self):
        self.ended += 1


def test_evaluate_policy(make_agent, make_env):
    agent = make_agent(limit=50).learn(20)
    rewards, lengths = evaluate_policy(
        agent, Monitor(make_env(limit=50)), n_eval_episodes=3, deterministic=False, return_episode_rewards=True
    )
    assert lengths == [50, 50, 50]
    assert len(rewards) == 3
    mean, _ = evaluate_policy(agent, agent.get_env(), n_eval_episodes=2, warn=False)
    assert -50 <= mean <= 50


def test_callback_list_is_called_in_every_step_and_can_stop(make_agent):
    first, second = Counter(), Counter(most=30)
    agent = make_agent().learn(100, callback=CallbackList([first, second]))
    assert agent.num_timesteps == first.calls == second.calls == 30
    assert first.began == first.ended == 1


def test_eval_callback_scores_and_leaves_training_identical_to_the_bit(make_agent, make_env, same_life, tmp_path):
    watched, alone = make_agent(), make_agent()
    evaluation = EvalCallback(
        Monitor(make_env(limit=30)),
        eval_freq=60,
        n_eval_episodes=2,
        log_path=str(tmp_path),
        best_model_save_path=str(tmp_path),
        verbose=0,
    )
    watched.learn(150, callback=[evaluation, SleepCallback(every=50, duration=20)])
    alone.learn(150, callback=SleepCallback(every=50, duration=20))
    same_life(watched, alone)
    with np.load(tmp_path / "evaluations.npz") as scores:
        assert scores["timesteps"].tolist() == [60, 120]
        assert scores["results"].shape == (2, 2)
    assert SpikingAgent.load(tmp_path / "best_model").num_timesteps in (60, 120)


def test_checkpoint_callback_writes_lives_that_go_on(make_agent, make_env, same_life, tmp_path):
    agent = make_agent().learn(100, callback=CheckpointCallback(save_freq=40, save_path=str(tmp_path)))
    loaded = SpikingAgent.load(tmp_path / "rl_model_80_steps.zip", env=make_env())
    assert loaded.num_timesteps == 80
    same_life(agent, loaded.learn(20, reset_num_timesteps=False))


@pytest.mark.filterwarnings("ignore:rich is experimental")
def test_the_progress_bar_changes_nothing(make_agent, same_life):
    same_life(make_agent().learn(300, progress_bar=True), make_agent().learn(300))


def test_episodes_end_as_sb3_expects(make_agent):
    stop = StopTrainingOnMaxEpisodes(max_episodes=3)
    assert make_agent(limit=20).learn(1000, callback=stop).num_timesteps == 60


def test_the_logger_gets_performance_and_resistance(make_agent, tmp_path):
    agent = make_agent()
    agent.set_logger(configure(str(tmp_path), ["csv"]))
    agent.learn(450, log_interval=200)
    agent.logger.close()
    lines = (tmp_path / "progress.csv").read_text().splitlines()
    assert len(lines) == 3
    assert {"rollout/performance", "rollout/intake", "network/output_resistance", "time/total_timesteps"} <= set(
        lines[0].split(",")
    )


def test_learning_without_a_log_leaves_no_temporary_folder(make_agent, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    agent = make_agent().learn(30)
    agent.logger.record("seen", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_function_as_callback(make_agent):
    seen = []
    make_agent().learn(7, callback=lambda locals_, _: seen.append(locals_["self"].num_timesteps) or True)
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_a_vector_of_several_worlds_is_refused(make_agent, make_env):
    with pytest.raises(ValueError, match="DummyVecEnv of 2 worlds: the agent lives in one"):
        make_agent().set_env(DummyVecEnv([make_env] * 2))
