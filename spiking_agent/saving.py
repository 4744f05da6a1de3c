"""What of an agent goes into a file, and back."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from spiking_agent.brain import refresh
from spiking_agent.converting import restore
from spiking_agent.core.network import O
from spiking_agent.network import Network
from spiking_agent.neurons import to_rest
from spiking_agent.surroundings import Surroundings


class Counters(NamedTuple):
    """What an agent counts beside its network and surroundings."""

    num_timesteps: int  # cycles awake
    asleep_cycles: int
    clocks: dict[str, int]  # cycles awake since each callback last acted, by the callback's name


def packed(
    network: Network, surroundings: Surroundings, counters: Counters
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The whole life as JSON values and arrays: network, world, measured activity, clocks of callbacks."""
    about: dict[str, Any] = {
        "config": asdict(network.config),
        "engine": network.engine,
        "seed": network.seed,
        "env_seed": surroundings.first_seed,
        "view": network.view,
        "num_timesteps": counters.num_timesteps,
        "asleep_cycles": counters.asleep_cycles,
        "phases": counters.clocks,
        "task": network.task,
        "predictions": network.predictor.begun,
        "hidden_frozen": network.hidden_frozen,
        "measured_cycles": network.activity.cycles,
        "elapsed_steps": None,
    }
    if surroundings.environments > 1:
        about["environments"] = surroundings.environments
    arrays = {"network": np.asarray(network.brain.net), "wiring": np.asarray(network.brain.wiring)}
    arrays |= {f"activity/{task}": spikes for task, spikes in network.activity.spikes.items()}
    if surroundings.env is not None and surroundings.observation is not None:
        arrays["observation"] = np.asarray(surroundings.observation)
        if surroundings.world is not None:
            arrays |= {f"world/{name}": array for name, array in surroundings.world.get_state().items()}
            about["elapsed_steps"] = surroundings.elapsed_steps
    return about, arrays


def unpack(
    network: Network, surroundings: Surroundings, about: dict[str, Any], arrays: dict[str, np.ndarray]
) -> Counters:
    """Make parts that were newly built with the saved configuration what was packed; returns what was counted.

    Raises ValueError if something does not fit them, KeyError if something is missing, TypeError or AttributeError if
    something is of another kind.
    """
    for mine, name in ((network.brain.net, "network"), (network.brain.wiring, "wiring")):
        restore(mine, arrays[name], network.config, name)
    refresh(network.brain)
    _check_indices(network)
    _check_numbers(network)
    network.task, network.hidden_frozen = str(about["task"]), bool(about["hidden_frozen"])
    network.predictor.begun = int(about["predictions"])
    network.activity.cycles = {task: int(cycles) for task, cycles in about["measured_cycles"].items()}
    network.activity.spikes = _below(arrays, "activity/")
    if network.activity.cycles.keys() != network.activity.spikes.keys():
        raise ValueError(
            f"it counts cycles of {sorted(network.activity.cycles)}, but spikes of {sorted(network.activity.spikes)}"
        )
    for task, spikes in network.activity.spikes.items():
        counted = spikes.shape == network.brain.net[0].measured.shape and spikes.dtype.kind == "i"
        if not counted or (spikes < 0).any() or network.activity.cycles[task] < 1:
            raise ValueError(f"its activity in {task} is no count of spikes for every hidden neuron")
    if network.engine != about["engine"]:
        net = network.brain.net[0]
        to_rest(network.config.neuron, net.membrane)
        net.last_jump = 0.0
        network.set_weights(network.weights)  # which the engines keep in their own ways
    if about["env_seed"] is not None:
        surroundings.first_seed = int(about["env_seed"])
    elif "observation" in arrays:  # it has been in a world, whose stream goes on
        surroundings.first_seed = None
    surroundings.environments = int(about.get("environments", surroundings.environments))
    world, elapsed_steps = _below(arrays, "world/"), about["elapsed_steps"]
    if world and surroundings.world is not None:
        surroundings.restore(world, arrays["observation"], None if elapsed_steps is None else int(elapsed_steps))
    clocks = {name: int(cycles) for name, cycles in about["phases"].items()}
    return Counters(int(about["num_timesteps"]), int(about["asleep_cycles"]), clocks)


def _below(arrays: dict[str, np.ndarray], folder: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(folder): array for name, array in arrays.items() if name.startswith(folder)}


def _check_indices(network: Network) -> None:
    """Kernels trust every index in these arrays: out of range they would read and write elsewhere in memory."""
    net, wiring = network.brain.net[0], network.brain.wiring[0]
    fan_in, n_hidden = net.w_in.shape
    n_inputs = wiring.target.shape[0]
    steps = network.config.neuron.cycle_steps
    ranges = [
        ("wiring.source", wiring.source, 0, n_inputs),
        ("wiring.slot", wiring.slot, 0, fan_in),
        ("wiring.target", wiring.target, 0, n_hidden),
        ("direction", net.direction, 0, O),
        ("last_jump_at", net.last_jump_at, 0, 2),
    ]
    for layer, size in (("input", n_inputs), ("hidden", n_hidden), ("output", O)):
        train = net.spikes[layer]
        ranges.append((f"spikes.{layer}.count", train.count, 0, train.neuron.shape[1] + 1))
        ranges.append((f"spikes.{layer}.neuron", train.neuron, 0, size))
        ranges.append((f"spikes.{layer}.time", train.time, 0, steps + 1))
    for name, values, low, high in ranges:
        if np.min(values) < low or np.max(values) >= high:
            raise ValueError(f"its {name} is out of range: all must be at least {low} and below {high}")
    if net.cycle < 0 or np.max(net.spikes.cycle) > net.cycle or np.max(net.average_cycle) > net.cycle:
        raise ValueError(f"its cycle {net.cycle} lies before what it remembers")


_NEVER_NEGATIVE = (
    *("w_in", "w_out", "postponed", "rate_hidden", "rate_out", "input_target"),
    *("measured", "measured_cycles", "votes", "hunger"),
)
_SWITCHES = ("free", "alive", "learning", "plastic_input", "overflow")


def _check_numbers(network: Network) -> None:
    """A number that no life can have would fail steps later, or never, and spoil what is learned."""
    net, wiring = network.brain.net[0], network.brain.wiring[0]
    for name, values in (*_floats(net, ""), *_floats(wiring, "wiring.")):
        if not np.isfinite(values).all():
            raise ValueError(f"its {name} holds numbers that are not finite")
    for name in _NEVER_NEGATIVE:
        if np.min(net[name]) < 0:
            raise ValueError(f"its {name} is out of range: nothing in it can be negative")
    for name in ("resistance", "scale", "free_sum"):
        if np.min(net[name]) <= 0:
            raise ValueError(f"its {name} is out of range: all must be positive")
    for name in _SWITCHES:
        if not np.isin(net[name], (0, 1)).all():
            raise ValueError(f"its {name} is out of range: all must be 0 or 1")
    frozen = (net.free == 0).sum(axis=0)
    if not np.array_equal(net.n_frozen, frozen):
        raise ValueError(f"its n_frozen is {net.n_frozen.tolist()}, but {frozen.tolist()} of its synapses are frozen")


def _floats(record: Any, prefix: str) -> Iterator[tuple[str, np.ndarray]]:
    """Every field of floats in a record, by name, those of records within it too."""
    for name in record.dtype.names:
        values = record[name]
        if values.dtype.names:
            yield from _floats(values, f"{prefix}{name}.")
        elif values.dtype.kind == "f":
            yield prefix + name, np.asarray(values)
