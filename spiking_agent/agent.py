"""`SpikingAgent`: the network with Stable-Baselines3's manners."""

import os
from typing import Any

import gymnasium as gym
import numpy as np
from stable_baselines3.common.logger import Logger

from spiking_agent import storage
from spiking_agent.callbacks import as_list, patience
from spiking_agent.config import NetworkConfig
from spiking_agent.embodied import EmbodiedNetwork
from spiking_agent.network import Network
from spiking_agent.rollout_log import RolloutLog, new_logger
from spiking_agent.saving import Counters, packed, unpack
from spiking_agent.surroundings import Surroundings, side_of_view


class SpikingAgent(EmbodiedNetwork):
    """The spiking forager of Golden et al. 2022, which learns by rewarded STDP and can sleep.

    It learns in any Gymnasium environment with 8 moves and square views of food (1) and no food (0). In a
    `foraging_env` world that nothing but Gymnasium's own bookkeeping wraps, and as long as no callback asks for
    every step, learning runs in one compiled loop over world and network; it gives, bit for bit, what the
    step-by-step loop gives.

    A newborn agent has a plastic input layer (the paper's unsupervised stage, best spent in task ``all``);
    `freeze_hidden` ends that for good.

    ``env``: environment or id; None for an agent that only predicts or sleeps, then ``view`` says how wide it sees.
    ``engine``: ``"fast"``, or ``"reference"`` (every neuron, every step).

    ``clocks``: cycles awake since each callback last acted, by the callback's name.

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
        if env is not None:
            env = gym.make(env) if isinstance(env, str) else env
            view = side_of_view(env)
        network = Network(config or NetworkConfig(), view, engine=engine, seed=seed)
        super().__init__(network, Surroundings(view, seed=seed, entered=network.enter_task))
        self.verbose = verbose
        self.tensorboard_log = tensorboard_log
        self.clocks: dict[str, int] = {}
        self._logger: Logger | None = None
        self._logger_is_ours = True
        if env is not None:
            self.set_env(env)

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
        self.surroundings.the_env()
        if reset_num_timesteps:
            self.num_timesteps = 0
            self.clocks = {}
        if reset_num_timesteps or self.surroundings.observation is None:
            self.surroundings.reset()
        if self._logger_is_ours:
            self._logger = new_logger(self.verbose, self.tensorboard_log, tb_log_name, reset_num_timesteps)
        callbacks = as_list(callback, progress_bar)
        callbacks.init_callback(self)  # type: ignore[arg-type]
        started_at = self.num_timesteps
        total_timesteps += started_at
        log = RolloutLog(log_interval)
        callbacks.on_training_start(locals(), globals())
        callbacks.on_rollout_start()
        while self.num_timesteps < total_timesteps:
            length = min(total_timesteps - self.num_timesteps, patience(callbacks), log.cycles_until_due())
            rewards, dones, infos = self._run(length)
            callbacks.update_locals(locals())
            log.add(infos)
            go_on = callbacks.on_step()
            log.write_if_due(self.logger, self.num_timesteps, self._measured)
            if not go_on:
                break
        callbacks.on_rollout_end()
        callbacks.on_training_end()
        return self

    def _run(self, length: int) -> tuple[np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """At most ``length`` cycles; the last reward, done and info as SB3's callbacks know them, of a batch of one."""
        reward, done, info = self.live(length)
        return np.array([reward]), np.array([done]), [info]

    def _measured(self) -> dict[str, float]:
        return {
            "network/output_resistance": float(self.network.output_resistance.mean()),
            "network/output_rate": float(self.network.output_rate.mean()),
            "time/asleep_cycles": self.asleep_cycles,
        }

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
        return self.network.predictor.predict(observation, state, episode_start, deterministic)

    # ---- logger ----------------------------------------------------------------------------------------

    @property
    def logger(self) -> Logger:
        """SB3's logger."""
        if self._logger is None:
            self._logger = new_logger(self.verbose, self.tensorboard_log, "spiking", False)
        return self._logger

    def set_logger(self, logger: Logger) -> None:
        """Use this logger from now on."""
        self._logger, self._logger_is_ours = logger, False

    def get_vec_normalize_env(self) -> None:
        """SB3 asks; there is never one."""

    # ---- files -----------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole life to ``path`` (``.npz``): network, world, measured activity, clocks of callbacks."""
        counters = Counters(self.num_timesteps, self.asleep_cycles, self.clocks)
        storage.write(path, *packed(self.network, self.surroundings, counters))

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
            counters = unpack(agent.network, agent.surroundings, about, arrays)
        except KeyError as error:
            raise ValueError(f"{path} is no complete agent: it lacks {error}") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"{path} cannot be loaded here: {error}") from error
        agent.num_timesteps, agent.asleep_cycles, agent.clocks = counters
        return agent
