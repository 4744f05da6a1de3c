"""rl-zoo3 trains by a table of settings: ``pip install rl_zoo3``, then
``python -m experiments.checks.clients.with_rl_zoo3``.

On the command line: ``python -m rl_zoo3.train --algo ppo --env Forage-v0 --gym-packages foraging_env --conf FILE``.
With ``python-dateutil`` 4 installed, pip finds no version of rl_zoo3 whose needs it meets; ``--no-deps`` gets round it.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from rl_zoo3.train import train  # type: ignore[import-not-found]
from stable_baselines3 import PPO

from experiments.checks.clients.measure import report

STEPS = 60_000
SETTINGS = {"n_envs": 8, "policy": "MlpPolicy", "n_steps": 128, "gamma": 0.9, "env_kwargs": {"space": "flat"}}
WRAPPED = {"normalize": True, "frame_stack": 2}  # what needs a Box


def trained(steps: int, more: dict[str, Any]) -> PPO:
    """What the zoo's own command trained and saved."""
    with tempfile.TemporaryDirectory() as folder:
        conf = Path(folder, "ppo.yml")
        conf.write_text(json.dumps({"Forage-v0": SETTINGS | more | {"n_timesteps": steps}}))  # JSON is YAML
        sys.argv = ["train", "--algo", "ppo", "--env", "Forage-v0", "--gym-packages", "foraging_env", "--seed", "0"]
        sys.argv += ["--conf-file", str(conf), "--log-folder", folder, "--verbose", "0", "--eval-freq", "-1"]
        train()
        return PPO.load(next(Path(folder).rglob("Forage-v0.zip")), device="cpu")


def main() -> None:
    """Train with and without wrappers, tell the intake of the one without."""
    trained(2048, WRAPPED)
    policy: Any = trained(STEPS, {}).policy
    with torch.no_grad():
        report(
            "rl_zoo3",
            STEPS,
            lambda seen: policy.get_distribution(torch.from_numpy(seen)).distribution.logits,
            space="flat",
        )


if __name__ == "__main__":
    main()
