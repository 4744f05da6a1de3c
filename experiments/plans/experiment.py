"""An experiment: a row of the catalogue, made in the experiment's own folder."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import UserError, known
from experiments.plans.plan import Agent, Plan, Species
from experiments.plans.presets import Preset
from experiments.plans.protocol_files import is_file, read_protocol
from experiments.plans.stages import Protocol

if TYPE_CHECKING:
    from rich.console import Console

SPIKING = "spiking"


def names_in(text: str) -> list[str]:
    """Names of agents or conditions with commas between; a comma within parentheses belongs to a name."""
    return [name for part in re.split(r",(?![^(]*\))", text) if (name := part.strip())]


def with_settings(names: Sequence[str], settings: Sequence[str]) -> list[str]:
    """Names with settings added wherever their part stands: ``ewc:strength=100`` for every agent ``...+ewc``.

    What a name says itself counts more. Raises UserError for a setting of something that none of them has.

    >>> with_settings(["ppo", "ppo+ewc"], ["ppo:ent_coef=0.01", "ewc:strength=100"])
    ['ppo:ent_coef=0.01', 'ppo:ent_coef=0.01+ewc:strength=100']
    """
    found = [name.split("+") for name in names]
    for text in settings:
        what, *added = text.split(":")
        places = [(parts, i) for parts in found for i, part in enumerate(parts) if part.split(":")[0] == what]
        if not added or not all(what and "=" in each for each in added):
            raise UserError(f"--set {text}: write what is set and its value, such as --set ewc:strength=100")
        if not places:
            raise UserError(f"--set {text}: none of the agents has {what!r}; they are {', '.join(names)}")
        for parts, i in places:
            own = {each.partition("=")[0] for each in parts[i].split(":")[1:]}
            parts[i] += "".join(f":{each}" for each in added if each.partition("=")[0] not in own)
    return ["+".join(parts) for parts in found]


@dataclass(frozen=True)
class Experiment:
    """What can be run under one name.

    ``protocols`` names every protocol with one line about it; the first is run when none is named. ``agents`` says, by
    preset, who is run when nobody is named. ``plans(protocol, agents, preset)`` makes what is run, and
    ``conclude(folder, console)`` shows what came out and says where it lies; both raise UserError for what cannot be.
    ``cannot(protocol, agent)`` says why an agent cannot take part in a protocol; nothing if it can.

    Where results are shipped, ``cannot_compare(plans)`` says why others cannot be shown beside them, nothing if they
    can, ``conclude_beside(folder, console)`` does so, and ``measured(protocol)`` says in a line what they hold.
    """

    name: str
    summary: str
    presets: Mapping[str, Preset]
    protocols: Mapping[str, str]
    agents: Mapping[str, str]
    plans: Callable[[str, Sequence[str], Preset], tuple[Plan, ...]]
    conclude: Callable[[Path, "Console"], None]
    cannot: Callable[[str, str], str] = lambda protocol, agent: ""
    cannot_compare: Callable[[Sequence[Plan]], str] = lambda plans: "no results of this experiment are shipped"
    conclude_beside: Callable[[Path, "Console"], None] | None = None
    measured: Callable[[str], str] = lambda protocol: ""

    @property
    def first_protocol(self) -> str:
        """The one that is run when none is named."""
        return next(iter(self.protocols))

    def default_agents(self, protocol: str, preset: str) -> tuple[list[str], list[str]]:
        """Who is run when nobody is named, and a sentence for each that is left out, since it cannot take part."""
        names = names_in(self.agents[preset])
        reasons = {name: self.cannot(protocol, name) for name in names}
        return [name for name in names if not reasons[name]], [reason for reason in reasons.values() if reason]


def of_the_spiking_agent(
    name: str,
    summary: str,
    presets: Mapping[str, Preset],
    protocols: Mapping[str, Protocol],
    conclude: Callable[[Path, "Console"], None],
) -> Experiment:
    """An experiment that the spiking agent alone lives through, in the registry ``protocols`` or a user's file."""

    def plans(protocol: str, agents: Sequence[str], preset: Preset) -> tuple[Plan, ...]:
        if tuple(agents) != (SPIKING,):
            raise UserError(f"experiment {name!r} is about the spiking agent alone, not {', '.join(agents)}")
        if is_file(protocol):
            chosen, lengths = read_protocol(Path(protocol))
            preset = preset.fitted(lengths)
        else:
            chosen = known(protocols, protocol, f"protocol of {name}", "a file of your own, such as mine.toml")
        agent = Agent(SPIKING, tuple(stage.name for stage in chosen.stages))
        return (Plan(Species(SPIKING), chosen, preset.lengths[SPIKING], (agent,)),)

    lines = {each.name: each.summary for each in protocols.values()}
    return Experiment(name, summary, presets, lines, dict.fromkeys(presets, SPIKING), plans, conclude)
