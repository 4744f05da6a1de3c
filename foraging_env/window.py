"""A window on the world, with pygame, which is loaded here and only when a window opens."""

import os
import warnings
from typing import Any

import numpy as np
from gymnasium.error import DependencyNotInstalled

from foraging_env.core.world import MOVE_COL, MOVE_ROW
from foraging_env.extras import install
from foraging_env.scene import Caption, scene
from foraging_env.world import Worlds

_FIRST_HEIGHT = 700
_PICTURES_PER_SECOND = 60


_INVISIBLE = ("dummy", "offscreen")  # drivers that SDL chooses where there is no screen


class NoScreenError(RuntimeError):
    """A window was to be opened where there is no screen."""


class Window:
    """Shows scenes, in any size the person drags it to, and moves the forager smoothly from cell to cell.

    ``steps_per_second``: how long a move takes on the screen. ``is_open`` turns False when the person closes it.
    Raises gymnasium.error.DependencyNotInstalled without pygame, NoScreenError where nobody could see the window.
    """

    def __init__(self, title: str, steps_per_second: float) -> None:
        self._pygame: Any = _load_pygame()
        self._pygame.display.init()
        if self._pygame.display.get_driver() in _INVISIBLE and "SDL_VIDEODRIVER" not in os.environ:
            self._pygame.display.quit()
            raise NoScreenError("no screen to open a window on; forage movie films, and render_mode='rgb_array' draws")
        self._title = title
        self._steps_per_second = steps_per_second
        self._clock = self._pygame.time.Clock()
        self._surface: Any = None
        self.is_open = True

    def show(self, worlds: Worlds, caption: Caption | None = None, *, moved: bool = True) -> None:
        """Show world 0; if it ``moved``, let the forager glide there from the cell that it left.

        Does nothing once the window is closed.
        """
        if not self.is_open:
            return
        action = worlds.state.last_action.item(0)
        glides = moved and action >= 0
        n_pictures = max(1, round(_PICTURES_PER_SECOND / self._steps_per_second)) if glides else 1
        for k in range(1, n_pictures + 1):
            left = 1 - k / n_pictures
            lag = (MOVE_ROW[action] * left, MOVE_COL[action] * left) if glides else (0.0, 0.0)
            height = _FIRST_HEIGHT if self._surface is None else self._surface.get_height()
            self._put(scene(worlds, caption or Caption(), height=height, lag=lag))
            self._clock.tick(min(_PICTURES_PER_SECOND, n_pictures * self._steps_per_second) if glides else 0)

    def keys(self) -> list[str]:
        """Names of the keys pressed since the last call, as pygame calls them; also notices that it was closed."""
        names: list[str] = []
        if self._surface is None:
            return names
        for event in self._pygame.event.get():
            if event.type == self._pygame.QUIT:
                self.close()
                break
            elif event.type == self._pygame.KEYDOWN:
                names.append(self._pygame.key.name(event.key))
        return names

    def wait(self, seconds: float) -> None:
        """Let time pass without using the processor."""
        self._pygame.time.wait(round(1000 * seconds))

    def close(self) -> None:
        """Close the window; harmless if it is closed."""
        self.is_open = False
        self._surface = None
        self._pygame.display.quit()

    def _put(self, picture: np.ndarray) -> None:
        pygame = self._pygame
        height, width = picture.shape[:2]
        if self._surface is None:
            self._surface = pygame.display.set_mode((width, height), pygame.RESIZABLE)
            pygame.display.set_caption(self._title)
        image = pygame.surfarray.make_surface(picture.swapaxes(0, 1))
        # As large as fits into the window as it is now, in the middle of it.
        there_width, there_height = self._surface.get_size()
        scale = min(there_width / width, there_height / height)
        if scale != 1:
            image = pygame.transform.smoothscale(image, (round(width * scale), round(height * scale)))
        self._surface.fill((255, 255, 255))
        self._surface.blit(image, ((there_width - image.get_width()) // 2, (there_height - image.get_height()) // 2))
        pygame.display.flip()


def _load_pygame() -> Any:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # what a command prints is its own
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pygame's own imports warn about setuptools
            import pygame
    except ImportError as error:
        raise DependencyNotInstalled(f"a window needs pygame: {install('human')}") from error
    return pygame
