"""The compiled core: numpy, numba, and the compiled core of the world (held by the import contract)."""
