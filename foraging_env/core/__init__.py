"""The compiled core: numpy, numba and the standard library, nothing else (held by the import contract)."""
