"""Fault operators by family, their rates and their placement."""
