"""How long sleep lasts: presets, one row each."""

from experiments.plans.presets import PAPER_SPIKING, QUICK_SPIKING, Preset

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="shorter stages; output resistance set by hand when task training begins",
            seeds=2,
            lengths={"spiking": QUICK_SPIKING},
        ),
        Preset(
            name="paper",
            summary="the lengths of Golden et al. 2022",
            seeds=10,
            lengths={"spiking": PAPER_SPIKING},
        ),
    )
}
"""Every preset of the sleep experiment, by name."""
