"""The results that come with the package: other agents are ranked among them without living through them again.

For a protocol there are ``forgetting_PROTOCOL.csv`` (tests after every phase), ``..._costs.csv`` and ``...json`` (the
configuration that made them) in ``experiments/results``. They are written from a finished run by

    python -m experiments.evidence.reference RUN_FOLDER

Tests of a seed lie in the same worlds whoever is tested, so a newcomer is paired with everybody who has its seeds.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from experiments.errors import UserError
from experiments.evidence.contest import Contest, contest_from, contest_of
from experiments.evidence.results import read_costs, read_results, read_run
from experiments.plans.plan import INTERLEAVED, SINGLE, Plan, plan_from
from foraging_env.files import read_json, replacing

FOLDER = Path(str(files("experiments"))) / "results"


def reference(protocol: str, folder: Path = FOLDER) -> Contest | None:
    """The shipped results of a protocol; None if there are none. Raises UserError if they are damaged."""
    config = _config(protocol, folder)
    if config is None:
        return None
    return contest_from(
        [plan_from(plan) for plan in config["plans"]],
        read_results(_path(folder, protocol, ".csv")),
        [],
        read_costs(_path(folder, protocol, "_costs.csv")),
    )


def cannot_compare(plans: Sequence[Plan], folder: Path = FOLDER) -> str:
    """Why agents of these plans cannot be ranked among the shipped results; nothing if they can."""
    name = plans[0].protocol.name
    config = _config(name, folder)
    if config is None:
        others = ", ".join(protocols(folder))
        return f"there are no shipped results of protocol {name!r}; there are some of {others or 'no protocol yet'}"
    shipped = {plan.species.kind: plan for plan in (plan_from(each) for each in config["plans"])}
    for plan in plans:
        for other in shipped.values():
            if (plan.species.habitat, plan.protocol.tests) != (other.species.habitat, other.protocol.tests):
                return f"the shipped results of {name!r} are of other tasks or worlds"
        alike = shipped.get(plan.species.kind)
        if alike is None:  # nobody of its kind, whose lengths could be compared
            continue
        for what, mine, theirs in (
            ("steps a task", plan.lengths.stage, alike.lengths.stage),
            ("steps a test", plan.lengths.test, alike.lengths.test),
        ):
            if mine != theirs:
                return (
                    f"the shipped results of {name!r} have {theirs:,} {what}, these {mine:,}; "
                    f"--preset {config['preset']} has the same"
                )
    return ""


def beside(contest: Contest, shipped: Contest) -> tuple[Contest, list[str]]:
    """Both as one, and the agents that are shipped; of those with the same name the contest's own count."""
    own = {line.agent for line in contest.lines}
    others = tuple(line for line in shipped.lines if line.agent not in own)
    names = [line.agent for line in others]
    both = replace(
        contest,
        lines=(*contest.lines, *others),
        results=[*contest.results, *(row for row in shipped.results if row.agent in names)],
        costs=[*contest.costs, *(row for row in shipped.costs if row.agent in names)],
    )
    return both, names


def measured_range(protocol: str, folder: Path = FOLDER) -> str:
    """What a protocol tells apart, from the shipped results: mean performance and intake of PPO's bounds and of PPO."""
    contest = reference(protocol, folder)
    if contest is None:
        return ""
    parts, counts = [], set()
    for what, agent in (("single", f"ppo+{SINGLE}"), ("joint", f"ppo+{INTERLEAVED}"), ("fine-tuning", "ppo")):
        line = contest.line(agent)
        if line is None:
            continue
        seeds = contest.seeds(line)
        performance, intake = (
            np.mean([contest.last(line, seed, measure) for seed in seeds]) for measure in ("performance", "intake")
        )
        parts.append(f"{what} {performance:.2f} ({intake:.1f})")
        counts.add(len(seeds))
    return f"ppo, n = {min(counts)}: {', '.join(parts)}" if parts else ""


def protocols(folder: Path = FOLDER) -> list[str]:
    """Those with shipped results."""
    return sorted(path.stem.removeprefix("forgetting_") for path in folder.glob("forgetting_*.json"))


def ship(run: Path, folder: Path = FOLDER) -> list[Path]:
    """Write the files of a finished run into ``folder`` and return them.

    Raises UserError if the run is not complete.
    """
    found = read_run(run)
    contest = contest_of(found)
    for line in contest.lines:
        lacking = sorted(set(found.seeds) - set(contest.seeds(line)))
        if lacking:
            raise UserError(f"{run}: {line.agent} has no complete life of seeds {lacking}; finish the run first")
    protocol = contest.protocol
    written = []
    for name, ending in (("results.csv", ".csv"), ("costs.csv", "_costs.csv")):
        target = _path(folder, protocol, ending)
        with replacing(target) as draft:
            draft.write_bytes((run / name).read_bytes())
        written.append(target)
    target = _path(folder, protocol, ".json")
    with replacing(target) as draft:
        draft.write_text(json.dumps(found.config, indent=1) + "\n", encoding="utf-8")
    return [*written, target]


def _path(folder: Path, protocol: str, ending: str) -> Path:
    return folder / f"forgetting_{protocol}{ending}"


def _config(protocol: str, folder: Path) -> dict[str, Any] | None:
    path = _path(folder, protocol, ".json")
    if not path.exists():
        return None
    config: dict[str, Any] = read_json(path.read_text(encoding="utf-8"))
    return config


def main(run: Annotated[Path, typer.Argument(help="A finished run of forage run forgetting --preset full.")]) -> None:
    """Make the results of a run the ones that are shipped."""
    try:
        for path in ship(run):
            print(path)
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    typer.run(main)
