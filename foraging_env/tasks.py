"""Tasks are values: which food pattern is rewarded and which is punished (Golden et al. 2022, Methods).

>>> Task(rewarded="horizontal", punished="negative")
Task(rewarded='horizontal', punished='negative')
>>> named_task("v+p-") == named_task("task2")
True
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

PATTERNS = ("horizontal", "vertical", "positive", "negative")
"""The four orientations of a pair of cells; ``positive`` rises to the right (/), ``negative`` falls."""


@dataclass(frozen=True)
class Task:
    """A rewarded and a punished pattern, each half of all pairs; with neither, all patterns without value.

    Raises ValueError for unknown patterns, or if only one is given or both are the same.
    """

    rewarded: str | None = None
    punished: str | None = None

    def __post_init__(self) -> None:
        for pattern in (self.rewarded, self.punished):
            if pattern is not None and pattern not in PATTERNS:
                raise ValueError(f"unknown pattern {pattern!r}; known patterns: {', '.join(PATTERNS)}")
        if (self.rewarded is None) != (self.punished is None):
            raise ValueError(f"{self!r} names one pattern; a task names a rewarded and a punished one, or neither")
        if self.rewarded is not None and self.rewarded == self.punished:
            raise ValueError(f"{self.rewarded!r} cannot be rewarded and punished at once; name two patterns")

    @property
    def name(self) -> str:
        """``task1``, ``task2`` or ``all`` where the study has a name, else the short form (``h+n-``)."""
        return _NAME_OF.get(self) or _short(self)

    @property
    def index(self) -> int:
        """Place of this task in `DISTINCT_TASKS`."""
        return DISTINCT_TASKS.index(self)

    @property
    def value(self) -> np.ndarray:
        """int64[4]: +1, -1 or 0 for every pattern."""
        return np.array([(p == self.rewarded) - (p == self.punished) for p in PATTERNS], dtype=np.int64)

    def present(self, patterns: Sequence[str] = PATTERNS) -> list[str]:
        """The patterns that lie in a world of this task, if ``patterns`` are those the world may hold.

        They come in the order of `PATTERNS`, so that a world does not show which of them is rewarded.
        """
        return [p for p in PATTERNS if p in (self.rewarded, self.punished)] or list(patterns)

    def quota(self, n_pairs: int, patterns: Sequence[str] = PATTERNS) -> np.ndarray:
        """int64[4]: how many of ``n_pairs`` pairs each pattern gets, shared as equally as whole pairs allow."""
        present = self.present(patterns)
        share, rest = divmod(n_pairs, len(present))
        return np.array([share + (present.index(p) < rest) if p in present else 0 for p in PATTERNS], dtype=np.int64)


def _short(t: Task) -> str:
    return "all" if t.rewarded is None or t.punished is None else f"{t.rewarded[0]}+{t.punished[0]}-"


_STUDY = {
    "task1": Task("horizontal", "negative"),
    "task2": Task("vertical", "positive"),
    "all": Task(),
}
_NAME_OF = {t: name for name, t in _STUDY.items()}

DISTINCT_TASKS: tuple[Task, ...] = (Task(), *(Task(*pair) for pair in permutations(PATTERNS, 2)))
"""The 13 tasks there are: ``all``, then the 12 ordered pairs. The order is part of the interface (task cue, states)."""

TASK_NAMES: tuple[str, ...] = tuple(t.name for t in DISTINCT_TASKS)
"""Their names, in the same order."""

TASKS: dict[str, Task] = _STUDY | {_short(t): t for t in DISTINCT_TASKS}
"""Every named task: ``task1``, ``task2``, ``all`` and the 12 ordered pairs (``h+n-``, ...)."""


def named_task(which: "str | Task") -> Task:
    """The task of that name, or the task itself.

    Raises ValueError for an unknown name, TypeError for anything else.
    """
    if isinstance(which, Task):
        return which
    if not isinstance(which, str):
        raise TypeError(f"a task is a name or a Task, not {which!r}; known names: {', '.join(TASKS)}")
    if which not in TASKS:
        raise ValueError(f"unknown task {which!r}; known tasks: {', '.join(TASKS)}")
    return TASKS[which]
