"""What the agent has to know of its environment: does it fit, and can the compiled loop stand in for it."""

import gymnasium as gym
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker, TimeLimit

from foraging_env.env import ForageEnv
from foraging_env.world import Worlds
from spiking_agent.core.network import O

_TRANSPARENT = (TimeLimit, OrderEnforcing, PassiveEnvChecker)  # wrappers the compiled loop can stand in for


def side_of_view(env: gym.Env) -> int:
    """Side of the square views of an environment this agent can live in; raises as `SpikingAgent` does."""
    if not isinstance(env, gym.Env):
        raise TypeError(f"{env!r} is no Gymnasium environment; use gym.make('Forage-v0')")
    seen, moves = env.observation_space, env.action_space
    if not isinstance(moves, gym.spaces.Discrete) or moves.n != O:
        raise ValueError(f"action space {moves} must be Discrete({O}), one action for every neighbour")
    if seen.shape is None or len(seen.shape) != 2 or seen.shape[0] != seen.shape[1]:
        raise ValueError(f"observation space {seen} must be a square of cells; use observation='binary' without cues")
    return int(seen.shape[0])


def compiled_worlds(env: gym.Env) -> Worlds | None:
    """The worlds of a foraging environment that only transparent wrappers stand around, else None."""
    while isinstance(env, _TRANSPARENT):
        env = env.env
    return env.worlds if type(env) is ForageEnv else None


def time_limit(env: gym.Env) -> TimeLimit | None:
    """The wrapper that truncates episodes, if there is one."""
    while isinstance(env, gym.Wrapper):
        if isinstance(env, TimeLimit):
            return env
        env = env.env
    return None


def steps_left(limit: TimeLimit) -> int:
    """Steps until ``limit`` truncates the episode."""
    assert limit._elapsed_steps is not None  # it has been reset
    return int(limit._max_episode_steps - limit._elapsed_steps)
