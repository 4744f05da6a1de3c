"""Minari records and reads back: ``pip install "minari[hdf5]"``, then
``python -m experiments.checks.clients.with_minari``.

With ``record_infos=True`` every info must be a number or a text, never None. A forager is then cloned from the data.
"""

import os
import tempfile
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from torch import nn

from baselines.scripted.foragers import FullKnowledge
from experiments.checks.clients.measure import report

STEPS = 20_000


def main() -> None:
    """Record the full-knowledge forager, clone it, tell what the clone takes in."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MINARI_DATASETS_PATH"] = folder
        import minari  # type: ignore[import-not-found]

        env: Any = minari.DataCollector(gym.make("Forage-v0", space="flat"), record_infos=True)
        forager = FullKnowledge(env, seed=0)
        seen, _ = env.reset(seed=0)
        state = None
        for _ in range(STEPS):
            action, state = forager.predict(seen, state)
            seen, _, _, truncated, _ = env.step(action)
            if truncated:
                seen, _ = env.reset()
        dataset = env.create_dataset("forage/full-knowledge-v0", algorithm_name="full-knowledge")
        episodes = list(dataset.iterate_episodes())
        assert set(episodes[0].infos) == {"task", "pattern", "value", "rewarded", "punished"}
        assert sorted(dataset.recover_environment().spec.kwargs) == ["space"]
        inputs = torch.from_numpy(np.concatenate([episode.observations[:-1] for episode in episodes]))
        moves = torch.from_numpy(np.concatenate([episode.actions for episode in episodes]).astype(np.int64))
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(49, 128), nn.ReLU(), nn.Linear(128, 8))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(20):
        for part in torch.randperm(len(moves)).split(256):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(inputs[part]), moves[part]).backward()
            optimizer.step()
    with torch.no_grad():
        report("minari", len(moves), lambda seen: net(torch.from_numpy(seen)), space="flat")


if __name__ == "__main__":
    main()
