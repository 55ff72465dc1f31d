"""Kakuhan: a stream processor that tells which existing customers are worth growing, and why."""
