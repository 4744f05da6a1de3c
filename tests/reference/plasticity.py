"""Plasticity and homeostasis in plain Python, straight from the equations: all pairs of spikes, all synapses.

Times are absolute, in steps since birth; the cycle that ends at time ``now`` is the one that learns.
"""

from math import exp

CYCLE = 600
K, T_C, REACH, LIVES = 0.4, 40, 120, 6 * CYCLE
SMALLEST, LARGEST_INPUT, LARGEST_OUTPUT, LARGEST_CHANGE = 1e-5, 0.012, 1.0, 0.01
A_RATE, A_FLOOR = 0.001, 1e-10
RATE_MEMORY, HIDDEN_RATE, OUTPUT_RATE, STEP = 1e-4, 0.01, 0.5, 1e-5
OUTPUT_WEIGHT = 0.02


class NaivePlasticity:
    """``source[f][i]``, ``w_in[f][i]``, ``w_out[j][i]``, ``free[j][i]``: lists of rows."""

    def __init__(self, source, w_in, w_out, free, plastic_input):
        self.source, self.w_in, self.w_out, self.free = source, w_in, w_out, free
        self.plastic_input = plastic_input
        self.n_hidden, self.n_outputs = len(w_in[0]), len(w_out)
        self.average = [[A_FLOOR] * self.n_hidden for _ in w_out]
        self.input_target = [sum(row[i] for row in w_in) for i in range(self.n_hidden)]
        self.input_total = self._input_totals()
        self.rate_hidden, self.rate_out = [0.0] * self.n_hidden, [0.0] * self.n_outputs
        self.resistance = [1.0] * self.n_outputs
        self.input_spikes, self.hidden_spikes, self.output_spikes = [], [], []  # (neuron, time), all since birth
        self.now = 0

    def end_of_cycle(self, inputs, hidden, outputs, dopamine):
        """Learn from spikes given as (neuron, step within the cycle)."""
        self.input_spikes += [(n, self.now + t) for n, t in inputs]
        self.hidden_spikes += [(n, self.now + t) for n, t in hidden]
        self.output_spikes += [(n, self.now + t) for n, t in outputs]
        self.now += CYCLE
        self._change_outputs(dopamine)
        if self.plastic_input:
            self._change_inputs()
            for i in range(self.n_hidden):
                self.rate_hidden[i] = moved(self.rate_hidden[i], hidden, i)
                self.input_target[i] *= 1 - STEP * sign(self.rate_hidden[i] - HIDDEN_RATE)
        for j in range(self.n_outputs):
            self.rate_out[j] = moved(self.rate_out[j], outputs, j)
            self.resistance[j] *= 1 + STEP * sign(self.rate_out[j] - OUTPUT_RATE)

    def _traces(self, before, after):
        """{(presynaptic, postsynaptic): [e_k, ...]} of all live traces."""
        found = {}
        for pre, t_pre in before:
            for post, t_post in after:
                dt = t_post - t_pre
                age = self.now - max(t_pre, t_post)
                if abs(dt) < REACH and age < LIVES:
                    trace = K * exp(-abs(dt) / T_C) * (1 if dt >= 0 else -1)
                    found.setdefault((pre, post), []).append(trace / (age + 600))
        return found

    def _change_outputs(self, dopamine):
        traces = self._traces(self.hidden_spikes, self.output_spikes)
        ratio = []
        for i in range(self.n_hidden):
            total = sum(self.w_out[j][i] for j in range(self.n_outputs) if self.free[j][i])
            ratio.append(self.n_outputs * OUTPUT_WEIGHT / total if total else 0.0)
        for j in range(self.n_outputs):
            for i in range(self.n_hidden):
                e = traces.get((i, j), [])
                a = (1 - A_RATE) * self.average[j][i] + A_RATE * sum(e)
                self.average[j][i] = a = a if abs(a) >= A_FLOOR else (A_FLOOR if a >= 0 else -A_FLOOR)
                if self.free[j][i]:
                    for e_k in e:
                        self.w_out[j][i] *= 1 + ratio[i] * clip(dopamine * e_k * sum(e) / a)
                    self.w_out[j][i] = min(max(self.w_out[j][i], SMALLEST), LARGEST_OUTPUT)
            free = [i for i in range(self.n_hidden) if self.free[j][i]]
            frozen_sum = sum(self.w_out[j][i] for i in range(self.n_hidden) if not self.free[j][i])
            free_sum = sum(self.w_out[j][i] for i in free)
            for i in free:
                self.w_out[j][i] *= (self.n_hidden * OUTPUT_WEIGHT - frozen_sum) / free_sum

    def _change_inputs(self):
        traces = self._traces(self.input_spikes, self.hidden_spikes)
        ratio = [start / total for start, total in zip(self.input_total, self._input_totals(), strict=True)]
        for f, row in enumerate(self.w_in):
            for i in range(self.n_hidden):
                neuron = self.source[f][i]
                for e_k in traces.get((neuron, i), []):
                    row[i] *= 1 + ratio[neuron] * clip(e_k)
                row[i] = min(max(row[i], SMALLEST), LARGEST_INPUT)
        for i in range(self.n_hidden):
            factor = self.input_target[i] / sum(row[i] for row in self.w_in)
            for row in self.w_in:
                row[i] *= factor

    def _input_totals(self):
        totals = [0.0] * (1 + max(max(row) for row in self.source))
        for f, row in enumerate(self.w_in):
            for i, weight in enumerate(row):
                totals[self.source[f][i]] += weight
        return totals


def moved(rate, spikes, neuron):
    return (1 - RATE_MEMORY) * rate + RATE_MEMORY * sum(n == neuron for n, _ in spikes)


def sign(x):
    return (x > 0) - (x < 0)


def clip(d):
    return min(max(d, -LARGEST_CHANGE), LARGEST_CHANGE)
