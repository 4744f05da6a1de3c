"""What of an agent goes into a file, and back."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from foraging_env.env import ForageEnv
from spiking_agent.core.network import O
from spiking_agent.neurons import to_rest
from spiking_agent.surroundings import time_limit

if TYPE_CHECKING:
    from spiking_agent.agent import SpikingAgent


def packed(agent: "SpikingAgent") -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The whole life as JSON values and arrays: network, world, measured activity, clocks of callbacks."""
    about: dict[str, Any] = {
        "config": asdict(agent.config),
        "engine": agent.engine,
        "seed": agent.seed,
        "env_seed": agent._env_seed,
        "view": agent._view,
        "num_timesteps": agent.num_timesteps,
        "asleep_cycles": agent.asleep_cycles,
        "phases": agent.clocks,
        "task": agent._task,
        "predictions": agent._predictions,
        "hidden_frozen": agent._hidden_frozen,
        "measured_cycles": agent.activity.cycles,
        "elapsed_steps": None,
    }
    arrays = {"network": np.asarray(agent._brain.net), "wiring": np.asarray(agent._brain.wiring)}
    arrays |= {f"activity/{task}": spikes for task, spikes in agent.activity.spikes.items()}
    if agent._env is not None and agent._observation is not None:
        arrays["observation"] = np.asarray(agent._observation)
        if isinstance(agent._env.unwrapped, ForageEnv):
            arrays |= {f"world/{name}": array for name, array in agent._env.unwrapped.get_state().items()}
            limit = time_limit(agent._env)
            about["elapsed_steps"] = None if limit is None else limit._elapsed_steps
    return about, arrays


def unpack(agent: "SpikingAgent", about: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Make ``agent``, newly built with the saved configuration, what was packed.

    Raises ValueError if something does not fit it, KeyError if something is missing, TypeError or AttributeError if
    something is of another kind.
    """
    for mine, name in ((agent._brain.net, "network"), (agent._brain.wiring, "wiring")):
        if arrays[name].dtype != np.asarray(mine).dtype or arrays[name].shape != (1,):
            raise ValueError(f"its {name} does not fit this version of the model; train the agent anew")
        np.asarray(mine)[...] = arrays[name]
    _check_indices(agent)
    agent.num_timesteps, agent.asleep_cycles = int(about["num_timesteps"]), int(about["asleep_cycles"])
    agent.clocks = {name: int(cycles) for name, cycles in about["phases"].items()}
    agent._task, agent._predictions = str(about["task"]), int(about["predictions"])
    agent._hidden_frozen = bool(about["hidden_frozen"])
    agent._env_seed = None if about["env_seed"] is None else int(about["env_seed"])
    agent.activity.cycles = {task: int(cycles) for task, cycles in about["measured_cycles"].items()}
    agent.activity.spikes = _below(arrays, "activity/")
    if agent.activity.cycles.keys() != agent.activity.spikes.keys():
        raise ValueError(
            f"it counts cycles of {sorted(agent.activity.cycles)}, but spikes of {sorted(agent.activity.spikes)}"
        )
    if agent.engine != about["engine"]:
        to_rest(agent.config.neuron, agent._net.membrane)
        agent._net.last_jump = 0.0
    world = _below(arrays, "world/")
    if world and agent._env is not None and isinstance(agent._env.unwrapped, ForageEnv):
        agent._env.reset(seed=0)  # wrappers want one; the world itself is replaced
        agent._env.unwrapped.set_state(world)
        agent._observation = arrays["observation"]
        limit = time_limit(agent._env)
        if about["elapsed_steps"] is not None and limit is not None:
            limit._elapsed_steps = int(about["elapsed_steps"])  # type: ignore[assignment]


def _below(arrays: dict[str, np.ndarray], folder: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(folder): array for name, array in arrays.items() if name.startswith(folder)}


def _check_indices(agent: "SpikingAgent") -> None:
    """Kernels trust every index in these arrays: out of range they would read and write elsewhere in memory."""
    net, wiring = agent._net, agent._brain.wiring[0]
    fan_in, n_hidden = net.w_in.shape
    n_inputs = wiring.target.shape[0]
    steps = agent.config.neuron.cycle_steps
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
