"""`Habitat`: what stays the same while tasks change, as one value that is passed whole."""

from dataclasses import dataclass
from typing import Any

from foraging_env import checks
from foraging_env.senses import Senses


@dataclass(frozen=True)
class Habitat:
    """The arguments of the environments that all tasks of a life share: the world, and what is sensed of it.

    Raises TypeError or ValueError where no world can be like that.
    """

    senses: Senses = Senses()
    size: tuple[int, int] = (50, 50)
    density: float = 0.1
    rewards: tuple[float, float, float] = (1.0, -1.0, 0.0)

    def __post_init__(self) -> None:
        checks.geometry(self.size, self.senses.view, self.density)
        punished, step, rewarded = checks.reward_table(self.rewards).tolist()
        rows, cols = self.size
        # As plain numbers, so that equal habitats are equal however they were written.
        object.__setattr__(self, "size", (int(rows), int(cols)))
        object.__setattr__(self, "density", float(self.density))
        object.__setattr__(self, "rewards", (rewarded, punished, step))

    @property
    def world(self) -> tuple[tuple[int, int], float]:
        """What decides how much there is to eat: size and density."""
        return self.size, self.density

    def arguments(self) -> dict[str, Any]:
        """As keyword arguments of ``gym.make`` and ``gym.make_vec``."""
        return self.senses.arguments() | {"size": self.size, "density": self.density, "rewards": self.rewards}

    def describe(self) -> dict[str, Any]:
        """For files and keys, as JSON has it: what `Senses.describe` says, and whatever else is not the default."""
        return self.senses.describe() | {
            name: list(value) if isinstance(value, tuple) else value for name, value in self._changed().items()
        }

    @classmethod
    def described(cls, plain: dict[str, Any]) -> "Habitat":
        """The inverse of `describe`; other entries of ``plain`` are passed over.

        Raises TypeError or ValueError for what no environment takes.
        """
        own = {name: plain[name] for name in ("size", "density", "rewards") if name in plain}
        return cls(Senses.described(plain), **own)

    @property
    def label(self) -> str:
        """What is added to a name to tell this habitat from the default one; empty for that."""
        parts = (
            f"+{name}({','.join(f'{each:g}' for each in value)})" if isinstance(value, tuple) else f"+{name}{value:g}"
            for name, value in self._changed().items()
        )
        return self.senses.label + "".join(parts)

    def _changed(self) -> dict[str, Any]:
        return {
            name: getattr(self, name)
            for name in ("size", "density", "rewards")
            if getattr(self, name) != getattr(Habitat, name)
        }
