"""A spiking network that learns to forage, forgets, and sleeps (Golden et al. 2022)."""
