"""A short fuzz finds nothing, and it would find each promise of the world that is broken."""

from collections import Counter

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, VectorWrapper

from experiments.checks import fuzz, watched
from experiments.checks.invariants import MOVES, Rules, Violation
from experiments.checks.plans import Plan
from experiments.checks.watched import Watched
from foraging_env import ForageVectorEnv, Schedule

RULES = Rules(size=(12, 13), view=5, density=0.12, task_cue=True, last_action=True)
PLAN = Plan(
    id="Forage-v0",
    worlds=3,
    rules=RULES,
    tasks=("task1",),
    schedule=None,
    truncate=False,
    limit=6,
    mode=AutoresetMode.SAME_STEP,
    statistics=True,
    checker=False,
    twin=False,
)
W = 1  # the world that is tampered with


def put(worlds, row, col, filled):
    """One cell of world `W`, in all places where it is stored."""
    margin = worlds.shape.radius + 1
    food, rows, cols = worlds.state.food[W], worlds.shape.rows, worlds.shape.cols
    for r in range((row + margin) % rows, rows + 2 * margin, rows):
        for c in range((col + margin) % cols, cols + 2 * margin, cols):
            bit = np.uint64(1 << (c % 64))
            food[r, c // 64] = food[r, c // 64] | bit if filled else food[r, c // 64] & ~bit


def cells_of(worlds):
    return worlds.pattern_map(W)


def halves(worlds, which=0):
    """Both cells of a pair."""
    cells = cells_of(worlds)
    row, col = np.argwhere(cells >= 0)[which]
    near = [((row + r) % RULES.size[0], (col + c) % RULES.size[1]) for r, c in MOVES]
    return (row, col), next(cell for cell in near if cells[cell] >= 0)


def place_for(worlds, pattern):
    """Both cells of a place where a pair of ``pattern`` may lie."""
    way = {0: (0, 1), 1: (1, 0), 2: (-1, 1), 3: (1, 1)}[pattern]
    food = cells_of(worlds) >= 0
    around = sum(np.roll(food, (i, j), (0, 1)).astype(int) for i in (-1, 0, 1) for j in (-1, 0, 1))
    free = (around == 0) & (np.roll(around, (-way[0], -way[1]), (0, 1)) == 0)
    row, col = np.argwhere(free)[0]
    return (row, col), ((row + way[0]) % RULES.size[0], (col + way[1]) % RULES.size[1])


def lay(worlds, pattern):
    for cell in place_for(worlds, pattern):
        put(worlds, *cell, True)


def take(worlds, which=0):
    for cell in halves(worlds, which):
        put(worlds, *cell, False)


def leave_half(worlds, result):
    put(worlds, *halves(worlds)[0], False)


def touch_at_a_corner(worlds, result):
    (row, col), (other_row, other_col) = halves(worlds)
    put(worlds, (row - (other_row - row)) % 12, (col - (other_col - col)) % 13, True)


def lay_one_more(worlds, result):
    lay(worlds, 0)


def move_a_pair(worlds, result):
    row, col = halves(worlds)[0]
    pattern = int(cells_of(worlds)[row, col])
    lay(worlds, pattern)
    take(worlds, int(np.flatnonzero((np.argwhere(cells_of(worlds) >= 0) == (row, col)).all(axis=1))[0]))


def turn_a_pair(worlds, result):
    row, col = halves(worlds)[0]
    pattern = int(cells_of(worlds)[row, col])
    lay(worlds, 3 - pattern)  # horizontal and negative are the patterns of task1
    take(worlds, int(np.flatnonzero((np.argwhere(cells_of(worlds) >= 0) == (row, col)).all(axis=1))[0]))


def spoil_a_margin(worlds, result):
    worlds.state.food[W, 0, 0] ^= np.uint64(1)


def write_beyond(worlds, result):
    worlds.state.food[W, 4, 0] |= np.uint64(1 << 63)


def stray(worlds, result):
    worlds.state.position[W] = (12, 0)


def jump(worlds, result):
    worlds.state.position[W] = (worlds.state.position[W] + (3, 0)) % 12


def see_nothing(worlds, result):
    result[0][W, :25] = 1 - result[0][W, :25]


def cue_another_task(worlds, result):
    result[0][W, 25:38] = np.roll(result[0][W, 25:38], 1)


def forget_the_action(worlds, result):
    result[0][W, 38:] = 0


def pay_too_much(worlds, result):
    result[1][W] += 1


def terminate(worlds, result):
    result[2][W] = True


def truncate(worlds, result):
    result[3][W] = True


def tell(name, wrong):
    def tamper(worlds, result):
        told = result[4][name] = result[4][name].copy()
        told[W] = wrong

    return tamper


BROKEN = {
    leave_half: "no two pairs touch, and each has two cells",
    touch_at_a_corner: "no two pairs touch, and each has two cells",
    lay_one_more: "the number of pairs is constant",
    turn_a_pair: "each pattern has its share of the pairs",
    move_a_pair: "food changes only where something is eaten",
    spoil_a_margin: "margins repeat the opposite side",
    write_beyond: "nothing is stored beyond the margins",
    stray: "the forager is in the world",
    jump: "the forager moves as the action says",
    see_nothing: "what is seen is the world around the forager",
    cue_another_task: "what is seen is the world around the forager",
    forget_the_action: "what is seen is the world around the forager",
    pay_too_much: "rewards are those of what was eaten",
    terminate: "no episode terminates",
    truncate: "episodes are truncated at their limit, and only there",
    tell("task", "task2"): "info['task']",
    tell("pattern", 4): "info['pattern']",
    tell("value", -1): "info['value']",
    tell("rewarded", 77): "info['rewarded']",
    tell("punished", 77): "info['punished']",
    tell("_value", False): "infos['_value'] is the mask of the worlds that say it",
}


class Tampered(VectorWrapper):
    """Spoils what one step has made."""

    def __init__(self, env, tamper):
        super().__init__(env)
        self._tamper = tamper

    def step(self, actions):
        result = self.env.step(actions)
        self._tamper(self.env.unwrapped.worlds, result)
        return result


def action_that_eats(life, eats):
    """A move of world `W` onto food, or onto none."""
    worlds = life.env.unwrapped.worlds
    near = (worlds.state.position[W] + MOVES) % RULES.size
    hits = cells_of(worlds)[near[:, 0], near[:, 1]] >= 0
    return int(np.flatnonzero(hits == eats)[0]) if (hits == eats).any() else None


def ready(plan=PLAN, eats=False):
    """A life that has begun, and actions with which world `W` eats or does not."""
    life = Watched(plan)
    life.begin(3)
    for t in range(200):
        action = action_that_eats(life, eats)
        if action is not None:
            return life, [0, action, 0]
        life.step([t % 8] * 3)
    raise AssertionError("there is food nowhere")


def ids(value):
    return value if isinstance(value, str) else value.__name__


@pytest.mark.parametrize(("tamper", "rule"), BROKEN.items(), ids=ids)
def test_every_broken_promise_of_a_step_is_found(tamper, rule):
    life, actions = ready()
    life.env = Tampered(life.env, tamper)
    with pytest.raises(Violation) as found:
        life.step(actions)
    assert found.value.rule == rule
    assert f"worlds [{W}]" in str(found.value)


@pytest.mark.parametrize("wrong", ["another pair is eaten", "another pattern comes"])
def test_a_meal_that_changes_the_food_in_another_way_is_found(wrong):
    # A task moves in, so that the shares of the patterns tell nothing.
    schedule = Schedule((("task1", 1), ("v+h-", 1000)), fade=500)
    plan = PLAN._replace(tasks=(), schedule=schedule, limit=None, statistics=False)
    life, _ = ready(plan)
    while not life.model.mixed.all():
        life.step([0, 0, 0])
    while (action := action_that_eats(life, eats=True)) is None:
        life.step([1, 7, 2])
    before = life.now.cells[W].copy()

    def tamper(worlds, result):
        after = cells_of(worlds)
        new = [tuple(cell) for cell in np.argwhere((after >= 0) & (before == 0))]
        old = [tuple(cell) for cell in np.argwhere((after < 0) & (before == 1))]
        for cell in new:
            put(worlds, *cell, False)
        if wrong == "another pair is eaten":
            for cell in old:
                put(worlds, *cell, True)
            move_a_pair(worlds, result)
        else:
            lay(worlds, 2)  # positive: neither of the two tasks has it

    life.env = Tampered(life.env, tamper)
    with pytest.raises(Violation) as found:
        life.step([0, action, 0])
    assert found.value.rule == (
        "the new pair has the pattern of the pair eaten"
        if wrong == "another pattern comes"
        else "a whole pair is eaten and exactly one new pair appears"
    )


def test_statistics_and_last_infos_that_are_wrong_are_found():
    def miscount(worlds, result):
        if "foraging" in result[4]:
            result[4]["foraging"]["steps"][W] += 1

    def misremember(worlds, result):
        if "final_info" in result[4]:
            result[4]["final_info"]["value"][W] = 5

    for tamper, rule in ((miscount, "statistics of an episode: steps"), (misremember, "info['value']")):
        life = Watched(PLAN)
        life.begin(0)
        life.env = Tampered(life.env, tamper)
        for _ in range(PLAN.limit - 1):
            life.step([0, 1, 2])
        with pytest.raises(Violation) as found:
            life.step([0, 1, 2])
        assert found.value.rule == rule


def test_a_vector_environment_that_lives_another_life_than_single_ones_is_found():
    life = Watched(PLAN._replace(twin=True, statistics=False))
    life.begin(0)
    life.twin.reset(seed=5)
    with pytest.raises(Violation, match="vector is what singles are"):
        life.step([0, 1, 2])


def test_a_bad_call_that_is_taken_or_that_changes_something_is_found(monkeypatch):
    life = Watched(PLAN)
    life.begin(0)
    with pytest.raises(Violation, match="a bad call is refused: good"):
        life.refuse("good", lambda env: env.step(np.zeros(3, dtype=int)))

    def halfway(env):
        env.unwrapped.worlds.state.rng[W] += np.uint64(1)
        raise ValueError("no")

    with pytest.raises(Violation, match="a refused call changes nothing and says why: halfway: rng"):
        life.refuse("halfway", halfway)
    with pytest.raises(Violation, match="a refused call changes nothing and says why: silly: KeyError"):
        life.refuse("silly", lambda env: {}["x"])
    excused = watched.Excused("a fault", ("reset",), ("rng",))
    monkeypatch.setattr(watched, "NOT_OURS", (excused,))
    life.refuse("reset, halfway", halfway)
    assert life.excused == Counter({"a fault": 1})


def test_a_copy_that_differs_is_found(monkeypatch):
    life = Watched(PLAN)
    life.begin(0)

    def spoiled(env):
        env.unwrapped.worlds.state.rng[W] += np.uint64(1)
        return env

    monkeypatch.setattr(watched.copy, "deepcopy", spoiled)
    with pytest.raises(Violation, match="a copy has the same state"):
        life.copied(False)


def test_some_thousand_operations_of_every_kind_find_nothing():
    figures = fuzz.Figures()
    outcome = list(fuzz.fuzz(6_000, 0, figures, first_life=3))
    assert outcome[-1] is None
    assert figures.operations >= 6_000
    assert figures.calls == len(outcome)
    assert set(figures.by_kind) == {"begin", *fuzz._KINDS}


def test_a_life_is_the_same_whenever_it_is_lived():
    assert fuzz.life(3, 8) == fuzz.life(3, 8)
    assert fuzz.life(3, 8) != fuzz.life(3, 9)


@pytest.fixture
def broken_switch(monkeypatch):
    """A vector environment whose switch of the task leaves the counts as they were."""
    set_task = ForageVectorEnv.set_task

    def broken(self, task, mask=None):
        before = self.worlds.state.counts.copy()
        set_task(self, task, mask)
        self.worlds.state.counts[:] = before + 1
        return self._observer.observe(), self._infos(self._mask(mask))

    monkeypatch.setattr(ForageVectorEnv, "set_task", broken)
    monkeypatch.setattr(fuzz, "draw_plan", lambda rng: PLAN)


def test_a_violation_is_told_with_the_few_calls_that_show_it(broken_switch, capsys):
    with pytest.raises(SystemExit) as end:
        fuzz.main(operations=100_000, seed=1, life=0)
    assert end.value.code == 1
    told = capsys.readouterr().out
    assert "info['rewarded']" in told
    assert "python -m experiments.checks.fuzz --seed 1 --life" in told
    assert "2 calls are enough:" in told
    assert "1. begin(" in told
    assert "2. set_task(" in told


def test_figures_are_printed_at_the_end(capsys):
    fuzz.main(operations=500, seed=2, life=0)
    told = capsys.readouterr().out
    assert "no violation" in told
    assert "operations a second" in told


def test_ctrl_c_ends_it_with_what_was_done(monkeypatch, capsys):
    def interrupted(*arguments, **options):
        yield None
        raise KeyboardInterrupt

    monkeypatch.setattr(fuzz, "fuzz", interrupted)
    with pytest.raises(SystemExit) as end:
        fuzz.main(operations=10, seed=0, life=0)
    assert end.value.code == 130
    assert "interrupted" in capsys.readouterr().out
