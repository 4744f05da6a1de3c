"""What a person did that cannot be done; told in one message, without a traceback."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


class UserError(Exception):
    """A request that is refused; the text names the value, the rule and what to do instead.

    The command line prints it and exits with status 2.
    """


def known(table: Mapping[str, T], name: str, kind: str, otherwise: str = "") -> T:
    """The entry of that name.

    Raises UserError with the names that there are, and with what else there is.
    """
    if name not in table:
        raise UserError(f"unknown {kind} {name!r}; known: {', '.join(table)}" + f", or {otherwise}" * bool(otherwise))
    return table[name]
