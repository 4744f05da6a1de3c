"""A run from command to result folder: claim, live every agent, tables, figure."""

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from experiments import printing
from experiments.errors import UserError, breaking_off
from experiments.learners.species import learner
from experiments.plans import estimates
from experiments.plans.plan import Plan, Unit, units
from experiments.printing import counted, duration
from experiments.running.cluster import Cluster
from experiments.running.configuration import IDENTITY, describe, versions
from experiments.running.life import Step, is_done
from experiments.running.progress import reporter
from experiments.running.storage import RunFolder, Stages, tests_key
from experiments.running.tables import write_tables
from experiments.running.workers import Failed, Finished, Started, run_units


@dataclass(frozen=True)
class Run:
    """What is to be run, and where its results go.

    ``experiment`` is a row of `experiments.catalogue`; ``stages`` is where the agents' states lie, None for a folder in
    ``out``.
    """

    experiment: str
    preset: str
    plans: tuple[Plan, ...]
    seeds: tuple[int, ...]
    out: Path
    stages: Path | None = None

    def units(self) -> list[Unit]:
        """Every agent with every seed."""
        return list(units(self.plans, self.seeds))


def announce(request: Run, jobs: int, console: Console) -> None:
    """Say what is lacking, and how long it takes; nothing is done or written."""
    stages = stages_of(request, _descriptions(request))
    total, done = work_left(request, stages)
    for plan, stage, seed in estimates.distinct(request.plans, request.units()):
        tested = plan.total_steps(stage) - plan.steps(stage)
        lacking = f"{plan.steps(stage):,} steps of training, {tested:,} of tests"
        left = "done" if is_done(plan, stage, seed, stages) else lacking
        console.print(f"{plan.species.name} seed {seed}  {stage.name}: {left}")
    agents = counted(len(request.units()), "agent")
    console.print(
        f"{agents} in all, {duration(done)} of {duration(total)} processor time done; about "
        f"{duration((total - done) / jobs)} to go with {jobs} at a time. The estimate is another machine's; "
        "forage doctor compares",
        soft_wrap=True,
    )


def run(request: Run, *, jobs: int, console: Console, command: str, scheduler: str | None = None) -> bool:
    """Do what is still lacking, then write the tables; ``jobs`` processes, or the Dask cluster at ``scheduler``, do it.

    Returns whether every agent has all its stages. Raises UserError if the folder holds something else or the cluster
    cannot be worked with, BrokenOffError if the tables cannot be written or the cluster goes away.
    """
    species = _descriptions(request)
    folder = RunFolder(request.out)
    if request.stages is not None:
        _make_stages_folder(request.stages)
    configuration = describe(request.experiment, request.preset, request.plans, request.seeds, species, command)
    with folder.claimed(configuration, IDENTITY) as alone:
        stages = stages_of(request, species)
        missing = [unit for unit in request.units() if not _is_complete(request, unit, stages)]
        if not alone:
            console.print(f"Another process is at work in {folder.path}; this one begins with the last agents.")
            missing.reverse()
        with breaking_off(f"What is finished is saved in {folder.path}; the same command goes on."):
            failures = _live_all(request, missing, folder, stages, jobs, console, scheduler)
            write_tables(request.plans, request.seeds, folder, stages)
        _tell(failures, printing.console(stderr=True) if console.quiet else console)
    return not failures


def _tell(failures: list[Failed], console: Console) -> None:
    for failure in failures:
        text = f"{failure.unit.name} stopped: {failure.reason}\n{failure.details}".rstrip()
        console.print(text, style="red", soft_wrap=True)
    if failures:
        console.print("What is finished is saved; once the reason is gone, the same command goes on from there.")


def _make_stages_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path} cannot hold stages ({error.strerror}); choose another --stages") from error


def _descriptions(request: Run) -> dict[str, Any]:
    return {plan.species.key: learner(plan.species).describe(plan.species) for plan in request.plans}


def stages_of(request: Run, species: dict[str, Any]) -> Stages:
    """The folders of the run's stages."""
    return Stages(_stages_path(request), species, versions())


def _stages_path(request: Run) -> Path:
    return (request.stages or request.out / "stages").absolute()  # the workers of a cluster are at home elsewhere


def work_left(request: Run, stages: Stages) -> tuple[float, float]:
    """Estimated seconds of processor time of all of the run's stages, and of those that are done."""
    total = done = 0.0
    for plan, stage, seed in estimates.distinct(request.plans, request.units()):
        folder = stages.folder(plan, stage, seed)
        segments, tested = folder.read().segments, folder.tests(tests_key(plan)) is not None
        total += estimates.stage_seconds(plan, stage, plan.segments(stage), with_tests=True)
        done += estimates.stage_seconds(plan, stage, segments, with_tests=tested)
    return total, done


def _live_all(
    request: Run,
    missing: list[Unit],
    folder: RunFolder,
    stages: Stages,
    jobs: int,
    console: Console,
    scheduler: str | None,
) -> list[Failed]:
    plans = request.plans
    if not missing:
        console.print(f"{folder.path} is complete; tables and figure are made again from it.", soft_wrap=True)
        return []
    total, done = work_left(request, stages)
    failures = []
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(scheduler)) if scheduler else None
        places = cluster.places() if cluster else jobs
        at_once = max(1, min(places, len(missing)))
        agents = counted(len(missing), "agent")
        console.print(
            f"{agents}, {at_once} at a time, about {duration((total - done) / at_once)}; results in {folder.path}. "
            "Kernels are compiled first where they are new.",
            soft_wrap=True,
        )
        if not places:
            console.print(f"The cluster at {scheduler} has no workers yet; the agents wait for them.", soft_wrap=True)
        report = stack.enter_context(reporter(console, done, total, len(missing)))
        if cluster:
            events = cluster.run_units(plans, missing, stages, _stages_path(request))
        else:
            events = run_units(plans, missing, stages, jobs)
        for event in stack.enter_context(closing(events)):
            match event:
                case Started(unit):
                    report.begin(unit.name)
                case Finished(unit):
                    report.end(unit.name, "finished")
                    write_tables(plans, request.seeds, folder, stages)  # a long run can be looked at before its end
                case Failed(unit):
                    report.end(unit.name, "failed")
                    failures.append(event)
                case Step(unit, name, learned, tested):
                    plan = plans[unit.plan]
                    stage = next(stage for stage in plan.protocol.stages if stage.name == name)
                    work = estimates.seconds(plan.species.name, learned, tested)
                    whole = estimates.stage_seconds(plan, stage, plan.segments(stage), with_tests=True)
                    report.advance(unit.name, name, work, work / whole)
    return failures


def _is_complete(request: Run, unit: Unit, stages: Stages) -> bool:
    plan = request.plans[unit.plan]
    return all(is_done(plan, stage, unit.seed, stages) for stage in plan.stages_of(unit.agent))
