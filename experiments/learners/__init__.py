"""Who can be run: the contract of a learner, and those that fulfil it."""
