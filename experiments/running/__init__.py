"""From a plan to files: agents live, stop, go on, and are written down."""
