"""`SpikingAgent`: the network with Stable-Baselines3's manners."""

import copy
import os
from typing import Any

import gymnasium as gym
import numpy as np
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import configure_logger
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from foraging_env.env import ForageEnv
from foraging_env.scores import Counts
from foraging_env.tasks import TASK_NAMES, Task, named_task
from foraging_env.world import Worlds
from spiking_agent import storage
from spiking_agent.activity import Activity
from spiking_agent.brain import make_brain, make_network
from spiking_agent.callbacks import as_list, patience
from spiking_agent.config import NetworkConfig
from spiking_agent.core import life
from spiking_agent.core.network import Brain, O
from spiking_agent.prediction import Predictor
from spiking_agent.saving import packed, unpack
from spiking_agent.stimulation import check_noise, mean_kicks, spells
from spiking_agent.surroundings import compiled_worlds, side_of_view, steps_left, time_limit
from spiking_agent.tally import TallyLog

_LONGEST_RUN = 100_000  # cycles in one call of the compiled loop, so that Ctrl-C is answered within seconds


class SpikingAgent:
    """The spiking forager of Golden et al. 2022, which learns by rewarded STDP and can sleep.

    It learns in any Gymnasium environment with 8 moves and square views of food (1) and no food (0). In a
    `foraging_env` world that nothing but Gymnasium's own bookkeeping wraps, and as long as no callback asks for
    every step, learning runs in one compiled loop over world and network; it gives, bit for bit, what the
    step-by-step loop gives.

    A newborn agent has a plastic input layer (the paper's unsupervised stage, best spent in task ``all``);
    `freeze_hidden` ends that for good.

    ``env``: environment or id; None for an agent that only predicts or sleeps, then ``view`` says how wide it sees.
    ``engine``: ``"fast"``, or ``"reference"`` (every neuron, every step).
    Raises ValueError or TypeError for an environment that does not fit, or an unknown engine.
    """

    def __init__(
        self,
        env: gym.Env | str | None,
        config: NetworkConfig | None = None,
        *,
        seed: int,
        engine: str = "fast",
        view: int = 7,
        verbose: int = 0,
        tensorboard_log: str | None = None,
    ) -> None:
        self.config = config or NetworkConfig()
        self.seed = seed
        self.engine = engine
        self.verbose = verbose
        self.tensorboard_log = tensorboard_log
        self.num_timesteps = 0
        self.asleep_cycles = 0
        self.phases: dict[str, int] = {}
        self.activity = Activity()
        self._env: gym.Env | None = None
        self._vec_env: VecEnv | None = None
        self._worlds: Worlds | None = None
        self._observation: np.ndarray | None = None
        self._task = ""
        self._logger: Logger | None = None
        self._logger_is_ours = True
        self._predictions = 0
        self._hidden_frozen = False
        if env is not None:
            env = gym.make(env) if isinstance(env, str) else env
            view = side_of_view(env)
        self._view = view
        birth, env_seed = np.random.SeedSequence(seed).spawn(2)
        wiring, net = make_network(self.config, view, np.random.default_rng(birth))
        self._env_seed: int | None = int(env_seed.generate_state(1)[0])
        net[0].learning = 1
        net[0].plastic_input = 1
        self._brain = make_brain(self.config, engine, view, wiring, net)
        self._predictor = Predictor(self._brain, net.copy())
        if env is not None:
            self.set_env(env)

    # ---- environment -----------------------------------------------------------------------------------

    @property
    def observation_space(self) -> gym.spaces.Space:
        """Views of food and no food."""
        return gym.spaces.MultiBinary((self._view, self._view))

    @property
    def action_space(self) -> gym.spaces.Discrete:
        """The eight neighbours."""
        return gym.spaces.Discrete(O)

    def set_env(self, env: gym.Env | VecEnv, force_reset: bool = True) -> None:
        """Learn in this environment from now on; it is reset when learning starts.

        With ``force_reset=False`` an environment that has been reset goes on where it is.

        Raises ValueError or TypeError if its views or moves do not fit this network.
        """
        if isinstance(env, VecEnv):
            if not isinstance(env, DummyVecEnv) or env.num_envs != 1:
                raise ValueError(f"{type(env).__name__} of {env.num_envs} worlds: the agent lives in one; give it that")
            env = env.envs[0]
        if side_of_view(env) != self._view:
            raise ValueError(
                f"the environment shows {side_of_view(env)} cells a side, this network sees {self._view}; "
                f"make the environment with view={self._view}"
            )
        self._env, self._vec_env = env, None
        self._worlds = compiled_worlds(env)
        world = env.unwrapped
        if force_reset or (isinstance(world, ForageEnv) and not world.has_world):
            self._observation = None
        elif self._worlds is not None:
            self._observation = self._worlds.views[0].copy()

    def get_env(self) -> VecEnv | None:
        """The environment as SB3's callbacks want it, a `VecEnv` of one."""
        if self._env is not None and self._vec_env is None:
            env = self._env
            self._vec_env = DummyVecEnv([lambda: env])
        return self._vec_env

    def get_vec_normalize_env(self) -> None:
        """SB3 asks; there is never one."""

    def _the_env(self) -> gym.Env:
        if self._env is None:
            raise ValueError("this agent has no environment; give it one with set_env()")
        return self._env

    def _forage_env(self, purpose: str) -> ForageEnv:
        env = self._the_env().unwrapped
        if not isinstance(env, ForageEnv):
            raise TypeError(f"{purpose} needs a foraging world, not {type(env).__name__}; use gym.make('Forage-v0')")
        return env

    def _reset_env(self) -> None:
        observation, info = self._the_env().reset(seed=self._env_seed)
        self._env_seed = None  # the first reset seeds the world; later ones go on in its stream
        self._sense(observation, info)

    def _sense(self, observation: np.ndarray, info: dict[str, Any]) -> None:
        self._observation = observation
        task = info.get("task", "task")
        if isinstance(task, int) and isinstance(self._the_env().unwrapped, ForageEnv):
            task = TASK_NAMES[task]  # made with numeric_info
        if task != self._task:
            self.activity.close(self._task, self._net, latest_only=False)
            self._task = task

    def set_task(self, task: str | Task) -> None:
        """Switch the food pattern, in a fresh world, without ending the episode.

        Raises ValueError for an unknown task, TypeError in an environment without tasks.
        """
        forage = self._forage_env("set_task")
        if forage.has_world:
            self._sense(*forage.set_task(named_task(task)))
        else:
            seed, self._env_seed = self._env_seed, None
            self._sense(*self._the_env().reset(seed=seed, options={"task": named_task(task)}))

    def enter_fresh_world(self) -> None:
        """Go on in a new world of the same task; without a foraging world, in a new episode."""
        if isinstance(self._the_env().unwrapped, ForageEnv):
            self.set_task(self._forage_env("a fresh world").task)
        else:
            self._reset_env()

    # ---- stages ----------------------------------------------------------------------------------------

    @property
    def _net(self) -> Any:
        return self._brain.net[0]

    @property
    def brain(self) -> Brain:
        """The arrays that kernels are given, to look into; whoever changes them answers for it."""
        return self._brain

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
        if on and self._hidden_frozen:
            raise ValueError("plastic_input=True after freeze_hidden(): the hidden layer is frozen for good")
        self._net.plastic_input = bool(on)

    def freeze_hidden(self) -> None:
        """End the unsupervised stage: input synapses and the hidden neurons' homeostasis never change again."""
        self._net.plastic_input = 0
        self._hidden_frozen = True

    def freeze_strongest(self, fraction: float) -> None:
        """Freeze, for every output neuron, its ceil(fraction * H) strongest excitatory inputs for good.

        The others share what is left of its target sum (Golden et al. 2022, supplement). Raises ValueError unless
        0 <= fraction < 1.
        """
        if not 0 <= fraction < 1:
            raise ValueError(f"fraction={fraction} must be at least 0 and below 1; some synapses have to stay free")
        net = self._net
        n_frozen = int(np.ceil(fraction * net.w_out.shape[1]))
        if n_frozen == 0:
            return
        for j in range(O):
            strongest = np.argsort(-net.w_out[j], kind="stable")[:n_frozen]
            net.free[j, strongest] = 0.0
        net.n_frozen = (net.free == 0.0).sum(axis=1)

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

    @property
    def weights(self) -> np.ndarray:
        """Excitatory hidden-to-output weights, a copy, float64[8, H]."""
        return self._net.w_out.copy()

    @property
    def input_weights(self) -> np.ndarray:
        """Input-to-hidden weights, a copy, float64[H, view, view]; 0 where there is no synapse."""
        wiring = self._brain.wiring[0]
        n_hidden = self._net.w_in.shape[1]
        dense = np.zeros((n_hidden, self._view * self._view))
        dense[np.arange(n_hidden)[None, :], wiring.source] = self._net.w_in
        return dense.reshape(n_hidden, self._view, self._view)

    @property
    def output_resistance(self) -> np.ndarray:
        """R of the output neurons, a copy, float64[8]."""
        return self._net.resistance.copy()

    # ---- learning --------------------------------------------------------------------------------------

    def learn(
        self,
        total_timesteps: int,
        callback: Any = None,
        log_interval: int | None = 10_000,
        tb_log_name: str = "spiking",
        reset_num_timesteps: bool = True,
        progress_bar: bool = False,
    ) -> "SpikingAgent":
        """Live for ``total_timesteps`` movement cycles; learn while `learning`.

        ``callback``: as in SB3 (callback, list, function); see `spiking_agent.callbacks` for those that keep the loop
        compiled. ``log_interval``: cycles between two records in the logger. With ``reset_num_timesteps`` time starts
        at 0 in a new episode, as in SB3.

        Raises ValueError without environment or for a negative ``total_timesteps``.
        """
        if total_timesteps < 0:
            raise ValueError(f"total_timesteps={total_timesteps} must not be negative")
        self._the_env()
        if reset_num_timesteps:
            self.num_timesteps = 0
            self.phases = {}
            self._observation = None
        if self._observation is None:
            self._reset_env()
        if self._logger_is_ours:
            self._logger = configure_logger(self.verbose, self.tensorboard_log, tb_log_name, reset_num_timesteps)
        callbacks = as_list(callback, progress_bar)
        callbacks.init_callback(self)  # type: ignore[arg-type]
        started_at = self.num_timesteps
        total_timesteps += started_at
        log = TallyLog(self, log_interval)
        callbacks.on_training_start(locals(), globals())
        callbacks.on_rollout_start()
        while self.num_timesteps < total_timesteps:
            length = min(total_timesteps - self.num_timesteps, patience(callbacks), log.cycles_until_due())
            rewards, dones, infos = self._run(length)
            callbacks.update_locals(locals())
            log.add(infos)
            go_on = callbacks.on_step()
            log.write_if_due()
            if not go_on:
                break
        callbacks.on_rollout_end()
        callbacks.on_training_end()
        return self

    def _run(self, length: int) -> tuple[np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """At most ``length`` cycles, in the compiled loop if possible; returns the last reward, done and info."""
        if self._worlds is not None and length > 1:
            info = self._run_compiled(self._worlds, length)
            reward, done = 0.0, False
        else:
            reward, done, info = self._run_one()
            info = info | {"tally": (int(info["value"] > 0), int(info["value"] < 0), 1)}
        if self._net.overflow:
            raise RuntimeError(
                "the network fires without bounds: more spikes in one cycle than can be recorded; "
                "check the configuration (resistance, weights, flash)"
            )
        return np.array([reward]), np.array([done]), [info]

    def _run_one(self) -> tuple[float, bool, dict[str, Any]]:
        env = self._the_env()
        move = life.think(self._brain, np.ascontiguousarray(self._observation, dtype=np.uint8))
        observation, reward, terminated, truncated, info = env.step(move)
        value = int(info["value"]) if "value" in info else int(np.sign(float(reward)))
        life.feel(self._brain, value)
        self.num_timesteps += 1
        self._sense(observation, info)
        done = terminated or truncated
        if done:
            self._reset_env()
        return float(reward), done, info | {"value": value}

    def _run_compiled(self, worlds: Worlds, length: int) -> dict[str, Any]:
        limit = time_limit(self._the_env())
        length = min(length, _LONGEST_RUN)
        if limit is not None:
            length = min(length, steps_left(limit))
        before = worlds.state.counts[0].copy()
        life.live(self._brain, worlds.shape, worlds.state, length)
        worlds.look()
        punished, _, rewarded = (int(n) for n in worlds.state.counts[0] - before)
        self.num_timesteps += length
        self._observation = worlds.views[0].copy()
        if limit is not None:
            limit._elapsed_steps += length  # type: ignore[operator, assignment]
            if steps_left(limit) <= 0:
                self._reset_env()
        return {"tally": (rewarded, punished, length)}

    def evaluate(self, task: str | Task, n_cycles: int, seed: int) -> Counts:
        """A frozen test: ``n_cycles`` without learning, with noise and exploration, as in the paper.

        World and random stream are its own; the agent, its world and its random numbers are left untouched.
        Raises ValueError for an unknown task, TypeError in an environment without tasks.
        """
        worlds = copy.deepcopy(self._forage_env("evaluate").worlds)
        world_seed, stream = np.random.SeedSequence(seed).spawn(2)
        worlds.seed(0, np.random.default_rng(world_seed))
        worlds.assign(0, named_task(task))
        worlds.build()
        net = self._brain.net.copy().view(np.recarray)
        net[0].learning = 0
        net[0].hunger = 0
        net[0].stream = stream.generate_state(1, np.uint64)[0]
        brain = self._brain._replace(net=net)
        done = 0
        while done < n_cycles:
            length = min(n_cycles - done, _LONGEST_RUN)
            life.live(brain, worlds.shape, worlds.state, length)
            done += length
        punished, _, rewarded = (int(n) for n in worlds.state.counts[0])
        return Counts(rewarded, punished, n_cycles)

    # ---- sleep -----------------------------------------------------------------------------------------

    def sleep(self, n_cycles: int, rates: np.ndarray | None = None, noise: str = "rates") -> None:
        """Sleep for ``n_cycles``: no food, no view, no move; noise drives the hidden layer, synapses change.

        Hidden neuron i is kicked in every cycle with the probability ``rates[i]`` (float64[H]), by default what was
        measured awake (`sleep_rates`). ``noise`` is a name of `spiking_agent.stimulation`. Needs no environment.
        (Golden et al. 2022, Methods, "Sleep".) Raises ValueError for bad rates, or if nothing was measured.
        """
        check_noise(noise)
        if int(n_cycles) != n_cycles or n_cycles < 0:
            raise ValueError(f"n_cycles={n_cycles} must be a whole number, not negative")
        self.activity.close(self._task, self._net, latest_only=True)
        kicks = self.sleep_rates(noise) if rates is None else np.asarray(rates, dtype=np.float64)
        n_hidden = self._net.w_out.shape[1]
        if kicks.shape != (n_hidden,) or not np.isfinite(kicks).all() or (kicks < 0).any():
            raise ValueError(f"rates must be {n_hidden} finite numbers, none negative; got shape {kicks.shape}")
        for cycles, probability in spells(noise, int(n_cycles), kicks):
            life.sleep(self._brain, cycles, np.ascontiguousarray(probability))
        self.asleep_cycles += int(n_cycles)

    def measured_rates(self) -> dict[str, np.ndarray]:
        """float64[H] per task: spikes per cycle of every hidden neuron awake, the cycles in progress included."""
        activity = copy.deepcopy(self.activity)
        activity.close(self._task, self._brain.net.copy().view(np.recarray)[0], latest_only=False)
        return activity.rates()

    def sleep_rates(self, noise: str = "rates") -> np.ndarray:
        """float64[H]: kicks per cycle that `sleep` gives every hidden neuron with this noise, on average.

        Raises ValueError for an unknown noise, or if the agent has never been awake in a task.
        """
        return mean_kicks(noise, self.activity.rates())

    # ---- prediction ------------------------------------------------------------------------------------

    def predict(
        self,
        observation: np.ndarray,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Moves for one view [side, side] or for n views [n, side, side], without learning.

        ``state``: what the last call returned, a tuple of one structured array [n] (field ``votes`` int64[8]: output
        spikes per move); None or ``episode_start`` True put a network at rest. ``deterministic`` silences release
        noise and exploration. Nothing here touches the learning network or its random numbers.

        Raises ValueError for views of another size.
        """
        views = np.asarray(observation)
        single = views.ndim == 2
        views = views[None] if single else views
        if views.shape[1:] != (self._view, self._view):
            raise ValueError(f"views of shape {views.shape[1:]}; this network sees {(self._view, self._view)}")
        starts = np.ones(len(views), bool) if state is None else np.zeros(len(views), bool)
        if episode_start is not None:
            starts |= np.asarray(episode_start, bool)
        states = np.zeros(len(views), self._predictor.dtype) if state is None else state[0].copy()
        for n in np.flatnonzero(starts):
            stream = 0 if deterministic else self._predictions + 1
            self._predictions += not deterministic
            key = np.random.SeedSequence((self.seed, 1, stream)).generate_state(1, np.uint64)[0]
            states[n : n + 1] = self._predictor.begin(int(key))
        moves = self._predictor.act(views, states, deterministic)
        return (moves[0] if single else moves), (states,)

    # ---- logger ----------------------------------------------------------------------------------------

    @property
    def logger(self) -> Logger:
        """SB3's logger."""
        if self._logger is None:
            self._logger = configure_logger(self.verbose, self.tensorboard_log, "spiking", False)
        return self._logger

    def set_logger(self, logger: Logger) -> None:
        """Use this logger from now on."""
        self._logger, self._logger_is_ours = logger, False

    # ---- files -----------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole life to ``path`` (``.npz``): network, world, measured activity, phases of callbacks."""
        storage.write(path, *packed(self))

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        env: gym.Env | str | None = None,
        *,
        engine: str | None = None,
        verbose: int = 0,
        tensorboard_log: str | None = None,
    ) -> "SpikingAgent":
        """The agent as it was saved; in a foraging world it goes on exactly where it was, to the bit.

        ``env`` must be made with the arguments of the one it was saved with; without one the agent can only predict
        and sleep. ``engine`` changes the engine; what is left of the last cycle in the membranes is then dropped.
        Raises FileNotFoundError, or ValueError if the file is no saved agent or does not fit ``env``.
        """
        about, arrays = storage.read(path)
        try:
            agent = cls(
                env,
                NetworkConfig.from_dict(about["config"]),
                seed=about["seed"],
                engine=engine or about["engine"],
                view=about["view"],
                verbose=verbose,
                tensorboard_log=tensorboard_log,
            )
            unpack(agent, about, arrays)
        except KeyError as error:
            raise ValueError(f"{path} is no complete agent: it lacks {error}") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"{path} cannot be loaded here: {error}") from error
        return agent
