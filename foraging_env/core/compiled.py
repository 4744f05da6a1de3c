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
from numba.core.registry import CPUDispatcher as Dispatcher

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

_BARE: Any = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def _for_kernels_only(dispatcher: Any) -> Any:
    """Without its adapter a call from Python would crash; let it raise TypeError. Interpreted, it can be called."""
    if isinstance(dispatcher, Dispatcher):
        dispatcher.__class__ = _KernelsOnly
    return dispatcher


class _KernelsOnly(Dispatcher):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self.py_func.__name__
        raise TypeError(
            f"{name} is compiled into other kernels only; call one of them, or {name}.py_func to interpret it"
        )


def kernel(function: F) -> F:
    """Compile a function that is called by other kernels; it is cached inside its callers.

    Division follows IEEE 754 (numpy's error model): a check for zero before every division would keep loops
    over neurons from being vectorised.
    """
    return _njit(function, nogil=True, error_model="numpy", no_cfunc_wrapper=True)


def bare_kernel(function: F) -> F:
    """Like `kernel`, for functions that create no array, not even a slice that outlives them.

    numba counts the references to every array that is handed to a function. For a world's state that is ten
    atomic increments and decrements a call, fifteen times what a step costs; without arrays of their own,
    functions need no counting. Python cannot call it: the adapter that this would take costs as long to compile as
    the function.
    """
    return _for_kernels_only(_njit(function, **_BARE))


def inlined(function: F) -> F:
    """Like `bare_kernel`, for small functions that call hardly any other: the machine code of every caller has them."""
    return _for_kernels_only(_njit(function, forceinline=True, **_BARE))


def pasted(function: F) -> F:
    """Like `inlined`, but the source is put into the caller before anything is compiled.

    For functions that stand between others: what a kernel calls is optimised once more with every caller above it, so
    each storey less makes the first start quicker (the world's: from 7 s to 4 s).
    """
    return _for_kernels_only(_njit(function, inline="always", **_BARE))


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
        return _njit(function, cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True, **options)
    finally:
        _config.CACHE_DIR = before
