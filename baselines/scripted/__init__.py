"""Foragers that do not learn, and the scale that they span."""
