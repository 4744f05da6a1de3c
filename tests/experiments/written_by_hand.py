"""Result folders of a comparison that nobody ran: few enough numbers to compute scores by hand."""

import json
from pathlib import Path

from experiments.plans.plan import Agent, Plan, Species
from experiments.plans.presets import Lengths
from experiments.plans.stages import Protocol, Stage
from experiments.running.configuration import versions
from experiments.running.tables import Expense, Point, Result
from foraging_env.files import write_csv

TASKS = ("task1", "task2")
STAGES = (
    Stage("birth", None),
    Stage("1-task1", "birth", ("task1",)),
    Stage("2-task2", "1-task1", ("task2",)),
    Stage("2-task2+ewc", "1-task1", ("task2",), remedy="ewc"),
    Stage("all-interleaved", "birth", TASKS, length=2),
    Stage("1-task2", "birth", ("task2",)),
)
LIVES = {
    "ppo": ("birth", "1-task1", "2-task2"),
    "ppo+ewc": ("birth", "1-task1", "2-task2+ewc"),
    "ppo+interleaved": ("birth", "all-interleaved"),
    "ppo+single": ("birth", "1-task1", "1-task2"),
}
# Rewarded of 100 eaten in a test after the stage, and in a short test in its middle; stages of 100 steps.
AFTER = {
    "birth": (50, 50),
    "1-task1": (90, 40),
    "2-task2": (60, 80),
    "2-task2+ewc": (90, 50),
    "all-interleaved": (85, 90),
    "1-task2": (50, 70),
}
BETWEEN = {"1-task1": (70, 50), "2-task2": (80, 70), "2-task2+ewc": (90, 40), "1-task2": (50, 50)}


def counted(rewarded: int, eaten: int = 100) -> tuple[int, int, int, float, float]:
    punished = eaten - rewarded
    return rewarded, punished, 1000, rewarded / eaten if eaten else 0.5, (rewarded - punished) / 10


def write_folder(out: Path, agents=tuple(LIVES), seeds=1, after=AFTER, eaten=100, lost=()) -> Path:
    """A result folder; seed s is better by s in every test after a last stage with EWC, ``lost`` tests are missing."""
    results, curve, costs = [], [], []
    for agent in agents:
        for seed in range(seeds):
            for phase, stage in enumerate(LIVES[agent]):
                head = ("paper", agent, seed, phase, stage)
                for number, task in enumerate(TASKS):
                    rewarded = after[stage][number] + seed * stage.endswith("ewc")
                    if (agent, seed, stage) not in lost:
                        results.append(Result(*head, task, *counted(rewarded if eaten else 0, eaten)))
                    if stage in BETWEEN:
                        curve.append(Point(*head, 50, task, *counted(BETWEEN[stage][number])))
                costs.append(Expense(*head, 100 * (phase > 0), 1500 * phase, 9.0, 2.5, 1))
    lives = tuple(Agent(name, LIVES[name]) for name in agents)
    plan = Plan(Species("ppo"), Protocol("paper", "", STAGES, TASKS), Lengths(100, 1, 1000, 1000), lives)
    (out / "config.json").write_text(json.dumps({"plans": [plan.describe()]}))
    write_csv(out / "results.csv", Result._fields, results)
    write_csv(out / "curve.csv", Point._fields, curve)
    write_csv(out / "costs.csv", Expense._fields, costs)
    return out


def configured(folder: Path, **changes) -> Path:
    path = folder / "config.json"
    told = {
        "format": 2,
        "experiment": "forgetting",
        "preset": "mini",
        "seeds": [0, 1, 2],
        "versions": versions(),
        "commit": "0" * 40 + "-dirty",
        "command": "forage run forgetting --out 'a<b>&c'",
    }
    path.write_text(json.dumps(json.loads(path.read_text()) | told | changes))
    return folder
