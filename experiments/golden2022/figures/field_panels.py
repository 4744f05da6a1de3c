"""Pictures of receptive fields, which figures 2 and 5 share: one output neuron beside its strongest inputs."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from experiments.drawing.style import COLOURS
from experiments.golden2022.analysis import receptive_fields
from experiments.golden2022.analysis.receptive_fields import Preferences
from experiments.golden2022.networks import Networks
from foraging_env.rendering import MOVE_ARROWS
from foraging_env.tasks import PATTERNS

OUTPUT = 0  # the output neuron whose fields are drawn: the way to the upper left, as in the paper
NEIGHBOURS = 6  # hidden neurons drawn beside it
_HIDDEN_MAP, _OUTPUT_MAP = "Greys", "PuOr_r"


class Layers(NamedTuple):
    """Both layers of synapses of one network, and what its hidden neurons look for."""

    inputs: np.ndarray  # float64[H, view, view]
    outputs: np.ndarray  # float64[O, H]
    found: Preferences


@lru_cache(maxsize=256)
def layers(networks: Networks, stage: str, seed: int) -> Layers:
    """The synapses after the stage."""
    agent = networks.agent(stage, seed)
    inputs = agent.input_weights
    return Layers(inputs, agent.weights, receptive_fields.preferences(inputs))


def strongest(net: Layers, patterns: Sequence[str] = ()) -> np.ndarray:
    """int64[n]: the hidden neurons with the strongest synapses on the output neuron, `NEIGHBOURS` of them.

    With ``patterns`` equally many for each: the strongest that look for it.
    """
    ranked = receptive_fields.strongest_inputs(net.outputs, OUTPUT, 1.0)
    if not patterns:
        return ranked[:NEIGHBOURS]
    each = NEIGHBOURS // len(patterns)
    looks_for = np.where(net.found.active, net.found.pattern, -1)[ranked]
    return np.concatenate([ranked[looks_for == PATTERNS.index(pattern)][:each] for pattern in patterns])


def draw_fields(figure: Figure, net: Layers, title: str, top: float, size: float, patterns: Sequence[str] = ()) -> None:
    """A row: the field of the output neuron, then the `strongest` hidden neurons that synapse on it.

    ``top`` and ``size``, the height of the row, are shares of the figure's height.
    """
    width = size * figure.get_figheight() / figure.get_figwidth()
    field = receptive_fields.output_fields(net.inputs, net.outputs)[OUTPUT] * 100
    axes = figure.add_axes((0.075, top - size, width, size))
    limit = float(np.abs(field).max())
    image = axes.imshow(field, cmap=_OUTPUT_MAP, vmin=-limit, vmax=limit)
    _frame(axes, f"output neuron {MOVE_ARROWS[OUTPUT]}")
    axes.set_ylabel(title, labelpad=6)
    _bar(figure, image, "field (10⁻²)")
    small = 0.66 * size
    narrow = small * figure.get_figheight() / figure.get_figwidth()
    left = 0.075 + width + 0.1
    step = (0.93 - left) / NEIGHBOURS
    shown = strongest(net, patterns)
    rank = np.argsort(receptive_fields.strongest_inputs(net.outputs, OUTPUT, 1.0)) + 1
    highest = float(net.inputs[shown].max())
    for i, neuron in enumerate(shown):
        axes = figure.add_axes((left + i * step, top - size / 2 - small / 2, narrow, small))
        image = axes.imshow(net.inputs[neuron] * 1e3, cmap=_HIDDEN_MAP, vmin=0, vmax=highest * 1e3)
        _frame(axes, f"no. {rank[neuron]}, w {net.outputs[OUTPUT, neuron]:.2f}", 6.5)
        axes.set_xlabel(_preference(net.found, neuron), fontsize=7, labelpad=3)
    _bar(figure, image, "input weight (10⁻³)")


def _preference(found: Preferences, neuron: int) -> str:
    if not found.active[neuron]:
        return "none alone"
    return f"{PATTERNS[found.pattern[neuron]]} {MOVE_ARROWS[found.direction[neuron]]}"


def _frame(axes: Axes, title: str, size: float = 7.5) -> None:
    centre = (axes.get_images()[0].get_array().shape[0] - 1) / 2  # type: ignore[union-attr]
    axes.plot(centre, centre, marker="o", markersize=2.4, color=COLOURS[2], markeredgewidth=0)
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, pad=3, fontsize=size)
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color("0.6")


def _bar(figure: Figure, image: AxesImage, label: str) -> None:
    """A narrow scale to the right of the last image."""
    box = image.axes.get_position()
    axes = figure.add_axes((box.x1 + 0.008, box.y0, 0.008, box.height))
    bar = figure.colorbar(image, cax=axes)
    bar.outline.set_linewidth(0.4)
    bar.set_label(label, fontsize=6.5, labelpad=2)
    axes.tick_params(labelsize=6.5, pad=1.5, width=0.4, length=2)
