"""The shade behind a stage: what is trained in it, in stripes where several things take turns."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

STRIPES = 12
"""Of a stage in which things take turns: a sign for that, not the number of turns."""


def shade(axes: Axes, colours: Sequence[str], begin: float, end: float) -> None:
    """Shade a stage from ``begin`` to ``end`` on the horizontal axis; no colour leaves it white."""
    if not colours:
        return
    stripes = max(STRIPES // len(colours), 1) * len(colours) if len(colours) > 1 else 1
    for i, (left, right) in enumerate(pairwise(np.linspace(begin, end, stripes + 1))):
        axes.axvspan(left, right, color=colours[i % len(colours)], linewidth=0, zorder=0)
