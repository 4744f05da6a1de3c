"""The protocols, each a question (its summary) and a tree of stages that answers it.

All begin with the same unsupervised stage and are lived by the spiking agent alone; equal stages are lived once, if
runs share a folder for them (``--stages``).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from experiments.plans.drawn import DRAWN
from experiments.plans.stages import Protocol, Sleep, Stage

RATIOS = ((1, 10), (1, 3), (1, 1), (3, 1), (10, 1))
"""Blocks awake and asleep of a stage with sleep."""

RATIO_LENGTH = 1.1
"""Length of those stages, in ordinary ones: whole rounds of every ratio fit into it."""

LENGTHS = (0.2, 0.5, 1.0, 2.0)
"""Lengths of stages of Task 2 and sleep in equal parts, in ordinary stages."""

SLEEP_ALONE = (0.1, 0.5, 1.0)
"""Lengths of sleep alone after Task 2, in ordinary stages."""

INTERRUPTIONS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Lengths of Task 2 without sleep before sleep begins, in ordinary stages."""

ROUNDS = 5
"""Of Task 1 and Task 2."""

COMPATIBLE = ("task1", "task2", "h+p-", "v+n-")
"""Four tasks in which horizontal and vertical are always good and the diagonals always bad."""

STIMULI = ("rates", "uniform", "rhythm", "cue:task1", "cue:task2")
"""Noise of sleep, names of `spiking_agent.stimulation`."""

_BOTH = ("task1", "task2")
_UNSUPERVISED = Stage("unsupervised", None, ("all",), unsupervised=True, probed=False)
_T1 = Stage("T1", "unsupervised", ("task1",))
_T2 = Stage("T2", "unsupervised", ("task2",))
_T1_T2 = Stage("T1-T2", "T1", ("task2",))


def ratio_name(awake: int, asleep: int) -> str:
    """Name of the stage with that ratio."""
    return f"T1-Int(S,T2) {awake}:{asleep}"


def length_name(length: float) -> str:
    """Name of the stage of Task 2 and sleep in equal parts of that length."""
    return f"T1-Int(S,T2) x{length:g}"


def sleep_alone_name(length: float) -> str:
    """Name of the stage of sleep alone of that length."""
    return f"T1-T2-S x{length:g}"


def interrupted_names(length: float) -> tuple[str, str]:
    """Names of the stage of Task 2 alone of that length, and of Task 2 with sleep after it."""
    return f"T1-T2 x{length:g}", f"T1-T2 x{length:g}-Int(S,T2)"


def stimulated_names(noise: str) -> tuple[str, str]:
    """Names of the stages with that noise: Task 2 with sleep, and half a stage of sleep alone after Task 2."""
    return f"T1-Int(S,T2) {noise}", f"T1-T2-S {noise}"


def _dose() -> Iterator[Stage]:
    yield from (_UNSUPERVISED, _T1, _T1_T2)
    for awake, asleep in RATIOS:
        name, sleep = ratio_name(awake, asleep), Sleep(awake=awake, asleep=asleep)
        yield Stage(name, "T1", ("task2",), remedy="sleep", sleep=sleep, length=RATIO_LENGTH)
    for length in LENGTHS:
        yield Stage(length_name(length), "T1", ("task2",), remedy="sleep", length=length)
    for length in SLEEP_ALONE:
        yield Stage(sleep_alone_name(length), "T1-T2", remedy="sleep", length=length)


def _interruption() -> Iterator[Stage]:
    yield from (_UNSUPERVISED, _T1)
    yield Stage("T1-Int(S,T2)", "T1", ("task2",), remedy="sleep")
    for length in INTERRUPTIONS:
        alone, rescued = interrupted_names(length)
        yield Stage(alone, "T1", ("task2",), length=length)
        yield Stage(rescued, alone, ("task2",), remedy="sleep")


