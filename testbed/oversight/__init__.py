"""The checkpoint: when a candidate is reviewed, how deep, by whom."""
