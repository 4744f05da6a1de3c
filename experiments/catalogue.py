"""What can be run; each experiment makes its row in its own folder."""

from experiments.beyond.experiment import BEYOND
from experiments.errors import known
from experiments.forgetting.experiment import FORGETTING
from experiments.golden2022.experiment import GOLDEN2022
from experiments.plans.experiment import Experiment
from experiments.sleep.experiment import SLEEP

EXPERIMENTS: dict[str, Experiment] = {row.name: row for row in (SLEEP, GOLDEN2022, BEYOND, FORGETTING)}
"""Every experiment, by name."""


def experiment(name: str) -> Experiment:
    """The row of that name; raises UserError for an unknown one."""
    return known(EXPERIMENTS, name, "experiment")
