"""Faust made fast and fenced: one log folded in chunks; it knows nothing of customers."""
