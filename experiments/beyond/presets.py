"""How long beyond lasts: presets, one row each."""

from dataclasses import replace

from experiments.plans.presets import QUICK_SPIKING, Preset

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="a first look: stages too short for more than the direction of an effect",
            seeds=2,
            lengths={"spiking": replace(QUICK_SPIKING, unsupervised=1_000_000, stage=400_000)},
        ),
        Preset(
            name="full",
            summary="stages of 0.8 million cycles; output resistance set by hand when task training begins",
            seeds=5,
            lengths={"spiking": replace(QUICK_SPIKING, stage=800_000, test=100_000, probe=10_000)},
        ),
    )
}
"""Every preset of the protocols beyond the paper, by name."""
