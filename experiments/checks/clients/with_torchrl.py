"""TorchRL's PPO in native worlds: ``pip install torchrl``, then ``python -m experiments.checks.clients.with_torchrl``.

``GymEnv("Forage-v0", space="flat")`` is one world. TorchRL takes the vector environment in the modes DISABLED and
SAME_STEP; in SAME_STEP it reads infos and needs ``numeric_info=True``.
"""

import gymnasium as gym
import torch
from gymnasium.vector import AutoresetMode
from tensordict.nn import TensorDictModule  # type: ignore[import-not-found]
from torch import nn
from torch.distributions import Categorical
from torchrl.envs import GymEnv, GymWrapper, check_env_specs  # type: ignore[import-not-found]
from torchrl.modules import ProbabilisticActor, ValueOperator  # type: ignore[import-not-found]
from torchrl.objectives import ClipPPOLoss  # type: ignore[import-not-found]
from torchrl.objectives.value import GAE  # type: ignore[import-not-found]

from experiments.checks.clients.measure import report

N, LENGTH, ROUNDS, SEED = 16, 128, 60, 0


def main() -> None:
    """Check the ways to make an environment, train in one of them, tell the intake."""
    torch.manual_seed(SEED)
    for mode in (AutoresetMode.DISABLED, AutoresetMode.SAME_STEP):
        worlds = gym.make_vec("Forage-v0", num_envs=2, autoreset_mode=mode, space="flat", numeric_info=True)
        GymWrapper(worlds, categorical_action_encoding=True).rollout(5)
    check_env_specs(GymEnv("Forage-v0", space="flat"))
    worlds = gym.make_vec("Forage-v0", num_envs=N, autoreset_mode=AutoresetMode.DISABLED, space="flat")
    env = GymWrapper(worlds, categorical_action_encoding=True)
    env.set_seed(SEED)
    policy = nn.Sequential(nn.Linear(49, 64), nn.Tanh(), nn.Linear(64, 8))
    actor = ProbabilisticActor(
        TensorDictModule(policy, in_keys=["observation"], out_keys=["logits"]),
        in_keys=["logits"],
        distribution_class=Categorical,
        return_log_prob=True,
    )
    critic = ValueOperator(nn.Sequential(nn.Linear(49, 64), nn.Tanh(), nn.Linear(64, 1)), in_keys=["observation"])
    estimate = GAE(gamma=0.9, lmbda=0.9, value_network=critic, average_gae=True)
    loss_of = ClipPPOLoss(actor, critic, entropy_coeff=0.01)
    optimizer = torch.optim.Adam(loss_of.parameters(), lr=1e-3)
    for _ in range(ROUNDS):
        with torch.no_grad():
            batch = env.rollout(LENGTH, actor, break_when_any_done=False)
            estimate(batch)
        flat = batch.reshape(-1)
        for _ in range(4):
            for part in flat[torch.randperm(len(flat))].split(256):
                losses = loss_of(part)
                optimizer.zero_grad()
                sum(losses[f"loss_{name}"] for name in ("objective", "critic", "entropy")).backward()
                optimizer.step()
    with torch.no_grad():
        report(
            "torchrl",
            N * LENGTH * ROUNDS,
            lambda seen: policy(torch.from_numpy(seen)),
            space="flat",
        )


if __name__ == "__main__":
    main()
