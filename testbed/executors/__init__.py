"""Executors: where lineages run. They differ only in how they start the processes that do the work."""
