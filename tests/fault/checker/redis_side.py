"""Where Redis does not show what the topics say; it must not know how it is written."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from redis import Redis

from tests.fault.checker.given import Signals, undated
from tests.fault.checker.place import Place
from tests.oracle.clock import parse_instant

Json = dict[str, Any]
SEGMENTS = ("retain", "nurture", "expand", "streamline")
LISTED = 20  # signals kept per customer


def view_differences(redis: Any, place: Place, signals: Signals, states: dict[str, Json]) -> list[str]:
    """In words; none when the view is whole."""
    places = _places(redis, place)
    return [
        *_unequal("customer", _shown(redis, place), states),
        *_twice(places),
        *_unequal("place", places, _expected_places(states)),
        *_unequal("next", _scores(redis, place, "next"), _expected_next(states)),
        *_unequal("count", _counts(redis, place), {name: len(who) for name, who in _expected_places(states).items()}),
        *_unequal("list", _lists(redis, place, states), _expected_lists(signals, states)),
        *_unequal("stream", _streamed(redis, place), _live(signals)),
    ]


def connect(place: Place) -> Any:
    return Redis.from_url(place.redis_url, decode_responses=True)


def _unequal(what: str, shown: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    keys = [key for key in sorted(shown.keys() | wanted.keys()) if shown.get(key) != wanted.get(key)]
    return [f"Redis {what} {key}: {shown.get(key)} != {wanted.get(key)}" for key in keys]


def _shown(redis: Any, place: Place) -> dict[str, Json]:
    prefix = place.redis_prefix + "customer:"
    keys = list(redis.scan_iter(match=prefix + "*", count=1_000))
    values = redis.mget(keys) if keys else []
    return {key.removeprefix(prefix): json.loads(value) for key, value in zip(keys, values, strict=True) if value}


def _scores(redis: Any, place: Place, name: str) -> dict[str, float]:
    return dict(redis.zrange(place.redis_prefix + name, 0, -1, withscores=True))


def _places(redis: Any, place: Place) -> dict[str, dict[str, float]]:
    names = {**{f"segment:{name}": name for name in SEGMENTS}, "lifecycle:former": "former"}
    found = {short: _scores(redis, place, name) for name, short in names.items()}
    return {name: members for name, members in found.items() if members}


def _twice(places: dict[str, dict[str, float]]) -> list[str]:
    """No customer stays in two segments."""
    where: defaultdict[str, list[str]] = defaultdict(list)
    for name, members in places.items():
        for customer_id in members:
            where[customer_id].append(name)
    return [f"Redis: {customer_id} is in {names}" for customer_id, names in where.items() if len(names) > 1]


def _expected_places(states: dict[str, Json]) -> dict[str, dict[str, float]]:
    """Potential is the priority in nurture, the value's amount elsewhere."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for name, state in states.items():
        by_potential = state["segment"] == "nurture"
        priority = state["potential"]["score"] if by_potential else float(state["value"]["amount"])
        found["former" if state["lifecycle"] == "former" else state["segment"]][name] = priority
    return dict(found)


def _expected_next(states: dict[str, Json]) -> dict[str, float]:
    coming = {name: state["next_transition"] for name, state in states.items()}
    return {name: float(parse_instant(at["at"])) for name, at in coming.items() if at}


def _counts(redis: Any, place: Place) -> dict[str, int]:
    fields = redis.hgetall(place.redis_prefix + "summary")
    counts = {name.removeprefix("customers:"): int(n) for name, n in fields.items() if name.startswith("customers:")}
    return {name: count for name, count in counts.items() if count}


def _lists(redis: Any, place: Place, states: dict[str, Json]) -> dict[str, list[str]]:
    pipe = redis.pipeline()
    for name in states:
        pipe.lrange(f"{place.redis_prefix}customer-signals:{name}", 0, -1)
    return {name: _instants(map(json.loads, rows)) for name, rows in zip(states, pipe.execute(), strict=True)}


def _expected_lists(signals: Signals, states: dict[str, Json]) -> dict[str, list[str]]:
    """The newest ones, by instant; of those effective at one instant any order is right."""
    by_customer: defaultdict[str, list[Json]] = defaultdict(list)
    for signal in signals.by_id.values():
        by_customer[signal["customer_id"]].append(signal)
    return {name: _instants(by_customer[name])[:LISTED] for name in states}


def _instants(signals: Any) -> list[str]:
    return sorted((signal["effective_at"] for signal in signals), reverse=True)


def _streamed(redis: Any, place: Place) -> dict[str, Json]:
    rows = [json.loads(fields["data"]) for _, fields in redis.xrange(place.redis_prefix + "signals")]
    return {row["signal_id"]: undated(row) for row in rows}


def _live(signals: Signals) -> dict[str, Json]:
    return {name: signal for name, signal in signals.by_id.items() if not signal["historical"]}
