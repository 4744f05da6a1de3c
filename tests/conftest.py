"""What all tests share."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # windows without a screen
