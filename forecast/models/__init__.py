"""The model families, one page each."""
