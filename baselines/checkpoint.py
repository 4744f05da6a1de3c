"""All that an SB3 model's future depends on, out and in again to the bit, and the files that agents are saved in.

A file holds tensors, numbers and strings, nothing that runs code. SB3's own ``save`` forgets the worlds, the rollout
under way and the random generators, and its ``load`` unpickles. What a file holds beside the model is the business of
`baselines.agent.DeepAgent`.
"""

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

from foraging_env.files import replacing

FORMAT = 1

_COUNTERS = ("num_timesteps", "_n_updates", "_episode_num", "_n_calls", "exploration_rate", "_num_timesteps_at_start")
_BUFFER = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")


def of_model(model: BaseAlgorithm) -> dict[str, Any]:
    """Everything of an SB3 model that its future depends on."""
    policy: Any = model.policy
    state: dict[str, Any] = {
        "policy": policy.state_dict(),
        "optimizer": policy.optimizer.state_dict(),
        "counters": {name: getattr(model, name) for name in _COUNTERS if hasattr(model, name)},
        "actions": model.action_space.np_random.bit_generator.state,
    }
    if model._last_obs is not None:
        state["seen"] = torch.from_numpy(np.array(model._last_obs))
        state["starts"] = torch.from_numpy(np.array(model._last_episode_starts))
    memory = getattr(model, "_last_lstm_states", None)
    if memory is not None:
        state["memory"] = [part for pair in memory for part in pair]
    if isinstance(model, OffPolicyAlgorithm):
        buffer: Any = model.replay_buffer
        filled = buffer.buffer_size if buffer.full else buffer.pos
        state["buffer"] = {name: torch.from_numpy(getattr(buffer, name)[:filled]) for name in _BUFFER}
        state["buffer_place"] = [buffer.pos, buffer.full]
    return state


def into_model(model: BaseAlgorithm, state: dict[str, Any]) -> None:
    """Go on from `of_model`, in a model that was made with the same arguments."""
    policy: Any = model.policy
    policy.load_state_dict(state["policy"])
    policy.optimizer.load_state_dict(state["optimizer"])
    for name, value in state["counters"].items():
        setattr(model, name, value)
    model.action_space.np_random.bit_generator.state = state["actions"]
    if "seen" in state:
        model._last_obs = state["seen"].numpy().copy()
        model._last_episode_starts = state["starts"].numpy().copy()
    if "memory" in state:
        acting, judging = state["memory"][:2], state["memory"][2:]
        recurrent: Any = model
        recurrent._last_lstm_states = type(recurrent._last_lstm_states)(tuple(acting), tuple(judging))
    if isinstance(model, OffPolicyAlgorithm):
        buffer: Any = model.replay_buffer
        for name, saved in state["buffer"].items():
            getattr(buffer, name)[: len(saved)] = saved.numpy()
        buffer.pos, buffer.full = state["buffer_place"]


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a file, whole or not at all; missing folders above it are made. Equal contents give equal bytes.

    Raises OSError, which names ``path``, if it cannot be written.
    """
    buffer = io.BytesIO()  # torch would write a file's name into it
    torch.save(_interned(content), buffer)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_bytes(buffer.getvalue())
    except OSError as error:  # which names a draft, or a folder
        raise OSError(error.errno, error.strerror, str(path)) from error


def read(path: Path) -> dict[str, Any]:
    """What `write` wrote.

    Raises FileNotFoundError, or ValueError if the file is no saved agent of this format.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        saved_format = content["about"]["format"]
    except FileNotFoundError:
        raise
    except Exception as error:  # torch raises whatever its parsers meet
        raise ValueError(f"{path} is no saved agent: {type(error).__name__}") from error
    if saved_format != FORMAT:
        raise ValueError(f"{path} has format {saved_format}, this version reads {FORMAT}")
    return content


def as_tensors(value: Any) -> Any:
    """The same with every array as a tensor, and tuples as lists: what a file can hold."""
    if isinstance(value, dict):
        return {name: as_tensors(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_tensors(part) for part in value]
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def as_arrays(value: Any) -> Any:
    """The inverse of `as_tensors`, but for tuples."""
    if isinstance(value, dict):
        return {name: as_arrays(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_arrays(part) for part in value]
    return value.numpy() if isinstance(value, torch.Tensor) else value


def _interned(value: Any) -> Any:
    """The same with equal strings made one object; pickle writes the second mention of an object in another way."""
    if type(value) is dict:
        return {_interned(name): _interned(part) for name, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_interned(part) for part in value)
    return sys.intern(value) if type(value) is str else value
