"""How many hidden neurons a trained network needs: performance while more and more of them are removed.

Golden et al. 2022 report in their supplement that performance stays high until about 70 to 75% of the hidden neurons
are removed. In what order they removed them could not be found out, so three are shown: at random, those that fire
least in training first, and those whose synapses steer least first. A removed neuron gets no input any more; nothing
is learned after that.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.drawing.style import BACKGROUNDS, CHANCE, CHANCE_LINE, COLOURS, STYLE, task_title
from experiments.golden2022.analysis.receptive_fields import net_weights
from experiments.golden2022.measurement import Measurement
from experiments.golden2022.networks import Networks
from foraging_env.scores import Counts
from spiking_agent import SpikingAgent

STAGE, TASK = "T1", "task1"
"""The networks that are pruned, and the task they were trained and are tested on."""
REMOVED = np.array([0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98])
"""Shares of the hidden neurons that are removed."""
PAPER_HOLDS_UNTIL = (0.70, 0.75)
_ORDER_COLOURS = ("0.45", *COLOURS[2:4])
CYCLES = 20_000  # of a test
SEED = 20221118  # of the tests and of the random order


def at_random(agent: SpikingAgent, seed: int) -> np.ndarray:
    """int64[H]: all hidden neurons, shuffled."""
    return np.random.default_rng((SEED, seed)).permutation(agent.weights.shape[1])


def least_active(agent: SpikingAgent, seed: int) -> np.ndarray:
    """int64[H]: the hidden neurons by their spikes per cycle of training, fewest first."""
    return np.argsort(agent.measured_rates()[TASK], kind="stable")


def least_steering(agent: SpikingAgent, seed: int) -> np.ndarray:
    """int64[H]: the hidden neurons by what they tell the output neurons apart with, least first.

    That is the root of the summed squares of their net weights, times their spikes per cycle of training.
    """
    reach = np.sqrt((net_weights(agent.weights) ** 2).sum(axis=0))
    return np.argsort(reach * agent.measured_rates()[TASK], kind="stable")


Order = Callable[[SpikingAgent, int], np.ndarray]
ORDERS: Mapping[str, Order] = {
    "at random": at_random,
    "least active first": least_active,
    "least steering first": least_steering,
}


class Pruned(NamedTuple):
    """Tests of one network with more and more neurons removed, in the order of `REMOVED`."""

    performance: np.ndarray  # float64[n]
    eaten: np.ndarray  # float64[n], rewarded and punished pairs per 100 cycles


def removals(order: np.ndarray, share: float) -> np.ndarray:
    """int64[round(share H)]: the first of ``order`` int64[H].

    Raises ValueError unless 0 <= ``share`` <= 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share={share} must be from 0 to 1")
    return order[: round(share * len(order))]


@lru_cache(maxsize=256)
def pruned(networks: Networks, order: str, seed: int) -> Pruned:
    """Prune a network step by step, and test it after each."""
    agent = networks.agent(STAGE, seed)
    neurons = ORDERS[order](agent, seed)
    tests = [_whole(networks, seed)]
    for share in REMOVED[1:]:
        agent.prune_hidden(removals(neurons, share))
        tests.append(_tested(agent, seed))
    return Pruned(
        np.array([test.performance for test in tests]),
        np.array([100 * (test.rewarded + test.punished) / test.steps for test in tests]),
    )


@lru_cache(maxsize=64)
def _whole(networks: Networks, seed: int) -> Counts:
    """The test with all neurons, the same for every order."""
    return _tested(networks.agent(STAGE, seed), seed)


def _tested(agent: SpikingAgent, seed: int) -> Counts:
    tally = agent.evaluate(TASK, CYCLES, SEED + seed)
    return Counts(tally.rewarded, tally.punished, CYCLES)


def draw(networks: Networks) -> Figure:
    """Performance (A) and pairs eaten (B) over the share removed, as the supplement of Golden et al. 2022."""
    seeds = networks.seeds(STAGE)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.0))
        left, right = (figure.add_axes((x, 0.315, 0.41, 0.555)) for x in (0.075, 0.575))
        for order, colour in zip(ORDERS, _ORDER_COLOURS, strict=True):
            tests = [pruned(networks, order, seed) for seed in seeds]
            _draw_curve(left, np.stack([test.performance for test in tests]), colour)
            _draw_curve(right, np.stack([test.eaten for test in tests]), colour)
        left.axhline(CHANCE, **CHANCE_LINE)
        left.set_ylabel("performance")
        right.set_ylabel("pairs eaten per 100 cycles")
        right.set_ylim(bottom=0)
        for axes in (left, right):
            axes.axvspan(*(100 * share for share in PAPER_HOLDS_UNTIL), color=BACKGROUNDS[4], linewidth=0, zorder=0)
            axes.set_xlim(0, 100)
            axes.set_xlabel("hidden neurons removed (%)", labelpad=2)
            axes.set_title(f"trained and tested on {task_title(TASK)}, n = {len(seeds)} networks", pad=4)
        _explain(figure)
        for letter, x in (("A", 0.008), ("B", 0.515)):
            figure.text(x, 0.985, letter, fontsize=11, fontweight="bold", va="top")
    return figure


def measure(networks: Networks) -> Iterator[Measurement]:
    """Performance and pairs eaten at every share removed."""
    for order in ORDERS:
        for seed in networks.seeds(STAGE):
            for share, performance, eaten in zip(REMOVED, *pruned(networks, order, seed), strict=True):
                removed = f"{share:.0%} of the hidden neurons removed, {order}"
                yield Measurement("s-pruning", f"performance, {removed}", STAGE, seed, float(performance))
                yield Measurement("s-pruning", f"pairs eaten per 100 cycles, {removed}", STAGE, seed, float(eaten))


def _draw_curve(axes: Axes, values: np.ndarray, colour: str) -> None:
    """``values`` float64[seeds, shares]."""
    mean = values.mean(axis=0)
    if len(values) > 1:
        sd = values.std(axis=0, ddof=1)
        axes.fill_between(100 * REMOVED, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)
    axes.plot(100 * REMOVED, mean, color=colour, linewidth=1.3, marker="o", markersize=2.5)


def _explain(figure: Figure) -> None:
    handles = [
        *(Line2D([], [], color=colour, linewidth=1.3, marker="o", markersize=2.5) for colour in _ORDER_COLOURS),
        Patch(color=BACKGROUNDS[4], linewidth=0),
        Line2D([], [], **CHANCE_LINE),
    ]
    words = [f"removed {order} (mean, s.d.)" for order in ORDERS]
    words += ["Golden et al. 2022: performance holds until here", "chance"]
    figure.legend(handles, words, loc="lower center", bbox_to_anchor=(0.53, 0.0), ncols=3, columnspacing=1.4)
