"""A sleeping perceptron in plain Python, straight from the equations: all layers go from step to step together."""

from math import exp


def sigmoid(weight, width):
    return 2 / (1 + exp(min(weight / width, 700.0)))


def spread(rows):
    values = [weight for row in rows for weight in row]
    mean = sum(values) / len(values)
    return (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5


def naive_sleep(weights, biases, largest, night, inputs):
    """``inputs[t]`` are the inputs' spikes in step t. Returns the new weights and, layer by layer, spikes[t][unit]."""
    weights = [[list(row) for row in layer] for layer in weights]
    units = [spread(layer) for layer in weights]
    potentials = [[0.0] * len(layer) for layer in weights]
    spikes = [[] for _ in weights]
    for before in inputs:
        for n, layer in enumerate(weights):
            scale = (1.0 if n == 0 else largest[n - 1]) / largest[n]
            after = []
            for i, row in enumerate(layer):
                current = scale * sum(w for w, fired in zip(row, before, strict=True) if fired)
                if night.bias:
                    current += night.input_gain * biases[n][i] / largest[n]
                potentials[n][i] = night.decay * potentials[n][i] + current
                after.append(potentials[n][i] >= night.threshold)
                if after[i]:
                    potentials[n][i] = 0.0
                    for j, fired in enumerate(before):
                        step = night.up if fired else -night.down
                        row[j] += step * units[n] * sigmoid(row[j], night.width * units[n])
            spikes[n].append(after)
            before = after
    return weights, spikes
