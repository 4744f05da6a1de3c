"""`predict` of the spiking agent: one cycle of a network that does not learn, its state handed in and out."""

from typing import Any

import numpy as np

from foraging_env.core.world import MOVE_COL, MOVE_ROW
from spiking_agent.brain import copied
from spiking_agent.core import life
from spiking_agent.core.network import Brain

_CARRIED = ("membrane", "last_jump", "last_jump_at", "votes", "cycle", "direction", "hunger", "stream")
_WEIGHTS = ("w_in", "input_version", "w_out", "scale", "free", "alive", "resistance")


class Predictor:
    """A network of its own for predictions, so that they leave the learning one untouched.

    ``newborn`` is a network at rest; noise is drawn from ``seed``. The state of one prediction is a record of what a
    network carries from cycle to cycle, of ``dtype``; its field ``votes`` int64[8] holds the output spikes per move of
    the latest cycle, ``view`` what was seen. ``begun`` counts the networks that began with noise: each has a random
    stream of its own.
    """

    def __init__(self, brain: Brain, newborn: Any, seed: int) -> None:
        self.seed = seed
        self.begun = 0
        self._learning_net = brain.net
        self._newborn = newborn
        self._brain = brain._replace(net=copied(newborn), work=copied(brain.work))
        quiet = copied(brain.params)
        quiet[0].release_noise = 0.0
        quiet[0].explore_base = quiet[0].explore_slope = 0.0
        self._noiseless = self._brain._replace(params=quiet)
        self._side = brain.work[0].retina.shape
        fields = [(name, newborn.dtype.fields[name][0]) for name in _CARRIED]
        self.dtype = np.dtype([*fields, ("view", np.uint8, self._side)])

    def predict(
        self,
        observation: np.ndarray,
        state: tuple[np.ndarray, ...] | None,
        episode_start: np.ndarray | None,
        deterministic: bool,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Moves for views, and the states after them; `SpikingAgent.predict` says what is what.

        Raises ValueError for views of another size.
        """
        views = np.asarray(observation)
        single = views.ndim == 2
        views = views[None] if single else views
        if views.shape[1:] != self._side:
            raise ValueError(f"views of shape {views.shape[1:]}; this network sees {self._side}")
        starts = np.ones(len(views), bool) if state is None else np.zeros(len(views), bool)
        if episode_start is not None:
            starts |= np.asarray(episode_start, bool)
        states = np.zeros(len(views), self.dtype) if state is None else state[0].copy()
        for n in np.flatnonzero(starts):
            states[n : n + 1] = self._begin(deterministic)
        moves = self._act(views, states, deterministic)
        return (moves[0] if single else moves), (states,)

    def _begin(self, deterministic: bool) -> np.ndarray:
        """State of one network at rest, on the next random stream; on stream 0 if it will not use it."""
        stream = 0 if deterministic else self.begun + 1
        self.begun += not deterministic
        state = np.zeros(1, self.dtype)
        for name in _CARRIED:
            state[name] = self._newborn[name]
        state["stream"] = np.random.SeedSequence((self.seed, 1, stream)).generate_state(1, np.uint64)
        return state

    def _act(self, views: np.ndarray, states: np.ndarray, deterministic: bool) -> np.ndarray:
        """Moves int64[n] for ``views`` uint8[n, side, side]; ``states`` is brought up to date in place."""
        net = self._brain.net[0]
        for name in _WEIGHTS:
            net[name] = self._learning_net[0][name]
        net.learning = 0
        brain = self._noiseless if deterministic else self._brain
        moves = np.empty(len(views), np.int64)
        for n, view in enumerate(views):
            for name in _CARRIED:
                net[name] = states[name][n]
            if net.cycle > 0:
                life.feel(brain, _ate(states["view"][n], int(net.direction)))
            else:
                net.cycle = 1
            moves[n] = life.think(brain, np.ascontiguousarray(view, dtype=np.uint8))
            for name in _CARRIED:
                states[name][n] = net[name]
            states["view"][n] = view
        return moves


def _ate(view: np.ndarray, move: int) -> int:
    """1 if the last move led onto food, else 0: `predict` is not told the reward, but it saw where it went."""
    centre = view.shape[0] // 2
    return int(view[centre + MOVE_ROW[move], centre + MOVE_COL[move]] != 0)
