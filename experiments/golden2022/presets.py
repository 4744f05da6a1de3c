"""How long golden2022 lasts: presets, one row each."""

from dataclasses import replace

from experiments.plans.presets import PAPER_SPIKING, QUICK_SPIKING, Preset

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="shorter stages; output resistance set by hand when task training begins",
            seeds=2,
            lengths={"spiking": replace(QUICK_SPIKING, snapshots=5)},
        ),
        Preset(
            name="paper",
            summary="the lengths of Golden et al. 2022",
            seeds=10,
            lengths={"spiking": replace(PAPER_SPIKING, probe=25_000, snapshots=5)},
        ),
    )
}
"""Lengths of the sleep experiment, and weights kept for the figures."""
