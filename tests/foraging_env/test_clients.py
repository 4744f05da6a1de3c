"""Clients take the worlds: Gymnasium's wrappers, in every form of observation, and a loop like CleanRL's."""

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import wrappers
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import vector as vector_wrappers
from torch import nn
from torch.distributions import Categorical

import foraging_env  # noqa: F401 (registers the ids)

FORMS = {
    "view": {},
    "patterns": {"observation": "pattern"},
    "cues": {"task_cue": True, "last_action": True},
    "flat": {"space": "flat"},
    "flat, everything": {"space": "flat", "observation": "pattern", "task_cue": True, "last_action": True},
    "image": {"space": "image"},
    "image of patterns": {"space": "image", "observation": "pattern"},
}
BOXES = [name for name in FORMS if name.startswith(("flat", "image"))]
IMAGES = [name for name in FORMS if name.startswith("image")]
# Gymnasium 1.1 loses the channel of a picture that has only one.
RESIZABLE = IMAGES if gym.__version__.split(".")[:2] != ["1", "1"] else ("image of patterns",)
LOW, HIGH = np.float32(-1), np.float32(1)

# Every wrapper with the forms of observation that Gymnasium lets it take.
SINGLE = {
    "FrameStackObservation": (lambda env: wrappers.FrameStackObservation(env, 3), FORMS),
    "NormalizeObservation": (wrappers.NormalizeObservation, FORMS),
    "FlattenObservation": (wrappers.FlattenObservation, FORMS),
    "DtypeObservation": (lambda env: wrappers.DtypeObservation(env, np.float32), FORMS),
    "RescaleObservation": (
        lambda env: wrappers.RescaleObservation(wrappers.DtypeObservation(env, np.float32), LOW, HIGH),
        BOXES,
    ),
    "ReshapeObservation": (lambda env: wrappers.ReshapeObservation(env, (size(env.observation_space),)), BOXES),
    "ResizeObservation": (lambda env: wrappers.ResizeObservation(env, (36, 36)), RESIZABLE),
    "TransformObservation": (
        lambda env: wrappers.TransformObservation(env, np.copy, env.observation_space),
        FORMS,
    ),
    "TimeAwareObservation": (wrappers.TimeAwareObservation, FORMS),
    "MaxAndSkipObservation": (lambda env: wrappers.MaxAndSkipObservation(env, 2), FORMS),
    "RecordEpisodeStatistics": (wrappers.RecordEpisodeStatistics, FORMS),
    "NormalizeReward": (wrappers.NormalizeReward, FORMS),
    "NumpyToTorch": (lambda env: wrappers.NumpyToTorch(env), FORMS),
}

# The same for vector environments, with the autoreset modes that Gymnasium lets them take.
NOT_SAME = (AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED)
NEXT = (AutoresetMode.NEXT_STEP,)
VECTOR = {
    "NormalizeObservation": (vector_wrappers.NormalizeObservation, FORMS, NEXT),
    "FlattenObservation": (vector_wrappers.FlattenObservation, FORMS, NOT_SAME),
    "DtypeObservation": (lambda env: vector_wrappers.DtypeObservation(env, np.float32), FORMS, NOT_SAME),
    "RescaleObservation": (
        lambda env: vector_wrappers.RescaleObservation(vector_wrappers.DtypeObservation(env, np.float32), LOW, HIGH),
        BOXES,
        NOT_SAME,
    ),
    "ReshapeObservation": (
        lambda env: vector_wrappers.ReshapeObservation(env, (size(env.single_observation_space),)),
        BOXES,
        NOT_SAME,
    ),
    "ResizeObservation": (lambda env: vector_wrappers.ResizeObservation(env, (36, 36)), RESIZABLE, NOT_SAME),
    "TransformObservation": (
        lambda env: vector_wrappers.TransformObservation(env, lambda seen: seen * 1),
        FORMS,
        NOT_SAME,
    ),
    "RecordEpisodeStatistics": (vector_wrappers.RecordEpisodeStatistics, FORMS, tuple(AutoresetMode)),
    "NormalizeReward": (vector_wrappers.NormalizeReward, FORMS, tuple(AutoresetMode)),
    "DictInfoToList": (vector_wrappers.DictInfoToList, FORMS, tuple(AutoresetMode)),
    "NumpyToTorch": (lambda env: vector_wrappers.NumpyToTorch(env), FORMS, NEXT),  # 1.1 spoils the mask of DISABLED
}


