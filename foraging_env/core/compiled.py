"""Decorators for compiled functions, with a disk cache that cannot go stale.

Numba's own cache looks only at the file of the cached function: edit a kernel that it calls from another
file and the old machine code keeps running. Here the cache folder is named by a hash of *all* core sources
(and of the bounds-check switch, which numba's key forgets), so any edit starts a fresh folder. A compiled
function outside of the cores may call into them, but must have all else that it calls in its own file.

The folder lies under ``NUMBA_CACHE_DIR`` if that is set, else in the user's cache directory.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import platformdirs

_PACKAGES = Path(__file__).resolve().parents[2]
_CORES = ("foraging_env/core", "spiking_agent/core")

# Untyped on purpose: numba's type stubs change from version to version and lack the options used here.
_njit: Any = numba.njit
_config: Any = numba.config

F = TypeVar("F", bound=Callable[..., Any])


def _source_hash() -> str:
    digest = hashlib.sha256(f"numba {numba.__version__} bounds {_config.BOUNDSCHECK}".encode())
    for core in _CORES:
        for path in sorted((_PACKAGES / core).glob("*.py")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_directory() -> Path:
    """Folder that holds the machine code of exactly these sources."""
    root = os.environ.get("NUMBA_CACHE_DIR") or platformdirs.user_cache_dir("forage", appauthor=False)
    return Path(root) / f"kernels-{_source_hash()}"


_CACHE = str(cache_directory())


def kernel(function: F) -> F:
    """Compile a function that is called by other kernels; it is cached inside its callers.

    Division follows IEEE 754 (numpy's error model): a check for zero before every division would keep loops
    over neurons from being vectorised.
    """
    return _njit(function, nogil=True, error_model="numpy")


def bare_kernel(function: F) -> F:
    """Like `kernel`, for functions that create no array, not even a slice that outlives them.

    numba counts the references to every array that is handed to a function. For a world's state that is ten
    atomic increments and decrements a call, fifteen times what a step costs; without arrays of their own,
    functions need no counting.
    """
    return _njit(function, nogil=True, error_model="numpy", _nrt=False)


def inlined(function: F) -> F:
    """Like `bare_kernel`, for small functions that run at every step: always compiled into their callers."""
    return _njit(function, nogil=True, error_model="numpy", _nrt=False, forceinline=True)


def entry_point(function: F) -> F:
    """Compile a function that Python calls, and keep its machine code on disk."""
    return _on_disk(function)


def bare_entry_point(function: F) -> F:
    """Like `entry_point`, without reference counts (see `bare_kernel`)."""
    return _on_disk(function, _nrt=False)


def direct(function: F, *examples: Any) -> F:
    """An entry point compiled for the types of ``examples`` and called without numba's look at the types.

    That look takes 2.6 µs with the arrays of a state, six times as long as a step of one world. The caller vouches that
    all later arguments have the types of the examples (dtype, dimensions, C order).
    """
    compiled: Any = function
    if not hasattr(compiled, "overloads"):
        return function  # interpreted, with NUMBA_DISABLE_JIT
    types = tuple(numba.typeof(example) for example in examples)
    compiled.compile(types)
    return compiled.overloads[types].entry_point


def _on_disk(function: F, **options: bool) -> F:
    """Compile with a disk cache in the folder of these sources.

    numba reads the cache folder once, when the dispatcher is made; the setting is put back at once so that
    other users of numba in this process keep theirs.
    """
    before = _config.CACHE_DIR
    _config.CACHE_DIR = _CACHE
    try:
        return _njit(function, cache=True, nogil=True, error_model="numpy", **options)
    finally:
        _config.CACHE_DIR = before
