"""Saved agents that later versions have to load, and what becomes of them in 200 more cycles.

Made once, by the code of commit a3e7959 in CHECKOUT:

    PYTHONPATH=CHECKOUT python tests/spiking_agent/saved/make.py tests/spiking_agent/saved

Files that a later version wrote would show nothing, so that is not to be done again.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

import foraging_env  # noqa: F401  registers Forage-v0
from spiking_agent import InterleaveCallback, NetworkConfig, SleepCallback, SpikingAgent
from spiking_agent.config import WiringConfig

LIMITS = {"newborn": -1, "learned": 170, "reference": -1}
"""``max_episode_steps`` of the world of every saved agent, by its name."""

SMALL = NetworkConfig(wiring=WiringConfig(n_hidden=98, output_weight=0.16))


def sleeping() -> list[Any]:
    """Callbacks of ``learned``: 30 cycles have passed since it slept, 10 since it changed tasks."""
    return [SleepCallback(every=50, duration=20), InterleaveCallback(["task1", "task2"], every=40)]


def world(name: str) -> gym.Env:
    """A world as that agent was saved in."""
    return gym.make("Forage-v0", task="all", max_episode_steps=LIMITS[name])


def newborn() -> SpikingAgent:
    """300 cycles of the unsupervised stage."""
    return SpikingAgent(world("newborn"), seed=1).learn(300)


def learned() -> SpikingAgent:
    """Few hidden neurons, some output synapses frozen, sleep and two tasks in turn; an episode's end is near."""
    agent = SpikingAgent(world("learned"), SMALL, seed=2).learn(300)
    agent.freeze_hidden()
    agent.freeze_strongest(0.05)
    agent.set_output_resistance(0.3)
    agent.set_task("task1")
    return agent.learn(330, callback=sleeping(), reset_num_timesteps=False)


def reference() -> SpikingAgent:
    """The reference engine, in the middle of a sleep."""
    agent = SpikingAgent(world("reference"), SMALL, seed=3, engine="reference")
    agent.set_output_resistance(0.3)
    agent.set_task("task1")
    agent.learn(100)
    agent.sleep(10)
    return agent


def go_on(agent: SpikingAgent, name: str) -> SpikingAgent:
    """200 cycles of task 1; ``learned`` with the callbacks it had."""
    agent.set_task("task1")
    return agent.learn(200, callback=sleeping() if name == "learned" else None, reset_num_timesteps=False)


def summary(agent: SpikingAgent) -> dict[str, Any]:
    """What the agent is now: a digest of all that is counted, and norms of what is not."""
    net = np.asarray(agent.brain.net)[0]
    counted = [net[name] for name in ("spikes", "votes", "measured", "cycle", "direction", "hunger")]
    return {
        "counted": digest(*counted),
        "weights": np.linalg.norm(agent.weights, axis=1).tolist(),
        "input weights": np.linalg.norm(net["w_in"], axis=1).tolist(),
        "resistance": net["resistance"].tolist(),
        "cycles": [agent.num_timesteps, agent.asleep_cycles],
    }


def digest(*arrays: Any) -> str:
    """SHA-256 of their bytes, without those that lie between the fields of a record."""
    return hashlib.sha256(b"".join(piece.tobytes() for array in arrays for piece in pieces(array))).hexdigest()


def pieces(array: Any) -> list[np.ndarray]:
    """The arrays that an array of records, or a record, is made of."""
    array = np.asarray(array)
    if array.dtype.names is None:
        return [array]
    return [piece for name in array.dtype.names for piece in pieces(array[name])]


def main(folder: Path) -> None:
    """Write the agents, and what the files come to when they are loaded and go on."""
    after = {}
    for make in (newborn, learned, reference):
        name = make.__name__
        make().save(folder / f"{name}.npz")
        after[name] = summary(go_on(SpikingAgent.load(folder / f"{name}.npz", env=world(name)), name))
    (folder / "after.json").write_text(json.dumps(after, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
