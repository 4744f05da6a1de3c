"""The comparison: spiking and deep agents, with and without remedies, on the same tasks."""
