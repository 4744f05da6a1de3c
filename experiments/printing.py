"""How numbers and tables look on a terminal. Nothing heavy is imported before something is printed.

Text of a person (names, paths) may hold anything, brackets too: nothing that we print is read as markup, and what a
console cannot show becomes a question mark.
"""

import math
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

DASH = "–"
"""In the place of a number that is not there."""

_LOG_WIDTH = 110  # columns where there is no terminal to ask


def console(**arguments: Any) -> "Console":
    """Where commands print: text stands as it is. Other arguments are Rich's.

    It is wide enough for tables where it is no terminal.
    """
    from rich.console import Console

    told: Any = arguments.get("file", sys.stderr if arguments.get("stderr") else sys.stdout)
    width = None if told.isatty() or "COLUMNS" in os.environ else _LOG_WIDTH
    return Console(**({"width": width, "markup": False, "highlight": False} | arguments))


def show_what_can_be_shown() -> None:
    """Let standard output and error replace what their encoding lacks, in place of an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def table(title: str, *, caption: str | None = None, **changes: Any) -> "Table":
    """An empty table in the house's style; ``changes`` are other arguments of Rich's `Table`."""
    from rich import box
    from rich.table import Table

    style: dict[str, Any] = {
        "box": box.SIMPLE_HEAD,
        "padding": (0, 0, 0, 1),
        "pad_edge": False,
        "title_justify": "left",
        "caption_justify": "left",
    }
    return Table(title=title, caption=caption, **(style | changes))


def plain(value: float) -> str:
    """Two digits after the point, and no -0.00."""
    return f"{value if abs(value) >= 0.005 else 0.0:.2f}"


def signed(value: float, digits: int = 2) -> str:
    """With its sign, except for what rounds to zero."""
    if math.isinf(value):
        return "+∞" if value > 0 else "-∞"
    return f"{value:+.{digits}f}" if abs(value) >= 0.5 * 10**-digits else f"{0:.{digits}f}"


def ends(low: float, high: float) -> str:
    """The ends of an interval."""
    return f"[{plain(low)}, {plain(high)}]"


def signed_ends(low: float, high: float, digits: int = 2) -> str:
    """The ends of an interval of a difference."""
    return f"[{signed(low, digits)}, {signed(high, digits)}]"


def p_value(value: float) -> str:
    """Three significant digits; a question mark for nan."""
    return "?" if math.isnan(value) else f"{value:.3g}"


def short_p_value(value: float) -> str:
    """For figures and narrow columns: ``<.001``, ``.012``, ``.25``; a dash for nan."""
    if math.isnan(value):
        return DASH
    if value < 0.001:
        return "<.001"
    return f"{value:.3f}"[1:] if value < 0.0995 else f"{value:.2f}".lstrip("0")


def size(n_bytes: float) -> str:
    """Bytes with a decimal unit."""
    units = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    return next((f"{n_bytes / unit:.1f} {name}" for unit, name in units if n_bytes >= unit), f"{n_bytes:.0f} B")


def steps(count: float) -> str:
    """A number of steps; large ones in millions."""
    return f"{count / 1e6:.2f} M" if count >= 1e5 else f"{count:,.0f}"


def counted(n: int, noun: str) -> str:
    """A number of things: ``1 agent``, ``2 agents``."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, as ``1:02:03``."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"
