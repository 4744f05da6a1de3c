"""`Senses`: what a forager senses of its world, as one value that is passed whole."""

from dataclasses import asdict, dataclass, fields
from typing import Any

MODES = ("binary", "pattern")
SPACES = ("multibinary", "flat", "image")


@dataclass(frozen=True)
class Senses:
    """The arguments of the environments that decide what an observation is; see `foraging_env.observations`.

    Raises ValueError for an unknown mode or space, or an image that cannot be had; TypeError for a cue that is no
    bool. The side of the view is checked by the world that it is a part of.
    """

    observation: str = "binary"
    view: int = 7
    task_cue: bool = False
    last_action: bool = False
    space: str = "multibinary"

    def __post_init__(self) -> None:
        if self.observation not in MODES:
            raise ValueError(f"unknown observation {self.observation!r}; known observations: {', '.join(MODES)}")
        for name in ("task_cue", "last_action"):
            cue = getattr(self, name)
            if not isinstance(cue, bool):
                raise TypeError(f"{name}={cue!r} must be True or False")
        if self.space not in SPACES:
            raise ValueError(f"unknown space {self.space!r}; known spaces: {', '.join(SPACES)}")
        if self.space == "image" and (self.task_cue or self.last_action):
            raise ValueError("space='image' has no place for task_cue or last_action; use space='flat' or no cue")
        if self.space == "image" and self.observation == "pattern" and self.view == 3:
            raise ValueError(
                "space='image' with observation='pattern' needs view=5 or more: there are 4 channels, and SB3 takes "
                "the shortest axis for the channels"
            )

    def arguments(self) -> dict[str, Any]:
        """As keyword arguments of ``gym.make`` and ``gym.make_vec``."""
        return asdict(self)

    def describe(self) -> dict[str, Any]:
        """For files and keys: ``task_cue``, and whatever differs from what is sensed by default."""
        changed = {field.name for field in fields(self) if getattr(self, field.name) != field.default}
        return {name: value for name, value in asdict(self).items() if name == "task_cue" or name in changed}

    @classmethod
    def described(cls, plain: dict[str, Any]) -> "Senses":
        """The inverse of `describe`; other entries of ``plain`` are passed over."""
        return cls(**{field.name: plain[field.name] for field in fields(cls) if field.name in plain})

    @property
    def label(self) -> str:
        """What is added to a name to tell these senses from the default ones; empty for those."""
        parts = {
            "cue": self.task_cue,
            "action": self.last_action,
            self.observation: self.observation != MODES[0],
            f"view{self.view}": self.view != Senses.view,
            self.space: self.space != SPACES[0],
        }
        return "".join(f"+{part}" for part, differs in parts.items() if differs)
