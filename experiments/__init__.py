"""Experiments: protocols as data, a runner that goes on where it was, figures and tables from files."""
