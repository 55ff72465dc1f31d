"""Faust settings under which nothing is lost, nothing is served and nobody waits for long.

It must not know what an app does.
"""

from __future__ import annotations

from typing import Any

from streams.engine.batches import BATCH_BYTES
from streams.engine.recovery import Tables

SESSION_TIMEOUT_S = 10.0  # a dead worker's partitions are taken over after that time
HEARTBEAT_S = 1.0
REBALANCE_TIMEOUT_S = 30.0  # a worker has that long to finish its chunks and to join again
REQUEST_TIMEOUT_S = 30.0  # an append not acknowledged by then has failed, and the worker stops
JOIN_TIMEOUT_S = 90.0  # of any other request; Faust wants it longer than a session, which a join may take
COMMIT_EVERY_S = 1.0


def safe_options(brokers: str, session_timeout_s: float) -> dict[str, Any]:
    """Options for `faust.App`; `brokers` is a comma-separated list of host:port."""
    return {
        "broker": [f"kafka://{address.strip()}" for address in brokers.split(",")],
        "store": "memory://",
        "web_enabled": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "table_standby_replicas": 0,
        "stream_recovery_delay": 0.0,
        "stream_wait_empty": True,
        "processing_guarantee": "at_least_once",
        "consumer_auto_offset_reset": "earliest",
        "TableManager": Tables,
        "producer_max_batch_size": BATCH_BYTES,
        "producer_acks": -1,
        "producer_request_timeout": REQUEST_TIMEOUT_S,
        "broker_session_timeout": session_timeout_s,
        "broker_request_timeout": max(JOIN_TIMEOUT_S, session_timeout_s + REBALANCE_TIMEOUT_S),
        "broker_heartbeat_interval": min(HEARTBEAT_S, session_timeout_s / 6),
        "broker_rebalance_timeout": REBALANCE_TIMEOUT_S,
        "broker_commit_interval": COMMIT_EVERY_S,
        "broker_max_poll_records": 5_000,
        "worker_redirect_stdouts": False,
    }
