"""What a movement cycle costs in each kind of life: the networks that are timed, and their timing.

It asks of the agent only what every version of it can do. So, run as a program, it times any checkout of the project
(`experiments.checks.against`): requests come in and answers go out as lines of JSON.

What a cycle costs depends on the spikes in it, and homeostasis holds those: 0.01 a hidden neuron, 0.5 an output neuron.
So the networks need not have lived as long as the paper's, only until their rates have come to rest. One million cycles
without values give the hidden layer its rate and its selectivity. Then output resistance is set to 2, instead of
letting it climb there from 0.06, and after 300,000 more cycles it rests at 3, in task 1 (where the network then
performs at 0.64, seed 11) as well as in the unsupervised stage.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym

import foraging_env  # noqa: F401  registers Forage-v0
import spiking_agent
from spiking_agent import SpikingAgent

TRAINING, TEST, SLEEP, UNSUPERVISED = "training", "frozen test", "sleep", "unsupervised stage"
LIVES = (TRAINING, TEST, SLEEP, UNSUPERVISED)
SEED = 11

_PIECE = 50_000  # cycles between two movements of a progress bar
_WARMING = 1_000  # cycles before those that are timed


class Preparation(NamedTuple):
    """Cycles that the networks live before anything is timed."""

    unsupervised: int = 1_000_000
    task: int = 300_000

    def cycles(self) -> int:
        """In all, of both networks."""
        return self.unsupervised + 2 * self.task


def world() -> gym.Env:
    """A world without end."""
    return gym.make("Forage-v0", task="all", max_episode_steps=-1)


def prepare(folder: Path, preparation: Preparation, advance: Callable[[int], None]) -> None:
    """Write the networks that `microseconds` begins with into ``folder``; ``advance`` is told of cycles lived."""
    agent = SpikingAgent(world(), seed=SEED)
    _live(agent, preparation.unsupervised, advance)
    agent.set_output_resistance(2.0)
    agent.save(folder / "begun.npz")
    _live(agent, preparation.task, advance)
    agent.save(folder / f"{UNSUPERVISED}.npz")
    agent = SpikingAgent.load(folder / "begun.npz", env=world())
    agent.freeze_hidden()
    agent.set_task("task1")
    _live(agent, preparation.task, advance)
    agent.save(folder / f"{TRAINING}.npz")


def _live(agent: SpikingAgent, cycles: int, advance: Callable[[int], None]) -> None:
    for begin in range(0, cycles, _PIECE):
        piece = min(_PIECE, cycles - begin)
        agent.learn(piece, reset_num_timesteps=False, log_interval=None)
        advance(piece)


def microseconds(folder: Path, life: str, cycles: int) -> float:
    """Processor time of a cycle in that kind of life, world included, from the same state at every call."""
    agent = SpikingAgent.load(folder / f"{UNSUPERVISED if life == UNSUPERVISED else TRAINING}.npz", env=world())

    def live(n: int) -> None:
        if life == TEST:
            agent.evaluate("task1", n, seed=5)
        elif life == SLEEP:
            agent.sleep(n)
        else:
            agent.learn(n, reset_num_timesteps=False, log_interval=None)

    live(_WARMING)
    begin = time.process_time()
    live(cycles)
    return 1e6 * (time.process_time() - begin) / cycles


def answers(requests: Iterable[str]) -> Iterable[dict[str, Any]]:
    """What is answered to requests, each a line of JSON; first of all, where the agent that answers lies."""
    yield {"agent": str(Path(spiking_agent.__file__).resolve().parent)}
    for line in requests:
        request = json.loads(line)
        folder = Path(request["folder"])
        if "preparation" in request:
            prepare(folder, Preparation(*request["preparation"]), lambda cycles: None)
            yield {}
        else:
            yield {"microseconds": microseconds(folder, request["life"], request["cycles"])}


if __name__ == "__main__":
    for answer in answers(sys.stdin):
        print(json.dumps(answer), flush=True)