def size(space):
    return int(np.prod(space.shape))


@pytest.mark.parametrize(("name", "form"), [(name, form) for name, (_, forms) in SINGLE.items() for form in forms])
def test_gymnasiums_wrappers_take_a_world(name, form):
    wrap, _ = SINGLE[name]
    env = wrap(gym.make("Forage-v0", max_episode_steps=8, numeric_info=True, **FORMS[form]))
    seen, info = env.reset(seed=0)
    for t in range(20):
        assert name == "NumpyToTorch" or env.observation_space.contains(seen)
        assert int(info["pattern"]) in range(-1, 4)
        seen, _, _, truncated, info = env.step(torch.tensor(t % 8) if name == "NumpyToTorch" else t % 8)
        if truncated:
            seen, info = env.reset()


@pytest.mark.parametrize(
    ("name", "form", "mode"),
    [(name, form, mode) for name, (_, forms, modes) in VECTOR.items() for form in forms for mode in modes],
)
def test_gymnasiums_wrappers_take_many_worlds(name, form, mode):
    wrap, _, _ = VECTOR[name]
    env = wrap(
        gym.make_vec(
            "Forage-v0", num_envs=2, max_episode_steps=8, numeric_info=True, autoreset_mode=mode, **FORMS[form]
        )
    )
    seen, _ = env.reset(seed=0)
    untold = {"NumpyToTorch"}  # what the space of the batch does not tell
    if not np.issubdtype(env.observation_space.dtype, np.floating) or np.all(env.observation_space.low == 0):
        untold.add("NormalizeObservation")  # Gymnasium before 1.2 leaves the space as it was
    for t in range(20):
        assert name in untold or env.observation_space.contains(seen)
        actions = np.full(2, t % 8)
        seen, _, _, truncated, _ = env.step(torch.from_numpy(actions) if name == "NumpyToTorch" else actions)
        if mode is AutoresetMode.DISABLED and truncated.any():
            seen, _ = env.reset(options={"reset_mask": np.asarray(truncated)})


# ---- a loop in the manner of CleanRL -------------------------------------------------------------------------------

N, LIMIT, ROLLOUT, ROUNDS = 3, 10, 32, 3


class Agent(nn.Module):
    """A policy and a value, as small as they can be."""

    def __init__(self, n_inputs):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_inputs, 16), nn.Tanh())
        self.policy, self.value = nn.Linear(16, 8), nn.Linear(16, 1)

    def forward(self, seen):
        hidden = self.body(seen)
        return Categorical(logits=self.policy(hidden)), self.value(hidden)[..., 0]


