"""What is replayed in sleep: a figure that Golden et al. 2022 do not have.

A. A few cycles asleep of one network that learned Task 1 and then Task 2: hidden neurons by the pair they look for
(large: those that carry more than a fifth of an output event), and the output events in the colour of what they are
decoded as, filled where the drivers look the way the output moves. B. Hidden activity in the cycles in which an output
spikes, by where the preferred pair lies from its move, synapses unseen. C, D. What output events are decoded as after
each stage, and how often as a step towards that pattern. E. How often drivers and move point the same way at all.
F. The directions behind D, after Task 1. G. Replay while Task 2 is learned after Task 1, with and without sleep.
H. Replay and performance.

See `experiments.golden2022.analysis.replay` for the decoding and `replay_nights` for who slept how long.
"""

from collections.abc import Iterator

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.drawing.style import STYLE
from experiments.golden2022.analysis.nights import Night, example, nights
from experiments.golden2022.analysis.replay import PUNISHED, REWARDED, Replay
from experiments.golden2022.figures import replay_panels as panels
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks

_WIDTH, _HEIGHT = 7.2, 9.15  # inches, as everything below
_LETTERS = (
    ("A", 0.06, 0.04),
    ("B", 4.55, 0.04),
    ("C", 0.06, 2.58),
    ("D", 0.06, 3.76),
    ("E", 0.06, 5.5),
    ("F", 3.3, 5.5),
    ("G", 0.06, 7.42),
    ("H", 3.75, 7.42),
)
_EXAMPLE_STAGE, _EXAMPLE_CYCLES = "T1-T2", 16


def draw(networks: Networks) -> Figure:
    """Events of sleep, decoded; mean over networks and 95% intervals."""
    every = nights(networks)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, _HEIGHT))
        hidden, outputs = _panel(figure, 0.9, 0.12, 3.5, 1.05), _panel(figure, 0.9, 1.2, 3.5, 0.8)
        panels.raster(hidden, outputs, example(networks, _EXAMPLE_STAGE, min(every), _EXAMPLE_CYCLES))
        panels.lifts(_panel(figure, 5.2, 0.15, 1.85, 1.85), every, "T1")
        _explain(figure, len(every))
        panels.shares(_panel(figure, 0.6, 2.72, 6.5, 1.0), every)
        panels.replays(_panel(figure, 0.6, 3.87, 6.5, 1.1), every)
        panels.coherence(_panel(figure, 1.55, 5.68, 1.55, 1.25), every)
        for k, (pattern, words) in enumerate(((REWARDED[0], "rewarded"), (PUNISHED[0], "punished"))):
            axes = _panel(figure, 3.75 + 1.62 * k, 5.72, 1.17, 1.17)
            image = panels.matrix(axes, every, "T1", pattern)
            axes.set_title(f"after Task 1: {words}", pad=3)
        figure.axes[-2].set_ylabel("output's move", labelpad=1)
        key = figure.colorbar(image, cax=_panel(figure, 6.66, 5.72, 0.07, 1.17))
        key.set_label("share of its events")
        key.outline.set_linewidth(0.4)
        panels.courses(_panel(figure, 0.6, 7.6, 2.9, 1.1), every)
        panels.against_performance(_panel(figure, 4.35, 7.6, 2.75, 1.1), every)
        for letter, left, top in _LETTERS:
            figure.text(left / _WIDTH, 1 - top / _HEIGHT, letter, fontsize=11, fontweight="bold", va="top")
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """All that the panels show, and the agreement of the two decoders."""
    for seed, found in nights(networks).items():
        for noise, by_stage in (("", found.by_rates), (", uniform noise", found.uniform)):
            for stage, night in by_stage.items():
                for quantity, value in _numbers(night):
                    yield Measurement("replay", quantity + noise, stage, seed, value)
        for quantity, value in _counted(found.plastic):
            yield Measurement("replay", f"{quantity}, synapses changing", "T1-T2", seed, value)
        for stage, (cycles, replays) in found.courses.items():
            for cycle, values in zip(cycles, replays, strict=True):
                for task in (0, 1):
                    quantity = f"replays of Task {task + 1} per 100 cycles, {int(cycle)} cycles into the stage"
                    yield Measurement("replay", quantity, stage, seed, float(values[REWARDED[task]]))
        quantity = "rank correlation of replays and performance"
        yield Measurement("replay", quantity, "all stages", seed, found.correlation)


def _numbers(night: Night) -> Iterator[tuple[str, float]]:
    for name, replay in (
        ("", night.real),
        (", shuffled weights", night.shuffled),
        (", by waking response", night.awake),
    ):
        for quantity, value in _counted(replay):
            yield quantity + name, value
    for quantity, value in zip(("pattern", "direction"), night.kappa, strict=True):
        yield f"agreement of decoders on {quantity} (kappa)", value
    for name, pattern in zip(panels.CLASS_NAMES, panels.CLASSES, strict=True):
        yield f"share of kicks, pattern {name}", float(night.kicks[pattern])
        yield f"hidden activity ahead of the move (1 is average), pattern {name}", float(night.lift[pattern, 0])


def _counted(replay: Replay) -> Iterator[tuple[str, float]]:
    yield "output events per cycle", replay.events
    yield "drivers per event", replay.drivers
    yield "share of events coherent", replay.coherent
    for task in (0, 1):
        yield f"share of events decoded as Task {task + 1}", replay.of_task(task)
    for name, pattern in zip(panels.CLASS_NAMES, panels.CLASSES, strict=True):
        yield f"share of events, pattern {name}", float(replay.decoded[pattern])
        yield f"share coherent of its events, pattern {name}", float(replay.coherent_as[pattern])
        yield f"replays per 100 cycles, pattern {name}", float(replay.replays[pattern])


def _panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    return figure.add_axes((left / _WIDTH, 1 - (top + height) / _HEIGHT, width / _WIDTH, height / _HEIGHT))


def _explain(figure: Figure, n: int) -> None:
    """The key of colours, for all panels."""
    handles = [Patch(color=colour, alpha=0.75, linewidth=0) for colour in panels.CLASS_COLOURS]
    figure.legend(
        [*handles, Line2D([], [], **panels.SHUFFLED_MARK)],
        [*panels.CLASS_NAMES, f"weights shuffled (n = {n})"],
        loc="upper center",
        bbox_to_anchor=(0.53, 1 - 2.4 / _HEIGHT),
        ncols=5,
        columnspacing=1.1,
        handlelength=0.9,
        handletextpad=0.4,
        borderaxespad=0,
    )
