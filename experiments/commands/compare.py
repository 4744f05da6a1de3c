"""``forage compare``: what differs between two result folders of one protocol."""

import json as json_format
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.errors import UserError
from experiments.printing import DASH, console, signed, signed_ends, table

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.evidence.differences import Comparison, Difference
    from experiments.evidence.statistics import Interval

_NAMES = {
    ("performance", "average_performance"): "AP performance",
    ("intake", "average_performance"): "AP intake",
    ("performance", "forgetting"): "forgets performance",
    ("intake", "forgetting"): "forgets intake",
}


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A result folder, such as the one before a change.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another of the same protocol.")],
    pair: Annotated[
        list[str] | None,
        typer.Option(metavar="AGENT=AGENT", help="An agent of A and the one of B to compare it with; may be repeated."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Compare two result folders: every agent that is in both, paired over the seeds that both have.

    Differences are B - A, with 95% intervals, effect sizes, and p values of a sign-flip test, Holm-corrected for the
    whole table. What differs in configuration and versions stands below.

    [bold]Examples[/bold]

      forage compare runs/before runs/after

      forage compare runs/deep runs/spiking --pair ppo=spiking --pair ppo+ewc=spiking+sleep

      forage compare runs/before runs/after --json
    """
    from experiments.evidence.differences import compare_folders
    from experiments.evidence.folders import read_folder

    pairs = [_pair(text) for text in pair or ()]
    comparison = compare_folders(read_folder(a), read_folder(b), pairs)
    if json:
        print(json_format.dumps(comparison.plain(), indent=1, allow_nan=False))
        return
    out = console()
    out.print(difference_table(comparison))
    for sentence in sentences(comparison):
        out.print(sentence, soft_wrap=True)
    out.print(configuration_table(comparison))


def difference_table(comparison: "Comparison") -> "Table":
    """One row for every score of every agent, under the agent's name."""
    title = f"Protocol {comparison.a.contest.protocol}: B ({comparison.b.name}) - A ({comparison.a.name})"
    grid = table(title, title_style="bold")
    grid.add_column("agent and score", no_wrap=True)
    for heading in ("A", "B", "B - A [95%]", "d_z [95%]", "p", "Holm", "n"):
        grid.add_column(heading, justify="right", no_wrap=True)
    last = ""
    for row in comparison.differences:
        agent = row.agent_a if row.agent_a == row.agent_b else f"{row.agent_a} → {row.agent_b}"
        if agent != last:
            grid.add_row(agent, style="bold")
        grid.add_row(*_cells(row))
        last = agent
    return grid


def configuration_table(comparison: "Comparison") -> "Table | str":
    """What differs between the folders, or that nothing does."""
    if not comparison.configuration:
        return "Configuration and versions are equal."
    grid = table("What differs in configuration and versions", title_style="bold")
    for heading in ("", f"A ({comparison.a.name})", f"B ({comparison.b.name})"):
        grid.add_column(heading, overflow="fold")
    for row in comparison.configuration:
        grid.add_row(*row)
    return grid


def sentences(comparison: "Comparison") -> list[str]:
    """What the columns mean, who was left out, and what so few seeds cannot tell."""
    told = [
        "AP: mean of all tasks after the last phase. forgets: score right after a task's last training - after the "
        "last phase. d_z: mean difference / its standard deviation. p: sign-flip test; Holm: corrected for all "
        f"{len(comparison.differences)} rows. n: seeds that both have.",
        *comparison.left_out,
    ]
    if comparison.differences:
        fewest = min(row.paired.n for row in comparison.differences)
        told.append(f"With n = {fewest} no p can be below {min(1.0, 2 / 2**fewest):.4g}, before any correction.")
        if fewest < 3:
            told.append("Intervals are shown from 3 seeds on.")
    return told


def _pair(text: str) -> tuple[str, str]:
    agent_a, equals, agent_b = (part.strip() for part in text.partition("="))
    if not (equals and agent_a and agent_b):
        raise UserError(f"--pair {text!r} is not AGENT=AGENT; write the agent of A, =, and the agent of B")
    return agent_a, agent_b


def _cells(row: "Difference") -> tuple[str, ...]:
    found = row.paired
    return (
        "  " + _NAMES[row.measure, row.score],
        f"{row.mean_a:.2f}",
        f"{row.mean_b:.2f}",
        _with_interval(found.difference, 2),
        _with_interval(found.cohens_dz, 1),
        f"{found.sign_flip_p:.3g}",
        f"{row.holm_p:.3g}",
        str(found.n),
    )


def _with_interval(value: "Interval", digits: int) -> str:
    from experiments.evidence.contest import FEWEST_FOR_INTERVAL

    if math.isnan(value.estimate):
        return DASH
    text = signed(value.estimate, digits)
    if value.n < FEWEST_FOR_INTERVAL:
        return text
    return f"{text} {signed_ends(value.low, value.high, digits)}"
