"""``forage report``: one page about one or several result folders."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.errors import UserError

if TYPE_CHECKING:
    from experiments.report.page import Chapter

_HEAD = 4096  # bytes of a file in which a report of ours names itself


def report(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Result folders, as forage run writes them.")],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The page; a Markdown file with its tables comes beside it.",
            show_default="report.html in the folder",
        ),
    ] = None,
) -> None:
    """Write a report: one HTML page that needs nothing else, and its tables as Markdown.

    It shows what was run, learning curves, every task after every phase, forgetting and transfer with intervals, what
    it cost, comparisons in words, configuration, and the commands to make it again. A run that has not ended can be
    looked at, too.

    [bold]Examples[/bold]

      forage report runs/forgetting-cycle-quick                  into that folder

      forage report runs/spiking runs/deep --out both.html
    """
    if out is None and len(folders) > 1:
        raise UserError(f"a report of {len(folders)} folders is in none of them; say where it goes: --out both.html")
    target = out or folders[0] / "report.html"
    replaced = " (in place of an older one)" * target.exists()
    page, tables = write_report(folders, target)
    print(f"Report: {page}{replaced}\nTables: {tables}")


def write_report(folders: list[Path], out: Path) -> tuple[Path, Path]:
    """Write the page ``out`` and the Markdown file beside it, whole or not at all, and return both.

    Raises UserError if a folder cannot be read or is given twice, if ``out`` is not called .html, or if a file that is
    no report of ours is in the way.
    """
    from experiments.evidence.folders import read_folder
    from experiments.report.page import chapters

    _check_target(out)
    for i, folder in enumerate(folders):
        if folder.resolve() in [other.resolve() for other in folders[:i]]:
            raise UserError(f"folder {folder} is given twice; give it once")
    told = [read_folder(folder) for folder in folders]
    title = "Forage report: " + ", ".join(folder.name for folder in told)
    return write_page(out, title, chapters(told))


def write_page(out: Path, title: str, contents: "Sequence[Chapter]") -> tuple[Path, Path]:
    """Write chapters as the page ``out`` and the Markdown file beside it, whole or not at all, and return both.

    Raises UserError as `write_report` does.
    """
    from experiments.report.page import html, markdown
    from foraging_env.files import replacing

    targets = _check_target(out)
    texts = html(title, contents), markdown(title, contents)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for target, text in zip(targets, texts, strict=True):
            with replacing(target) as draft:
                draft.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    return targets


def _check_target(out: Path) -> tuple[Path, Path]:
    """The page and the Markdown file beside it. Raises UserError if they cannot go there."""
    from experiments.report.page import GENERATOR

    if out.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--out {out} is not called .html; the page is HTML, and its tables come beside it as .md")
    targets = out, out.with_suffix(".md")
    for target in targets:
        _check_free(target, GENERATOR)
    return targets


def _check_free(target: Path, generator: str) -> None:
    """Raises UserError if ``target`` is something that a report must not replace."""
    if target.is_dir():
        raise UserError(f"{target} is a folder; a report is a file, choose another --out")
    if target.exists():
        with target.open("rb") as file:
            head = file.read(_HEAD)
        ours = (f'<meta name="generator" content="{generator}">', f"<!-- {generator} -->")
        if not any(mark.encode() in head for mark in ours):
            raise UserError(
                f"{target} is there and is no report of forage; it is not overwritten: choose another --out, or move it"
            )
