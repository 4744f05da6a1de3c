"""Performance of a run's networks in the tests after stages, by stage, task and seed."""

from collections.abc import Sequence
from functools import lru_cache

from experiments.errors import UserError
from experiments.golden2022.networks import Networks

Performances = dict[tuple[str, str], dict[int, float]]
"""Performance after a stage, by stage and task, then by seed."""


@lru_cache(maxsize=8)
def performances(networks: Networks) -> Performances:
    """Of every stage that was tested, those that only lead to a condition among them."""
    found: Performances = {}
    for row in networks.results():
        found.setdefault((row.stage, row.task), {})[row.seed] = row.performance
    return found


def seeds_tested(networks: Networks, stages: Sequence[str]) -> list[int]:
    """Seeds that were tested on every task after all of these stages.

    Raises UserError if there are none.
    """
    scores = performances(networks)
    each = [set(scores.get((stage, task), {})) for stage in stages for task in networks.plan.protocol.tests]
    common = sorted(set.intersection(*each))
    if not common:
        raise UserError(
            f"{networks.path}: no seed has been tested after each of {', '.join(stages)}; run forage run golden2022 "
            "with these conditions"
        )
    return common