class Rollouts:
    """Transitions of many worlds, each from one state to the one that followed it: resets are none of them."""

    def __init__(self, mode):
        self.mode = mode
        self.env = gym.make_vec(
            "Forage-v0", num_envs=N, max_episode_steps=LIMIT, autoreset_mode=mode, space="flat", size=(9, 9)
        )
        self.seen, _ = self.env.reset(seed=0)
        self.resetting = np.zeros(N, bool)
        self.rngs = [np.random.default_rng(w) for w in range(N)]

    def collect(self, agent):
        """[ROLLOUT, N] each: seen, actions, rewards, what was seen next, truncated."""
        steps = []
        while len(steps) < ROLLOUT:
            if self.resetting.any():  # this mode spends a step on the reset: no transition
                assert self.resetting.all()
                self.seen, rewards, *_ = self.env.step(np.zeros(N, int))
                assert not rewards.any()
                self.resetting[:] = False
                continue
            with torch.no_grad():
                chances = agent(torch.from_numpy(self.seen))[0].probs.numpy().astype(float)
            actions = np.array([rng.choice(8, p=p / p.sum()) for rng, p in zip(self.rngs, chances, strict=True)])
            seen, rewards, terminated, truncated, infos = self.env.step(actions)
            assert not terminated.any()
            following = seen
            if self.mode is AutoresetMode.SAME_STEP and truncated.any():
                assert infos["_final_obs"].tolist() == truncated.tolist()
                following = np.where(truncated[:, None], np.stack(infos["final_obs"]), seen)
            elif self.mode is AutoresetMode.NEXT_STEP:
                self.resetting = truncated.copy()
            elif truncated.any():
                seen, _ = self.env.reset(options={"reset_mask": truncated.copy()})
            steps.append((self.seen, actions, rewards.astype(np.float32), following.copy(), truncated))
            self.seen = seen
        return [torch.from_numpy(np.stack(column)) for column in zip(*steps, strict=True)]


def advantages(agent, seen, rewards, following, truncated, gamma=0.9, trace=0.9):
    """Generalised advantage estimates; an episode that is truncated goes on in the value of what was seen last."""
    with torch.no_grad():
        values, next_values = agent(seen)[1], agent(following)[1]
    errors = rewards + gamma * next_values - values
    found, later = torch.zeros_like(errors), torch.zeros(N)
    for t in reversed(range(len(errors))):
        later = errors[t] + gamma * trace * later * ~truncated[t]
        found[t] = later
    return found, found + values


def learn(mode):
    """What was met, and the weights after a few updates."""
    torch.manual_seed(0)
    rollouts = Rollouts(mode)
    agent = Agent(rollouts.seen.shape[1])
    optimizer = torch.optim.Adam(agent.parameters(), lr=0.01)
    met = []
    for _ in range(ROUNDS):
        seen, actions, rewards, following, truncated = batch = rollouts.collect(agent)
        met.append(batch)
        found, returns = advantages(agent, seen, rewards, following, truncated)
        before = agent(seen)[0].log_prob(actions).detach()
        for _ in range(2):
            policy, values = agent(seen)
            ratio = (policy.log_prob(actions) - before).exp()
            gain = torch.minimum(ratio * found, ratio.clamp(0.8, 1.2) * found).mean()
            loss = -gain + 0.5 * ((values - returns) ** 2).mean() - 0.01 * policy.entropy().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return met, list(agent.parameters())


def test_a_loop_like_cleanrls_learns_the_same_in_every_autoreset_mode():
    (met, weights), *others = (learn(mode) for mode in (AutoresetMode.DISABLED, *NEXT, AutoresetMode.SAME_STEP))
    for other_met, other_weights in others:
        for batch, other_batch in zip(met, other_met, strict=True):
            for column, other_column in zip(batch, other_batch, strict=True):
                torch.testing.assert_close(column, other_column, rtol=0, atol=0)
        for one, other in zip(weights, other_weights, strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=0)
    assert sum(float(batch[2].abs().sum()) for batch in met) > 5  # it did eat


def test_what_is_seen_last_is_the_next_view_of_the_same_world():
    """The loop bootstraps from what a forager would see that goes on: checked against lives that are never cut."""
    agent = Agent(49)
    seen, actions, _, following, truncated = Rollouts(AutoresetMode.SAME_STEP).collect(agent)
    ends = np.flatnonzero(truncated[:, 0])
    assert ends.tolist() == [9, 19, 29]
    uncut = gym.make_vec("Forage-v0", num_envs=N, space="flat", size=(9, 9))
    at, _ = uncut.reset(seed=0)
    for t in range(ends[0] + 1):
        np.testing.assert_array_equal(seen[t], at)
        at = uncut.step(actions[t].numpy())[0]
        np.testing.assert_array_equal(following[t], at)
    assert (seen[ends[0] + 1] != following[ends[0]]).any()
