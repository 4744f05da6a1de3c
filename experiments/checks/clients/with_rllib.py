"""RLlib's PPO in native worlds: ``pip install "ray[rllib]"``, then ``python -m experiments.checks.clients.with_rllib``.

RLlib brings an older Gymnasium with it, 1.2, which is enough.
"""

import gymnasium as gym
import ray  # type: ignore[import-not-found]
import torch
from ray.rllib.algorithms.ppo import PPOConfig  # type: ignore[import-not-found]
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig  # type: ignore[import-not-found]
from ray.tune.registry import register_env  # type: ignore[import-not-found]

import foraging_env  # noqa: F401  registers the ids
from experiments.checks.clients.measure import report

ITERATIONS, BATCH = 25, 4000


def main() -> None:
    """Train in native worlds of one process and tell the intake."""
    register_env("Forage", lambda arguments: gym.make("Forage-v0", **arguments))
    config = (
        PPOConfig()
        .environment("foraging_env:Forage-v0", env_config={"space": "flat"})
        .env_runners(
            num_env_runners=0, num_envs_per_env_runner=16, gym_env_vectorize_mode=gym.VectorizeMode.VECTOR_ENTRY_POINT
        )
        .training(gamma=0.9, lambda_=0.9, lr=1e-3, train_batch_size_per_learner=BATCH, num_epochs=6, entropy_coeff=0.01)
        .rl_module(model_config=DefaultModelConfig(fcnet_hiddens=[64]))
        .debugging(seed=0, log_level="ERROR")
    )
    algorithm = config.build_algo()
    for _ in range(ITERATIONS):
        algorithm.train()
    module = algorithm.get_module()
    with torch.no_grad():
        report(
            "ray",
            ITERATIONS * BATCH,
            lambda seen: module.forward_inference({"obs": torch.from_numpy(seen)})["action_dist_inputs"],
            space="flat",
        )
    algorithm.stop()
    ray.shutdown()


if __name__ == "__main__":
    main()
