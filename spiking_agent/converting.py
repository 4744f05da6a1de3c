"""Networks that earlier versions saved, as this version keeps them."""

from typing import Any

import numpy as np

from spiking_agent.brain import set_output_weights
from spiking_agent.config import NetworkConfig

_TRANSPOSED = ("w_out", "free", "average", "average_cycle")  # were float64[O, H]
_GONE = ("last_factor",)
_NEW = ("scale", "free_sum", "postponed", "input_version")


def restore(record: Any, saved: np.ndarray, config: NetworkConfig, what: str) -> None:
    """Make ``record``, an array of one record, what was saved of it.

    Raises ValueError if it is of another model.
    """
    mine = np.asarray(record)
    if saved.dtype == mine.dtype and saved.shape == (1,):
        mine[...] = saved
    elif saved.shape == (1,) and _is_earlier(saved.dtype, mine.dtype):
        _convert(record[0], saved[0], config)
    else:
        raise ValueError(f"its {what} does not fit this version of the model; train the agent anew")


def _is_earlier(saved: np.dtype, mine: np.dtype) -> bool:
    """Whether it is the layout in which the synapses of an output neuron lay side by side."""
    if saved.fields is None or mine.fields is None or {*saved.fields} - {*_GONE} != {*mine.fields} - {*_NEW}:
        return False
    kept = saved.fields.keys() - {*_TRANSPOSED, *_GONE}
    n_hidden, n_outputs = mine.fields["w_out"][0].shape
    return all(saved.fields[name][0] == mine.fields[name][0] for name in kept) and all(
        saved.fields[name][0].shape == (n_outputs, n_hidden) for name in _TRANSPOSED
    )


def _convert(net: Any, saved: np.void, config: NetworkConfig) -> None:
    for name in saved.dtype.fields or ():
        if name not in (*_TRANSPOSED, *_GONE):
            net[name] = saved[name]
    net.free = saved["free"].T
    # Averages of one hidden neuron are now brought up to date together.
    latest = saved["average_cycle"].max(axis=0)
    decayed = saved["average"] * (1.0 - config.plasticity.average_rate) ** (latest - saved["average_cycle"])
    floor = config.plasticity.average_floor
    net.average = np.copysign(np.maximum(np.abs(decayed), floor), decayed).T
    net.average_cycle = latest
    set_output_weights(net, saved["w_out"])
