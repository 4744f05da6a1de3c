"""Tianshou's PPO, as its high-level interface trains it: ``pip install "tianshou>=2" "pandas<3"`` (its plots do
not know a newer one), then ``python -m experiments.checks.clients.with_tianshou``.

It makes single environments by their id and reads every info as numbers: no None may be in them.
"""

import torch
from tianshou.data import Batch  # type: ignore[import-not-found]
from tianshou.highlevel.config import OnPolicyTrainingConfig  # type: ignore[import-not-found]
from tianshou.highlevel.env import EnvFactoryRegistered, VectorEnvType  # type: ignore[import-not-found]
from tianshou.highlevel.experiment import ExperimentConfig, PPOExperimentBuilder  # type: ignore[import-not-found]
from tianshou.highlevel.params.algorithm_params import PPOParams  # type: ignore[import-not-found]

from experiments.checks.clients.measure import report

EPOCHS, STEPS = 5, 10_000


def main() -> None:
    """Train and tell the intake."""
    experiment = (
        PPOExperimentBuilder(
            EnvFactoryRegistered(
                task="Forage-v0",
                venv_type=VectorEnvType.DUMMY,
                space="flat",
            ),
            ExperimentConfig(persistence_enabled=False, watch=False),
            OnPolicyTrainingConfig(
                max_epochs=EPOCHS,
                epoch_num_steps=STEPS,
                batch_size=256,
                num_training_envs=8,
                num_test_envs=2,
                buffer_size=8 * 256,
                collection_step_num_env_steps=8 * 256,
                update_step_num_repetitions=4,
                test_in_training=False,
            ),
        )
        .with_ppo_params(PPOParams(gamma=0.9, gae_lambda=0.9, ent_coef=0.01, lr=1e-3))
        .with_actor_factory_default(hidden_sizes=(64,))
        .with_critic_factory_default(hidden_sizes=(64,))
        .build()
    )
    policy = experiment.run().world.algorithm.policy

    with torch.no_grad():
        report(
            "tianshou",
            EPOCHS * STEPS,
            lambda seen: policy(Batch(obs=seen, info={})).dist.logits,
            space="flat",
        )


if __name__ == "__main__":
    main()
