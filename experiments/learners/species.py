"""The one place that knows which class lives as which species."""

from importlib import import_module

from experiments.errors import UserError
from experiments.learners.learner import Learner
from experiments.plans.plan import Species


def known_species() -> tuple[str, ...]:
    """Names of all species: the spiking agent, and every algorithm of `baselines.algorithms`."""
    from baselines.algorithms import ALGORITHMS  # here, because it brings torch along

    return ("spiking", *ALGORITHMS)


def learner(species: Species) -> type[Learner]:
    """The species' learner. It is imported when it is needed: it brings torch along.

    Raises UserError for an unknown one.
    """
    if species.name == "spiking":
        spiking: type[Learner] = import_module("experiments.learners.spiking").SpikingLearner
        return spiking
    if ":" in species.name:
        custom: type[Learner] = import_module("experiments.learners.custom").CustomLearner
        return custom
    if species.name not in known_species():
        raise UserError(f"unknown species {species.name!r}; known: {', '.join(known_species())}")
    deep: type[Learner] = import_module("experiments.learners.deep").DeepLearner
    return deep
