"""`ConstrainedAdam`: Adam that may pull parameters towards anchors, and hold some of them still.

It is where remedies act on gradients without a copy of any ``train()``: SB3 takes it as ``optimizer_class``. Without
anchors and masks it is Adam, to the bit. Constraints live in the optimiser's state, so they are saved with it.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


class ConstrainedAdam(torch.optim.Adam):
    """Adam on the loss plus, for every anchor, sum of ``strength`` * (parameter - ``anchor``)^2 / 2.

    The pull's gradient is added after SB3 has clipped the loss's. ``held`` elements of a parameter keep their values.
    """

    def step(self, closure: Any = None) -> Any:
        """One step. Raises ValueError for a closure, which SB3 never has."""
        if closure is not None:
            raise ValueError("ConstrainedAdam takes no closure")
        held = []
        with torch.no_grad():
            for parameter in self._parameters():
                state = self.state.get(parameter, {})
                if "anchor" in state and parameter.grad is not None:
                    parameter.grad.addcmul_(state["strength"], parameter - state["anchor"])
                if "held" in state:
                    # Loading casts a state to its parameter's dtype, so the mask may have come back as numbers.
                    held.append((parameter, state["held"] != 0, parameter.detach().clone()))
        loss = super().step()
        with torch.no_grad():
            for parameter, mask, before in held:
                parameter[mask] = before[mask]
        return loss

    def pull(self, anchors: Sequence[Tensor], strengths: Sequence[Tensor]) -> None:
        """Pull every parameter to its anchor from now on, in place of older anchors; one tensor each, same shapes."""
        for parameter, anchor, strength in zip(self._parameters(), anchors, strengths, strict=True):
            self._state_of(parameter)["anchor"] = anchor.detach().clone()
            self._state_of(parameter)["strength"] = strength.detach().clone()

    def hold(self, masks: Sequence[Tensor]) -> None:
        """Hold the elements of ``masks`` (bool, one tensor for each parameter) at their values from now on."""
        for parameter, mask in zip(self._parameters(), masks, strict=True):
            self._state_of(parameter)["held"] = mask.detach().clone()

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def _state_of(self, parameter: Tensor) -> dict[str, Any]:
        state: dict[str, Any] = self.state[parameter]
        if "step" not in state:  # what Adam itself would begin with
            state["step"] = torch.tensor(0.0)
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_avg_sq"] = torch.zeros_like(parameter)
        return state
