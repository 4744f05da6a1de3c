"""Protocols that the spiking agent alone lives through, one row each; they end with a table and a figure.

A row here is all that a new one takes: it is run, listed, tabulated and drawn from it.
"""

from experiments.plans.stages import Protocol, Stage

PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            name="sleep",
            summary="Task 1, Task 2, then three ways on: Task 1 alone, both tasks in turn, Task 1 and sleep in turn",
            stages=(
                Stage("unsupervised", None, ("all",), unsupervised=True),
                Stage("T1", "unsupervised", ("task1",)),
                Stage("T1-T2", "T1", ("task2",)),
                Stage("T1-T2-T1", "T1-T2", ("task1",)),
                Stage("T1-T2-Int(T1,T2)", "T1-T2", ("task1", "task2")),
                Stage("T1-T2-Int(S,T1)", "T1-T2", ("task1",), remedy="sleep"),
            ),
            tests=("task1", "task2"),
        ),
    )
}
"""Every protocol of the sleep experiment, by name."""
