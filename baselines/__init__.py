"""Continual-learning and scripted agents to compare the spiking forager with."""
