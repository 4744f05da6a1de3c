"""The 13 conditions of Golden et al. 2022, as one protocol: a condition is the stage of its name.

What conditions have in common (the unsupervised stage, Task 1, Task 2 after it) is lived once.
"""

from experiments.errors import UserError
from experiments.plans.stages import Protocol, Sleep, Stage

_UNIFORM = Sleep(noise="uniform")
_OTHERS_RATES = Sleep(rates_from="T2")

PROTOCOL = Protocol(
    name="golden2022",
    summary="every condition of the paper",
    stages=(
        Stage("unsupervised", None, ("all",), unsupervised=True),
        Stage("T1", "unsupervised", ("task1",)),
        Stage("T2", "unsupervised", ("task2",)),
        Stage("T1-T2", "T1", ("task2",)),
        Stage("T1-T2-Int(T1,T2)", "T1-T2", ("task1", "task2")),
        Stage("T1-T2-Int(S,T1)", "T1-T2", ("task1",), remedy="sleep"),
        Stage("T1-Int(T1,T2)", "T1", ("task1", "task2")),
        Stage("T1-Int(S,T2)", "T1", ("task2",), remedy="sleep"),
        Stage("uniform-noise sleep", "T1-T2", ("task1",), remedy="sleep", sleep=_UNIFORM),
        Stage("naive + sleep", "unsupervised", ("task1",), remedy="sleep", sleep=_OTHERS_RATES),
        Stage("T1-Int(S,T1)", "T1", ("task1",), remedy="sleep"),
        Stage("freeze top 1%", "T1", ("task2",), frozen=0.01),
        Stage("freeze top 5%", "T1", ("task2",), frozen=0.05),
        Stage("freeze top 10%", "T1", ("task2",), frozen=0.10),
    ),
    tests=("task1", "task2"),
)

CONDITIONS = tuple(stage.name for stage in PROTOCOL.stages if not stage.unsupervised)
"""Names of all conditions, the ids of ``paper_results.json``."""


def known_conditions(names: list[str]) -> list[str]:
    """The same names.

    Raises UserError for an unknown one, and for one that is named twice.
    """
    for name in names:
        if name not in CONDITIONS:
            raise UserError(f"unknown condition {name!r}; known: {'; '.join(CONDITIONS)}")
        if names.count(name) > 1:
            raise UserError(f"condition {name!r} is named twice; name it once")
    return names
