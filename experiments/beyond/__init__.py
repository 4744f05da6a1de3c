"""What the paper never did: how much sleep, how often, for how many tasks, with which noise; does it transfer."""
