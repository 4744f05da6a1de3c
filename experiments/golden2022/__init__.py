"""The figures, numbers and tests of Golden et al. 2022, from the networks of a run."""
