"""The values of Golden et al. 2022 (PLoS Comput Biol 18(11): e1010628), to stand beside ours."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Published(NamedTuple):
    """Mean and standard deviation of performance over the paper's networks (at least 10)."""

    mean: float
    sd: float


@cache
def _conditions() -> dict[str, dict[str, list[float]]]:
    content = json.loads(Path(__file__).with_name("paper_results.json").read_text(encoding="utf-8"))
    return {condition["id"]: condition for condition in content["conditions"]}


def published(stage: str, task: str) -> Published | None:
    """The paper's performance on a task after a stage; None where it gives none."""
    values = _conditions().get(stage, {}).get(task)
    return Published(*values) if values else None
