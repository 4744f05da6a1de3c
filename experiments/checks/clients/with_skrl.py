"""skrl's PPO in native worlds: ``pip install skrl``, then ``python -m experiments.checks.clients.with_skrl``."""

import gymnasium as gym
import torch
from skrl.agents.torch.ppo import PPO, PPO_CFG  # type: ignore[import-not-found]
from skrl.envs.wrappers.torch import wrap_env  # type: ignore[import-not-found]
from skrl.memories.torch import RandomMemory  # type: ignore[import-not-found]
from skrl.models.torch import CategoricalMixin, DeterministicMixin, Model  # type: ignore[import-not-found]
from skrl.trainers.torch import SequentialTrainer  # type: ignore[import-not-found]
from skrl.utils import set_seed  # type: ignore[import-not-found]
from torch import nn

from experiments.checks.clients.measure import report

N, STEPS, SEED = 16, 6000, 0


class Policy(CategoricalMixin, Model):
    """One hidden layer, 8 logits."""

    def __init__(self, observation_space: gym.Space, action_space: gym.Space, device: str) -> None:
        Model.__init__(self, observation_space=observation_space, action_space=action_space, device=device)
        CategoricalMixin.__init__(self)
        self.net = nn.Sequential(nn.Linear(self.num_observations, 64), nn.Tanh(), nn.Linear(64, self.num_actions))

    def compute(self, inputs: dict, role: str = "") -> tuple:
        """The logits."""
        return self.net(inputs["observations"]), {}


class Value(DeterministicMixin, Model):
    """One hidden layer, one value."""

    def __init__(self, observation_space: gym.Space, action_space: gym.Space, device: str) -> None:
        Model.__init__(self, observation_space=observation_space, action_space=action_space, device=device)
        DeterministicMixin.__init__(self)
        self.net = nn.Sequential(nn.Linear(self.num_observations, 64), nn.Tanh(), nn.Linear(64, 1))

    def compute(self, inputs: dict, role: str = "") -> tuple:
        """The value."""
        return self.net(inputs["observations"]), {}


def main() -> None:
    """Train and tell the intake."""
    set_seed(SEED)
    env = wrap_env(gym.make_vec("Forage-v0", num_envs=N, space="flat"), wrapper="gymnasium")
    spaces = {"observation_space": env.observation_space, "action_space": env.action_space, "device": env.device}
    policy = Policy(**spaces)
    settings = PPO_CFG(
        rollouts=128, learning_epochs=4, mini_batches=8, discount_factor=0.9, gae_lambda=0.9, entropy_loss_scale=0.01
    )
    settings.experiment.write_interval = settings.experiment.checkpoint_interval = 0
    memory = RandomMemory(memory_size=128, num_envs=N, device=env.device)
    agent = PPO(models={"policy": policy, "value": Value(**spaces)}, memory=memory, cfg=settings, **spaces)
    SequentialTrainer(cfg={"timesteps": STEPS, "headless": True}, env=env, agents=agent).train()
    with torch.no_grad():
        report(
            "skrl",
            N * STEPS,
            lambda seen: policy.net(torch.from_numpy(seen)),
            space="flat",
        )


if __name__ == "__main__":
    main()
