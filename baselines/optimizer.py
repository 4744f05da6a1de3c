"""`ConstrainedAdam`: Adam that may pull parameters towards anchors, hold or bend their changes, and be watched.

It is where remedies act on gradients without a copy of any ``train()``: SB3 takes it as ``optimizer_class``. Without
constraints and teachers it is Adam, to the bit. Anchors and masks live in the optimiser's state, so they are saved with
it; whoever asked for projections, or added teachers and watchers, does so again for an optimiser that was loaded.

Torch has hooks of its own for steps. They do not do here: once anybody in the process has made a plain Adam, torch runs
them twice in every step of a subclass, the second time when the pull is already part of the gradient.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

Teacher = Callable[[], None]
"""Is called before a step, and may add to the parameters' gradients."""

Watcher = Callable[[list[Tensor | None], list[Tensor]], None]
"""Is told of a step, after it: the loss's gradient of every parameter, None where there was none, and its change."""


class ConstrainedAdam(torch.optim.Adam):
    """Adam on the loss plus, for every anchor, sum of ``strength`` * (parameter - ``anchor``)^2 / 2.

    The pull's gradient is added after SB3 has clipped the loss's, and before Adam scales it. A parameter without a
    gradient is not pulled. ``held`` elements of a parameter keep their values.
    """

    _projected: tuple[tuple[torch.nn.Linear, Tensor], ...] = ()
    _teachers: tuple[Teacher, ...] = ()
    _watchers: tuple[Watcher, ...] = ()

    def step(self, closure: Any = None) -> Any:
        """One step. Raises ValueError for a closure, which SB3 never has."""
        if closure is not None:
            raise ValueError("ConstrainedAdam takes no closure")
        if not self._watchers:
            return self._constrained_step()
        parameters = self.parameters()
        gradients = [None if p.grad is None else p.grad.detach().clone() for p in parameters]
        before = [p.detach().clone() for p in parameters]
        loss = self._constrained_step()
        changes = [p.detach() - old for p, old in zip(parameters, before, strict=True)]
        for watcher in self._watchers:
            watcher(gradients, changes)
        return loss

    def parameters(self) -> list[Tensor]:
        """All parameters, in the order in which tensors are given for them, or told of them, one each."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def teach(self, teacher: Teacher) -> None:
        """Call ``teacher`` before every step from now on, after SB3 has clipped the loss's gradient.

        Its parts of the gradient come in before the anchors' pull. Added twice, it is called once.
        """
        if teacher not in self._teachers:
            self._teachers = (*self._teachers, teacher)

    def watch(self, watcher: Watcher) -> None:
        """Tell ``watcher`` of every step from now on; it must change neither gradients nor parameters.

        Its gradients are the loss's alone, as SB3 has clipped them; its changes are what really happened, with pulls
        and masks. Both are in the order of `parameters`. Added twice, it is told once.
        """
        if watcher not in self._watchers:
            self._watchers = (*self._watchers, watcher)

    def pull(self, anchors: Sequence[Tensor | None], strengths: Sequence[Tensor | None]) -> None:
        """Pull every parameter to its anchor from now on, in place of older anchors.

        One tensor for each of `parameters`, of its shape, or None in both for a parameter that nothing pulls. Raises
        ValueError for another number of them, other shapes, or None in only one of both.
        """
        self._check("anchors", anchors)
        self._check("strengths", strengths)
        for index, (anchor, strength) in enumerate(zip(anchors, strengths, strict=True)):
            if (anchor is None) != (strength is None):
                raise ValueError(f"parameter {index} has an anchor or a strength, but not both; give both or None")
        for parameter, anchor, strength in zip(self.parameters(), anchors, strengths, strict=True):
            if anchor is None or strength is None:
                self._forget(parameter, "anchor", "strength")
            else:
                self._state_of(parameter)["anchor"] = anchor.detach().clone()
                self._state_of(parameter)["strength"] = strength.detach().clone()

    def hold(self, masks: Sequence[Tensor | None]) -> None:
        """Hold the elements of ``masks`` at their values from now on, in place of older masks.

        One bool tensor for each parameter, of its shape, or None. Raises ValueError for another number, shape or dtype.
        """
        self._check("masks", masks)
        for index, mask in enumerate(masks):
            if mask is not None and mask.dtype != torch.bool:
                raise ValueError(f"masks[{index}] is of {mask.dtype}, a mask must be of torch.bool")
        for parameter, mask in zip(self.parameters(), masks, strict=True):
            if mask is None:
                self._forget(parameter, "held")
            else:
                self._state_of(parameter)["held"] = mask.detach().clone()

    def project(self, layers: Sequence[tuple[torch.nn.Linear, Tensor]]) -> None:
        """Let no step change what these layers make of inputs that lie in a basis, in place of older bases.

        For each layer orthonormal columns, float32[inputs + 1, n], of inputs with a 1 for the bias behind them. Adam
        scales weight by weight, so it is its change that is projected, not the gradient. Raises ValueError for a basis
        that does not fit its layer.
        """
        for index, (layer, basis) in enumerate(layers):
            if basis.ndim != 2 or len(basis) != layer.in_features + 1:
                raise ValueError(
                    f"basis {index} has shape {tuple(basis.shape)}, its layer needs ({layer.in_features + 1}, n)"
                )
        self._projected = tuple(layers)

    def restart(self, parameter: Tensor, where: Tensor | None = None, *, scale: bool = True) -> None:
        """Begin the running means of a parameter anew, whose values were exchanged; anchors and masks stay.

        ``where``: a bool tensor of its shape; the means of these elements alone. ``scale``: the mean of squares, too.
        Adam counts steps for a parameter as a whole, so its count begins anew only with everything else. Raises
        ValueError for another shape or dtype.
        """
        if where is not None and (where.shape != parameter.shape or where.dtype != torch.bool):
            raise ValueError(
                f"where is {where.dtype} of shape {tuple(where.shape)}, it must be torch.bool of the parameter's shape "
                f"{tuple(parameter.shape)}"
            )
        state = self.state.get(parameter, {})
        if "step" not in state:  # it has not begun
            return
        if scale and where is None:
            state["step"].zero_()
        for mean in ("exp_avg", "exp_avg_sq") if scale else ("exp_avg",):
            state[mean].masked_fill_(torch.ones_like(parameter, dtype=torch.bool) if where is None else where, 0.0)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from ``state_dict()``."""
        super().load_state_dict(state_dict)
        for state in self.state.values():
            if "held" in state:  # torch casts whatever lies in a state to the dtype of its parameter
                state["held"] = state["held"] != 0

    def _constrained_step(self) -> Any:
        for teacher in self._teachers:
            teacher()
        held = []
        with torch.no_grad():
            for parameter in self.parameters():
                state = self.state.get(parameter, {})
                if "anchor" in state and parameter.grad is not None:
                    parameter.grad.addcmul_(state["strength"], parameter - state["anchor"])
                if "held" in state:
                    held.append((parameter, state["held"], parameter.detach().clone()))
            layers_before = [_with_bias(layer) for layer, _ in self._projected]
        loss = super().step()
        with torch.no_grad():
            for (layer, basis), old in zip(self._projected, layers_before, strict=True):
                along = (_with_bias(layer) - old) @ basis @ basis.T
                layer.weight.sub_(along[:, :-1])
                layer.bias.sub_(along[:, -1])
            for parameter, mask, before in held:
                parameter.copy_(torch.where(mask, before, parameter))
        return loss

    def _check(self, what: str, given: Sequence[Tensor | None]) -> None:
        parameters = self.parameters()
        if len(given) != len(parameters):
            raise ValueError(f"{len(given)} {what} for {len(parameters)} parameters; give one, or None, for each")
        for index, (parameter, tensor) in enumerate(zip(parameters, given, strict=True)):
            if tensor is not None and tensor.shape != parameter.shape:
                raise ValueError(
                    f"{what}[{index}] has shape {tuple(tensor.shape)}, its parameter has {tuple(parameter.shape)}"
                )

    def _forget(self, parameter: Tensor, *names: str) -> None:
        if parameter in self.state:  # asking a defaultdict for what it lacks would make it
            for name in names:
                self.state[parameter].pop(name, None)

    def _state_of(self, parameter: Tensor) -> dict[str, Any]:
        state: dict[str, Any] = self.state[parameter]
        if "step" not in state:  # what Adam itself would begin with
            state["step"] = torch.tensor(0.0)
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_avg_sq"] = torch.zeros_like(parameter)
        return state


def _with_bias(layer: torch.nn.Linear) -> Tensor:
    """Its weights, and its bias as one more column: float32[units, inputs + 1]."""
    return torch.cat([layer.weight, layer.bias[:, None]], dim=1)
