"""A spiking network that learns to forage, forgets, and is saved by sleep (Golden et al. 2022)."""

from spiking_agent.agent import SpikingAgent
from spiking_agent.callbacks import CycleCallback, InterleaveCallback, SleepCallback
from spiking_agent.config import NetworkConfig
from spiking_agent.tally import Tally

__all__ = ["CycleCallback", "InterleaveCallback", "NetworkConfig", "SleepCallback", "SpikingAgent", "Tally"]
