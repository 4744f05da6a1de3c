"""All that changes at the end of a cycle that learns, in the order of the model."""

from foraging_env.core.compiled import pasted
from spiking_agent.core.input_synapses import change_inputs, regulate_hidden
from spiking_agent.core.output_synapses import change_outputs, regulate_outputs


@pasted
def learn(brain, dopamine):
    """Plasticity and homeostasis; ``dopamine`` is D."""
    change_outputs(brain, dopamine)
    if brain.net.plastic_input:
        change_inputs(brain)
        regulate_hidden(brain)
    regulate_outputs(brain)