def _in_turn(tasks: Sequence[str]) -> Iterator[Stage]:
    """Tasks one after the other: plainly, and from the second on with sleep."""
    parents = {"": _UNSUPERVISED.name, "+sleep": _UNSUPERVISED.name}
    for number, task in enumerate(tasks, start=1):
        for ending in parents:
            if number == 1 and ending:
                parents[ending] = parents[""]
                continue
            name = f"{number}-{task}{ending}"
            yield Stage(name, parents[ending], (task,), remedy="sleep" if ending else "none")
            parents[ending] = name


def _with_interleaving(tasks: Sequence[str]) -> Iterator[Stage]:
    yield _UNSUPERVISED
    yield from _in_turn(tasks)
    yield Stage("interleaved", _UNSUPERVISED.name, tuple(tasks), length=len(tasks))


def _transfer() -> Iterator[Stage]:
    yield from (_UNSUPERVISED, _T1, _T2, _T1_T2)
    yield Stage("T1-T1", "T1", ("task1",))
    yield Stage("T1-T1-T2", "T1-T1", ("task2",))
    yield Stage("T1-S", "T1", remedy="sleep", length=0.5)
    yield Stage("T1-S-T2", "T1-S", ("task2",))
    yield Stage("T1-Int(S,T1)", "T1", ("task1",), remedy="sleep")
    yield Stage("T1-Int(S,T1)-T2", "T1-Int(S,T1)", ("task2",))
    yield Stage("T1-Int(S,T2)", "T1", ("task2",), remedy="sleep")
    yield Stage("T1-Int(T1,T2)", "T1", _BOTH)


def _stimulation() -> Iterator[Stage]:
    yield from (_UNSUPERVISED, _T1, _T1_T2)
    for noise in STIMULI:
        learning, alone = stimulated_names(noise)
        yield Stage(learning, "T1", ("task2",), remedy="sleep", sleep=Sleep(noise=noise))
        yield Stage(alone, "T1-T2", remedy="sleep", sleep=Sleep(noise=noise), length=0.5)


_DRAWN_TASKS = tuple(f"{DRAWN}{i}" for i in range(1, 5))


class Question(NamedTuple):
    """A protocol, and the module of this package that answers it (`experiments.beyond.conclusion.Subject`).

    Without a module it ends with the table and the figure that every protocol has.
    """

    protocol: Protocol
    module: str | None = None


QUESTIONS = (
    Question(
        Protocol(
            "dose",
            "how much sleep, and how much of it to the time awake? Does sleep alone bring a task back?",
            tuple(_dose()),
            _BOTH,
        ),
        "dose",
    ),
    Question(
        Protocol(
            "interruption",
            "after how long a training without sleep is the old task beyond rescue?",
            tuple(_interruption()),
            _BOTH,
        ),
        "interruption",
    ),
    Question(
        Protocol(
            "rounds",
            "two tasks in five rounds: does it get better or worse?",
            (_UNSUPERVISED, *_in_turn(_BOTH * ROUNDS)),
            _BOTH,
        ),
        "rounds",
    ),
    Question(
        Protocol(
            "long",
            "four of the twelve tasks, drawn by the seed: is there room?",
            tuple(_with_interleaving(_DRAWN_TASKS)),
            _DRAWN_TASKS,
        ),
        "four_tasks",
    ),
    Question(
        Protocol(
            "four", "four tasks that do not contradict each other", tuple(_with_interleaving(COMPATIBLE)), COMPATIBLE
        ),
        "four_tasks",
    ),
    Question(
        Protocol(
            "transfer",
            "does sleep help with tasks not learned yet, and with others put together from them?",
            tuple(_transfer()),
            COMPATIBLE,
        ),
        "transfer",
    ),
    Question(
        Protocol(
            "stimulation",
            "sleep in which one task is cued, or that comes in rhythmic up-states",
            tuple(_stimulation()),
            _BOTH,
        ),
        "stimulation",
    ),
)
"""Every protocol beyond the paper: the one list."""

PROTOCOLS = {question.protocol.name: question.protocol for question in QUESTIONS}
MODULES = {question.protocol.name: question.module for question in QUESTIONS if question.module}
