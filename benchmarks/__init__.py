"""Measurements: seeded, of fixed size, with their results asserted; `scripts/bench` runs them."""
