"""Seeds of everything descend from one number."""

from experiments.running.life import birth_seed, evaluation_seed


def test_birth_and_every_test_have_seeds_of_their_own():
    tests = [(phase, segment, task) for phase in range(4) for segment in range(11) for task in range(2)]
    seeds = [birth_seed(7), *(evaluation_seed(7, *which) for which in tests)]

    assert len(set(seeds)) == len(seeds)
    assert birth_seed(8) not in seeds
