"""Agents by name: species, remedies, and the settings of both."""

from pathlib import Path

import pytest
from miniature import PRESET

from baselines.algorithms import ALGORITHMS
from baselines.remedies.table import REMEDIES
from experiments.errors import UserError
from experiments.forgetting.agents import plans
from experiments.forgetting.protocols import PROTOCOLS
from experiments.learners.species import learner
from experiments.plans.experiment import with_settings
from experiments.plans.plan import plan_from
from experiments.running.storage import Stages


def planned(*agents):
    return plans(PROTOCOLS["paper"], agents, PRESET)


def folders(plan, agent):
    """Of an agent's stages, as they are named on the disk."""
    species = {plan.species.key: learner(plan.species).describe(plan.species)}
    stages = Stages(Path("stages"), species, {})
    life = next(each for each in plan.agents if each.name == agent)
    return [str(stages.folder(plan, stage, 0).path) for stage in plan.stages_of(life)]


def test_settings_of_an_algorithm_make_another_species():
    plain, other = planned("ppo", "ppo:ent_coef=0.02:gamma=0.9")

    assert plain.species.settings == ()
    assert other.species.settings == (("ent_coef", 0.02), ("gamma", 0.9))
    assert other.species.key == "ppo:ent_coef=0.02:gamma=0.9"
    described = learner(other.species).describe(other.species)["settings"]
    assert described == {**ALGORITHMS["ppo"].settings, "ent_coef": 0.02, "gamma": 0.9}
    assert not {*folders(plain, "ppo")} & {*folders(other, other.agents[0].name)}
    assert plan_from(other.describe()) == other


def test_steps_of_a_rollout_follow_the_settings():
    assert planned("ppo:n_steps=64")[0].rollout == planned("ppo")[0].rollout // 2


def test_settings_of_a_remedy_leave_what_comes_before_it_shared():
    (plan,) = planned("ppo", "ppo+ewc", "ppo+ewc:strength=100")

    plain, weak, strong = (folders(plan, agent.name) for agent in plan.agents)
    assert plain[:2] == weak[:2] == strong[:2]  # birth and the first task
    assert len({plain[2], weak[2], strong[2]}) == 3
    assert [stage.remedy for stage in plan.protocol.stages][-1] == "ewc:strength=100"


@pytest.mark.parametrize("name", [name for name in REMEDIES if REMEDIES[name].settings()])
def test_every_remedy_can_be_set_and_says_what_of_it(name):
    kind = REMEDIES[name]
    key, value = next(iter(kind.settings().items()))
    algorithm = (kind.algorithms or ("ppo",))[0]
    (plan,) = planned(f"{algorithm}+{name}:{key}={value}")
    assert plan.agents[0].name.endswith(f"{key}={value}")
    with pytest.raises(UserError, match=rf"remedy '{name}' has no setting 'nonsense'; it has .*{key}"):
        planned(f"{algorithm}+{name}:nonsense=1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ppo:entropy=0.02", "algorithm 'ppo' has no setting 'entropy'; it has learning_rate, n_steps, .*ent_coef"),
        ("ppo:ent_coef=much", "value 'much' in 'ppo:ent_coef=much' must be a finite number, true or false"),
        ("ppo:ent_coef=nan", "must be a finite number"),
        ("ppo:gamma=1:gamma=0", "setting 'gamma' is given twice"),
        ("ppo:seed=1", "algorithm 'ppo' has no setting 'seed'"),
        ("ppo+ewc:strength", "setting 'strength' in 'ewc:strength' must be written as name=value"),
        ("ppo+ewc:strength=-1", "strength=-1 of remedy 'ewc' must be a number, not negative"),
        ("ppo+ewc:n_states=1.5", "n_states=1.5 of remedy 'ewc' must be a whole number"),
        ("ppo+single:strength=1", "single has no settings; leave out ':strength=1'"),
        ("spiking:gamma=1", "'spiking' has no settings"),
        ("spiking+sleep:rate=1", "unknown remedy 'sleep:rate=1' of 'spiking'"),
        ("pop:gamma=1", "unknown agent 'pop:gamma=1'; agents begin with one of: spiking, ppo"),
    ],
)
def test_what_cannot_be_set_is_said(name, text):
    with pytest.raises(UserError, match=text):
        planned(name)


def test_a_setting_for_all_reaches_everybody_who_has_it_and_has_not_said_otherwise():
    names = ["ppo", "ppo+ewc", "ppo:ent_coef=0+ewc:strength=3", "dqn"]

    assert with_settings(names, ["ewc:strength=100", "ppo:ent_coef=0.01:gamma=0.9"]) == [
        "ppo:ent_coef=0.01:gamma=0.9",
        "ppo:ent_coef=0.01:gamma=0.9+ewc:strength=100",
        "ppo:ent_coef=0:gamma=0.9+ewc:strength=3",
        "dqn",
    ]


@pytest.mark.parametrize("text", ["ewc", "ewc:", ":strength=1", "ewc:strength", "a2c:gamma=0.9"])
def test_a_setting_for_nobody_is_refused(text):
    with pytest.raises(UserError, match=r"--set .*(such as --set ewc:strength=100|none of the agents has)"):
        with_settings(["ppo", "ppo+ewc"], [text])
