"""The values of Golden et al. 2022 (PLoS Comput Biol 18(11): e1010628), to stand beside ours."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Published(NamedTuple):
    """Mean and standard deviation of performance over the paper's networks (at least 10)."""

    mean: float
    sd: float


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("paper_results.json").read_text(encoding="utf-8"))
    return content


@cache
def _conditions() -> dict[str, dict[str, list[float]]]:
    return {condition["id"]: condition for condition in _content()["conditions"]}


def published(stage: str, task: str) -> Published | None:
    """The paper's performance on a task after a stage; None where it gives none."""
    values = _conditions().get(stage, {}).get(task)
    return Published(*values) if values else None


def published_distances() -> dict[str, float]:
    """The paper's mean signed distances from the boundary between the tasks' weights, by its names of the groups."""
    return dict(_content()["weight_space"]["svm_rbf_mean_signed_distance"])
