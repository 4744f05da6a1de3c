"""`Worlds`: the arrays of a batch of worlds, their checks and their life; the kernels do the work."""

from typing import Any

import numpy as np

from foraging_env.core import world as core
from foraging_env.tasks import Task


class Worlds:
    """``n`` independent worlds of one geometry.

    The single environment is a batch of one, the vector environment a batch of n. ``shape`` and ``state``
    go to kernels as they are; a compiled loop over world and agent may use them directly.

    Raises ValueError for a geometry in which the pairs cannot lie, when that shows; a world that turns out
    too dense only while it is being filled raises it in `build`.
    """

    def __init__(self, n: int, *, size: tuple[int, int], view: int, density: float) -> None:
        rows, cols = size
        if view < 3 or view % 2 == 0:
            raise ValueError(f"view={view} must be odd and at least 3, so that the forager is at its centre")
        if min(rows, cols) < max(view, 5):
            raise ValueError(
                f"size={size} is too small: both sides must be at least {max(view, 5)} "
                f"(the view is {view} cells wide and a pair with its empty ring needs 5)"
            )
        self.n_pairs = round(density * rows * cols / 2)
        if not 0 < density <= 1 or self.n_pairs < 1:
            raise ValueError(f"density={density} lays {self.n_pairs} pairs in {rows} x {cols} cells; need one or more")
        # A pair and its share of the rings around it cover at least 6 cells (2 x 3 blocks tile without touching).
        if self.n_pairs * 6 > rows * cols:
            raise ValueError(
                f"density={density} asks for {self.n_pairs} pairs, but at most {rows * cols // 6} fit into "
                f"{rows} x {cols} cells without touching; lower the density or enlarge the world"
            )
        radius = view // 2
        self.n = n
        self.view = view
        self.shape = core.Shape(rows, cols, radius)
        self.state = core.State(
            grid=np.zeros((n, rows + 2 * radius, cols + 2 * radius), dtype=np.uint8),
            position=np.zeros((n, 2), dtype=np.int64),
            eaten=np.full(n, core.NOTHING, dtype=np.int64),
            counts=np.zeros((n, 3), dtype=np.int64),
            quota=np.zeros((n, core.N_PATTERNS), dtype=np.int64),
            value=np.zeros((n, core.N_PATTERNS), dtype=np.int64),
            rng=np.zeros(n, dtype=np.uint64),
        )
        self.views = np.zeros((n, view, view), dtype=np.uint8)

    def seed(self, w: int, generator: np.random.Generator) -> None:
        """Give world ``w`` its own stream, drawn from ``generator``."""
        self.state.rng[w] = generator.integers(0, 2**64, dtype=np.uint64)

    def set_task(self, w: int, task: Task) -> None:
        """Set what world ``w`` will hold; `build` must follow."""
        self.state.quota[w] = task.quota(self.n_pairs)
        self.state.value[w] = task.value

    def build(self, w: int) -> None:
        """Fill world ``w`` anew and put the forager somewhere.

        Raises ValueError if the pairs of its task do not fit.
        """
        if not core.build(self.shape, self.state, w, self.views[w]):
            raise ValueError(
                f"{self.state.quota[w].sum()} pairs do not fit into {self.shape.rows} x {self.shape.cols} cells "
                "without touching; lower the density or enlarge the world"
            )

    def step(self, actions: np.ndarray) -> None:
        """Move every forager; ``actions`` int64[n] in 0..7, already checked."""
        core.step(self.shape, self.state, actions, self.views)

    def get_state(self) -> dict[str, Any]:
        """Copies of all arrays, by name."""
        return {name: array.copy() for name, array in self.state._asdict().items()} | {"views": self.views.copy()}

    def set_state(self, saved: dict[str, Any]) -> None:
        """Continue from `get_state`.

        Raises ValueError if names, shapes or dtypes are not those of this batch.
        """
        own = self.state._asdict() | {"views": self.views}
        if saved.keys() != own.keys():
            raise ValueError(f"a state of these worlds has {sorted(own)}; got {sorted(saved)}")
        for name, array in own.items():
            new = np.asarray(saved[name])
            if new.shape != array.shape or new.dtype != array.dtype:
                raise ValueError(
                    f"{name} of the saved state is {new.dtype}{list(new.shape)}, these worlds need "
                    f"{array.dtype}{list(array.shape)}; make an environment with the same arguments"
                )
        for name, array in own.items():
            array[...] = saved[name]
