"""`EmbodiedNetwork`: a network in its surroundings, awake, asleep and tested."""

import copy
from typing import Any

import gymnasium as gym
import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from foraging_env.scores import Counts
from foraging_env.tasks import Task, named_task
from foraging_env.world import Worlds
from spiking_agent.activity import Activity
from spiking_agent.config import NetworkConfig
from spiking_agent.core import life
from spiking_agent.core.network import Brain, O
from spiking_agent.network import Network
from spiking_agent.surroundings import Surroundings

_LONGEST_RUN = 100_000  # cycles in one call of the compiled loop, so that Ctrl-C is answered within seconds


class EmbodiedNetwork:
    """A `Network` in its `Surroundings`: how it lives, sleeps and is tested.

    ``network`` and ``surroundings`` are the two parts; most of what they can do may be asked of it directly.
    ``num_timesteps`` counts cycles awake, ``asleep_cycles`` those asleep.
    """

    def __init__(self, network: Network, surroundings: Surroundings) -> None:
        self.network, self.surroundings = network, surroundings
        self.num_timesteps = 0
        self.asleep_cycles = 0

    # ---- cycles ----------------------------------------------------------------------------------------

    def live(self, length: int) -> tuple[float, bool, dict[str, Any]]:
        """At most ``length`` cycles awake, in the compiled loop if possible; returns the last reward, done and info.

        ``tally`` in the info counts rewarded, punished and cycles. Raises RuntimeError if spikes were lost.
        """
        worlds = self.surroundings.worlds
        if worlds is not None and length > 1:
            info = self._live_compiled(worlds, length)
            reward, done = 0.0, False
        else:
            reward, done, info = self._live_one()
            info = info | {"tally": (int(info["value"] > 0), int(info["value"] < 0), 1)}
        self.network.check_spikes()
        return reward, done, info

    def _live_one(self) -> tuple[float, bool, dict[str, Any]]:
        brain = self.network.brain
        move = life.think(brain, np.ascontiguousarray(self.surroundings.observation, dtype=np.uint8))
        reward, done, info = self.surroundings.step(move)
        life.feel(brain, info["value"])
        self.num_timesteps += 1
        if done:
            self.surroundings.reset()
        return reward, done, info

    def _live_compiled(self, worlds: Worlds, length: int) -> dict[str, Any]:
        length = self.surroundings.steps_at_once(min(length, _LONGEST_RUN))
        before = worlds.state.counts[0].copy()
        life.live(self.network.brain, worlds.shape, worlds.state, length)
        punished, _, rewarded = (int(n) for n in worlds.state.counts[0] - before)
        self.num_timesteps += length
        self.surroundings.catch_up(length)
        return {"tally": (rewarded, punished, length)}

    def sleep(self, n_cycles: int, rates: np.ndarray | None = None, noise: str = "rates") -> None:
        """Sleep for ``n_cycles``: no food, no view, no move; noise drives the hidden layer, synapses change.

        Hidden neuron i is kicked in every cycle with the probability ``rates[i]`` (float64[H]), by default what was
        measured awake (`sleep_rates`). ``noise`` is a name of `spiking_agent.stimulation`. Needs no environment.
        (Golden et al. 2022, Methods, "Sleep".) Raises ValueError for bad rates, or if nothing was measured.
        """
        self.network.sleep(n_cycles, rates, noise)
        self.asleep_cycles += int(n_cycles)

    def evaluate(self, task: str | Task, n_cycles: int, seed: int) -> Counts:
        """A frozen test: ``n_cycles`` without learning, with noise and exploration, as in the paper.

        World and random stream are its own; the agent, its world and its random numbers are left untouched.
        Raises ValueError for an unknown task, TypeError in an environment without tasks.
        """
        worlds = copy.deepcopy(self.surroundings.the_world("evaluate").worlds)
        world_seed, stream = np.random.SeedSequence(seed).spawn(2)
        worlds.seed(0, np.random.default_rng(world_seed))
        worlds.assign(0, named_task(task))
        worlds.build()
        brain = self.network.frozen_copy(stream.generate_state(1, np.uint64)[0])
        done = 0
        while done < n_cycles:
            length = min(n_cycles - done, _LONGEST_RUN)
            life.live(brain, worlds.shape, worlds.state, length)
            done += length
        punished, _, rewarded = (int(n) for n in worlds.state.counts[0])
        return Counts(rewarded, punished, n_cycles)

    # ---- the network's face ----------------------------------------------------------------------------

    @property
    def config(self) -> NetworkConfig:
        """The network's constants."""
        return self.network.config

    @property
    def engine(self) -> str:
        """Name of the engine, ``"fast"`` or ``"reference"``."""
        return self.network.engine

    @property
    def seed(self) -> int:
        """What network, first world and predictions descend from."""
        return self.network.seed

    @property
    def brain(self) -> Brain:
        """The arrays that kernels are given, to look into; whoever changes them answers for it."""
        return self.network.brain

    @property
    def activity(self) -> Activity:
        """How often every hidden neuron fired awake, by task."""
        return self.network.activity

    @property
    def learning(self) -> bool:
        """Whether synapses change; False for a frozen test."""
        return self.network.learning

    @learning.setter
    def learning(self, on: bool) -> None:
        self.network.learning = on

    @property
    def plastic_input(self) -> bool:
        """Whether input synapses and the hidden neurons' homeostasis are plastic, as in the unsupervised stage."""
        return self.network.plastic_input

    @plastic_input.setter
    def plastic_input(self, on: bool) -> None:
        self.network.plastic_input = on

    @property
    def weights(self) -> np.ndarray:
        """Excitatory hidden-to-output weights, a copy, float64[8, H]."""
        return self.network.weights

    @property
    def input_weights(self) -> np.ndarray:
        """Input-to-hidden weights, a copy, float64[H, view, view]; 0 where there is no synapse."""
        return self.network.input_weights

    @property
    def output_resistance(self) -> np.ndarray:
        """R of the output neurons, a copy, float64[8]."""
        return self.network.output_resistance

    def freeze_hidden(self) -> None:
        """See `Network.freeze_hidden`."""
        self.network.freeze_hidden()

    def freeze_strongest(self, fraction: float) -> None:
        """See `Network.freeze_strongest`."""
        self.network.freeze_strongest(fraction)

    def prune_hidden(self, neurons: Any) -> None:
        """See `Network.prune_hidden`."""
        self.network.prune_hidden(neurons)

    def set_output_resistance(self, resistance: float) -> None:
        """See `Network.set_output_resistance`."""
        self.network.set_output_resistance(resistance)

    def measured_rates(self) -> dict[str, np.ndarray]:
        """See `Network.measured_rates`."""
        return self.network.measured_rates()

    def sleep_rates(self, noise: str = "rates") -> np.ndarray:
        """See `Network.sleep_rates`."""
        return self.network.sleep_rates(noise)

    # ---- the surroundings' face ------------------------------------------------------------------------

    @property
    def observation_space(self) -> gym.spaces.Space:
        """Views of food and no food."""
        return gym.spaces.MultiBinary((self.network.view, self.network.view))

    @property
    def action_space(self) -> gym.spaces.Discrete:
        """The eight neighbours."""
        return gym.spaces.Discrete(O)

    def set_env(self, env: gym.Env | VecEnv, force_reset: bool = True) -> None:
        """Learn in this environment from now on; it is reset when learning starts.

        With ``force_reset=False`` an environment that has been reset goes on where it is.

        Raises ValueError or TypeError if its views or moves do not fit this network.
        """
        self.surroundings.set_env(env, force_reset)

    def get_env(self) -> VecEnv | None:
        """The environment as SB3's callbacks want it, a `VecEnv` of one."""
        return self.surroundings.vec_env

    def set_task(self, task: str | Task) -> None:
        """See `Surroundings.set_task`."""
        self.surroundings.set_task(task)

    def enter_fresh_world(self) -> None:
        """See `Surroundings.enter_fresh_world`."""
        self.surroundings.enter_fresh_world()
