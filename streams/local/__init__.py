"""A real Kafka (KRaft, one node) and a real Redis from Python packages alone.

It must not know topics, customers or policies.
"""

from __future__ import annotations

from streams.local.program import Program
from streams.local.stack import LocalStack

__all__ = ["LocalStack", "Program"]
