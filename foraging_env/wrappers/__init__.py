"""Wrappers for single and vector environments: task schedules, foraging statistics, the path walked."""

from foraging_env.wrappers.path import RecordPath
from foraging_env.wrappers.scheduled import ScheduledTasks, VectorScheduledTasks
from foraging_env.wrappers.statistics import ForagingStatistics, VectorForagingStatistics

__all__ = [
    "ForagingStatistics",
    "RecordPath",
    "ScheduledTasks",
    "VectorForagingStatistics",
    "VectorScheduledTasks",
]
