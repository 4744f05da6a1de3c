"""How a network begins: who is connected to whom, and with what weight (Golden et al. 2022, Methods)."""

from typing import Any

import numpy as np

from spiking_agent.config import WiringConfig


def sources(n_inputs: int, n_hidden: int, per_hidden: int, rng: np.random.Generator) -> np.ndarray:
    """int64[per_hidden, n_hidden]: every hidden neuron has different inputs, every input equally many targets.

    Dealt like cards; a neuron that was dealt the same input twice swaps one with somebody it helps or leaves as is.
    Raises ValueError if equal shares are impossible.
    """
    if per_hidden > n_inputs or (per_hidden * n_hidden) % n_inputs:
        raise ValueError(
            f"{n_hidden} hidden neurons with {per_hidden} inputs each cannot be shared equally among {n_inputs} "
            "input neurons; choose n_hidden * inputs_per_hidden divisible by view * view, with enough inputs"
        )
    deck = np.repeat(np.arange(n_inputs), per_hidden * n_hidden // n_inputs)
    rng.shuffle(deck)
    hands = deck.reshape(n_hidden, per_hidden)
    while True:
        ordered = np.sort(hands, axis=1)
        crowded = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
        if len(crowded) == 0:
            return np.ascontiguousarray(hands.T).astype(np.int64)
        for i in crowded:
            cards, counts = np.unique(hands[i], return_counts=True)
            twice = cards[counts > 1]
            if len(twice) == 0:
                continue  # helped meanwhile
            slot = int(np.flatnonzero(hands[i] == twice[0])[0])
            other, other_slot = int(rng.integers(n_hidden)), int(rng.integers(per_hidden))
            offered = hands[other, other_slot]
            if offered not in hands[i] and twice[0] not in hands[other]:
                hands[i, slot], hands[other, other_slot] = offered, twice[0]


def connect(config: WiringConfig, source: np.ndarray, rng: np.random.Generator, wiring: Any, net: Any) -> None:
    """Fill the records ``wiring`` and ``net.w_in`` from `sources`, with start weights drawn from ``rng``."""
    n_inputs, per_input = wiring.target.shape
    # Synapses of every input neuron, in the order of (slot, target).
    flat = np.argsort(source.ravel(), kind="stable").reshape(n_inputs, per_input)
    slot, target = np.divmod(flat, config.n_hidden)
    w_in = np.empty(source.shape)
    for neuron in range(n_inputs):
        if config.input_start == "quanta":
            quanta = rng.multinomial(config.input_quanta * per_input, np.full(per_input, 1.0 / per_input))
            weights = config.input_weight * (1 + quanta)
        else:
            mean, spread = 1 + config.input_quanta, np.sqrt(config.input_quanta)
            weights = config.input_weight * np.maximum(rng.normal(mean, spread, per_input), 0.01)
        w_in[slot[neuron], target[neuron]] = weights
        wiring.input_total[neuron] = weights.sum()
    wiring.source, wiring.slot, wiring.target = source, slot, target
    net.w_in = w_in
