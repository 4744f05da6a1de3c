"""Whether files are the same, byte for byte, and if not, which and how, in a few lines: the end of a log shows all."""

from collections.abc import Mapping
from pathlib import Path

NAMED = 12
"""Files that a message names at most."""

SHOWN = 60
"""Bytes of a file that a message shows at most."""


def assert_same_files(found: Mapping[str, bytes], expected: Mapping[str, bytes]) -> None:
    """Raises AssertionError which names what is missing, what is too much, and what is other, and where it begins."""
    __tracebackhide__ = True
    faults = [f"missing: {name}" for name in sorted(expected.keys() - found.keys())]
    faults += [f"too much: {name}" for name in sorted(found.keys() - expected.keys())]
    common = sorted(found.keys() & expected.keys())
    faults += [_difference(name, found[name], expected[name]) for name in common if found[name] != expected[name]]
    if faults:
        more = [f"and {len(faults) - NAMED} more"] if len(faults) > NAMED else []
        heading = f"{len(faults)} of {len(found.keys() | expected.keys())} files differ"
        raise AssertionError("\n".join([heading, *faults[:NAMED], *more]))


def assert_same_bytes(found: Path, expected: Path) -> None:
    """The same of two files, whatever their names."""
    __tracebackhide__ = True
    assert_same_files({found.name: found.read_bytes()}, {found.name: expected.read_bytes()})


def _difference(name: str, found: bytes, expected: bytes) -> str:
    """One line: how long both are, where the first other byte is, and what stands there."""
    pairs = zip(found, expected, strict=False)
    first = next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(found), len(expected)))
    begin = max(first - SHOWN // 3, found.rfind(b"\n", 0, first) + 1)  # of the line, if that is not far
    one, other = (content[begin : begin + SHOWN] for content in (found, expected))
    return (
        f"other: {name}, {len(found)} bytes for {len(expected)}, from byte {first}: "
        f"{one!r} at byte {begin}, not {other!r}"
    )
