"""Is it right and fast here? Self-test, engines against each other, speed of the world."""
