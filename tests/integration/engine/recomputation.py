"""What the toy's log must have led to, worked out in one batch and written another way than the worker does it."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from typing import Any

from tests.integration.engine.topics import Record

EVERY = 5


def recompute(events: list[Record]) -> tuple[dict[str, dict[str, Any]], dict[str, set[tuple[str, int]]]]:
    """Public states and outputs of a log."""
    rows: dict[str, dict[str, Any]] = {}
    outputs: dict[str, set[tuple[str, int]]] = {}
    alarms: dict[str, list[tuple[int, str]]] = defaultdict(list)
    now: dict[int, int] = defaultdict(int)
    counted: set[tuple[bytes, bytes | None]] = set()
    homes: dict[str, int] = {}

    def ring(key: str, until_ms: int) -> None:
        for _, cause in sorted(a for a in alarms[key] if a[0] <= until_ms):
            outputs[f"{key}:alarm:{cause}"] = {(cause, rows[key]["total"])}
        alarms[key] = [a for a in alarms[key] if a[0] > until_ms]

    for record in events:
        now[record.partition] = max(now[record.partition], record.appended_ms)
        if record.headers.get("kakuhan-kind", b"fact") != b"fact":
            continue
        copy = (record.headers.get("kakuhan-origin"), record.key)
        if copy[0] is not None and copy in counted:
            continue
        counted.add(copy)  # type: ignore[arg-type]
        key = (record.key or b"").decode()
        homes[key] = record.partition
        row = rows.setdefault(key, {"n": 0, "total": 0, "digest": 0})
        loaded = record.headers.get("kakuhan-loaded")
        ring(key, int(loaded.split()[1]) if loaded else now[record.partition])
        fact = json.loads(record.value or b"")
        row["n"] += 1
        row["total"] += fact["amount"]
        row["digest"] = zlib.crc32(fact["id"].encode(), row["digest"])
        if fact.get("alarm_ms"):
            alarms[key].append((fact["alarm_ms"], fact["id"]))
        if row["n"] % EVERY == 0:
            outputs[f"{key}:{row['n']}"] = {(fact["id"], row["total"])}
    for key in list(alarms):
        ring(key, now[homes[key]])
    return rows, outputs
