"""An environment that is watched: every call is made on it and on a model of it, and both are compared.

The model (`experiments.checks.clocks`) knows the clocks of episodes and of schedules, the tasks, the counts and the
last actions, from the cards of the environments and wrappers. The worlds themselves are checked by
`experiments.checks.invariants`.
"""

import copy
import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from experiments.checks import invariants
from experiments.checks.bad_calls import BAD_FOR_MANY, BAD_FOR_ONE
from experiments.checks.clocks import Clocks, Mask
from experiments.checks.invariants import PAIR_VALUES, Told, Violation, require
from experiments.checks.plans import Plan, arguments_of, make, single
from foraging_env import named_task
from foraging_env.state import get_state, set_state

FOREVER = 2**62


class Excused(NamedTuple):
    """What a refused call of another package changes all the same."""

    fault: str
    calls: tuple[str, ...]  # words in the names of the calls
    changed: tuple[str, ...]  # names of what they change in the state


NOT_OURS = (Excused("Gymnasium's TimeLimit starts its clock in a refused reset", ("reset",), ("TimeLimit",)),)
"""They are counted, and no violations."""


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
            self.twin = SyncVectorEnv([lambda: single(alone, arguments_of(alone))] * self.n, autoreset_mode=plan.mode)
        self.excused: Counter[str] = Counter()  # faults met in refused calls
        tasks = [named_task(name).index for name in plan.tasks] or [0]
        self.model = Clocks.fresh(self.n, np.array(tasks * (self.n // len(tasks))))
        self.saved: tuple[Any, Clocks, Any, Any] | None = None
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
        calls = BAD_FOR_MANY if self.plan.worlds else BAD_FOR_ONE
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
