"""Figure and table are made of files alone."""

from io import StringIO

from miniature import SLEEP
from same_files import assert_same_files

from experiments.drawing.stages import draw_run, performance_figure
from experiments.evidence.results import read_curve, read_results
from experiments.evidence.tables import performance_table
from experiments.printing import console as new_console


def test_the_figure_has_a_panel_a_stage_and_the_bars(told):
    curve, results = read_curve(told.path / "curve.csv"), read_results(told.path / "results.csv")

    figure = performance_figure(SLEEP[0].protocol, curve, results)

    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == [
        "unsupervised\ntraining",
        "training\nTask 1",
        "training\nTask 2",
        "training\nTask 1 again",
        "interleaving\nTask 1, Task 2",
        "interleaving\nsleep, Task 1",
    ]


def test_a_branch_begins_where_its_parent_ended(told):
    curve = [
        row._replace(performance=0.9) if (row.stage, row.trained) == ("T1-T2", 800) else row
        for row in read_curve(told.path / "curve.csv")
    ]

    figure = performance_figure(SLEEP[0].protocol, curve, read_results(told.path / "results.csv"))

    branches = [axes for axes in figure.axes if "again" in axes.get_title() or "interleaving" in axes.get_title()]
    curves = [line for axes in branches for line in axes.get_lines() if line.get_label().startswith("Task")]
    assert len(curves) == 3 * 2
    assert all(line.get_xdata()[0] == 0 and line.get_ydata()[0] == 0.9 for line in curves)


def test_the_figure_is_drawn_from_the_folder_and_is_the_same_every_time(told):
    first = draw_run(told.path).read_bytes()

    assert_same_files({"figure": draw_run(told.path).read_bytes()}, {"figure": first})
    assert (told.path / "sleep.png").read_bytes()[:4] == b"\x89PNG"


def test_the_figure_lives_with_stages_that_are_not_there_yet(told):
    results = [row for row in read_results(told.path / "results.csv") if row.phase < 2]
    curve = [row for row in read_curve(told.path / "curve.csv") if row.phase < 2]

    assert performance_figure(SLEEP[0].protocol, curve, results).axes


def test_the_table_has_our_mean_and_the_papers(told):
    console = new_console(file=StringIO(), width=80)

    console.print(performance_table(SLEEP[0].protocol, read_results(told.path / "results.csv")))

    last_row = next(line for line in console.file.getvalue().splitlines() if "Int(S,T1)" in line)
    ours, papers = "0.605 ± 0.007", ("0.69 ± 0.02", "0.67 ± 0.03")
    assert [cell.strip() for cell in last_row.split("  ") if cell] == [
        "T1-T2-Int(S,T1)",
        ours,
        papers[0],
        ours,
        papers[1],
        "2",
    ]
