"""What was forecast, in files that other programs read: CSV, JSON and hubverse, with the checks that they must pass."""
