"""A spiking network that learns to forage, forgets, and is saved by sleep (Golden et al. 2022)."""

from foraging_env.scores import Counts
from spiking_agent.agent import SpikingAgent
from spiking_agent.callbacks import CycleCallback, InterleaveCallback, SleepCallback
from spiking_agent.config import NetworkConfig

__all__ = ["Counts", "CycleCallback", "InterleaveCallback", "NetworkConfig", "SleepCallback", "SpikingAgent"]
