"""``forage leaderboard``: a page with everybody's place."""

from pathlib import Path
from typing import Annotated

import typer

from experiments.errors import UserError


def leaderboard(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR]...", help="Result folders of forage run forgetting, ranked among the shipped."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The page; a Markdown file with its tables comes beside it.")] = Path(
        "leaderboard.html"
    ),
) -> None:
    """Write the leader board: a ranked table with intervals, and a picture, for every protocol with shipped results.

    [bold]Examples[/bold]

      forage leaderboard

      forage leaderboard runs/forgetting-cycle-cue-full --out mine.html    with an agent of yours
    """
    from experiments.commands.report import write_page
    from experiments.evidence.contest import Contest, contest_of
    from experiments.evidence.reference import beside, cannot_compare, protocols, reference
    from experiments.evidence.results import read_run
    from experiments.report.leaderboard import leaderboard_chapters

    contests: dict[str, Contest] = {}
    for name in protocols():
        shipped = reference(name)
        assert shipped is not None
        contests[name] = shipped
    newcomers: dict[str, list[str]] = {}
    for folder in folders or []:
        run = read_run(folder)
        mine = contest_of(run)
        if reason := cannot_compare(run.plans):
            raise UserError(f"{folder}: {reason}")
        contests[mine.protocol], _ = beside(mine, contests[mine.protocol])
        newcomers.setdefault(mine.protocol, []).extend(line.agent for line in mine.lines)
    if not contests:
        raise UserError("no results are shipped with this version, so nobody can be ranked")
    replaced = " (in place of an older one)" * out.exists()
    page, tables = write_page(out, "Forage leader board", leaderboard_chapters(contests, newcomers))
    print(f"Leader board: {page}{replaced}\nTables: {tables}")
