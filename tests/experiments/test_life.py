"""Seeds of everything descend from one number."""

from experiments.life import birth_seeds
from experiments.life import test_seed as seed_of_test


def test_world_agent_and_tests_have_seeds_of_their_own():
    seeds = [*birth_seeds(7)]
    seeds += [seed_of_test(7, phase, segment, task) for phase in range(4) for segment in range(11) for task in range(2)]

    assert len(set(seeds)) == len(seeds)
    assert not set(seeds) & set(birth_seeds(8))
