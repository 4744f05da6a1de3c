"""Output weights along a stage: what the figures of weight space are drawn from.

They are kept in half precision, 2 bytes a synapse: 12,544 bytes for the paper's 8 x 784. Weights lie between 1e-5 and
1; half precision keeps three digits of them, and the smallest to 6e-8.
"""

from collections.abc import Sequence

import numpy as np

from experiments.errors import UserError
from experiments.running.storage import StageFolder
from foraging_env.files import replacing


def keep_snapshots(folder: StageFolder, segment: int, weights: Sequence[np.ndarray]) -> None:
    """Keep the weights of one segment, each float[outputs, hidden]."""
    with replacing(folder.path / _name(segment)) as draft, draft.open("wb") as file:
        np.save(file, np.array(weights, dtype=np.float16), allow_pickle=False)


def read_snapshots(folder: StageFolder, segments: int) -> np.ndarray:
    """Output weights along the first ``segments`` segments, float16[n, outputs, hidden].

    Raises UserError if some are missing or damaged.
    """
    try:
        parts = [np.load(folder.path / _name(i), allow_pickle=False) for i in range(1, segments + 1)]
    except (OSError, ValueError) as error:
        raise UserError(
            f"{folder.path} lacks snapshots of its weights ({error}); delete it, and the stage is run again"
        ) from error
    return np.concatenate(parts)


def _name(segment: int) -> str:
    return f"weights-{segment:02d}.npy"
