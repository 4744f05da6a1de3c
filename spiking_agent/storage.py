"""A life as a file: arrays and a JSON text in one ``.npz``, nothing pickled, written whole or not at all."""

import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from foraging_env.files import replacing

_FORMAT = "spiking-forager-1"
_TEXT = "about.json"


def write(path: str | os.PathLike[str], about: dict[str, Any], arrays: dict[str, np.ndarray]) -> Path:
    """Write ``about`` (plain JSON) and ``arrays`` to ``path``; ``.npz`` is added to a name without suffix.

    The file appears under its name only when it is complete. Raises ValueError for arrays of objects.
    """
    target = Path(path)
    target = target if target.suffix else target.with_suffix(".npz")
    text = json.dumps({"format": _FORMAT} | about, sort_keys=True).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    objects = [name for name, array in arrays.items() if array.dtype.hasobject]
    if objects:  # NumPy would pickle them
        raise ValueError(f"{', '.join(objects)} cannot be saved: objects are no numbers")
    parts: dict[str, Any] = {_TEXT: np.frombuffer(text, np.uint8), **arrays}
    with replacing(target) as draft, draft.open("wb") as file:
        np.savez_compressed(file, **parts)
    return target


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The inverse of `write`.

    Raises FileNotFoundError, or ValueError if the file is no saved agent or damaged.
    """
    source = Path(path)
    if not source.exists() and not source.suffix:
        source = source.with_suffix(".npz")
    if not source.exists():
        raise FileNotFoundError(f"no saved agent at {source}")
    try:
        with source.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays.pop(_TEXT).tobytes())
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{source} is no saved agent, or is damaged ({error})") from error
    if about.get("format") != _FORMAT:
        raise ValueError(f"{source} has format {about.get('format')!r}; this version reads {_FORMAT!r}")
    return about, arrays
