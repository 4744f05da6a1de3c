"""An environment that is watched: every call is made on it and on a model of it, and both are compared.

The model knows the clocks of episodes and of schedules, the tasks, the counts and the last actions, from the cards of
the environments and wrappers. The worlds themselves are checked by `experiments.checks.invariants`.
"""

import copy
import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from experiments.checks import invariants
from experiments.checks.invariants import PAIR_VALUES, Rules, Told, Violation, require
from foraging_env import Schedule, named_task
from foraging_env.state import get_state, set_state
from foraging_env.wrappers import (
    ForagingStatistics,
    RecordPath,
    ScheduledTasks,
    VectorForagingStatistics,
    VectorScheduledTasks,
)

FOREVER = 2**62
Mask = NDArray[np.bool_]


class Plan(NamedTuple):
    """Everything that an environment is made of, as plain data."""

    id: str  # a registered id
    worlds: int  # 0 for a single environment
    rules: Rules
    tasks: tuple[str, ...]  # one, or one for each world; without a schedule
    schedule: Schedule | None
    truncate: bool  # the end of a phase is the end of an episode
    limit: int | None  # steps of an episode
    mode: AutoresetMode
    statistics: bool  # with the wrapper of that name; and single ones with `RecordPath`
    checker: bool  # single: with Gymnasium's own checker around
    twin: bool  # vector: beside it Gymnasium's batch of single ones, which must live the same life


class Excused(NamedTuple):
    """What a refused call of another package changes all the same."""

    fault: str
    calls: tuple[str, ...]  # words in the names of the calls
    changed: tuple[str, ...]  # names of what they change in the state


NOT_OURS = (Excused("Gymnasium's TimeLimit starts its clock in a refused reset", ("reset",), ("TimeLimit",)),)
"""They are counted, and no violations."""


def make(plan: Plan) -> Any:
    """The environment of a plan."""
    arguments = _arguments(plan)
    env: Any
    if plan.worlds:
        env = gym.make_vec(plan.id, num_envs=plan.worlds, vectorization_mode="vector_entry_point", **arguments)
        if plan.schedule and plan.id == "Forage-v0":
            env = VectorScheduledTasks(env, plan.schedule, truncate=plan.truncate)
        return VectorForagingStatistics(env) if plan.statistics else env
    env = _single(plan, arguments)
    return RecordPath(ForagingStatistics(env), keep=100) if plan.statistics else env


def _single(plan: Plan, arguments: dict[str, Any]) -> gym.Env:
    env = gym.make(plan.id, disable_env_checker=not plan.checker, **arguments)
    if plan.schedule and plan.id == "Forage-v0":
        return ScheduledTasks(env, plan.schedule, truncate=plan.truncate)
    return env


def _arguments(plan: Plan) -> dict[str, Any]:
    arguments: dict[str, Any] = plan.rules._asdict()
    if plan.id == "Forage-v0":
        arguments["max_episode_steps"] = -1 if plan.limit is None else plan.limit
        if plan.schedule is None:
            arguments["task"] = plan.tasks[0] if len(plan.tasks) == 1 else list(plan.tasks)
        if plan.worlds:
            arguments["autoreset_mode"] = plan.mode
        return arguments
    assert plan.schedule is not None
    return arguments | {"steps_per_task": plan.schedule.phases[0][1], "episode_steps": plan.limit}


