"""Pictures of a world: as an array of colours and as text."""

import numpy as np

from foraging_env.tasks import PATTERNS
from foraging_env.world import Worlds

CELL = 10  # pixels on a side

# Okabe and Ito's colours for all kinds of sight, in the order of `PATTERNS`.
PATTERN_COLOURS = np.array([(0, 114, 178), (0, 158, 115), (204, 121, 167), (230, 159, 0)], dtype=np.uint8)
GROUND = (250, 249, 246)
SEEN_GROUND = (226, 232, 240)
VIEW_OUTLINE = (100, 116, 139)
FORAGER = (24, 24, 27)

_LETTERS = "-|/\\"
_MOVES = "↖↑↗←→↙↓↘"


def frame(worlds: Worlds, w: int = 0, cell: int = CELL) -> np.ndarray:
    """uint8[rows * cell, cols * cell, 3]: world ``w`` from above.

    Patterns are blue (horizontal), green (vertical), pink (positive diagonal) and orange (negative diagonal); the
    forager is a dark disc, the cells it sees lie on grey with an outline that wraps around the torus as they do.
    """
    which = worlds.pattern_map(w)
    rows, cols = which.shape
    colours = np.empty((rows, cols, 3), dtype=np.uint8)
    colours[...] = GROUND
    seen = _seen(worlds, w)
    colours[seen] = SEEN_GROUND
    picture = colours.repeat(cell, axis=0).repeat(cell, axis=1)

    # Each half of a pair is a square with a gap around it, so that the cells stay countable.
    gap = max(1, cell // 10)
    tile = np.zeros((cell, cell), dtype=bool)
    tile[gap : cell - gap, gap : cell - gap] = True
    food = np.kron(which >= 0, tile).astype(bool)
    picture[food] = PATTERN_COLOURS[which].repeat(cell, axis=0).repeat(cell, axis=1)[food]

    _outline(picture, seen, cell)
    row, col = worlds.state.position[w]
    offset = np.arange(cell) - (cell - 1) / 2
    disc = offset[:, None] ** 2 + offset[None, :] ** 2 <= (cell * 0.42) ** 2
    picture[row * cell : (row + 1) * cell, col * cell : (col + 1) * cell][disc] = FORAGER
    return picture


def text(worlds: Worlds, w: int = 0) -> str:
    """World ``w`` as lines of ``- | / \\`` for the patterns, ``@`` for the forager, dots for what it sees."""
    which = worlds.pattern_map(w)
    letters = np.where(_seen(worlds, w), "·", " ")
    for pattern, letter in enumerate(_LETTERS):
        letters[which == pattern] = letter
    row, col = worlds.state.position[w]
    letters[row, col] = "@"
    punished, _, rewarded = worlds.state.counts[w]
    last = worlds.state.last_action[w]
    head = f"task {worlds.task(w).name}  rewarded {rewarded}  punished {punished}  {_MOVES[last] if last >= 0 else ''}"
    return "\n".join([head.rstrip(), *("".join(line) for line in letters)])


def legend(worlds: Worlds, w: int = 0) -> list[tuple[str, tuple[int, int, int], int]]:
    """(name, colour, value) of every pattern that lies in world ``w``."""
    task = worlds.task(w)
    present = task.present(worlds.patterns)
    colour_of = dict(zip(PATTERNS, PATTERN_COLOURS.tolist(), strict=True))
    return [(name, tuple(colour_of[name]), (name == task.rewarded) - (name == task.punished)) for name in present]


def _seen(worlds: Worlds, w: int) -> np.ndarray:
    """bool[rows, cols]: the cells in the forager's view."""
    rows, cols, radius = worlds.shape
    row, col = worlds.state.position[w]
    reach = np.arange(-radius, radius + 1)
    seen = np.zeros((rows, cols), dtype=bool)
    seen[np.ix_((row + reach) % rows, (col + reach) % cols)] = True
    return seen


def _outline(picture: np.ndarray, seen: np.ndarray, cell: int) -> None:
    """Draw a line wherever a seen cell borders on one that is not seen, on the torus."""
    thick = max(1, cell // 8)
    mask = seen.repeat(cell, axis=0).repeat(cell, axis=1)
    for axis in (0, 1):
        for shift in (thick, -thick):
            picture[mask & ~np.roll(mask, shift, axis=axis)] = VIEW_OUTLINE
