"""The table that a protocol of the spiking agent ends with."""

from collections.abc import Sequence

from rich.table import Table

from experiments.evidence.paper import published
from experiments.evidence.results import performance_after
from experiments.plans.stages import Protocol
from experiments.printing import DASH, table
from experiments.running.tables import Result


def performance_table(protocol: Protocol, results: Sequence[Result]) -> Table:
    """One row a stage that was tested: mean ± standard deviation over n seeds on every task.

    Beside them stands what the paper has, if it has anything for the protocol.
    """
    known = any(published(stage.name, task) for stage in protocol.stages for task in protocol.tests)
    grid = table(
        f"{protocol.name}: performance = rewarded / (rewarded + punished) after every stage; chance is 0.5",
        caption="mean ± standard deviation over n seeds" + "; paper: Golden et al. 2022" * known,
    )
    grid.add_column("after stage", no_wrap=True)
    for task in protocol.tests:
        grid.add_column(task, justify="right", no_wrap=True)
        if known:
            grid.add_column("paper", justify="right", no_wrap=True, style="dim")
    grid.add_column("n", justify="right")
    tested = {row.stage for row in results}
    for stage in protocol.stages:
        if stage.name not in tested:
            continue
        cells = [stage.name]
        for task in protocol.tests:
            mean, sd, n = performance_after(results, stage.name, task)
            cells.append(f"{mean:.3f}" + (f" ± {sd:.3f}" if n > 1 else ""))
            if known:
                paper = published(stage.name, task)
                cells.append(f"{paper.mean:.2f} ± {paper.sd:.2f}" if paper else DASH)
        grid.add_row(*cells, str(n))
    return grid
