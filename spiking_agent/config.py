"""Every constant of the model, with unit and source, in frozen dataclasses.

Source of all values: Golden et al. 2022, PLoS Comput Biol 18(11): e1010628, Methods, and the simulation that
its authors published. Where the two differ the simulation is the default; `NetworkConfig.as_printed` has the
printed values. Time is counted in steps of the map, 0.5 ms each.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Literal


@dataclass(frozen=True)
class NeuronConfig:
    """Rulkov map (Methods, "Neuron model"; Rulkov 2002). Without unit but where said."""

    alpha: float = 3.65
    beta_e: float = 0.133
    sigma: float = 0.06
    sigma_e: float = 1.0
    mu: float = 0.0005
    current_decay: float = 0.985  # of the synaptic current, per step
    gate_steps: Literal[1, 2] = 2  # how far back V must have been <= 0 in the middle branch; printed: 1
    cycle_steps: int = 600  # steps in one movement cycle


@dataclass(frozen=True)
class WiringConfig:
    """Layers and start weights (Methods, "Network structure")."""

    n_hidden: int = 784
    inputs_per_hidden: int = 9
    input_weight: float = 0.001  # start weight of every input synapse, and the size of one quantum
    input_quanta: int = 10  # quanta that an input neuron hands out per synapse it has
    input_start: Literal["quanta", "normal"] = "quanta"  # printed: normal distribution, here of equal mean and spread
    output_weight: float = 0.02
    flash: float = 0.025  # jump of S of an input neuron that sees food, and of a hidden neuron kicked in sleep
    release_noise: float = 0.12  # half-width of the uniform factor on every synaptic event


@dataclass(frozen=True)
class PlasticityConfig:
    """Spike-timing dependent plasticity (Methods, "Synaptic plasticity")."""

    trace: float = 0.4  # K; printed: 0.04
    trace_decay: float = 40.0  # T_c, steps; printed: 40 ms = 80 steps
    reach: int = 120  # steps; spikes further apart leave no trace
    live_cycles: int = 6  # cycles
    fade_offset: float = 600.0  # steps
    average_rate: float = 0.001  # of the activity average A, per cycle
    average_floor: float = 1e-10
    largest_change: float = 0.01
    largest_input_weight: float = 0.012
    largest_output_weight: float = 1.0
    smallest_weight: float = 1e-5


@dataclass(frozen=True)
class HomeostasisConfig:
    """Slow regulation of firing rates (Methods, "Homeostasis")."""

    rate_memory: float = 1e-4  # weight of the latest cycle in a neuron's average rate
    hidden_rate: float = 0.01  # spikes per cycle aimed at
    output_rate: float = 0.5
    step: float = 1e-5  # relative change per cycle


@dataclass(frozen=True)
class BehaviourConfig:
    """Reward signal and exploration (Methods, "Task" and "Rewarded STDP")."""

    rewarded: float = 1.0  # dopamine
    punished: float = -0.001
    nothing: float = -0.0001
    asleep: float = 0.5
    explore_base: float = 0.0  # percent; printed: 1
    explore_slope: float = 0.5  # percent per cycle without a valued pattern; printed: 1
    counted_steps: int = 600  # output spikes up to this step count for the move; printed: first half of the cycle


@dataclass(frozen=True)
class NetworkConfig:
    """The whole model. ``NetworkConfig()`` is the published simulation."""

    neuron: NeuronConfig = field(default_factory=NeuronConfig)
    wiring: WiringConfig = field(default_factory=WiringConfig)
    plasticity: PlasticityConfig = field(default_factory=PlasticityConfig)
    homeostasis: HomeostasisConfig = field(default_factory=HomeostasisConfig)
    behaviour: BehaviourConfig = field(default_factory=BehaviourConfig)

    @classmethod
    def as_printed(cls) -> "NetworkConfig":
        """The values of the printed text where they differ from the published simulation."""
        return cls(
            neuron=NeuronConfig(gate_steps=1),
            wiring=WiringConfig(input_start="normal"),
            plasticity=PlasticityConfig(trace=0.04, trace_decay=80.0),
            behaviour=BehaviourConfig(explore_base=1.0, explore_slope=1.0, counted_steps=300),
        )

    @classmethod
    def from_dict(cls, saved: dict[str, dict[str, Any]]) -> "NetworkConfig":
        """The inverse of `dataclasses.asdict`.

        Raises ValueError for an unknown name; the message lists the known ones.
        """
        parts = {}
        for part in fields(cls):
            kind = part.default_factory
            known = [f.name for f in fields(kind)]  # type: ignore[arg-type]
            values = saved.get(part.name, {})
            unknown = sorted(values.keys() - set(known))
            if unknown:
                raise ValueError(f"unknown {part.name} constants {unknown}; known: {known}")
            parts[part.name] = kind(**values)  # type: ignore[operator]
        unknown = sorted(saved.keys() - parts.keys())
        if unknown:
            raise ValueError(f"unknown parts of a network configuration: {unknown}; known: {sorted(parts)}")
        return cls(**parts)
