"""A run from command to result folder: claim, live every seed, tables, figure."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console

from experiments.configuration import IDENTITY, describe
from experiments.progress import reporter
from experiments.protocols import Plan
from experiments.results import read_results, write_tables
from experiments.storage import RunFolder
from experiments.table import performance_table
from experiments.workers import Failed, Finished, run_seeds


def run(plan: Plan, seeds: Sequence[int], out: Path, *, jobs: int, console: Console, command: str) -> bool:
    """Do what ``out`` still lacks of ``plan`` for every seed; tables and figure follow the records.

    Returns whether every seed has all its stages. Raises UserError if ``out`` holds something else.
    """
    from experiments import spiking  # here, because it brings torch along

    folder = RunFolder(out)
    with folder.claimed(describe(plan, seeds, spiking.describe(), command), IDENTITY):
        failures = _live_all(plan, spiking.NAME, seeds, folder, jobs, console)
        write_tables(plan, spiking.NAME, seeds, folder)
        results = read_results(out / "results.csv")
        for failure in failures:
            text = f"Seed {failure.seed} stopped: {failure.reason}\n{failure.details}".rstrip()
            console.print(text, style="red", highlight=False, markup=False, soft_wrap=True)
        if results:
            console.print(performance_table(plan.protocol, results))
        if failures:
            console.print("What is finished is saved; the same command goes on from there.")
            return False
        from experiments.figures import draw_run

        console.print(f"Figure: {draw_run(out)}", soft_wrap=True)
        console.print(f"Results: {out / 'results.csv'}, learning curves: {out / 'curve.csv'}", soft_wrap=True)
    return True


def _live_all(
    plan: Plan, agent: str, seeds: Sequence[int], folder: RunFolder, jobs: int, console: Console
) -> list[Failed]:
    done = {seed: cycles_done(plan, seed, folder) for seed in seeds}
    missing = [seed for seed in seeds if done[seed] < plan.total_cycles()]
    if not missing:
        console.print(f"{folder.path} is complete; tables and figure are made again from it.", soft_wrap=True)
        return []
    console.print(
        f"{len(missing)} networks, results in {folder.path}; kernels are compiled first where they are new.",
        soft_wrap=True,
        highlight=False,
    )
    failures = []
    with (
        reporter(console, done, plan.total_cycles()) as report,
        closing(run_seeds(plan, missing, folder, jobs)) as events,
    ):
        for event in events:
            if isinstance(event, Finished):
                report.end(event.seed, "finished")
                write_tables(plan, agent, seeds, folder)  # a long run can be looked at before its end
            elif isinstance(event, Failed):
                report.end(event.seed, "failed")
                failures.append(event)
            else:
                report.advance(event.seed, event.stage, event.cycles)
    return failures


def cycles_done(plan: Plan, seed: int, folder: RunFolder) -> int:
    """Cycles of training and testing that the records of a seed hold."""
    stages = plan.protocol.stages
    return sum(plan.cycles_until(stage, folder.stage(seed, stage.name).read().segments) for stage in stages)
