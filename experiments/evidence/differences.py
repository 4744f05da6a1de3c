"""Two result folders of one protocol side by side: what differs between agents over the seeds that both have.

Differences are B - A. They are paired: seed 3 of an agent in B is compared with seed 3 of the agent in A.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from experiments.errors import UserError, known
from experiments.evidence.contest import Line
from experiments.evidence.folders import Folder
from experiments.evidence.scoring import INTAKE, PERFORMANCE, Score, scores
from experiments.evidence.statistics import RANDOM, Paired, holm, paired
from experiments.running.configuration import flat, species_settings

COMPARED = (
    (PERFORMANCE, "average_performance"),
    (INTAKE, "average_performance"),
    (PERFORMANCE, "forgetting"),
    (INTAKE, "forgetting"),
)
"""Measures and scores that are compared, as they are called in ``scores.csv``."""


class Difference(NamedTuple):
    """One score of an agent in A and of an agent in B over the same seeds; ``paired`` is of B - A."""

    agent_a: str
    agent_b: str
    measure: str
    score: str
    seeds: tuple[int, ...]
    mean_a: float
    mean_b: float
    paired: Paired
    holm_p: float  # the sign-flip p, corrected for all differences of the comparison


@dataclass(frozen=True)
class Comparison:
    """All differences between two folders."""

    a: Folder
    b: Folder
    differences: tuple[Difference, ...]
    left_out: tuple[str, ...]  # sentences: who was not compared, and why
    configuration: tuple[tuple[str, str, str], ...]  # what differs: its name, in A, in B

    def plain(self) -> dict[str, Any]:
        """As objects that JSON knows; a number that is not finite is None."""
        return {
            "protocol": self.a.contest.protocol,
            "a": self.a.name,
            "b": self.b.name,
            "difference": "b - a, paired over seeds; intervals are 95% BCa; p is two-sided",
            "differences": [_plain(each) for each in self.differences],
            "left_out": list(self.left_out),
            "configuration": [dict(zip(("name", "a", "b"), each, strict=True)) for each in self.configuration],
        }


def compare_folders(a: Folder, b: Folder, pairs: Sequence[tuple[str, str]] = ()) -> Comparison:
    """Compare the agents that are in both folders, or those in ``pairs`` (agent of A, agent of B).

    Raises UserError if the protocols differ, if no agent is in both and no pair is given, or for an unknown agent.
    """
    _check_protocols(a, b)
    lines_a, lines_b = ({line.agent: line for line in folder.contest.lines} for folder in (a, b))
    shared = [name for name in lines_a if name in lines_b]
    if not pairs and not shared:
        raise UserError(
            f"no agent is in both: {a.name} has {', '.join(lines_a)}; {b.name} has {', '.join(lines_b)}. "
            "Say which belong together: --pair AGENT_OF_A=AGENT_OF_B"
        )
    rows_a, rows_b = scores(a.contest), scores(b.contest)
    found: list[Difference] = []
    left_out: list[str] = []
    for name_a, name_b in dict.fromkeys(pairs) or [(name, name) for name in shared]:
        line_a = known(lines_a, name_a, f"agent of {a.name}")
        line_b = known(lines_b, name_b, f"agent of {b.name}")
        seeds = sorted(set(a.contest.seeds(line_a)) & set(b.contest.seeds(line_b)))
        if seeds:
            found += _differences(rows_a, rows_b, name_a, name_b, seeds)
        else:
            left_out.append(f"{_called(name_a, name_b)}: not compared, no seed is complete in both.")
    if not pairs:
        for folder, lines, others in ((a, lines_a, lines_b), (b, lines_b, lines_a)):
            if only := [name for name in lines if name not in others]:
                left_out.append(f"Only in {folder.name}: {', '.join(only)}.")
    corrected = holm([each.paired.sign_flip_p for each in found])
    differences = tuple(each._replace(holm_p=float(p)) for each, p in zip(found, corrected, strict=True))
    return Comparison(a, b, differences, tuple(left_out), tuple(_configuration(a, b)))


def _check_protocols(a: Folder, b: Folder) -> None:
    """Raises UserError with the reason why the folders are not comparable."""
    rule = "only folders of the same protocol can be compared"
    for what, in_a, in_b in (
        ("protocol", a.contest.protocol, b.contest.protocol),
        ("tested tasks", ", ".join(a.contest.tests), ", ".join(b.contest.tests)),
    ):
        if in_a != in_b:
            raise UserError(
                f"{a.name} and {b.name} differ in {what}: {in_a!r} and {in_b!r}; {rule}. Run one of them again with "
                "the other's --protocol"
            )
    for line in a.contest.lines:
        other = b.contest.line(line.agent)
        if other is not None and _curriculum(line) != _curriculum(other):
            raise UserError(
                f"agent {line.agent!r} learns {_curriculum(line)} in {a.name} and {_curriculum(other)} in {b.name}, "
                f"though both protocols are called {line.protocol!r}; {rule}"
            )


def _curriculum(line: Line) -> str:
    return ", then ".join("+".join(stage.tasks) for stage in line.phases)


def _differences(
    rows_a: Sequence[Score], rows_b: Sequence[Score], name_a: str, name_b: str, seeds: Sequence[int]
) -> Iterator[Difference]:
    for measure, score in COMPARED:
        of_a, of_b = _by_seed(rows_a, name_a, measure, score), _by_seed(rows_b, name_b, measure, score)
        both = tuple(seed for seed in seeds if seed in of_a and seed in of_b)
        if both:
            in_a, in_b = [of_a[seed] for seed in both], [of_b[seed] for seed in both]
            means = sum(in_a) / len(both), sum(in_b) / len(both)
            yield Difference(
                name_a, name_b, measure, score, both, *means, paired(in_b, in_a, RANDOM), math.nan
            )  # Holm's correction needs all of them


def _by_seed(rows: Sequence[Score], agent: str, measure: str, score: str) -> dict[int, float]:
    return {row.seed: row.value for row in rows if (row.agent, row.measure, row.score) == (agent, measure, score)}


def _called(name_a: str, name_b: str) -> str:
    return name_a if name_a == name_b else f"{name_a} and {name_b}"


def _configuration(a: Folder, b: Folder) -> Iterator[tuple[str, str, str]]:
    """What differs, agents apart: preset, seeds, commit, versions, and settings of the species that both have."""
    told = []
    for folder in (a, b):
        general = {key: folder.configured(key) for key in ("experiment", "preset", "seeds", "commit", "versions")}
        told.append((flat(general), species_settings(folder.run.config)))
    (general_a, species_a), (general_b, species_b) = told
    yield from _unequal(general_a, general_b, "")
    for name in species_a:
        if name in species_b:
            yield from _unequal(species_a[name], species_b[name], f"{name}: ")


def _unequal(a: dict[str, str], b: dict[str, str], prefix: str) -> Iterator[tuple[str, str, str]]:
    for key in dict.fromkeys([*a, *b]):
        if a.get(key) != b.get(key):
            yield prefix + key, a.get(key, "not set"), b.get(key, "not set")


def _plain(difference: Difference) -> dict[str, Any]:
    found = difference.paired
    return {
        "agent_a": difference.agent_a,
        "agent_b": difference.agent_b,
        "measure": difference.measure,
        "score": difference.score,
        "n": found.n,
        "seeds": list(difference.seeds),
        "mean_a": _finite(difference.mean_a),
        "mean_b": _finite(difference.mean_b),
        "difference": _finite(found.difference.estimate),
        "low": _finite(found.difference.low),
        "high": _finite(found.difference.high),
        "cohens_dz": _finite(found.cohens_dz.estimate),
        "cohens_dz_low": _finite(found.cohens_dz.low),
        "cohens_dz_high": _finite(found.cohens_dz.high),
        "sign_flip_p": _finite(found.sign_flip_p),
        "holm_p": _finite(difference.holm_p),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
