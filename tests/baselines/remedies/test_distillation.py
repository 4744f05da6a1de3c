"""The old policy teaches: what it leaves behind, and where that pulls a gradient step."""

import numpy as np
import pytest
import torch
from same_files import assert_same_bytes

from baselines.agent import DeepAgent
from baselines.remedies import distillation
from baselines.remedies.distillation import Cloning, Distillation

SMALL = {"ppo": {"n_steps": 8, "batch_size": 128, "n_epochs": 1}, "a2c": {"n_steps": 4}}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(distillation, "N_OBSERVATIONS", 400)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def born(algorithm, remedy):
    return DeepAgent(algorithm, remedy, seed=6, settings=SMALL[algorithm])


def test_the_losses_are_those_of_the_textbook():
    rng = np.random.default_rng(0)
    old, new = (torch.from_numpy(rng.normal(size=(5, 8))).log_softmax(dim=1) for _ in range(2))
    teacher = Distillation()
    p, q = old.exp().numpy(), new.exp().numpy()
    assert teacher.loss(new, teacher.answers(old)).item() == pytest.approx(np.mean((p * np.log(p / q)).sum(axis=1)))
    assert teacher.loss(old, teacher.answers(old)).item() == pytest.approx(0.0, abs=1e-12)
    certain = torch.full((1, 8), -float("inf")).index_fill(1, torch.tensor([3]), 0.0)
    assert teacher.loss(new[:1], teacher.answers(certain)).item() == pytest.approx(-new[0, 3].item(), abs=1e-5)
    clone = Cloning()
    moves = p.argmax(axis=1)
    assert clone.loss(new, clone.answers(old)).item() == pytest.approx(-np.log(q[range(5), moves]).mean())


@pytest.mark.parametrize("algorithm", ["ppo", "a2c"])
@pytest.mark.parametrize("remedy", ["distillation", "cloning"])
def test_its_size_is_what_it_says_and_it_goes_on_to_the_bit(algorithm, remedy, tmp_path):
    agent = born(algorithm, remedy)
    assert agent.bytes_kept == 0
    agent.learn_task("task1", 256)
    a_view, answer = 49, {"distillation": 8 * 4, "cloning": 1}[remedy]
    assert agent.bytes_kept == 400 * (a_view + answer)
    agent.begin_task("task2")
    agent.learn(256)
    agent.save(tmp_path / "middle.pt")
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # from now on torch runs hooks in its step, too
    for name in ("a.pt", "b.pt"):
        agent.learn(256)
        agent.end_task()
        assert agent.bytes_kept == 2 * 400 * (a_view + answer)
        agent.save(tmp_path / name)
        agent = DeepAgent.load(tmp_path / "middle.pt")
    assert_same_bytes(tmp_path / "a.pt", tmp_path / "b.pt")


def test_a_step_goes_down_the_sum_of_both_losses_and_leaves_the_value_function_alone():
    agent = born("ppo", "distillation")
    agent.learn_task("task1", 256)
    policy, teacher = agent.model.policy, agent.remedy
    with torch.no_grad():
        policy.action_net.weight.mul_(0.5)  # so that it differs from what it was
    chosen = list(range(400))
    teacher.weight = 2.0
    policy.optimizer.zero_grad()
    (2.0 * teacher.teaching_loss(chosen)).backward()
    expected = {name: p.grad.clone() for name, p in policy.named_parameters() if p.grad is not None}
    assert not any("value" in name for name in expected)
    for parameter in policy.parameters():
        parameter.grad = torch.ones_like(parameter)
    drawn = torch.randint
    try:
        torch.randint = lambda n, shape: torch.arange(n)  # all of them, instead of a batch
        teacher._add_gradient()
    finally:
        torch.randint = drawn
    for name, parameter in policy.named_parameters():
        wanted = 1.0 + expected.get(name, torch.zeros_like(parameter))
        torch.testing.assert_close(parameter.grad, wanted, msg=name)


def test_a_strong_teacher_keeps_the_policy_where_it_was():
    def distance(weight):
        agent = born("ppo", "distillation")
        agent.remedy.weight = weight
        agent.learn_task("task1", 256)
        agent.learn_task("n+v-", 2048)
        return float(agent.remedy.teaching_loss(range(400)).detach())  # of task1, the first lesson

    assert distance(30.0) < 0.3 * distance(0.0)


def test_lessons_are_of_the_task_and_chance_outside_has_no_say_in_them():
    lessons = []
    for outside in (1, 2):
        torch.manual_seed(outside)
        np.random.seed(outside)  # noqa: NPY002
        agent = born("a2c", "cloning")
        agent.learn_task(("task1", "task2"), 128)
        assert list(agent.remedy.kept["lessons"]) == ["task1+task2"]
        lessons.append(agent.remedy.kept["lessons"]["task1+task2"])
    for name in ("observations", "answers"):
        assert torch.equal(lessons[0][name], lessons[1][name])
    assert lessons[0]["observations"].shape == (400, 7, 7)
    expected, _ = agent.model.predict(lessons[0]["observations"].numpy(), deterministic=True)
    np.testing.assert_array_equal(lessons[0]["answers"], expected)
