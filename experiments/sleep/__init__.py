"""The experiment of the story: learned, forgotten, saved by sleep."""
