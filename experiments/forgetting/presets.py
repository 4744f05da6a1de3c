"""How long forgetting lasts: presets, one row each."""

from experiments.plans.presets import QUICK_SPIKING, Lengths, Preset

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="a first look: 0.2 million steps a task for deep agents, 1 million cycles for the spiking one",
            seeds=2,
            lengths={
                "spiking": QUICK_SPIKING,
                "deep": Lengths(stage=204_800, segments=5, test=10_000, probe=2_000),
            },
        ),
        Preset(
            name="full",
            summary="0.4 million steps a task for deep agents, 2 million cycles for the spiking one",
            seeds=10,
            lengths={
                "spiking": Lengths(
                    unsupervised=4_000_000,
                    stage=2_000_000,
                    segments=10,
                    test=100_000,
                    probe=20_000,
                    output_resistance=5.0,
                ),
                "deep": Lengths(stage=409_600, segments=10, test=20_000, probe=2_000),
            },
        ),
    )
}
"""Every preset of the comparison of spiking and deep agents, by name."""
