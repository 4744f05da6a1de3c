"""Where a user's own agent comes from: ``mypackage.module:make``, imported, and a digest of all of its source."""

import ast
import functools
import hashlib
import importlib
import inspect
import os
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from experiments.errors import UserError


def make_of(name: str) -> Callable[..., Any]:
    """What ``module:attribute`` names: a function, a `functools.partial`, or any other object that can be called.

    The working directory is as it was before. Raises UserError if the module cannot be imported, whatever it raises,
    or has nothing of that name that can be called.
    """
    module_name, _, attribute = name.partition(":")
    here = os.getcwd()
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}" if not isinstance(error, ImportError) else str(error)
        raise UserError(
            f"agent {name!r}: {module_name} cannot be imported ({reason}); "
            "run from its folder, or install it, and write it as mypackage.module:make"
        ) from error
    finally:
        os.chdir(here)
    make = getattr(module, attribute, None)
    if not callable(make):
        raise UserError(f"agent {name!r}: {module_name} has no function {attribute!r}")
    found: Callable[..., Any] = make
    return found


def digest_of(name: str) -> str:
    """A digest of the source of an agent: of an edited one it is another.

    It covers the package of its module, the file that ``make`` is really written in, whatever it is wrapped in, and
    what these import from files beside them. Packages that are installed are known by their versions, and data files
    by nobody. Raises UserError as `make_of` does.
    """
    make = make_of(name)
    module = importlib.import_module(name.partition(":")[0])
    start = [path for path in (_file_of(module), _file_of(_written(make))) if path is not None]
    digest = hashlib.sha256()
    for path, content in sorted(_sources(start).items()):
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _written(make: Any) -> Any:
    """The function or class that somebody wrote, without partials and decorators."""
    while True:
        inner = make.func if isinstance(make, functools.partial) else inspect.unwrap(make)
        if inner is make:
            return make if inspect.isroutine(make) or inspect.isclass(make) else type(make)
        make = inner


def _file_of(thing: Any) -> Path | None:
    try:
        return Path(inspect.getfile(thing)).resolve()
    except (TypeError, OSError):  # built in, or typed at a prompt
        return None


def _sources(start: list[Path]) -> dict[Path, bytes]:
    """These files, the packages that they are in, and all that they import from beside them."""
    found: dict[Path, bytes] = {}
    waiting = list(start)
    while waiting:
        path = waiting.pop()
        if path in found or not path.is_file():
            continue
        found[path] = path.read_bytes()
        package = _outermost_package(path)
        if package is not None:
            waiting += sorted(package.rglob("*.py"))
        root = (package or path).parent
        if root not in _INSTALLED:
            waiting += _imported(found[path], root)
    return found


_INSTALLED = {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib", "stdlib")}


def _outermost_package(path: Path) -> Path | None:
    package = None
    folder = path.parent
    while (folder / "__init__.py").is_file():
        package, folder = folder, folder.parent
    return package


def _imported(source: bytes, root: Path) -> Iterator[Path]:
    """Files below ``root`` that a source imports by name, wherever in it."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    for name in names:
        place = root.joinpath(*name.split("."))
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                yield path.resolve()
