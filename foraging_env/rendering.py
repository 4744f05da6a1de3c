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

MOVE_ARROWS = "↖↑↗←→↙↓↘"
_LETTERS = "-|/\\"
_NO_COLOUR = len(PATTERNS)
_PALETTE = np.array([*PATTERN_COLOURS, GROUND, SEEN_GROUND], dtype=np.uint8)


def frame(worlds: Worlds, w: int = 0, cell: int = CELL, lag: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """uint8[rows * cell, cols * cell, 3]: world ``w`` from above, ``cell`` (4 or more) pixels a cell.

    Patterns are blue (horizontal), green (vertical), pink (positive diagonal) and orange (negative diagonal); the
    forager is a dark disc, the cells it sees lie on grey with an outline that wraps around the torus as they do.
    ``lag`` draws the forager so many rows and cols short of where it is, for pictures between two steps.
    """
    seen = _seen(worlds, w)
    which = worlds.pattern_map(w)
    rows, cols = which.shape
    ground = np.where(seen, np.uint8(_NO_COLOUR + 1), np.uint8(_NO_COLOUR))
    food = np.where(which >= 0, which.astype(np.uint8), ground)
    # Each half of a pair is a square with a gap around it, so that the cells stay countable.
    gap = max(1, cell // 10)
    tiles = _enlarged(ground, cell).reshape(rows, cell, cols, cell)
    inside = slice(gap, cell - gap)
    tiles[:, inside, :, inside] = food[:, None, :, None]
    picture = _PALETTE.take(tiles.reshape(rows * cell, cols * cell), axis=0)
    _outline(picture, _enlarged(seen, cell), cell)
    _disc(picture, worlds.state.position[w] - np.array(lag), cell)
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
    arrow = MOVE_ARROWS[last] if last >= 0 else ""
    head = f"task {worlds.task(w).name}  rewarded {rewarded}  punished {punished}  {arrow}"
    return "\n".join([head.rstrip(), *("".join(line) for line in letters)])


def legend(worlds: Worlds, w: int = 0) -> list[tuple[str, tuple[int, ...], int]]:
    """(name, colour, value) of every pattern that lies in world ``w``."""
    quota, value = worlds.state.quota[w], worlds.state.value[w]
    colours = (tuple(colour) for colour in PATTERN_COLOURS.tolist())
    rows = zip(PATTERNS, colours, value.tolist(), quota, strict=True)
    return [(name, colour, worth) for name, colour, worth, pairs in rows if pairs > 0]


def _enlarged(cells: np.ndarray, cell: int) -> np.ndarray:
    return cells.repeat(cell, axis=0).repeat(cell, axis=1)


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
    within = seen.copy()
    for axis in (0, 1):
        for shift in (thick, -thick):
            within &= np.roll(seen, shift, axis=axis)
    picture[seen ^ within] = VIEW_OUTLINE


def _disc(picture: np.ndarray, position: np.ndarray, cell: int) -> None:
    """Draw the forager at a ``position`` of fractional row and col; on a seam, on both sides of it."""
    height, width = picture.shape[:2]
    centre = (position + 0.5) * cell - 0.5
    reach = np.arange(-cell, cell + 1)
    row, col = np.round(centre[0]).astype(int) + reach, np.round(centre[1]).astype(int) + reach
    inside = (row[:, None] - centre[0]) ** 2 + (col[None, :] - centre[1]) ** 2 <= (cell * 0.42) ** 2
    at_row, at_col = np.nonzero(inside)
    picture[row[at_row] % height, col[at_col] % width] = FORAGER
