"""`ConstrainedAdam` is Adam, plus what its docstring says."""

import io

import pytest
import torch

from baselines.optimizer import ConstrainedAdam


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def network():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2))


def train(net, optimizer, steps, seed=0):
    draw = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        optimizer.zero_grad()
        net(torch.randn(8, 4, generator=draw)).square().mean().backward()
        optimizer.step()


def like(net, number):
    return [torch.full_like(parameter, number) for parameter in net.parameters()]


def assert_same(net, other):
    for ours, theirs in zip(net.parameters(), other.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("freed", [False, True])
def test_without_constraints_it_is_adam_to_the_bit(freed):
    ours, theirs = network(), network()
    optimizer, adam = ConstrainedAdam(ours.parameters(), lr=0.01), torch.optim.Adam(theirs.parameters(), lr=0.01)
    if freed:  # from constraints that were put on it before
        optimizer.pull(like(ours, 1.0), like(ours, 1.0))
        optimizer.hold([mask == 0 for mask in like(ours, 0.0)])
        optimizer.pull([None] * 4, [None] * 4)
        optimizer.hold([None] * 4)
    train(ours, optimizer, 20)
    train(theirs, adam, 20)
    assert_same(ours, theirs)


def test_the_pull_is_the_gradient_of_the_penalty_that_autograd_finds():
    ours, theirs = network(), network()
    optimizer, adam = ConstrainedAdam(ours.parameters(), lr=0.01), torch.optim.Adam(theirs.parameters(), lr=0.01)
    draw = torch.Generator().manual_seed(1)
    anchors = [torch.randn(p.shape, generator=draw) for p in ours.parameters()]
    strengths = [torch.rand(p.shape, generator=draw) for p in ours.parameters()]
    optimizer.pull(anchors, strengths)
    for _ in range(5):
        inputs = torch.randn(8, 4, generator=draw)
        optimizer.zero_grad()
        ours(inputs).square().mean().backward()
        optimizer.step()
        adam.zero_grad()
        terms = zip(theirs.parameters(), anchors, strengths, strict=True)
        penalty = sum((s * (p - a).square()).sum() / 2 for p, a, s in terms)
        (theirs(inputs).square().mean() + penalty).backward()
        adam.step()
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(mine.grad, other.grad, rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


def test_held_elements_stay_and_the_others_move():
    net = network()
    optimizer = ConstrainedAdam(net.parameters(), lr=0.01)
    train(net, optimizer, 3)  # Adam's momentum would move them even without a gradient
    before = [parameter.detach().clone() for parameter in net.parameters()]
    draw = torch.Generator().manual_seed(2)
    masks = [torch.rand(p.shape, generator=draw) < 0.5 for p in net.parameters()]
    optimizer.hold(masks)
    train(net, optimizer, 10)
    for parameter, old, mask in zip(net.parameters(), before, masks, strict=True):
        assert torch.equal(parameter[mask], old[mask])
        assert (parameter[~mask] != old[~mask]).all()


def test_what_a_layer_makes_of_inputs_in_its_basis_stays_whatever_adam_scales():
    net = network()
    optimizer = ConstrainedAdam(net.parameters(), lr=0.01)
    train(net, optimizer, 3)  # Adam's momentum is not in the complement
    inputs = torch.cat([torch.randn(2, 4, generator=torch.Generator().manual_seed(5)), torch.ones(2, 1)], dim=1)
    basis = torch.linalg.qr(inputs.T).Q
    other = torch.randn(50, 4, generator=torch.Generator().manual_seed(6))

    def moved(layer, seen, n_steps=10):
        before = layer(seen).detach()
        train(net, optimizer, n_steps)
        return float((layer(seen) - before).detach().abs().max())

    optimizer.project([(net[0], basis)])
    assert moved(net[0], inputs[:, :4]) < 1e-6
    assert moved(net[0], other) > 0.01
    assert moved(net[2], torch.ones(1, 5)) > 0.01, "the other layer is free"
    optimizer.project([])
    assert moved(net[0], inputs[:, :4]) > 0.01

    # A projected gradient would not do.
    along = torch.eye(5) - basis @ basis.T

    def project_gradient():
        whole = torch.cat([net[0].weight.grad, net[0].bias.grad[:, None]], dim=1) @ along
        net[0].weight.grad, net[0].bias.grad = whole[:, :4].clone(), whole[:, 4].clone()

    optimizer = ConstrainedAdam(net.parameters(), lr=0.01)
    optimizer.teach(project_gradient)
    assert moved(net[0], inputs[:, :4]) > 0.01


def test_a_parameter_that_is_restarted_goes_on_as_with_an_adam_of_its_own():
    net, other = network(), network()
    optimizer = ConstrainedAdam(net.parameters(), lr=0.01)
    train(net, optimizer, 7)
    for part in net.parameters():
        optimizer.restart(part)
    other.load_state_dict(net.state_dict())
    train(net, optimizer, 5)
    train(other, ConstrainedAdam(other.parameters(), lr=0.01), 5)
    assert_same(net, other)


@pytest.mark.parametrize("scale", [True, False])
def test_only_what_is_named_is_restarted(scale):
    net = network()
    optimizer = ConstrainedAdam(net.parameters(), lr=0.01)
    weight, bias = net[0].weight, net[0].bias
    optimizer.restart(weight)
    assert weight not in optimizer.state, "there is nothing to restart before the first step"
    train(net, optimizer, 7)
    before = {part: {name: value.clone() for name, value in optimizer.state[part].items()} for part in (weight, bias)}
    row = torch.zeros_like(weight, dtype=torch.bool)
    row[2] = True
    optimizer.restart(weight, row, scale=scale)
    for mean in ("exp_avg", "exp_avg_sq"):
        now, old = optimizer.state[weight][mean], before[weight][mean]
        assert torch.equal(now[~row], old[~row])
        assert torch.equal(now[row], torch.zeros(4) if scale or mean == "exp_avg" else old[row])
        assert torch.equal(optimizer.state[bias][mean], before[bias][mean])
    assert optimizer.state[weight]["step"] == 7
    with pytest.raises(ValueError, match=r"where is torch.bool of shape \(5,\), it must be .* shape \(5, 4\)"):
        optimizer.restart(weight, row[:, 0])


@pytest.mark.parametrize("trained", [0, 7])
def test_constraints_survive_the_state_dict(trained):
    def constrained():
        net = network()
        optimizer = ConstrainedAdam(net.parameters(), lr=0.01)
        train(net, optimizer, trained)
        optimizer.pull([*like(net, 0.3)[:3], None], [*like(net, 0.5)[:3], None])
        optimizer.hold([None, *(torch.arange(p.numel()).view(p.shape) % 2 == 0 for p in list(net.parameters())[1:])])
        return net, optimizer

    net, optimizer = constrained()
    file = io.BytesIO()
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, file)
    other = network()
    loaded = ConstrainedAdam(other.parameters(), lr=0.01)
    saved = torch.load(io.BytesIO(file.getvalue()), weights_only=True)
    other.load_state_dict(saved["net"])
    loaded.load_state_dict(saved["optimizer"])
    for one, two in zip(optimizer.state.values(), loaded.state.values(), strict=True):
        assert {name: value.dtype for name, value in one.items()} == {name: value.dtype for name, value in two.items()}
    train(net, optimizer, 10, seed=1)
    train(other, loaded, 10, seed=1)
    assert_same(net, other)


def test_the_given_tensors_are_its_own():
    net = network()
    optimizer = ConstrainedAdam(net.parameters())
    anchors = list(net.parameters())
    optimizer.pull(anchors, like(net, 1.0))
    train(net, optimizer, 1)
    assert all((optimizer.state[p]["anchor"] != p).any() for p in net.parameters())


def test_what_does_not_fit_is_refused():
    net = network()
    optimizer = ConstrainedAdam(net.parameters())
    whole = like(net, 1.0)
    with pytest.raises(ValueError, match=r"3 anchors for 4 parameters; give one, or None, for each"):
        optimizer.pull(whole[:3], whole)
    with pytest.raises(ValueError, match=r"strengths\[1\] has shape \(\), its parameter has \(5,\)"):
        optimizer.pull(whole, [whole[0], torch.tensor(1.0), *whole[2:]])
    with pytest.raises(ValueError, match=r"parameter 0 has an anchor or a strength, but not both"):
        optimizer.pull([None, *whole[1:]], whole)
    with pytest.raises(ValueError, match=r"masks\[0\] is of torch.float32, a mask must be of torch.bool"):
        optimizer.hold(whole)
    with pytest.raises(ValueError, match=r"basis 0 has shape \(4, 2\), its layer needs \(5, n\)"):
        optimizer.project([(net[0], torch.ones(4, 2))])
    with pytest.raises(ValueError, match="takes no closure"):
        optimizer.step(lambda: 0.0)
    assert not optimizer.state


@pytest.mark.parametrize("others", [False, True])
def test_a_watcher_is_told_the_gradient_of_the_loss_and_what_became_of_every_parameter(others):
    if others:
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # torch's own hooks would from now on run twice
    net, plain = network(), network()
    optimizer, unwatched = ConstrainedAdam(net.parameters(), lr=0.01), ConstrainedAdam(plain.parameters(), lr=0.01)
    told = []

    def watcher(gradients, changes):
        told.append((gradients, changes))

    def teacher():
        next(net.parameters()).grad.add_(1.0)

    def teacher_of_the_other():
        next(plain.parameters()).grad.add_(1.0)

    optimizer.watch(watcher)
    optimizer.watch(watcher)
    optimizer.teach(teacher)
    optimizer.teach(teacher)
    unwatched.teach(teacher_of_the_other)
    for each, of in ((optimizer, net), (unwatched, plain)):
        each.pull(like(of, 3.0), like(of, 0.5))
        first_rows = [torch.zeros_like(p, dtype=torch.bool) for p in of.parameters()]
        for mask in first_rows:
            mask[0] = True
        each.hold(first_rows)
    before = [p.detach().clone() for p in net.parameters()]
    draw = torch.Generator().manual_seed(0)
    net(torch.randn(8, 4, generator=draw)).square().mean().backward()
    expected = [p.grad.clone() for p in net.parameters()]
    optimizer.zero_grad()
    train(net, optimizer, 1)
    train(plain, unwatched, 1)
    ((gradients, changes),) = told
    for gradient, loss in zip(gradients, expected, strict=True):
        assert torch.equal(gradient, loss)
    for change, old, parameter in zip(changes, before, net.parameters(), strict=True):
        assert torch.equal(change, parameter - old)
        assert (change[0] == 0).all()
        assert (change[1:] != 0).all()
    assert_same(net, plain)


def test_summed_along_the_way_gradient_times_change_is_the_fall_of_the_loss():
    net = network()
    optimizer = ConstrainedAdam(net.parameters(), lr=1e-4)
    seen = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    fallen = []

    def watcher(gradients, changes):
        fallen.extend(-(gradient * change).sum() for gradient, change in zip(gradients, changes, strict=True))

    def loss():
        return net(seen).square().mean()

    optimizer.watch(watcher)
    first = loss().item()
    for _ in range(200):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    assert sum(fallen).item() == pytest.approx(first - loss().item(), rel=0.01)
