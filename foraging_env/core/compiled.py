"""Decorators for compiled functions, with a cache on disk that is a help and never a need, and never stale.

Numba's own cache looks only at the file of the cached function: edit a kernel that it calls from another file, and
the old machine code keeps running. It falls back to ``__pycache__`` where its folder cannot be used, and a damaged file
in it stops the program. So entry points get a cache of our own (`KernelCache`), which differs in four ways:

1. One file for each function and signature, named by a hash of all that its machine code is made of: the bytecode and
   constants of every function that it reaches, in memory, as well as the sources of both cores, the versions, and
   numba's settings.
2. A checksum in each file. Machine code that was damaged on disk is not run; it is compiled anew and replaced.
3. A file appears whole or not at all, so any number of processes may start at once.
4. Whatever goes wrong, the function is compiled in memory, and one RuntimeWarning says so.

The folder lies under ``NUMBA_CACHE_DIR`` if that is set, else in the user's cache directory.
"""

import contextlib
import enum
import functools
import hashlib
import os
import pickle
import sys
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

import llvmlite  # type: ignore[import-untyped]
import numba
import numpy as np
import platformdirs
from numba.core.compiler import CompileResult
from numba.core.registry import CPUDispatcher as Dispatcher
from numba.core.serialize import dumps

_PACKAGES = Path(__file__).resolve().parents[2]
_CORES = ("foraging_env/core", "spiking_agent/core")

# Untyped on purpose: numba's type stubs change from version to version and lack the options used here.
_njit: Any = numba.njit
_config: Any = numba.config

# What numba can be told by its environment variables that changes machine code. The processor is in every key.
_SETTINGS = (
    "BOUNDSCHECK",
    "OPT",
    "LOOP_VECTORIZE",
    "SLP_VECTORIZE",
    "DISABLE_INTEL_SVML",
    "DEBUGINFO_DEFAULT",
    "EXTEND_VARIABLE_LIFETIMES",
    "ENABLE_PROFILING",
    "ENABLE_SYS_MONITORING",
    "DEBUG_ARRAY_OPT_RUNTIME",
    "DEBUG_NRT",
    "NRT_STATS",
    "LLVM_REFPRUNE_PASS",
    "LLVM_REFPRUNE_FLAGS",
)

try:
    _STARTED_IN = Path.cwd()  # a relative NUMBA_CACHE_DIR means the same folder after a change of directory
except OSError:
    _STARTED_IN = Path()  # the working directory is gone

F = TypeVar("F", bound=Callable[..., Any])


def _source_hash() -> str:
    versions = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)
    settings = [(name, getattr(_config, name, None)) for name in _SETTINGS]
    digest = hashlib.sha256(repr((versions, settings)).encode())
    for core in _CORES:
        # Names with a dot in front are the locks and copies that editors keep beside a file.
        paths = sorted(path for path in (_PACKAGES / core).glob("*.py") if not path.name.startswith("."))
        if not paths and core == _CORES[0]:
            raise OSError(f"{_PACKAGES / core} holds no sources by which to tell machine code")
        for path in paths:
            digest.update(path.name.encode())
            digest.update(_content_hash(path))
    return digest.hexdigest()[:16]


def _content_hash(path: Path) -> bytes:
    found = path.stat()
    return _hashed(path, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=256)
