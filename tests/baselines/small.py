"""Agents of every kind with settings that let them learn something within a few hundred steps."""

from baselines.agent import DeepAgent
from baselines.algorithms import ALGORITHMS
from baselines.remedies.table import REMEDIES

WITH_REMEDIES = [name for name, row in ALGORITHMS.items() if row.takes_remedies]
ON_POLICY = {"n_steps": 4, "batch_size": 128, "n_epochs": 1}
OFF_POLICY = {"buffer_size": 192, "learning_starts": 64, "batch_size": 16, "target_update_interval": 128}


def small_agent(name, **more):
    """``algorithm`` or ``algorithm+remedy``, of seed 5."""
    algorithm, _, remedy = name.partition("+")
    own = ALGORITHMS[algorithm].settings
    small = OFF_POLICY if "buffer_size" in own else ON_POLICY
    remedys = REMEDIES[remedy.partition(":")[0] or "none"]().arguments()
    settings = {setting: value for setting, value in small.items() if setting in own and setting not in remedys}
    return DeepAgent(algorithm, remedy or "none", seed=5, settings=settings, **more)
