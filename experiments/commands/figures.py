"""``forage figures``: draw the figures of a finished run from the networks that it left."""

from pathlib import Path
from typing import Annotated

import typer

from experiments.errors import UserError, known
from experiments.printing import console, counted


def figures(
    experiment: Annotated[str, typer.Argument(help="golden2022, the only one with a gallery.")] = "golden2022",
    run: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("runs/golden2022-paper"),
    stages: Annotated[
        Path | None, typer.Option(help="Where its states are, if forage run was told with --stages.")
    ] = None,
    only: Annotated[str | None, typer.Option(help="Names with commas between, such as fig1,fig7.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the pictures; RUN/figures if not given.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also as PDF, for print.")] = False,
) -> None:
    """Draw the figures of Golden et al. 2022, its supplement's, and some that it never drew.

    Beside them come the numbers that they show, of every network (measurements.csv) and over networks with intervals
    (summary.csv).

    [bold]Examples[/bold]

      forage run golden2022                                       two networks of short stages, for a first look

      forage figures golden2022 --run runs/golden2022-quick

      forage figures golden2022 --only fig3,fig7 --pdf            of the run at the paper's lengths
    """
    from rich.progress import track

    from experiments.golden2022.gallery import GALLERY
    from experiments.golden2022.measurement import Measurement, Overall, overall
    from experiments.golden2022.networks import Networks
    from foraging_env.files import replacing, write_csv

    if experiment != "golden2022":
        raise UserError(f"experiment {experiment!r} has no gallery; known: golden2022")
    chosen = [known(GALLERY, name.strip(), "figure") for name in only.split(",")] if only else list(GALLERY.values())
    networks, out_console = Networks(run, stages), console()
    folder = out or run / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    measured: list[Measurement] = []
    for picture in track(chosen, "drawing", console=out_console):
        figure = picture.subject().draw(networks)
        measured += picture.subject().measure(networks)
        for suffix in [".png"] + [".pdf"] * pdf:
            with replacing(folder / f"{picture.name}{suffix}") as draft:
                figure.savefig(draft, format=suffix[1:], dpi=300)
    if only is None:  # a table of some of them would pass for the whole
        write_csv(folder / "measurements.csv", Measurement._fields, measured)
        write_csv(folder / "summary.csv", Overall._fields, overall(measured))
    out_console.print(f"{counted(len(chosen), 'figure')} in {folder}", soft_wrap=True)
