"""What a person did that cannot be done, and what a machine refused; told in one message, without a traceback."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

DONE, FAILED, REFUSED, STOPPED, TERMINATED = 0, 1, 2, 130, 143
"""Exit statuses: all is done; something was done and something failed; nothing was done; Ctrl-C; SIGTERM."""


class UserError(Exception):
    """A request that is refused; the text names the value, the rule and what to do instead.

    The command line prints it and exits with ``status``.
    """

    status = REFUSED


class BrokenOffError(UserError):
    """What was begun could not be finished; the text says why, and what is saved."""

    status = FAILED


class Terminated(KeyboardInterrupt):
    """SIGTERM: somebody, or a scheduler, asks the process to end."""


def known(table: Mapping[str, T], name: str, kind: str, otherwise: str = "") -> T:
    """The entry of that name.

    Raises UserError with the names that there are, and with what else there is.
    """
    if name not in table:
        raise UserError(f"unknown {kind} {name!r}; known: {', '.join(table)}" + f", or {otherwise}" * bool(otherwise))
    return table[name]


def in_words(error: BaseException) -> str:
    """What a machine refused, with the path if there is one; else the error's own text."""
    if isinstance(error, MemoryError):
        return f"out of memory ({error})" if str(error) else "out of memory"
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error) or type(error).__name__
    reason = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror
    return f"{error.filename}: {reason}" if error.filename else reason


@contextmanager
def breaking_off(saved: str) -> Iterator[None]:
    """Whatever a machine or a person makes impossible in the block breaks off what was begun; ``saved`` says what is.

    Raises BrokenOffError.
    """
    try:
        yield
    except BrokenOffError:
        raise
    except (UserError, OSError, MemoryError) as error:
        raise BrokenOffError(f"{in_words(error)}. {saved}") from error
