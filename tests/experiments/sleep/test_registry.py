"""A protocol is one row: whoever runs, lists, tabulates or draws reads it there."""

from dataclasses import replace
from io import StringIO

import pytest
from miniature import PRESET

from experiments.__main__ import app
from experiments.catalogue import EXPERIMENTS
from experiments.drawing.stages import performance_figure
from experiments.plans.experiment import of_the_spiking_agent
from experiments.plans.stages import Protocol, Stage
from experiments.printing import console as new_console
from experiments.running.runner import Run, run
from experiments.sleep.conclusion import conclude
from experiments.sleep.protocols import PROTOCOLS

NAPPING = Protocol(
    "napping",
    "two tasks, and a nap after each",
    (
        Stage("unsupervised", None, ("all",), unsupervised=True),
        Stage("T1", "unsupervised", ("task1",)),
        Stage("T1-nap", "T1", remedy="sleep", length=0.5),
        Stage("T1-nap-T2", "T1-nap", ("task2",)),
    ),
    ("task1", "task2"),
)


@pytest.fixture
def with_row(monkeypatch):
    """The catalogue with one more row in the registry of the sleep experiment, made as ours is."""
    row = EXPERIMENTS["sleep"]
    registry = {**PROTOCOLS, NAPPING.name: NAPPING}
    monkeypatch.setitem(
        EXPERIMENTS, "sleep", of_the_spiking_agent(row.name, row.summary, row.presets, registry, row.conclude)
    )


@pytest.mark.usefixtures("with_row")
def test_a_new_row_is_run_listed_tabulated_and_drawn(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    console = new_console(file=StringIO(), width=200)
    plans = EXPERIMENTS["sleep"].plans("napping", ["spiking"], PRESET)

    assert run(Run("sleep", "mini", plans, (0,), tmp_path), jobs=1, console=console, command="forage run")
    conclude(tmp_path, console)

    told = console.file.getvalue()
    names = [stage.name for stage in NAPPING.stages]
    assert all(f"\n {name} " in told for name in names)
    assert (tmp_path / "napping.png").stat().st_size > 10_000

    for arguments, needed in ((["list"], ["napping", NAPPING.summary]), (["list", "sleep"], names)):
        app(arguments, standalone_mode=False)
        listed = capsys.readouterr().out
        assert all(name in listed for name in needed)


def test_a_new_stage_has_a_panel_and_a_bar_of_its_own(told):
    from experiments.evidence.results import read_curve, read_results

    row = PROTOCOLS["sleep"]
    more = replace(row, stages=(*row.stages, Stage("T1-T2-S", "T1-T2", remedy="sleep")))
    tables = read_curve(told.path / "curve.csv"), read_results(told.path / "results.csv")

    before, after = (performance_figure(protocol, *tables) for protocol in (row, more))

    assert len(after.axes) == len(before.axes) + 1
    assert len(after.axes[-1].get_xticks()) == len(row.stages) + 1
