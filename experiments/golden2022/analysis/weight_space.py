"""States of a network as points in the space of its output synapses: settled states, task-relevant synapses, boundary.

As figures 3C-E and 4C-E of Golden et al. 2022. What the paper says is kept: a *settled* state is one of the last fifth
of a stage, task-relevant synapses are the strongest 10% after a task, and a support vector machine with an RBF kernel
is trained on settled states of both tasks, flattened to 6,272 numbers, and asked about held-out ones. It does not say:

1. the kernel's width: here gamma = 1 / 6,272, one over the number of synapses. Squared distances between states are
   below 100, so the kernel is nearly linear; with a hundred times
   that the order of the states is the same (a measurement of figure 3);
2. what the distance from the boundary is: here the signed distance in the kernel's feature space, f / |w|, which does
   not depend on C once the classes are apart. Half the distance between two states that lie 7 apart is then 0.062,
   which is the size of the paper's +-0.069; f itself would be near +-1;
3. how states are held out: here every second settled state. Those are neighbours in time of the others, so the
   network that learned Task 2 without Task 1 before is asked too, which nothing was fitted to.

The paper pools its networks. Ours differ in their wiring from input to hidden layer, so that synapse (j, i) of two
networks has nothing in common but its number; one machine is fitted to each network.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC

from experiments.golden2022.networks import Course

SETTLED = 5
"""A stage's last 1 / `SETTLED` counts as settled."""

RELEVANT = 0.1
"""Share of all synapses that is called relevant for a task: the strongest."""


def flat(weights: np.ndarray) -> np.ndarray:
    """States as points, float64[n, outputs * hidden], from float[n, outputs, hidden]."""
    return weights.reshape(len(weights), -1).astype(np.float64)


def settled(course: Course) -> np.ndarray:
    """The states of the stage's last fifth, float64[m, synapses], m at least 2.

    Raises ValueError for a course of fewer than three states: the first is its parent's.
    """
    if len(course.weights) < 3:
        raise ValueError(f"a course of {len(course.weights)} states has no settled ones; keep at least two a stage")
    return flat(course.weights[-max(2, (len(course.weights) - 1) // SETTLED) :])


def task_relevant(weights: np.ndarray, share: float = RELEVANT) -> np.ndarray:
    """The strongest ``share`` of all synapses, bool of the shape of ``weights``; of equal ones the first.

    Raises ValueError unless 0 < ``share`` <= 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share={share} must be above 0 and at most 1")
    chosen = np.zeros(weights.size, dtype=bool)
    chosen[np.argsort(-weights, axis=None, kind="stable")[: int(np.ceil(share * weights.size))]] = True
    return chosen.reshape(weights.shape)


@dataclass(frozen=True)
class Boundary:
    """A support vector machine with an RBF kernel between two sets of states."""

    machine: SVC
    gamma: float
    norm: float  # |w| in the kernel's feature space

    @classmethod
    def between(cls, first: np.ndarray, second: np.ndarray, gamma: float | None = None) -> "Boundary":
        """Fit one to states float[n, D] and float[m, D]; ``gamma`` is 1 / D if not given.

        Raises ValueError if a set is empty or their widths differ.
        """
        if not len(first) or not len(second) or first.shape[1] != second.shape[1]:
            raise ValueError(f"states of shapes {first.shape} and {second.shape}; give some of both, of one width")
        width = 1.0 / first.shape[1] if gamma is None else gamma
        labels = np.append(np.full(len(first), -1), np.full(len(second), 1))
        # A hard margin: the classes are apart, and a soft one would only scale f.
        machine = SVC(kernel="rbf", gamma=width, C=1e6).fit(np.concatenate([first, second]), labels)
        dual = machine.dual_coef_[0]
        norm = float(np.sqrt(dual @ rbf_kernel(machine.support_vectors_, gamma=width) @ dual))
        return cls(machine, width, norm)

    def distance(self, states: np.ndarray) -> np.ndarray:
        """Signed distances float64[n] of states from the boundary: negative on the first set's side."""
        values: np.ndarray = self.machine.decision_function(states) / self.norm
        return values


def share_of_way(states: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far along the straight line from ``start`` float[D] to ``end`` float[D] states lie: 0 there, 1 here.

    ``states`` float[n, D]; float64[n]. Raises ValueError if both ends are one point.
    """
    way = np.asarray(end, dtype=np.float64) - start
    length = float(way @ way)
    if length == 0.0:
        raise ValueError("start and end are the same point, so there is no way between them")
    shares: np.ndarray = (states - start) @ way / length
    return shares