class Watched:
    """The environment of a plan and the model of it, before the first reset.

    The methods are the operations; they return how many worlds took part. Each raises `Violation` where the environment
    does not do what its card says.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.n = max(plan.worlds, 1)
        self.everywhere = np.ones(self.n, dtype=np.bool_)
        self.env = make(plan)
        self.twin: SyncVectorEnv | None = None
        if plan.twin:
            alone = plan._replace(worlds=0)
            self.twin = SyncVectorEnv([lambda: _single(alone, _arguments(alone))] * self.n, autoreset_mode=plan.mode)
        self.excused: Counter[str] = Counter()  # faults met in refused calls
        tasks = [named_task(name).index for name in plan.tasks] or [0]
        self.model = _Model.fresh(self.n, np.array(tasks * (self.n // len(tasks))))
        self.saved: tuple[Any, _Model, Any, Any] | None = None
        self.now: invariants.Snapshot

    def begin(self, seed: int) -> int:
        """The first reset."""
        return self._reset(seed, None, None)

    def reset(self, seed: int | list[int | None] | None, task: Any, mask: list[bool] | None) -> int:
        """Reset, with any of a seed, a task and, for vector environments, a mask."""
        if self.plan.schedule is not None:
            task = None  # its schedule chooses
        return self._reset(seed, task, None if not self.plan.worlds else mask)

    def _reset(self, seed: Any, task: Any, mask: list[bool] | None) -> int:
        chosen = self.everywhere if mask is None else np.array(mask)
        seeds = [seed + w if isinstance(seed, int) else seed[w] if seed else None for w in range(self.n)]
        options: dict[str, Any] = {} if task is None else {"task": task}
        if mask is not None:
            options["reset_mask"] = chosen.copy()
        given = (seed[0] if isinstance(seed, list) else seed) if not self.plan.worlds else seed
        seen, infos = self._batched(self.env.reset(seed=given, options=dict(options) or None))
        model = self.model
        if task is not None:
            for w, name in enumerate([task] * self.n if isinstance(task, str) else task):
                if chosen[w]:
                    model.next_task[w] = named_task(name).index
        if self.plan.schedule is not None:
            for w, own in enumerate(seeds):
                if chosen[w] and own is not None:
                    self._begin_schedule(w, own)
        model.begin_episode(chosen)
        self._look_again()
        self._check_seen(seen, chosen, model.task)
        self._check_infos(infos, model.nothing_eaten(), chosen, model.phase)
        if self.twin is not None:
            twin_seen, twin_infos = self.twin.reset(seed=seed, options=dict(options) or None)
            same = (seen == twin_seen).reshape(self.n, -1).all(axis=1)
            require("vector is what singles are: observations", same | ~chosen)
            _compare_infos(infos, twin_infos)
        return int(chosen.sum())

    def _begin_schedule(self, w: int, seed: int) -> None:
        schedule, model = self.plan.schedule, self.model
        assert schedule is not None
        first = schedule.phase(0, seed)
        assert first is not None
        model.seed[w], model.steps[w], model.phase[w], model.fade_ends[w] = seed, 0, 0, 0
        model.ends[w] = first[1] + self._delay(w)
        model.next_task[w] = named_task(first[0]).index

    def _delay(self, w: int) -> int:
        schedule = self.plan.schedule
        return int((w + 0.5) / self.n * schedule.fade) if schedule and schedule.fade_by == "worlds" else 0

    def set_task(self, task: Any, mask: list[bool] | None) -> int:
        """Switch the task of the worlds of ``mask`` between two steps."""
        if self.plan.schedule is not None:
            return 0  # its schedule chooses
        model = self.model
        chosen = self.everywhere if mask is None or not self.plan.worlds else np.array(mask)
        for w, name in enumerate([task] * self.n if isinstance(task, str) else task):
            if chosen[w]:
                model.next_task[w] = named_task(name).index
        base = self.env.unwrapped
        result = base.set_task(task, chosen.copy()) if self.plan.worlds else base.set_task(task)
        seen, infos = self._batched(result)
        model.build(chosen)
        self._look_again()
        self._check_seen(seen, self.everywhere, model.task)
        self._check_infos(infos, model.nothing_eaten(), chosen, None)
        if self.twin is not None:
            alone: list[Any] = [self.twin.envs[w].unwrapped for w in np.flatnonzero(chosen)]
            own = [env.set_task(task)[0] for env in alone]
            require("vector is what singles are: observations", (seen[chosen] == own).reshape(len(own), -1).all(axis=1))
        return int(chosen.sum())

    def step(self, moves: list[int]) -> int:
        """Step all worlds; one that waits for a reset is reset in the way of its autoreset mode."""
        model, plan = self.model, self.plan
        if model.over.any() and (not plan.worlds or plan.mode is AutoresetMode.DISABLED):
            if plan.worlds:
                self.refuse("vector: step, where a reset is due", lambda env: env.step(np.array(moves)))
            return self._reset(None, None, model.over.tolist() if plan.worlds else None)
        actions = np.array(moves)
        before, waiting = self.now, model.over.copy()
        stepped = ~waiting
        eaten = invariants.meal(plan.rules, before, actions)
        outcome = self.env.step(actions.copy() if plan.worlds else moves[0])
        pattern = np.where(stepped, eaten.pattern, -1)
        value = np.where(pattern >= 0, model.value[np.arange(self.n), pattern], 0)
        model.rewarded += value == 1
        model.punished += value == -1
        model.elapsed[stepped] += 1
        model.last_action[stepped] = actions[stepped]
        model.feast[value == 1, 0] += 1
        model.feast[value == -1, 1] += 1
        model.begin_episode(waiting)

        due = stepped & (model.steps + 1 == model.ends)
        truncated = stepped & (model.elapsed >= (plan.limit or FOREVER)) | (due & plan.truncate)
        feast, length = model.feast.copy(), model.elapsed.copy()
        told = Told(model.task.copy(), pattern, value, model.rewarded.copy(), model.punished.copy())
        phase, shown_task = model.phase.copy(), model.task.copy()
        incoming = invariants.pairs_by_task(plan.rules)[model.next_task] > 0
        incoming &= model.mixed[:, None]
        rebuilt = waiting | self._advance(due, stepped, truncated)
        ended = truncated & (plan.mode is AutoresetMode.SAME_STEP) & bool(plan.worlds)
        model.begin_episode(ended)
        rebuilt |= ended
        shown_task[rebuilt] = model.task[rebuilt]
        model.over = truncated & ~ended

        seen, rewards, terminations, truncations, infos = self._batched(outcome)
        self._look_again()
        invariants.check_step(before, self.now, eaten, ~rebuilt, incoming)
        invariants.check_rewards(plan.rules, rewards, value, stepped)
        require("no episode terminates", ~np.asarray(terminations))
        require("episodes are truncated at their limit, and only there", np.asarray(truncations) == truncated)
        self._check_seen(seen, self.everywhere, shown_task)
        if plan.statistics and truncated.any():
            _check_feast(infos, truncated, feast, length)
        if ended.any():
            self._check_final(infos, told, ended, phase)
            new = model.nothing_eaten()
            told = Told(*(np.where(ended, fresh, old) for fresh, old in zip(new, told, strict=True)))
            phase = np.where(ended, model.phase, phase)
        self._check_infos(infos, told, self.everywhere, phase)
        if self.twin is not None:
            self._compare_twin(actions, (seen, rewards, terminations, truncations, infos))
        return self.n

    def _advance(self, due: Mask, stepped: Mask, truncated: Mask) -> Mask:
        """Move the clocks of the schedule on; which worlds it has rebuilt."""
        rebuilt = np.zeros(self.n, dtype=np.bool_)
        schedule, model = self.plan.schedule, self.model
        if schedule is None:
            return rebuilt
        model.steps[stepped] += 1
        fade = schedule.fade if schedule.fade_by == "patterns" else 0
        complete = stepped & (model.fade_ends > 0) & (model.steps == model.fade_ends)
        model.task[complete] = model.next_task[complete]
        for w in np.flatnonzero(due):
            following = schedule.phase(int(model.phase[w]) + 1, int(model.seed[w]))
            if following is None:
                model.ends[w] = FOREVER
                continue
            model.phase[w] += 1
            model.ends[w] += following[1]
            model.fade_ends[w] = model.steps[w] + fade if fade else 0
            model.next_task[w] = named_task(following[0]).index
            if truncated[w]:
                continue  # the reset that must follow builds its world
            if fade:
                new = PAIR_VALUES[model.next_task[w]]
                model.value[w] = np.where(new != 0, new, model.value[w])
                model.mixed[w] = True
            else:
                rebuilt[w] = True
        model.build(rebuilt)
        return rebuilt

    def save(self) -> int:
        """Remember the whole state."""
        self.saved = (get_state(self.env), copy.deepcopy(self.model), self.now, copy.deepcopy(self.twin))
        return self.n

    def load(self) -> int:
        """Go back to the state remembered, if there is one."""
        if self.saved is None:
            return 0
        state, model, self.now, twin = self.saved
        set_state(self.env, state)
        self._same_state(state, "a state that is set is the state")
        self.model, self.twin = copy.deepcopy(model), copy.deepcopy(twin)
        return self.n

    def fresh(self) -> int:
        """Go on with a new environment of the same plan, which is given the state of the old one."""
        state = get_state(self.env)
        self.env = make(self.plan)
        set_state(self.env, state)
        self._same_state(state, "a state that is set elsewhere is the state")
        return self.n

    def copied(self, pickled: bool) -> int:
        """Go on with a copy, by ``deepcopy`` or by pickle."""
        state = get_state(self.env)
        self.env = pickle.loads(pickle.dumps(self.env)) if pickled else copy.deepcopy(self.env)
        self._same_state(state, "a copy has the same state")
        return self.n

    def bad(self, number: int) -> int:
        """Make a call that must be refused and change nothing; ``number`` chooses it."""
        calls = _BAD_FOR_MANY if self.plan.worlds else _BAD_FOR_ONE
        name, call = list(calls.items())[number % len(calls)]
        if self.plan.schedule is None or "task" not in name:
            self.refuse(name, call)
        return self.n

    def refuse(self, name: str, call: Callable[[Any], Any]) -> None:
        """``call`` must be refused with an error that says why, and change nothing."""
        before = get_state(self.env)
        odd = []
        try:
            call(self.env)
        except (TypeError, ValueError, RuntimeError, AssertionError, gym.error.Error):
            pass
        except Exception as error:
            odd.append(type(error).__name__)
        else:
            raise Violation("a bad call is refused", name)
        odd += sorted(set(_differences(before, get_state(self.env))))
        met = [one for one in NOT_OURS if any(word in name for word in one.calls)]
        unknown = [what for what in odd if not any(what in one.changed for one in met)]
        if unknown:
            raise Violation("a refused call changes nothing and says why", f"{name}: {', '.join(unknown)}")
        for what in odd:
            self.excused[next(one.fault for one in met if what in one.changed)] += 1
        if odd:
            set_state(self.env, before)

    def _same_state(self, expected: Any, rule: str) -> None:
        try:
            np.testing.assert_equal(get_state(self.env), expected)
        except AssertionError as error:
            raise Violation(rule, " ".join(str(error).split())[:300]) from None

    def _look_again(self) -> None:
        self.now = invariants.snapshot(self.plan.rules, self.env.unwrapped.worlds.state)
        invariants.check_patterns(self.plan.rules, self.now, self.model.task, ~self.model.mixed)

    def _check_seen(self, seen: Any, chosen: Mask, tasks: NDArray[np.int64]) -> None:
        expected = invariants.expected_observations(self.plan.rules, self.now, tasks, self.model.last_action)
        invariants.check_observations(seen, expected, chosen)
        if self.n == 1 and not self.env.observation_space.contains(seen if self.plan.worlds else seen[0]):
            raise Violation("observations are in the space", f"{seen} is not in {self.env.observation_space}")

    def _check_infos(self, infos: dict[str, Any], told: Told, chosen: Mask, phase: NDArray[np.int64] | None) -> None:
        invariants.check_infos(infos, told, chosen)
        if self.plan.schedule is not None and phase is not None:
            require("info['phase']", infos["phase"] == np.where(chosen, phase, 0))

    def _check_final(self, infos: dict[str, Any], told: Told, ended: Mask, phase: NDArray[np.int64]) -> None:
        require("infos['_final_info'] is the mask of the episodes that ended", infos["_final_info"] == ended)
        require("infos['_final_obs'] is the mask of the episodes that ended", infos["_final_obs"] == ended)
        self._check_infos(infos["final_info"], told, ended, phase)
        space = self.env.single_observation_space
        last = infos["final_obs"][ended]
        require("final observations are in the space", [space.contains(seen) for seen in last])

    def _batched(self, result: tuple[Any, ...]) -> tuple[Any, ...]:
        """What a single environment returns, as a batch of one."""
        if self.plan.worlds:
            return result
        seen, *others, info = result
        infos: dict[str, Any] = {}
        for name, value in info.items():
            infos[name] = np.array([value], dtype=object)
            infos[f"_{name}"] = np.array([True])
        return (seen[None], *(np.array([value]) for value in others), infos)

    def _compare_twin(self, actions: NDArray[np.int64], own: tuple[Any, ...]) -> None:
        assert self.twin is not None
        names = ("observations", "rewards", "terminations", "truncations")
        *arrays, infos = self.twin.step(actions)
        for name, one, other in zip(names, own[:-1], arrays, strict=True):
            require(f"vector is what singles are: {name}", (one == other).reshape(self.n, -1).all(axis=1))
        _compare_infos(own[-1], infos)


def _differences(one: Any, other: Any, name: str = "state") -> Iterator[str]:
    """Names of what differs in two states: of an array, or of a wrapper."""
    if isinstance(one, dict) and name not in _WRAPPERS:
        for key in one:
            yield from _differences(one[key], other[key], key)
    elif isinstance(one, list) and name == "wrappers":
        for (layer, own), (_, theirs) in zip(one, other, strict=True):
            yield from _differences(own, theirs, layer)
    else:
        try:
            np.testing.assert_equal(one, other)
        except AssertionError:
            yield name


_WRAPPERS = ("ForagingStatistics", "VectorForagingStatistics", "ScheduledTasks", "VectorScheduledTasks", "RecordPath")


def _check_feast(infos: dict[str, Any], ended: Mask, feast: NDArray[np.int64], length: NDArray[np.int64]) -> None:
    """The statistics of episodes that have ended are those of the model."""
    told = infos["foraging"]
    if not isinstance(told, dict):  # of a batch of one
        told = {name: np.array([value]) for name, value in told[0].items()}
    for name, expected in (("steps", length), ("rewarded", feast[:, 0]), ("punished", feast[:, 1])):
        require(f"statistics of an episode: {name}", told[name] == np.where(ended, expected, 0))


def _compare_infos(one: dict[str, Any], other: dict[str, Any]) -> None:
    one = {name: value for name, value in one.items() if "foraging" not in name}
    names = f"{sorted(one)}, {sorted(other)}"
    require("vector is what singles are: names in infos", [one.keys() == other.keys()], names)
    for name in one:
        if name == "final_info":
            _compare_infos(one[name], other[name])
            continue
        try:
            np.testing.assert_equal(list(one[name]), list(other[name]))
        except AssertionError as error:
            raise Violation(
                f"vector is what singles are: infos[{name!r}]", " ".join(str(error).split())[:300]
            ) from None


@dataclass
class _Model:
    """What is known of n worlds without looking at them; arrays [n] of int64, if nothing else is said."""

    task: NDArray[np.int64]  # place in DISTINCT_TASKS
    next_task: NDArray[np.int64]  # of the world that is built next
    value: NDArray[np.int64]  # int64[n, 4], of every pattern
    mixed: Mask  # a task has begun to move in since the world was built
    over: Mask  # the episode has ended, and nothing has been built since
    rewarded: NDArray[np.int64]  # eaten since the world was built
    punished: NDArray[np.int64]
    last_action: NDArray[np.int64]
    elapsed: NDArray[np.int64]  # steps of the episode
    feast: NDArray[np.int64]  # int64[n, 2], rewarded and punished pairs of the episode
    seed: NDArray[np.int64]  # of the schedule
    steps: NDArray[np.int64]  # of the schedule
    phase: NDArray[np.int64]
    ends: NDArray[np.int64]  # the step at which the phase is over
    fade_ends: NDArray[np.int64]  # the step at which the new task has moved in; 0 without a fade

    @classmethod
    def fresh(cls, n: int, tasks: NDArray[np.int64]) -> "_Model":
        """Before the first reset."""
        zeros: dict[str, Any] = {name: np.zeros(n, dtype=np.int64) for name in cls.__dataclass_fields__}
        mixed, over = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        tables = {"value": np.zeros((n, 4), dtype=np.int64), "feast": np.zeros((n, 2), dtype=np.int64)}
        return cls(**(zeros | tables | {"next_task": tasks.copy(), "mixed": mixed, "over": over}))

    def build(self, chosen: Mask) -> None:
        """The worlds of the mask are built anew."""
        self.task[chosen] = self.next_task[chosen]
        self.value[chosen] = PAIR_VALUES[self.task[chosen]]
        self.mixed[chosen] = False
        self.rewarded[chosen] = self.punished[chosen] = 0
        self.last_action[chosen] = -1
        self.fade_ends[chosen] = 0

    def begin_episode(self, chosen: Mask) -> None:
        """Episodes begin in the worlds of the mask, which have been built anew."""
        self.build(chosen)
        self.elapsed[chosen] = 0
        self.feast[chosen] = 0
        self.over &= ~chosen

    def nothing_eaten(self) -> Told:
        """What infos say of worlds in which nothing was done yet."""
        none = np.zeros_like(self.task)
        return Told(self.task.copy(), none - 1, none, none, none)


Call = Callable[[Any], Any]


def _damaged(env: Any, name: str) -> None:
    base = env.unwrapped
    saved = base.get_state()
    worlds = saved.get("worlds", saved)
    if name == "food":
        worlds["food"][0, 0, 0] ^= np.uint64(1)
    elif name == "missing":
        del worlds["rng"]
    else:
        worlds[name][...] = 9999  # beyond the largest world
    base.set_state(saved)


_BAD_STATES: dict[str, Call] = {
    f"set_state, {name}": lambda env, name=name: _damaged(env, name)  # type: ignore[misc]
    for name in ("position", "eaten", "value", "last_action", "food", "missing")
}
_BAD_RESETS: dict[str, Call] = {
    "reset, an unknown option": lambda env: env.reset(options={"tusk": "task1"}),
    "reset, an unknown task": lambda env: env.reset(options={"task": "nonsense"}),
    "reset, a task of another type": lambda env: env.reset(options={"task": 7}),
    "reset, no task at all": lambda env: env.reset(options={"task": None}),
    "reset, seed -1": lambda env: env.reset(seed=-1),
    "reset, seed -1 with a task": lambda env: env.reset(seed=-1, options={"task": "v+h-"}),
    "reset, a word for a seed": lambda env: env.reset(seed="x"),
    "reset, half a seed": lambda env: env.reset(seed=1.5),
    "set_task, an unknown task": lambda env: env.unwrapped.set_task("nonsense"),
    "set_task, another type": lambda env: env.unwrapped.set_task(3),
}
_NO_MOVES: tuple[Any, ...] = (8, -1, 10**30, 1.0, True, None, "1", np.array([1, 2]), np.float32(3), {})
_BAD_FOR_ONE: dict[str, Call] = {
    **{f"single: step {move!r}": lambda env, move=move: env.step(move) for move in _NO_MOVES},  # type: ignore[misc]
    **{f"single: {name}": call for name, call in (_BAD_RESETS | _BAD_STATES).items()},
}


def _last(env: Any, value: Any) -> NDArray[Any]:
    array = np.zeros(env.num_envs, dtype=np.asarray(value).dtype)
    array[-1] = value
    return array


_BAD_FOR_MANY: dict[str, Call] = {
    "vector: step with numbers": lambda env: env.step(np.zeros(env.num_envs)),
    "vector: step with booleans": lambda env: env.step(np.zeros(env.num_envs, dtype=bool)),
    "vector: step with one too many": lambda env: env.step(np.zeros(env.num_envs + 1, dtype=int)),
    "vector: step with 8": lambda env: env.step(_last(env, 8)),
    "vector: step with -1": lambda env: env.step(_last(env, -1)),
    "vector: step with None": lambda env: env.step(None),
    "vector: reset, seeds for others": lambda env: env.reset(seed=[1] * (env.num_envs + 1)),
    "vector: reset, a bad seed among good ones": lambda env: env.reset(seed=[5] * (env.num_envs - 1) + [-1]),
    "vector: reset, tasks for others": lambda env: env.reset(options={"task": ["task1"] * (env.num_envs + 1)}),
    "vector: reset, a bad task among good ones": lambda env: env.reset(
        options={"task": ["v+h-"] * (env.num_envs - 1) + ["nonsense"]}
    ),
    "vector: reset, an empty mask": lambda env: env.reset(options={"reset_mask": np.zeros(env.num_envs, dtype=bool)}),
    "vector: reset, a list for a mask": lambda env: env.reset(options={"reset_mask": [True] * env.num_envs}),
    "vector: reset, a mask for others": lambda env: env.reset(
        options={"reset_mask": np.ones(env.num_envs + 1, dtype=bool)}
    ),
    "vector: set_task, a mask for others": lambda env: env.unwrapped.set_task(
        "v+h-", np.ones(env.num_envs + 1, dtype=bool)
    ),
    **{f"vector: {name}": call for name, call in (_BAD_RESETS | _BAD_STATES).items()},
}
N_BAD = len(_BAD_FOR_ONE) * len(_BAD_FOR_MANY)
"""Numbers below this choose every bad call equally often."""
