"""`Network`: the arrays of one spiking network, its switches, and what is measured of it; the kernels do the work."""

import copy
from typing import Any

import numpy as np

from spiking_agent.activity import Activity
from spiking_agent.brain import copied, make_brain, make_network, output_weights, set_output_weights
from spiking_agent.config import NetworkConfig
from spiking_agent.core import life
from spiking_agent.core.network import Brain, O
from spiking_agent.prediction import Predictor
from spiking_agent.stimulation import check_noise, mean_kicks, spells


class Network:
    """A newborn network for views of ``view`` x ``view`` cells, drawn from ``seed``; everything in it is plastic.

    ``brain`` are the arrays that kernels are given, ``activity`` is how often hidden neurons fired awake, by task, and
    ``task`` the one in progress. ``hidden_frozen`` is True once `freeze_hidden` was called. ``predictor`` predicts
    moves with these weights.

    Raises ValueError for an unknown engine, or a configuration that does not fit the view or the engine.
    """

    def __init__(self, config: NetworkConfig, view: int, *, engine: str, seed: int) -> None:
        self.config, self.view, self.engine, self.seed = config, view, engine, seed
        birth = np.random.SeedSequence(seed, spawn_key=(0,))
        wiring, net = make_network(config, view, np.random.default_rng(birth))
        net[0].learning = 1
        net[0].plastic_input = 1
        self.brain: Brain = make_brain(config, engine, view, wiring, net)
        self.predictor = Predictor(self.brain, copied(net), seed)
        self.activity = Activity()
        self.task = ""
        self.hidden_frozen = False

    @property
    def _net(self) -> Any:
        return self.brain.net[0]

    # ---- switches --------------------------------------------------------------------------------------

    @property
    def learning(self) -> bool:
        """Whether synapses change; False for a frozen test."""
        return bool(self._net.learning)

    @learning.setter
    def learning(self, on: bool) -> None:
        self._net.learning = bool(on)

    @property
    def plastic_input(self) -> bool:
        """Whether input synapses and the hidden neurons' homeostasis are plastic, as in the unsupervised stage."""
        return bool(self._net.plastic_input)

    @plastic_input.setter
    def plastic_input(self, on: bool) -> None:
        if on and self.hidden_frozen:
            raise ValueError("plastic_input=True after freeze_hidden(): the hidden layer is frozen for good")
        self._net.plastic_input = bool(on)

    def freeze_hidden(self) -> None:
        """End the unsupervised stage: input synapses and the hidden neurons' homeostasis never change again."""
        self._net.plastic_input = 0
        self.hidden_frozen = True

    def freeze_strongest(self, fraction: float) -> None:
        """Freeze, for every output neuron, its ceil(fraction * H) strongest excitatory inputs for good.

        The others share what is left of its target sum (Golden et al. 2022, supplement). Raises ValueError unless
        0 <= fraction < 1.
        """
        if not 0 <= fraction < 1:
            raise ValueError(f"fraction={fraction} must be at least 0 and below 1; some synapses have to stay free")
        net = self._net
        weights = self.weights
        n_frozen = int(np.ceil(fraction * weights.shape[1]))
        if n_frozen == 0:
            return
        for j in range(O):
            strongest = np.argsort(-weights[j], kind="stable")[:n_frozen]
            net.free[strongest, j] = 0.0
        net.n_frozen = (net.free == 0.0).sum(axis=0)
        self.set_weights(weights)

    def prune_hidden(self, neurons: Any) -> None:
        """Cut hidden neurons (indices or bool[H]) off from all input.

        Raises IndexError for neurons that do not exist.
        """
        alive = self._net.alive.copy()
        alive[np.asarray(neurons)] = 0
        self._net.alive = alive

    def set_output_resistance(self, resistance: float) -> None:
        """Set R of all output neurons, which homeostasis would otherwise take very long to find.

        Raises ValueError unless positive.
        """
        if not resistance > 0:
            raise ValueError(f"resistance={resistance} must be positive")
        self._net.resistance = resistance

    # ---- what it is now --------------------------------------------------------------------------------

    @property
    def weights(self) -> np.ndarray:
        """Excitatory hidden-to-output weights, a copy, float64[8, H]."""
        return output_weights(self._net)

    def set_weights(self, weights: np.ndarray) -> None:
        """Give all hidden-to-output synapses these weights, float64[8, H].

        Raises ValueError for another shape, or for numbers that are negative or not finite.
        """
        given = np.asarray(weights, dtype=np.float64)
        expected = (O, self._net.w_out.shape[0])
        if given.shape != expected or not np.isfinite(given).all() or (given < 0).any():
            raise ValueError(
                f"weights of shape {given.shape}: float64{list(expected)} is needed, finite and not negative"
            )
        set_output_weights(self._net, given)

    @property
    def input_weights(self) -> np.ndarray:
        """Input-to-hidden weights, a copy, float64[H, view, view]; 0 where there is no synapse."""
        wiring = self.brain.wiring[0]
        n_hidden = self._net.w_in.shape[1]
        dense = np.zeros((n_hidden, self.view * self.view))
        dense[np.arange(n_hidden)[None, :], wiring.source] = self._net.w_in
        return dense.reshape(n_hidden, self.view, self.view)

    @property
    def output_resistance(self) -> np.ndarray:
        """R of the output neurons, a copy, float64[8]."""
        return self._net.resistance.copy()

    @property
    def output_rate(self) -> np.ndarray:
        """Spikes per cycle of the output neurons, slow averages that homeostasis keeps, a copy, float64[8]."""
        return self._net.rate_out.copy()

    def frozen_copy(self, stream: int) -> Brain:
        """A network in the same state that does not learn, is not hungry and draws from that random stream."""
        net = copied(self.brain.net)
        net[0].learning = 0
        net[0].hunger = 0
        net[0].stream = np.uint64(stream)
        return self.brain._replace(net=net)

    def check_spikes(self) -> None:
        """Raise RuntimeError if there were more spikes in a cycle than can be recorded."""
        if self._net.overflow:
            raise RuntimeError(
                "the network fires without bounds: more spikes in one cycle than can be recorded; "
                "check the configuration (resistance, weights, flash)"
            )

    # ---- awake and asleep ------------------------------------------------------------------------------

    def enter_task(self, task: str) -> None:
        """From now on it is awake in this task; what it did until now is put down to the one before."""
        if task != self.task:
            self.activity.close(self.task, self._net, latest_only=False)
            self.task = task

    def sleep(self, n_cycles: int, rates: np.ndarray | None = None, noise: str = "rates") -> None:
        """Sleep for ``n_cycles``: no food, no view, no move; noise drives the hidden layer, synapses change.

        Hidden neuron i is kicked in every cycle with the probability ``rates[i]`` (float64[H]), by default what was
        measured awake (`sleep_rates`). ``noise`` is a name of `spiking_agent.stimulation`. (Golden et al. 2022,
        Methods, "Sleep".) Raises ValueError for bad rates, or if nothing was measured.
        """
        check_noise(noise)
        if int(n_cycles) != n_cycles or n_cycles < 0:
            raise ValueError(f"n_cycles={n_cycles} must be a whole number, not negative")
        self.activity.close(self.task, self._net, latest_only=True)
        kicks = self.sleep_rates(noise) if rates is None else np.asarray(rates, dtype=np.float64)
        n_hidden = self._net.w_out.shape[0]
        if kicks.shape != (n_hidden,) or not np.isfinite(kicks).all() or (kicks < 0).any():
            raise ValueError(f"rates must be {n_hidden} finite numbers, none negative; got shape {kicks.shape}")
        for cycles, probability in spells(noise, int(n_cycles), kicks):
            life.sleep(self.brain, cycles, np.ascontiguousarray(probability))

    def measured_rates(self) -> dict[str, np.ndarray]:
        """float64[H] per task: spikes per cycle of every hidden neuron awake, the cycles in progress included."""
        activity = copy.deepcopy(self.activity)
        activity.close(self.task, self.brain.net.copy().view(np.recarray)[0], latest_only=False)
        return activity.rates()

    def sleep_rates(self, noise: str = "rates") -> np.ndarray:
        """float64[H]: kicks per cycle that `sleep` gives every hidden neuron with this noise, on average.

        Raises ValueError for an unknown noise, or if it has never been awake in a task.
        """
        return mean_kicks(noise, self.activity.rates())
