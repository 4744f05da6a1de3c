"""Kernels called from Python, which they themselves cannot be."""

from collections.abc import Callable
from typing import Any

import numba


def called(kernel: Any) -> Callable[..., Any]:
    """A function that calls ``kernel``, compiled like it."""

    @numba.njit(error_model="numpy")
    def call(*arguments):
        return kernel(*arguments)

    return call
