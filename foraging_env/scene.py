"""The picture for people: the world, and beside it the task, the score, what the forager sees, and how it decides.

Window (``render_mode="human"``) and movies show this same array. Text is drawn with Pillow, which is loaded here and
only when a scene is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foraging_env import rendering
from foraging_env.core.world import MOVE_COL, MOVE_ROW
from foraging_env.extras import install
from foraging_env.scores import performance
from foraging_env.world import Worlds

INK = (24, 24, 27)
FAINT = (113, 113, 122)
PAPER = (255, 255, 255)
VOTE = (37, 99, 235)
_PANEL = 250  # pixels of width beside the world
_LEAST_HEIGHT = 520
_FONTS: dict[int, Any] = {}  # Pillow's own font, loaded once a size


@dataclass(frozen=True)
class Caption:
    """What a scene says beside the world's own task and score.

    title: first line; steps: how many were taken; lines: more (name, value) rows under the score; votes: output spikes
    of the eight moves, if the forager has some; note: last line, small
    """

    title: str = ""
    lines: Sequence[tuple[str, str]] = ()
    votes: Sequence[int] | None = None
    note: str = ""
    steps: int | None = None


def scene(
    worlds: Worlds,
    caption: Caption = Caption(),
    *,
    w: int = 0,
    height: int = 700,
    lag: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """uint8[H, W, 3] with about ``height`` rows (at least 520; H and W are even, as video needs them).

    Raises gymnasium.error.DependencyNotInstalled without Pillow.
    """
    height = max(height, _LEAST_HEIGHT)
    rows, cols, _ = worlds.shape
    cell = max(4, height // rows)
    world = rendering.frame(worlds, w, cell, lag)
    full_height = max(height, len(world))
    margin = (full_height - len(world)) // 2
    picture = np.full((full_height + full_height % 2, (cols * cell + _PANEL) // 2 * 2, 3), PAPER, dtype=np.uint8)
    picture[margin : margin + len(world), : cols * cell] = world
    _draw_panel(picture[:, cols * cell :], worlds, w, caption)
    return picture


def _draw_panel(panel: np.ndarray, worlds: Worlds, w: int, caption: Caption) -> None:
    image, draw, write = _pencil(panel)
    left, y = 22, 18
    if caption.title:
        write(left, y, caption.title, 20)
        y += 32
    write(left, y, _title(worlds.task(w).name), 16)
    y += 28
    for name, colour, value in rendering.legend(worlds, w):
        draw.rectangle((left, y + 2, left + 13, y + 15), fill=colour)
        meaning = {1: "good", -1: "bad", 0: "no value"}[value]
        write(left + 22, y, f"{name}: {meaning}", 14)
        y += 22
    y += 10
    punished, _, rewarded = worlds.state.counts[w].tolist()
    score = [
        ("rewarded", f"{rewarded}"),
        ("punished", f"{punished}"),
        ("performance", f"{float(performance(rewarded, punished)):.2f}" if rewarded + punished else "–"),
    ]
    if caption.steps is not None:
        score.append(("steps", f"{caption.steps}"))
    for name, number in [*score, *caption.lines]:
        write(left, y, name, 14, FAINT)
        write(left + 120, y, number, 14)
        y += 20
    y += 14
    write(left, y, "it sees", 14, FAINT)
    _draw_view(draw, left, y + 22, worlds, w)
    y += 22 + 126 + 16
    if caption.votes is not None:
        write(left, y, "it voted", 14, FAINT)
        _draw_votes(draw, write, left, y + 22, caption.votes)
    if caption.note:
        write(left, len(panel) - 26, caption.note, 12, FAINT)
    panel[...] = np.asarray(image)


def _draw_view(draw: Any, left: int, top: int, worlds: Worlds, w: int) -> None:
    side = worlds.view
    cell = 126 // side
    for row in range(side):
        for col in range(side):
            box = (left + col * cell, top + row * cell, left + (col + 1) * cell - 1, top + (row + 1) * cell - 1)
            draw.rectangle(box, fill=INK if worlds.views[w, row, col] else rendering.SEEN_GROUND, outline=PAPER)
    centre = side // 2
    corner = (left + centre * cell + cell * 0.25, top + centre * cell + cell * 0.25)
    draw.ellipse((*corner, corner[0] + cell * 0.5, corner[1] + cell * 0.5), fill=VOTE)


def _draw_votes(draw: Any, write: Any, left: int, top: int, votes: Sequence[int]) -> None:
    """A compass: a disc for every move, as large and dark as it has output spikes, with their number."""
    most = max(max(votes), 1)
    for move, count in enumerate(votes):
        x, y = left + 24 + (MOVE_COL[move] + 1) * 40, top + 20 + (MOVE_ROW[move] + 1) * 40
        radius = 5 + 13 * count / most
        tint = tuple(round(p + (v - p) * (0.12 + 0.88 * count / most)) for p, v in zip(PAPER, VOTE, strict=True))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tint)
        if count:
            write(x, y, str(count), 12, PAPER if count > most / 2 else INK, "mm")


def _pencil(panel: np.ndarray) -> tuple[Any, Any, Any]:
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        from gymnasium.error import DependencyNotInstalled

        raise DependencyNotInstalled(f"pictures with text need Pillow: {install('human')}") from error
    image = Image.fromarray(panel)
    draw = ImageDraw.Draw(image)
    for size in (12, 14, 16, 20):
        _FONTS.setdefault(size, ImageFont.load_default(size))

    def write(x: float, y: float, words: str, size: int, colour: Any = INK, anchor: str = "la") -> None:
        draw.text((x, y), words, fill=colour, font=_FONTS[size], anchor=anchor)

    return image, draw, write


def _title(task: str) -> str:
    return task.replace("task", "Task ") if task.startswith("task") else f"task {task}"
