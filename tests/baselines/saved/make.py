"""Makes the saved agents beside this file, and ``after.json``: what each of them becomes when it goes on.

    python tests/baselines/saved/make.py

They were made on 2026-11-25 with commit a3e7959, the first that could save deep agents for good, and are never made
again: `tests/baselines/test_saved_agents.py` shows that today's code reads them. The networks and the numbers of
worlds are smaller than usual, so that the files are.
"""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import torch

HERE = Path(__file__).parent
SMALL = {
    "ppo": {"n_steps": 16, "batch_size": 32, "n_epochs": 2},
    "a2c": {"n_steps": 8},
    "dqn": {"buffer_size": 256, "learning_starts": 64, "batch_size": 16, "target_update_interval": 64},
}
AGENTS = {
    "ppo": "plain, after a first task",
    "a2c+l2": "in the middle of its second task, which it is shown",
    "dqn+freeze": "in the middle of its second task",
}


def shrink(algorithms):
    """Make the rows of `ALGORITHMS` as small as those of the saved agents."""
    for name in SMALL:
        algorithms[name] = replace(algorithms[name], n_envs=4, layers=(12, 12))


def go_on(agent):
    """Some more learning; the plain agent takes up a remedy and meets its second task."""
    if agent.name == "ppo":
        agent.adopt("ewc")
        agent.begin_task("task2")
    agent.learn(128)


def parameters_of(agent):
    """Of each of the policy's parameters: a digest, and the norm, which is nearly the same on every machine."""
    return {
        name: {"sha256": hashlib.sha256(tensor.numpy().tobytes()).hexdigest(), "norm": float(tensor.double().norm())}
        for name, tensor in agent.model.policy.state_dict().items()
    }


def machine():
    """What the last bits depend on."""
    return {"torch": torch.__version__, "instructions": torch.backends.cpu.get_cpu_capability()}


def main():
    """Write the files."""
    from baselines.agent import DeepAgent, algorithm

    torch.set_num_threads(1)
    shrink(sys.modules[algorithm.__module__].ALGORITHMS)  # whose module had another name then
    after = {}
    for name in AGENTS:
        kind, _, remedy = name.partition("+")
        cue = {"task_cue": True} if name == "a2c+l2" else {}
        agent = DeepAgent(kind, remedy or "none", seed=11, settings=SMALL[kind], **cue)
        agent.learn_task("task1", 256)
        if remedy:
            agent.begin_task(["task2", "h+n-"])
            agent.learn(128)
        agent.save(HERE / f"{name}.pt")
        go_on(agent)
        after[name] = parameters_of(agent)
    (HERE / "after.json").write_text(json.dumps({"machine": machine(), "after": after}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
