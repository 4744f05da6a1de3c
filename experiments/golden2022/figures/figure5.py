"""Receptive fields after sleep: what strong synapses look for when two tasks are held at once.

A and B as figure 5 of Golden et al. 2022: the output neuron for moves to the upper left and hidden neurons that synapse
strongly on it (here the strongest three that look for each rewarded pattern, with their rank among all inputs), after
sleep was interleaved with Task 2 and, from T1-T2, with Task 1. C and D, which the paper does not have, are the same
over all output neurons and networks, beside training without sleep. What a field is, is said in `receptive_fields`.
"""

from collections.abc import Iterator

import matplotlib as mpl
from matplotlib.figure import Figure

from experiments.drawing.style import STYLE
from experiments.golden2022.figures.field_panels import draw_fields, layers
from experiments.golden2022.figures.field_statistics import REWARDED, draw_statistics, measured
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

FIELDS = {"T1-Int(S,T2)": "Task 1, then\nsleep and Task 2", "T1-T2-Int(S,T1)": "Task 1, Task 2, then\nsleep and Task 1"}
SHARES = {
    "unsupervised": "before\ntraining",
    "T1": "Task 1",
    "T1-T2": "Task 1,\nTask 2",
    "T1-Int(S,T2)": "Task 1,\nsleep +\nTask 2",
    "T1-T2-Int(S,T1)": "Task 1,\nTask 2,\nsleep +\nTask 1",
}


def draw(networks: Networks) -> Figure:
    """Fields of the first network (A, B); tuning of the synapses (C) and share of strong ones (D) in all networks."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 6.3))
        seed = networks.seeds(*FIELDS)[0]
        for (stage, title), top in zip(FIELDS.items(), (0.955, 0.735), strict=True):
            draw_fields(figure, layers(networks, stage, seed), title, top, 0.165, REWARDED)
        draw_statistics(figure, networks, FIELDS, SHARES, 0.485)
        for letter, x, y in (("A", 0.008, 0.985), ("B", 0.008, 0.765), ("C", 0.008, 0.525), ("D", 0.615, 0.525)):
            figure.text(x, y, letter, fontsize=11, fontweight="bold", va="top")
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Shares of strong inputs, and net weights by pattern and angle, of every network."""
    yield from measured(networks, "fig5", tuple(FIELDS), tuple(SHARES))
