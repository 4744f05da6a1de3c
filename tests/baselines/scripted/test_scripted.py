"""Scripted foragers: one contract for all, and the bounds that they set."""

import gymnasium as gym
import numpy as np
import pytest
from stable_baselines3.common.evaluation import evaluate_policy

import foraging_env
from baselines.scripted.foragers import SCRIPTED, FullKnowledge, NearestFood
from baselines.scripted.normalise import intake
from foraging_env import sequences
from foraging_env.normalisation import normalised_intake, scale


def live(name, task, steps=1000, n=20):
    """(rewarded, punished) of ``n`` worlds together, and the agent's actions."""
    env = gym.make_vec("Forage-v0", num_envs=n, max_episode_steps=-1, task=task)
    seen, infos = env.reset(seed=0)
    agent, state, actions = SCRIPTED[name](env, seed=0), None, []
    for _ in range(steps):
        chosen, state = agent.predict(seen, state)
        seen, _, _, _, infos = env.step(chosen)
        actions.append(chosen.tolist())
    return infos["rewarded"].sum(), infos["punished"].sum(), actions


@pytest.mark.parametrize("name", SCRIPTED)
def test_single_and_batched_observations_same_seed_same_moves(name):
    env = gym.make("Forage-v0")
    seen, _ = env.reset(seed=0)
    action, _ = SCRIPTED[name](env, seed=1).predict(seen)
    assert action in range(8)
    env.step(action)
    batch, _ = SCRIPTED[name](env, seed=1).predict(seen[None], None)
    assert batch.shape == (1,)
    assert live(name, "task1", steps=50)[2] == live(name, "task1", steps=50)[2]
    evaluate_policy(
        SCRIPTED[name](env, seed=1), gym.wrappers.RecordEpisodeStatistics(env), n_eval_episodes=1, warn=False
    )


@pytest.mark.parametrize("task", ["task1", "task2", "p+n-"])
def test_they_bound_the_scale(task):
    random, nearest, best = ([int(count) for count in live(name, task)[:2]] for name in SCRIPTED)
    assert 0.4 < random[0] / sum(random) < 0.6
    assert 0.45 < nearest[0] / sum(nearest) < 0.55
    assert sum(nearest) > 5 * sum(random)
    assert best[1] == 0  # it never once steps on bad food
    assert best[0] > 1.5 * nearest[0]


def test_the_planner_takes_a_shortest_way_around_bad_food():
    env = foraging_env.ForageEnv()
    for seed in range(30):
        seen, _ = env.reset(seed=seed)
        which, value = env.worlds.pattern_map(0), env.worlds.state.value[0]
        good, bad = (np.isin(which, np.flatnonzero(value == sign)) for sign in (1, -1))
        reached = np.zeros_like(good)
        reached[tuple(env.worlds.state.position[0])] = True
        shortest = 0
        while not (reached & good).any() or shortest == 0:
            reached = np.any([np.roll(reached, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)], axis=0) & ~bad
            shortest += 1
        agent = FullKnowledge(env, seed=0)
        values = [env.step(agent.predict(seen)[0])[4]["value"] for _ in range(shortest)]
        assert values == [0] * (shortest - 1) + [1]


def test_nearest_food_refuses_what_it_cannot_read():
    with pytest.raises(ValueError, match="reads the binary view"):
        NearestFood(gym.make("Forage-v0", observation="pattern"))


def test_the_published_scale_is_what_the_foragers_do():
    for name, published in zip(("random", "full-knowledge"), scale("Forage-v0", "task1"), strict=True):
        assert intake(name, "h+n-", seeds=20, steps=2000) == pytest.approx(published, abs=0.5)
    assert normalised_intake(scale("Forage-v0", "task2").random, "Forage-v0", "v+p-") == 0
    assert normalised_intake(scale("ForagePaper-v0", "task1").full_knowledge, "ForagePaper-v0", "task1") == 1


def test_every_id_has_a_scale_for_each_of_its_tasks():
    for rung, chosen in sequences.SEQUENCES.items():
        for task in chosen.tasks:
            low, high = scale(f"Forage{rung}-v0", task)
            assert low < 1 < 25 < high
    with pytest.raises(ValueError, match=r"no scale for 'Forage-v9'; known ids: Forage-v0, ForagePaper-v0"):
        scale("Forage-v9", "task1")
    with pytest.raises(ValueError, match="no scale for task 'all'"):
        scale("Forage-v0", "all")
