"""The table a run ends with: performance after every stage, over seeds, with the paper's beside it."""

from collections.abc import Sequence

from rich import box
from rich.table import Table

from experiments.evidence.paper import published
from experiments.evidence.results import Result, performance_after
from experiments.plans.stages import Protocol


def performance_table(protocol: Protocol, results: Sequence[Result]) -> Table:
    """One row a stage that has results; for every task mean ± standard deviation, and the published one."""
    table = Table(
        title="Performance = rewarded / (rewarded + punished); chance is 0.5",
        caption="mean ± standard deviation over n seeds; paper: Golden et al. 2022",
        box=box.SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        pad_edge=False,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("after stage", no_wrap=True)
    for task in protocol.tests:
        table.add_column(task, justify="right", no_wrap=True)
        table.add_column("paper", justify="right", no_wrap=True, style="dim")
    table.add_column("n", justify="right")
    tested = {row.stage for row in results}
    for stage in protocol.stages:
        if stage.name not in tested:
            continue
        cells = [stage.name]
        for task in protocol.tests:
            mean, sd, n = performance_after(results, stage.name, task)
            paper = published(stage.name, task)
            cells.append(f"{mean:.3f}" + (f" ± {sd:.3f}" if n > 1 else ""))
            cells.append(f"{paper.mean:.2f} ± {paper.sd:.2f}" if paper else "–")
        table.add_row(*cells, str(n))
    return table
