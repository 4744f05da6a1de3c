"""A few cycles of both engines, for kernels run in other ways: as a program it runs them and writes what came out.

python -m tests.spiking_agent.few_cycles interpreted IN OUT    (with NUMBA_DISABLE_JIT=1)
python -m tests.spiking_agent.few_cycles bounds                (with NUMBA_BOUNDSCHECK=1)
"""

import sys
import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np

from spiking_agent.brain import ENGINES, one, sizes
from spiking_agent.config import NetworkConfig
from spiking_agent.core import life
from spiking_agent.core import response as staircase
from spiking_agent.core.network import Brain, work_dtype
from tests.kernels import called
from tests.spiking_agent.networks import SIDE, freeze_some, lively, newborn, some_view, world

PARTS = ("params", "wiring", "table", "net")


def subjects() -> dict[str, Brain]:
    """One network per engine, everything in them plastic but a few synapses."""
    brains = {engine: lively(engine=engine) for engine in ENGINES}
    for brain in brains.values():
        brain.net[0].plastic_input = 1
        freeze_some(brain.net[0], np.random.default_rng(0), 0.1)
    return brains


def live_a_little(brain: Brain, n_cycles: int) -> dict[str, np.ndarray]:
    """Live awake, with every kind of reward, then sleep; returns everything the network then is."""
    rng = np.random.default_rng(5)
    moves = []
    for t in range(n_cycles):
        moves.append(life.think(brain, some_view(rng)))
        life.feel(brain, (1, 0, -1)[t % 3])
    life.sleep(brain, n_cycles, np.full(784, 0.02))
    return {"moves": np.array(moves)} | dict(fields_of(brain.net[0]))


def answers(table: Any) -> np.ndarray:
    """Intervals of a few jumps after a few others."""
    rng = np.random.default_rng(3)
    pairs = rng.uniform(0.0, 0.29, (200, 2))
    interval_after, remaining = called(staircase.interval_after), called(staircase.remaining)
    return np.array([interval_after(table, b, *remaining(table, 1, a)) for a, b in pairs])


def fields_of(record: Any, path: str = "") -> list[tuple[str, np.ndarray]]:
    """Every array and number in a record or its `plain` stand-in."""
    names = vars(record) if isinstance(record, SimpleNamespace) else record.dtype.names
    out = []
    for name in names:
        value = getattr(record, name)
        nested = isinstance(value, SimpleNamespace) or (isinstance(value, np.void) and value.dtype.names)
        out += fields_of(value, f"{path}{name}.") if nested else [(path + name, np.asarray(value))]
    return out


def plain(record: Any) -> SimpleNamespace:
    """A stand-in for a record whose attributes are found a hundred times faster by the interpreter."""
    values = {}
    for name in record.dtype.names:
        value = record[name]
        values[name] = plain(value) if isinstance(value, np.void) and value.dtype.names else value
    return SimpleNamespace(**values)


def _interpreted(source: str, target: str) -> None:
    warnings.filterwarnings("error")
    warnings.filterwarnings("ignore", message="overflow encountered in scalar")  # SplitMix64 wraps around
    config = NetworkConfig()
    out = {}
    with np.load(source) as saved:
        for engine, every_step in ENGINES.items():
            records = [plain(saved[f"{engine}/{part}"].view(np.recarray)[0]) for part in PARTS]
            work = plain(one(work_dtype(sizes(config, SIDE)))[0])
            brain = Brain(*([record] for record in records), [work], every_step)
            lived = live_a_little(brain, 3 if engine == "fast" else 1)
            out |= {f"{engine}/{name}": array for name, array in lived.items()}
            if engine == "fast":
                out["answers"] = answers(brain.table[0])
    np.savez(target, **out)


def _bounds() -> None:
    # Only the fast engine: compilation is slow, and the interpreter checks the other one's indices.
    for brain in (subjects()["fast"], newborn()):
        worlds = world()
        life.live(brain, worlds.shape, worlds.state, 300)
        life.sleep(brain, 100, np.random.default_rng(0).random(784))


if __name__ == "__main__":
    if sys.argv[1] == "bounds":
        _bounds()
    else:
        _interpreted(*sys.argv[2:])
