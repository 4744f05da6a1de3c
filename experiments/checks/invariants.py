"""What must always hold of foraging worlds, checked in plain NumPy for a whole batch at once.

Everything here is written from the card of `foraging_env.ForageEnv`, not from the kernels: other tables, another order
of work. Only how cells are stored is taken from `foraging_env.core.world`. Every check raises `Violation` and says
which world breaks which rule; a single environment is a batch of one.
"""

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foraging_env import DISTINCT_TASKS, PATTERNS, Task

Cells = NDArray[np.uint8]

MOVES = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])
"""(row, col) of every action, and of every neighbour of a cell."""

PATTERN_TOWARDS = np.array([3, 1, 2, 0, 0, 2, 1, 3])
"""The pattern of a pair whose one half has its other half in that direction, in the order of `MOVES`."""

ORIENTATIONS = ((0, 1), (1, 0), (-1, 1), (1, 1))
"""Horizontal, vertical, positive (/), negative (\\): where the second cell of a pair lies."""


class Violation(AssertionError):  # noqa: N818  (what is violated is no error of the program that looks)
    """A rule that does not hold; ``rule`` names it."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule


class Rules(NamedTuple):
    """The arguments that the worlds of a batch were made with, as the card names them."""

    size: tuple[int, int] = (50, 50)
    view: int = 7
    density: float = 0.1
    patterns: tuple[str, ...] = PATTERNS
    rewards: tuple[float, float, float] = (1.0, -1.0, 0.0)
    observation: str = "binary"
    task_cue: bool = False
    last_action: bool = False

    @property
    def n_pairs(self) -> int:
        """Pairs in a world, at all times."""
        return round(self.density * self.size[0] * self.size[1] / 2)

    def pairs_of(self, task: Task) -> NDArray[np.int64]:
        """int64[4]: pairs of every pattern in a world of ``task``, as equal as whole pairs allow."""
        present = [p for p in PATTERNS if p in ((task.rewarded, task.punished) if task.rewarded else self.patterns)]
        share, rest = divmod(self.n_pairs, len(present))
        return np.array([share + (present.index(p) < rest) if p in present else 0 for p in PATTERNS])


@functools.cache
def pairs_by_task(rules: Rules) -> NDArray[np.int64]:
    """int64[13, 4]: pairs of every pattern in every task of `DISTINCT_TASKS`."""
    return np.array([rules.pairs_of(task) for task in DISTINCT_TASKS])


PAIR_VALUES = np.array([[(p == task.rewarded) - (p == task.punished) for p in PATTERNS] for task in DISTINCT_TASKS])
"""int64[13, 4]: what a pattern is worth in every task of `DISTINCT_TASKS`."""


class Snapshot(NamedTuple):
    """What the worlds are at one moment."""

    cells: Cells  # uint8[n, rows, cols], 1 for food
    position: NDArray[np.int64]  # int64[n, 2]
    pairs: NDArray[np.int64]  # int64[n, 4], pairs of every pattern that were found


def require(rule: str, fine: Any, detail: str = "") -> None:
    """Raise `Violation` unless all of ``fine`` is true; worlds run along its first axis."""
    array = np.asarray(fine)
    if not array.all():
        worlds = np.unique(np.argwhere(~np.atleast_1d(array))[:, 0])[:5].tolist()
        raise Violation(rule, f"worlds {worlds} {detail}".rstrip())


def snapshot(rules: Rules, state: Any) -> Snapshot:
    """Read the worlds of a `foraging_env.core.world.State` and check that each is whole.

    That is: the forager is inside; there are as many pairs as the density asks for; every cell with food has exactly
    one neighbour with food, its other half, so no two pairs touch, not even at a corner or across the seam; and the
    stored margins repeat the opposite side.
    """
    rows, cols = rules.size
    margin = rules.view // 2 + 1
    stored = np.unpackbits(state.food.astype("<u8").view(np.uint8), axis=2, bitorder="little")
    cells = np.ascontiguousarray(stored[:, margin : margin + rows, margin : margin + cols])
    around_rows, around_cols = (np.arange(-margin, side + margin) % side for side in rules.size)
    wrapped = cells[:, around_rows][:, :, around_cols]
    width = wrapped.shape[2]
    require("margins repeat the opposite side", (stored[:, :, :width] == wrapped).all(axis=(1, 2)))
    require("nothing is stored beyond the margins", ~stored[:, :, width:].any(axis=(1, 2)))

    def shifted(row: int, col: int) -> Cells:
        return wrapped[:, margin + row : margin + row + rows, margin + col : margin + col + cols]

    neighbours = np.zeros_like(cells)
    for row, col in MOVES.tolist():
        neighbours += shifted(row, col)
    require("no two pairs touch, and each has two cells", (neighbours * cells == cells).all(axis=(1, 2)))
    pairs = np.stack([(cells & shifted(*way)).sum(axis=(1, 2), dtype=np.int64) for way in ORIENTATIONS], axis=1)
    require("the number of pairs is constant", pairs.sum(axis=1) == rules.n_pairs, f"must hold {rules.n_pairs} pairs")
    position = state.position.copy()
    require("the forager is in the world", ((position >= 0) & (position < rules.size)).all(axis=1))
    return Snapshot(cells, position, pairs)


def check_patterns(rules: Rules, now: Snapshot, tasks: NDArray[np.int64], pure: NDArray[np.bool_]) -> None:
    """The pairs of every pattern are those of the task, in the worlds of the mask ``pure`` (no task moves in)."""
    asked = pairs_by_task(rules)[tasks]
    require("each pattern has its share of the pairs", (now.pairs == asked).all(axis=1) | ~pure)


class Meal(NamedTuple):
    """Where a step leads, and what is eaten there."""

    position: NDArray[np.int64]  # int64[n, 2]
    pattern: NDArray[np.int64]  # int64[n], or -1
    second: NDArray[np.int64]  # int64[n, 2], the other half of the pair; anything where nothing is eaten


def meal(rules: Rules, before: Snapshot, actions: NDArray[np.int64]) -> Meal:
    """What ``actions`` must lead to in the worlds of ``before``."""
    world = np.arange(len(actions))
    position = (before.position + MOVES[actions]) % rules.size
    near = (position[:, None, :] + MOVES) % rules.size
    halves = before.cells[world[:, None], near[:, :, 0], near[:, :, 1]]
    way = halves.argmax(axis=1)
    ate = before.cells[world, position[:, 0], position[:, 1]] == 1
    return Meal(position, np.where(ate, PATTERN_TOWARDS[way], -1), near[world, way])


def check_step(
    before: Snapshot, after: Snapshot, eaten: Meal, stepped: NDArray[np.bool_], may_come: NDArray[np.bool_]
) -> None:
    """The worlds of the mask ``stepped`` have moved as they must; the food has changed by what was eaten alone.

    ``may_come`` bool[n, 4] says which patterns the new pair may have, besides that of the pair eaten.
    """
    require("the forager moves as the action says", (after.position == eaten.position).all(axis=1) | ~stepped)
    ate = stepped & (eaten.pattern >= 0)
    same = (before.cells == after.cells).all(axis=(1, 2))
    require("food changes only where something is eaten", same | ate | ~stepped)
    chosen = np.flatnonzero(ate)
    kept = before.cells[chosen]
    for cell in (eaten.position[chosen], eaten.second[chosen]):
        kept[np.arange(len(chosen)), cell[:, 0], cell[:, 1]] = 0
    new = after.cells[chosen]
    one_pair = (new >= kept).all(axis=(1, 2)) & ((new - kept).sum(axis=(1, 2)) == 2)
    require("a whole pair is eaten and exactly one new pair appears", _everywhere(one_pair, chosen, len(ate)))
    change = after.pairs[chosen] - before.pairs[chosen]
    change[np.arange(len(chosen)), eaten.pattern[chosen]] += 1
    allowed = may_come[chosen]
    allowed[np.arange(len(chosen)), eaten.pattern[chosen]] = True
    fine = (change.sum(axis=1) == 1) & (np.abs(change).sum(axis=1) == 1) & (allowed | (change == 0)).all(axis=1)
    require("the new pair has the pattern of the pair eaten", _everywhere(fine, chosen, len(ate)))


def _everywhere(fine: NDArray[np.bool_], chosen: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    result = np.ones(n, dtype=np.bool_)
    result[chosen] = fine
    return result


def expected_observations(
    rules: Rules, now: Snapshot, tasks: NDArray[np.int64], last_actions: NDArray[np.int64]
) -> NDArray[np.int8]:
    """int8[n, ...]: what must be seen in ``now``; ``last_actions`` int64[n] is -1 before the first."""
    n = len(tasks)
    reach = np.arange(-(rules.view // 2) - 1, rules.view // 2 + 2)  # one more on each side tells the patterns
    rows, cols = ((now.position[:, i, None] + reach) % rules.size[i] for i in (0, 1))
    patch = now.cells[np.arange(n)[:, None, None], rows[:, :, None], cols[:, None, :]]
    side = rules.view
    food = patch[:, 1:-1, 1:-1]
    seen = food
    if rules.observation == "pattern":

        def towards(row: int, col: int) -> Cells:
            return patch[:, 1 + row : 1 + row + side, 1 + col : 1 + col + side]

        seen = np.stack([food & (towards(r, c) | towards(-r, -c)) for r, c in ORIENTATIONS], axis=1)
    parts = [seen.reshape(n, -1)]
    if rules.task_cue:
        parts.append(tasks[:, None] == np.arange(len(DISTINCT_TASKS)))
    if rules.last_action:
        parts.append(last_actions[:, None] == np.arange(len(MOVES)))
    return np.concatenate(parts, axis=1).astype(np.int8) if len(parts) > 1 else seen.astype(np.int8)


def check_observations(seen: Any, expected: NDArray[np.int8], chosen: NDArray[np.bool_]) -> None:
    """What the worlds of the mask ``chosen`` show is the food around the forager, and the cues asked for."""
    if not isinstance(seen, np.ndarray) or seen.dtype != np.int8 or seen.shape != expected.shape:
        raise Violation(
            "observations are in the space", f"they are {getattr(seen, 'dtype', type(seen))}{np.shape(seen)}"
        )
    same = (seen == expected).reshape(len(expected), -1).all(axis=1)
    require("what is seen is the world around the forager", same | ~chosen)


def check_rewards(rules: Rules, rewards: Any, values: NDArray[np.int64], stepped: NDArray[np.bool_]) -> None:
    """Every world of the mask ``stepped`` earns what the value of its meal is worth, the others 0."""
    rewarded, punished, step = rules.rewards
    earned = np.where(values == 1, rewarded, np.where(values == -1, punished, step))
    require("rewards are those of what was eaten", np.asarray(rewards) == np.where(stepped, earned, 0.0))


class Told(NamedTuple):
    """What infos must say; masked worlds as Gymnasium batches them."""

    task: NDArray[np.int64]
    pattern: NDArray[np.int64]  # -1 for nothing
    value: NDArray[np.int64]
    rewarded: NDArray[np.int64]
    punished: NDArray[np.int64]


_TASK_NAMES = np.array([task.name for task in DISTINCT_TASKS], dtype=object)


def check_infos(infos: dict[str, Any], told: Told, chosen: NDArray[np.bool_]) -> None:
    """The infos of the worlds of the mask ``chosen`` say ``told``, those of the others nothing."""
    nobody: Any = None
    require("info['task']", infos["task"] == np.where(chosen, _TASK_NAMES[told.task], nobody))
    numbers = {name: value for name, value in told._asdict().items() if name != "task"}
    for name, expected in numbers.items():
        require(f"info[{name!r}]", infos[name] == np.where(chosen, expected, 0))
    for name in Told._fields:
        require(f"infos['_{name}'] is the mask of the worlds that say it", infos[f"_{name}"] == chosen)
