"""One file a provider: its own format in, rows of the one table out."""
