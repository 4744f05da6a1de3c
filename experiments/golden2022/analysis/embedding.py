"""Few dimensions for many: principal components of states, in weight space or in the space of an RBF kernel.

Both go through the matrix of products between states: hundreds of states of thousands of synapses make it small.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.decomposition import KernelPCA


class Embedding(NamedTuple):
    """Coordinates of n states."""

    coordinates: np.ndarray  # float64[n, k], the first component first; their signs mean nothing
    shares: np.ndarray  # float64[k], of the variance (in the kernel's feature space)


def principal(states: np.ndarray, n_components: int = 3) -> Embedding:
    """Principal components of ``states`` float[n, D].

    Raises ValueError if they are not more than the components.
    """
    return _embedding(states, n_components, kernel="linear")


def kernel_principal(states: np.ndarray, n_components: int = 3) -> Embedding:
    """Kernel PCA of ``states`` float[n, D], with an RBF kernel as wide as the median distance between them.

    Raises ValueError if they are not more than the components, or most of them are the same.
    """
    middle = float(np.median(pdist(states, "sqeuclidean"))) if len(states) > 1 else 0.0
    if middle <= 0:
        raise ValueError(f"most of {len(states)} states are the same, so their median distance is no width")
    return _embedding(states, n_components, kernel="rbf", gamma=1.0 / middle)


def _embedding(states: np.ndarray, n_components: int, **kernel: str | float) -> Embedding:
    if len(states) <= n_components:
        raise ValueError(f"{len(states)} states are too few for {n_components} components")
    found = KernelPCA(n_components=len(states) - 1, eigen_solver="dense", **kernel).fit(states)
    values = np.clip(found.eigenvalues_, 0.0, None)
    coordinates = found.eigenvectors_[:, :n_components] * np.sqrt(values[:n_components])
    return Embedding(coordinates, values[:n_components] / values.sum())
