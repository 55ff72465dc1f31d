"""Decisions, pure: a state and a record give the next state and its signals; no I/O, no clock, no randomness."""
