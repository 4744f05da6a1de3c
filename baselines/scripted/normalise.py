"""Measure the ends of the scale: ``python -m baselines.scripted.normalise`` writes ``foraging_env/normalisation.json``.

To be run for new ids only: published numbers never move.
"""

import json
from pathlib import Path

import gymnasium as gym

import foraging_env
from baselines.scripted.foragers import SCRIPTED
from foraging_env.sequences import SEQUENCES
from foraging_env.tasks import DISTINCT_TASKS, named_task

SEEDS = 200
STEPS = 10_000
TARGET = Path(foraging_env.__file__).with_name("normalisation.json")


def intake(forager: str, task: str, seeds: int = SEEDS, steps: int = STEPS) -> float:
    """(rewarded - punished) in 100 steps of ``Forage-v0``, mean over ``seeds`` lives of ``steps`` steps."""
    env = gym.make_vec("Forage-v0", num_envs=seeds, max_episode_steps=-1, task=task)
    seen, infos = env.reset(seed=0)
    agent, state = SCRIPTED[forager](env, seed=0), None
    for _ in range(steps):
        actions, state = agent.predict(seen, state)
        seen, _, _, _, infos = env.step(actions)
    return 100.0 * float((infos["rewarded"] - infos["punished"]).mean()) / steps


def main() -> None:
    """Measure every task and write the file."""
    names = [task.name for task in DISTINCT_TASKS if task.rewarded is not None]
    measured = {}
    for name in names:
        measured[name] = {
            "random": round(intake("random", name), 4),
            "full_knowledge": round(intake("full-knowledge", name), 4),
        }
        print(name, measured[name], flush=True)
    ids = {"Forage-v0": names} | {
        f"Forage{rung}-v0": [named_task(task).name for task in dict.fromkeys(chosen.tasks)]
        for rung, chosen in SEQUENCES.items()
    }
    data = {
        "what": "intake, (rewarded - punished) in 100 steps, of the scripted foragers; never moved without a new id",
        "command": "python -m baselines.scripted.normalise",
        "seeds": SEEDS,
        "steps": STEPS,
        "ids": {env_id: {task: measured[task] for task in tasks} for env_id, tasks in ids.items()},
    }
    TARGET.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
