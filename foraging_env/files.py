"""Files that are whole or not there: written under another name, then renamed."""

import csv
import glob
import io
import json
import os
import platform
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DRAFTS = ".*draft-*"
"""Glob pattern of what a process that was killed while it wrote leaves behind."""


def read_json(text: str) -> Any:
    """What JSON text says. Raises ValueError for text that is none, and for an object with one name twice."""
    return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"name {name!r} stands twice in one object")
    return dict(pairs)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; it becomes ``path`` when the block ends well, and nothing happens when it does not.

    What processes of this machine left behind when they were killed while they wrote ``path`` is removed.
    """
    ours = f".draft-{platform.node()}-"
    for left in path.parent.glob(f"{glob.escape(ours)}*-{glob.escape(path.name)}"):
        writer = _writer(left)
        if writer is not None and not _runs(writer):
            left.unlink(missing_ok=True)
    draft = path.with_name(f"{ours}{os.getpid()}.{threading.get_native_id()}-{path.name}")
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def remove_drafts(folder: Path) -> None:
    """Remove what killed processes left in ``folder``; what a living process of this machine writes there stays."""
    for draft in folder.glob(DRAFTS):
        writer = _writer(draft)
        if writer is None or not _runs(writer):
            draft.unlink(missing_ok=True)


def _writer(draft: Path) -> int | None:
    """Which process of this machine writes it; None if it is another machine's."""
    ours = re.match(rf"\.draft-{re.escape(platform.node())}-(\d+)\.\d+-", draft.name)
    return int(ours[1]) if ours else None


def _runs(process: int) -> bool:
    """Whether there is such a process; where it cannot be asked without harm (Windows), there may be."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's
        return True
    return True


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as JSON, whole or not at all."""
    with replacing(path) as draft:
        draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table, whole or not at all; floats keep all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    with replacing(path) as draft:
        draft.write_text(text.getvalue(), encoding="utf-8")