def _hashed(path: Path, mtime: int, size: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def cache_directory() -> Path:
    """Folder that holds the machine code of exactly these sources, versions and settings of numba; it need not exist.

    Raises OSError where there can be none: no NUMBA_CACHE_DIR and no home, or no sources by which to name it.
    """
    root = os.environ.get("NUMBA_CACHE_DIR")
    if not root:
        root = platformdirs.user_cache_dir("forage", appauthor=False)
        if root.startswith("~"):  # nobody knows what it stands for
            raise OSError("this user has no home folder")
    return _STARTED_IN / root / f"kernels-{_source_hash()}"


class KernelCache:
    """The machine code of one function on disk; it has the methods that numba asks of a dispatcher's cache."""

    def __init__(self, function: Any) -> None:
        self._function = function
        name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
        self._name = name.replace("<", "").replace(">", "")[:80]
        self._fault: Exception | None = None  # what was wrong with the file that is about to be written anew

    @property
    def cache_path(self) -> str | None:
        """The folder, for numba's statistics; None if there is none."""
        try:
            return str(cache_directory())
        except OSError:
            return None

    def load_overload(self, signature: Any, target: Any) -> Any:
        """What was compiled for ``signature``; None if it has to be compiled, for whatever reason."""
        self._fault = None
        try:
            target.refresh()
            path, key = self._place(signature, target)
            return CompileResult._rebuild(target, *_unpacked(path.read_bytes(), key, signature))
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever is wrong with a cache, the program goes on without it
            self._fault = error
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep what was compiled for ``signature``; warn, once in a process, if that cannot be done."""
        path, key = None, b""
        try:
            if compiled.library.has_dynamic_globals or self._function.__closure__ is not None:
                return  # it holds addresses of this process, or values that no key tells
            path, key = self._place(signature, compiled.target_context)
            _write(path, _packed(compiled._reduce(), key, signature))
        except Exception as error:
            if path is None or not _is_whole(path, key):  # else another process was quicker
                _warn_unkept(path, error)
        else:
            if self._fault is not None:
                _warn_replaced(path, self._fault)

    def flush(self) -> None:
        """Forget all signatures; numba asks for it before it compiles a function anew."""
        with contextlib.suppress(OSError):
            for path in cache_directory().glob(f"{self._name}-*.nbc"):
                path.unlink(missing_ok=True)

    def enable(self) -> None:
        """Nothing: this cache is always on."""

    def disable(self) -> None:
        """Nothing: this cache is always on."""

    def _place(self, signature: Any, target: Any) -> tuple[Path, bytes]:
        """The file of a signature, and the key that must stand in it."""
        digest = hashlib.sha256(repr((str(signature), target.codegen().magic_tuple())).encode())
        for ingredient in _ingredients(self._function, set()):
            digest.update(ingredient.encode())
        with contextlib.suppress(OSError):  # typed into a prompt, it has no file
            digest.update(_content_hash(Path(self._function.__code__.co_filename)))
        return cache_directory() / f"{self._name}-{digest.hexdigest()[:16]}.nbc", digest.digest()


def _packed(reduced: Any, key: bytes, signature: Any) -> bytes:
    content = dumps((signature, reduced))
    return hashlib.sha256(key + content).digest() + content


def _unpacked(data: bytes, key: bytes, signature: Any) -> Any:
    content = memoryview(data)[32:]
    if hashlib.sha256(key + content).digest() != data[:32]:
        raise ValueError("its checksum is wrong")
    saved, reduced = pickle.loads(content)
    if saved != signature:
        raise ValueError("it is of other types")
    return reduced


def _is_whole(path: Path, key: bytes) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return hashlib.sha256(key + data[32:]).digest() == data[:32]


def _write(path: Path, data: bytes) -> None:
    """Let the file appear whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.tmp.{uuid.uuid4().hex[:16]}")
    try:
        draft.write_bytes(data)
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _warn_unkept(path: Path | None, error: Exception) -> None:
    where = "" if path is None else f" in {path.parent}"
    _warn_once(
        "unkept",
        f"compiled kernels cannot be kept{where} ({_reason(error)}): they are compiled anew at every start, which "
        "takes seconds; set NUMBA_CACHE_DIR to a folder that can be written",
    )


def _warn_replaced(path: Path, error: Exception) -> None:
    _warn_once(
        "replaced",
        f"the compiled kernel {path} could not be used ({_reason(error)}): it was compiled anew and replaced",
    )


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__


_warned: set[str] = set()


def _warn_once(kind: str, text: str) -> None:
    if kind not in _warned:
        _warned.add(kind)
        warnings.warn(text, RuntimeWarning, stacklevel=4)


def _ingredients(function: Any, seen: set[Any]) -> Iterator[str]:
    """What the machine code of ``function`` is made of: its bytecode, its constants, and all that it names.

    This is looked up in memory, where it is what numba compiles: a file may have been edited since it was imported.
    """
    if function in seen:
        return
    seen.add(function)
    codes = list(_codes(function.__code__))
    names = sorted({name for code in codes for name in code.co_names})
    yield f"{function.__qualname__} {function.__defaults__}"
    for code in codes:
        constants = [constant for constant in code.co_consts if not isinstance(constant, CodeType)]
        yield f"{code.co_code.hex()} {constants} {code.co_varnames} {code.co_names}"
    for name in names:
        if name in function.__globals__:
            yield name
            yield from _meaning(function.__globals__[name], names, seen)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code and what is defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _meaning(value: Any, names: list[str], seen: set[Any]) -> Iterator[str]:
    """What ``value`` adds to machine code that says one of ``names`` of it; the same text in every process."""
    if isinstance(value, Dispatcher):
        yield f"{sorted(value.targetoptions.items())}"
        yield from _ingredients(value.py_func, seen)
    elif isinstance(value, ModuleType):
        yield value.__name__
        for name in names:
            if name in vars(value) and (value.__name__, name) not in seen:
                seen.add((value.__name__, name))
                yield from _meaning(vars(value)[name], names, seen)
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    elif isinstance(value, enum.EnumMeta):
        members: dict[str, Any] = dict(value.__members__)
        yield f"{[(name, member.value) for name, member in members.items()]}"
    elif callable(value):
        yield f"{getattr(value, '__module__', '')} {getattr(value, '__qualname__', value)}"
        yield f"{getattr(value, '_fields', '')}"
    else:
        yield repr(value)


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
    """Compile with a `KernelCache`."""
    dispatcher = _njit(function, nogil=True, error_model="numpy", no_cfunc_wrapper=True, **options)
    if dispatcher is not function:  # interpreted, with NUMBA_DISABLE_JIT, it is the function itself
        dispatcher._cache = KernelCache(function)
    return dispatcher
