"""Other libraries' learners in these worlds: a short training run each, outside the tests, which have none of them.

Each script says in its docstring what to install. It trains for a minute or two on ``task1`` and prints the client's
version and the intake that was learned; a forager that moves at random takes in about 0 in 100 steps.
"""
