"""What all figures share: colours, shades, marks, sizes of type."""

import math
from typing import Any

# Okabe and Ito's colours: told apart with any colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
BACKGROUNDS = ("#d6e8f3", "#f9e5d6", "#d6efe7", "#f7e7f0", "#fbefd6", "#e4f3fc", "#e0e0e0")  # the same, pale
NO_TASK, NIGHT = "#eeeeee", "#c6c6d6"
CHANCE = 0.5
CHANCE_LINE: dict[str, Any] = {"color": "0.35", "linewidth": 0.6, "linestyle": (0, (4, 3))}
SEED_MARK: dict[str, Any] = {
    "marker": "o",
    "markersize": 2.2,
    "color": "0.1",
    "markeredgewidth": 0,
    "linestyle": "",
    "zorder": 3,
}
STYLE: Any = {
    "text.parse_math": False,  # names of a person may hold dollars
    "font.family": "sans-serif",
    "font.size": 7.5,
    "axes.titlesize": 7.5,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
}


def task_title(task: str) -> str:
    """A task's name for people."""
    return task.replace("task", "Task ")


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(value: float, position: float = 0.0) -> str:
    """The label of a tick on a logarithmic axis, as plain text: Matplotlib's own would need its markup of formulas."""
    return "10" + str(round(math.log10(value))).translate(_SUPERSCRIPT)
