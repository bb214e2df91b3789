"""The engine: prepares the targets, has the lineages run, writes down what comes back."""
