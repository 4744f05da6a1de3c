"""The table that ``forage run golden2022`` ends with: the paper's values, ours, and whether they agree."""

import math
from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table

from experiments.golden2022.analysis.replication import FEWEST, MARGIN, PAPER_NETWORKS, Replication, Verdict


def agreement_table(rows: Sequence[Replication]) -> Table:
    """One row a condition and task, 80 columns wide."""
    table = Table(
        title="Performance = rewarded / (rewarded + punished); chance is 0.5",
        caption="mean±standard deviation; difference: ours - paper; interval: 95%, of our mean",
        box=box.SIMPLE_HEAD,
        padding=0,
        pad_edge=False,
        show_edge=False,
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("condition", "task"):
        table.add_column(heading, no_wrap=True)
    for heading in ("paper", "ours", "diff.", "n", "interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    above = ""
    for row in rows:
        mean, low, high, n = row.ours
        table.add_row(
            row.condition if row.condition != above else "",
            row.task.removeprefix("task"),
            f"{row.paper.mean:.2f}±{row.paper.sd:.2f}",
            f"{mean:.3f}" + ("" if math.isnan(row.sd) else f"±{row.sd:.3f}"),
            f"{row.difference:+.3f}",
            str(n),
            "–" if math.isnan(low) else f"[{low:.3f}, {high:.3f}]",
            row.verdict,
        )
        above = row.condition
    return table


def notes(rows: Sequence[Replication]) -> Iterator[str]:
    """What the verdicts mean, and how often each was reached."""
    if all(row.verdict is Verdict.TOO_FEW for row in rows):
        yield f"Too few networks for a verdict; there is one from {FEWEST} seeds on."
        return
    yield (
        f"agrees: the 90% Welch interval of the difference lies within ±{MARGIN}. differs: it does not, and no "
        f"difference is rejected at 5% (Welch, Holm over the table). unclear: neither. The paper's means are taken as "
        f"those of {PAPER_NETWORKS} networks; it says at least so many."
    )
    for each in Verdict:
        which = [f"{row.condition} {row.task}" for row in rows if row.verdict is each]
        if which:
            yield f"{each}: {len(which)} of {len(rows)}" + ("" if each is Verdict.AGREES else f" ({'; '.join(which)})")
