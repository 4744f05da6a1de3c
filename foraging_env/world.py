"""`Worlds`: the arrays of a batch of worlds, their checks and their life; the kernels do the work."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from foraging_env import checks
from foraging_env.core import world as core
from foraging_env.core.compiled import direct
from foraging_env.tasks import DISTINCT_TASKS, PATTERNS, TASK_NAMES, Task


class Worlds:
    """``n`` independent worlds of one geometry, without food until `build`.

    The single environment is a batch of one, the vector environment a batch of n. ``shape`` and ``state``
    go to kernels as they are; a compiled loop over world and agent may use them directly and must then bring
    ``views`` up to date with `look`. ``earned`` and ``values`` are results of the last `step`, no part of the state.

    Raises TypeError or ValueError for arguments that make no world.
    """

    def __init__(
        self,
        n: int,
        *,
        size: tuple[int, int] = (50, 50),
        view: int = 7,
        density: float = 0.1,
        patterns: Sequence[str] = PATTERNS,
        rewards: Sequence[float] = (1.0, -1.0, 0.0),
    ) -> None:
        self.n = checks.whole("the number of worlds", n, 1, 2**24)
        rows, cols, self.view, self.n_pairs = checks.geometry(size, view, density)
        self.patterns = checks.pattern_names(patterns)
        self._rewards = checks.reward_table(rewards)
        radius = self.view // 2
        margin = core.margin_of(radius)
        n_words = -(-(cols + 2 * margin) // 64)
        self.shape = core.Shape(rows, cols, radius)
        self.state = core.State(
            food=np.zeros((n, rows + 2 * margin, n_words), dtype=np.uint64),
            position=np.zeros((n, 2), dtype=np.int64),
            last_action=np.full(n, core.NOTHING, dtype=np.int64),
            eaten=np.full(n, core.NOTHING, dtype=np.int64),
            counts=np.zeros((n, 3), dtype=np.int64),
            task=np.zeros(n, dtype=np.int64),
            next_task=np.zeros(n, dtype=np.int64),
            quota=np.zeros((n, core.N_PATTERNS), dtype=np.int64),
            value=np.zeros((n, core.N_PATTERNS), dtype=np.int64),
            arriving=np.zeros((n, core.N_PATTERNS), dtype=np.int64),
            share=np.zeros(n, dtype=np.float64),
            rng=np.zeros(n, dtype=np.uint64),
        )
        self.views = np.zeros((n, self.view, self.view), dtype=np.int8)
        self.earned = np.zeros(n, dtype=np.float64)
        self.values = np.zeros(n, dtype=np.int64)
        self._quota_of = np.array([task.quota(self.n_pairs, self.patterns) for task in DISTINCT_TASKS])
        self._value_of = np.array([task.value for task in DISTINCT_TASKS])
        self._task_names: np.ndarray | None = None
        # What kernels are called with is owned here and never replaced, so that types need no check at every call.
        self._actions = np.zeros(n, dtype=np.int64)
        self._all = np.ones(n, dtype=np.bool_)
        self._chosen = np.ones(n, dtype=np.bool_)
        self._bind()

    def _bind(self) -> None:
        self._step: Callable[..., int] = self._first_step
        self._build = direct(core.build, self.shape, self.state, self._chosen, self.views)

    def _first_step(self, *arguments: Any) -> int:
        """Compile the step when one is taken: an agent with a compiled loop of its own never does."""
        self._step = direct(core.step, *arguments)
        return self._step(*arguments)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_step", "_build")}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        self.__dict__.update(saved)
        self._bind()

    @property
    def bytes_per_world(self) -> int:
        """Memory of one world in bytes: its state and its view."""
        return sum(array.nbytes for array in (*self.state, self.views)) // self.n

    def task(self, w: int) -> Task:
        """The task of world ``w``."""
        return DISTINCT_TASKS[self.state.task[w]]

    @property
    def task_names(self) -> np.ndarray:
        """object[n], read-only: the name of every world's task. Made anew only when a task has changed."""
        if self._task_names is None:
            self._task_names = np.array(TASK_NAMES, dtype=object)[self.state.task]
            self._task_names.setflags(write=False)
        return self._task_names

    def next_task(self, w: int) -> Task:
        """The task that world ``w`` will have when it is built next."""
        return DISTINCT_TASKS[self.state.next_task[w]]

    def seed(self, w: int, generator: np.random.Generator) -> None:
        """Give world ``w`` its own stream, drawn from ``generator``."""
        self.state.rng[w] = generator.integers(0, 2**64, dtype=np.uint64)

    def assign(self, w: int, task: Task) -> None:
        """Choose what world ``w`` will hold when it is built next; what it holds now stays.

        Raises ValueError for a task with a pattern that these worlds were made without.
        """
        self.check(task)
        self.state.next_task[w] = task.index

    def build(self, chosen: np.ndarray | None = None) -> None:
        """Fill the worlds of the mask ``chosen`` bool[n] (None: all) anew, put their foragers somewhere, and look.

        Raises ValueError if the pairs of a task do not fit after many tries.
        """
        chosen, state = self._mask(chosen), self.state
        state.task[chosen] = state.next_task[chosen]
        self._task_names = None
        state.quota[chosen] = self._quota_of[state.task[chosen]]
        state.value[chosen] = self._value_of[state.task[chosen]]
        state.arriving[chosen] = 0
        state.share[chosen] = 0.0
        self.values[chosen] = 0
        if self._build(self.shape, state, chosen, self.views) != core.NOTHING:
            raise ValueError(
                f"{self.n_pairs} pairs do not fit into {self.shape.rows} x {self.shape.cols} cells without touching; "
                "lower the density or enlarge the world"
            )

    def blend(self, w: int, arriving: Task, share: float) -> None:
        """Let ``arriving`` move into world ``w``: a new pair is one of its patterns with probability ``share``.

        Nothing that lies in the world changes. A pattern of the arriving task has its value there, from now on;
        the others keep theirs until they have been eaten. With ``share`` 1 the world is of the arriving task. A world
        that is built anew is so at once.

        Raises ValueError for a task with a pattern that these worlds were made without, or a bad share.
        """
        self.check(arriving)
        if not 0 <= checks.real("share", share) <= 1:
            raise ValueError(f"share={share} must be from 0 to 1, a probability")
        value = self._value_of[arriving.index]
        state = self.state
        state.next_task[w] = arriving.index
        state.arriving[w] = self._quota_of[arriving.index]
        state.share[w] = share
        state.value[w] = np.where(value == 0, state.value[w], value)
        if share == 1:
            state.task[w] = arriving.index
            self._task_names = None

    def go_on_blending(
        self, share: np.ndarray, chosen: np.ndarray | None = None, arriving: np.ndarray | None = None
    ) -> None:
        """Give new ``share`` float64[n] to the worlds of the mask ``chosen`` (None: all) into which a task moves.

        ``arriving`` int64[n]: places in `DISTINCT_TASKS` of what moves in, where another task has been assigned since.
        """
        state = self.state
        arriving = state.next_task if arriving is None else arriving
        moving = (state.task != arriving) & state.arriving.any(axis=1)
        if chosen is not None:
            moving &= chosen
        state.share[moving] = share[moving]
        complete = moving & (share >= 1)
        state.task[complete] = arriving[complete]
        self._task_names = None

    def step(self, actions: np.ndarray, *, chosen: np.ndarray | None = None) -> None:
        """Move the foragers of the mask ``chosen`` bool[n] (None: all); the others stay and earn 0.

        ``actions`` whole numbers [n] are read; ``earned``, ``values`` and ``views`` are written.

        Raises TypeError or ValueError for actions of another kind or out of 0 to 7, before anything has moved.
        """
        if actions.dtype.kind not in "iu":
            raise TypeError(f"actions are of type {actions.dtype}; they must be whole numbers from 0 to 7")
        self._actions[:] = actions
        mask = self._mask(chosen)
        wrong = self._step(
            self.shape, self.state, self._actions, mask, self._rewards, self.earned, self.values, self.views
        )
        if wrong != core.NOTHING:
            raise ValueError(
                f"action {self._actions[wrong]} is out of range; it must be from 0 to {core.N_MOVES - 1} "
                "(see the environment's card)"
            )

    def _mask(self, chosen: np.ndarray | None) -> np.ndarray:
        if chosen is None:
            return self._all
        self._chosen[:] = chosen
        return self._chosen

    def look(self) -> None:
        """Bring ``views`` up to date, after something else than this object has moved a forager."""
        core.look(self.shape, self.state, self.views)

    def pattern_map(self, w: int) -> np.ndarray:
        """int64[rows, cols]: which pattern lies in every cell of world ``w``, -1 for none."""
        food = self._inside(_unpacked(self.state.food[w]))
        which = np.full(food.shape, core.NOTHING, dtype=np.int64)
        for pattern in range(core.N_PATTERNS):
            shift = (core.SECOND_ROW[pattern], core.SECOND_COL[pattern])
            anchor = food & np.roll(food, (-shift[0], -shift[1]), axis=(0, 1))
            which[anchor | np.roll(anchor, shift, axis=(0, 1))] = pattern
        return which

    def get_state(self) -> dict[str, Any]:
        """Copies of all arrays, by name."""
        return {name: array.copy() for name, array in self.state._asdict().items()} | {"views": self.views.copy()}

    def set_state(self, saved: dict[str, Any]) -> None:
        """Continue from `get_state`.

        Raises ValueError if names, shapes or dtypes are not those of this batch, or values are out of range.
        """
        own = self.state._asdict() | {"views": self.views}
        checks.entries("a state of these worlds", saved, own)
        new = {name: checks.like(name, saved[name], array) for name, array in own.items()}
        # A kernel trusts these: outside their range it would read and write elsewhere in memory.
        n_tasks, most = len(DISTINCT_TASKS), np.iinfo(np.int64).max
        for name, low, high in (
            ("position", 0, np.array([self.shape.rows, self.shape.cols]) - 1),
            ("last_action", core.NOTHING, core.N_MOVES - 1),
            ("eaten", core.NOTHING, core.N_PATTERNS - 1),
            ("counts", 0, most),
            ("task", 0, n_tasks - 1),
            ("next_task", 0, n_tasks - 1),
            ("value", -1, 1),
            ("arriving", 0, self.n_pairs),
            ("share", 0, 1),
        ):
            if not np.all((new[name] >= low) & (new[name] <= high)):  # nan is not
                raise ValueError(f"{name} of the saved state goes beyond {low} to {high}; the state is damaged")
        for task in {*new["task"].tolist(), *new["next_task"].tolist()}:
            self.check(DISTINCT_TASKS[task])
        arriving = new["arriving"].sum(axis=1)
        if np.any(arriving[new["share"] > 0] == 0) or not np.isin(arriving, (0, self.n_pairs)).all():
            raise ValueError("arriving of the saved state is no task that could move in; the state is damaged")
        self._check_food(new["food"], new["quota"])
        views = np.zeros_like(self.views)
        core.look(self.shape, core.State(**{name: new[name] for name in core.State._fields}), views)
        if np.any(views != new["views"]):
            raise ValueError("views of the saved state are not what its foragers see; the state is damaged")
        for name, array in own.items():
            array[...] = new[name]
        self._task_names = None

    def _inside(self, stored: np.ndarray) -> np.ndarray:
        """The world itself, without the margins of its ``stored`` rows and cols."""
        margin = core.margin_of(self.shape.radius)
        return stored[..., margin : margin + self.shape.rows, margin : margin + self.shape.cols]

    def _check_food(self, food: np.ndarray, quota: np.ndarray) -> None:
        stored = _unpacked(food)
        cells = self._inside(stored)
        margin = core.margin_of(self.shape.radius)
        padding = [(0, 0), (margin, margin), (margin, margin)]
        wrapped = np.pad(cells, padding, mode="wrap")
        n_cols = wrapped.shape[2]
        neighbours = sum(np.roll(cells, (i, j), (1, 2)).astype(np.int8) for i in (-1, 0, 1) for j in (-1, 0, 1)) - cells
        whole = (cells.sum(axis=(1, 2)) == 2 * self.n_pairs).all() and (neighbours[cells] == 1).all()
        if not whole or (stored[..., :n_cols] != wrapped).any() or stored[..., n_cols:].any():
            raise ValueError(f"food of the saved state is not {self.n_pairs} pairs that touch no other; it is damaged")
        for k, pattern in enumerate(PATTERNS):
            second = np.roll(cells, (-core.SECOND_ROW[k], -core.SECOND_COL[k]), (1, 2))
            found = (cells & second).sum(axis=(1, 2))
            if np.any(found != quota[:, k]):
                raise ValueError(f"quota of the saved state is not how many {pattern} pairs it has; it is damaged")
            if found.any() and pattern not in self.patterns:
                raise ValueError(
                    f"food of the saved state has the pattern {pattern}, but these worlds were made with "
                    f"patterns={self.patterns}; make an environment with the same arguments"
                )

    def check(self, task: Task) -> None:
        """Raise ValueError for a task with a pattern that these worlds were made without."""
        for pattern in task.present(self.patterns):
            if pattern not in self.patterns:
                raise ValueError(
                    f"task {task.name} needs the pattern {pattern}, but these worlds were made with "
                    f"patterns={self.patterns}; add it there"
                )


def _unpacked(food: np.ndarray) -> np.ndarray:
    """bool[..., rows, cols]: the stored cells of ``food`` uint64[..., rows, words]."""
    return np.unpackbits(food.astype("<u8").view(np.uint8), axis=-1, bitorder="little").astype(bool)
