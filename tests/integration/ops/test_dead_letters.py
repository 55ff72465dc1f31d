"""Dead letters taken away on a real broker, looked at, and a worker that stops rather than diverting everything."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from schemas.dead_letters import DeadLetter
from streams.adapters.dead_letter import Letter, Selection
from streams.adapters.dead_letter_purge import Purged, purge
from streams.adapters.dead_letters import dead_letters, replay
from streams.settings import Settings
from tests.integration.system.lines import buy, event, news, now_ms
from tests.integration.system.site import Site

Refuse = Callable[..., None]
AN_HOUR_AGO_MS = now_ms() - 3_600_000  # older than their retention, and the broker would delete them when it looks


@pytest.fixture
def refuse(settings: Settings) -> Refuse:
    """`refuse(1, 2, 3, reason="invalid_json")`: letters of those source offsets, in one partition."""

    def put(
        *offsets: int,
        reason: str = "invalid_event",
        key: str = "C1",
        partition: int = 0,
        own: Sequence[tuple[str, bytes | None]] = (("own", b"h"),),
    ) -> None:
        producer = Producer({"bootstrap.servers": settings.brokers})
        for offset in offsets:
            headers = DeadLetter(settings.purchases, 0, offset, reason, f"amount: {offset}").headers(own)
            value = json.dumps({"customer_id": key, "event_id": f"p{offset}", "amount": 1.10}).encode()
            producer.produce(
                settings.dead_letters,
                value,
                key,
                partition=partition,
                headers=headers,
                timestamp=AN_HOUR_AGO_MS + offset,
            )
        producer.flush(30)

    return put


def left(settings: Settings, **narrowed: object) -> list[Letter]:
    return list(dead_letters(settings, Selection(replayed=True, **narrowed)))  # type: ignore[arg-type]


def offsets(letters: Iterable[Letter]) -> list[int]:
    return [letter.source.offset for letter in letters]


def test_purging_all_leaves_nothing(settings: Settings, refuse: Refuse) -> None:
    refuse(1, 2, 3)
    refuse(4, partition=1)
    assert purge(settings, Selection(replayed=True)) == Purged(4, 0)
    assert left(settings) == []
    assert purge(settings, Selection(replayed=True)) == Purged(0, 0)


def test_letters_that_stay_are_as_they_were_but_for_their_name(settings: Settings, refuse: Refuse) -> None:
    refuse(1, 2)
    refuse(3, reason="unknown_currency")
    refuse(4)
    before = {letter.source.offset: letter for letter in left(settings)}
    assert purge(settings, Selection(reasons={"unknown_currency"}, replayed=True)) == Purged(1, 2)
    after = {letter.source.offset: letter for letter in left(settings)}
    assert after.keys() == {1, 2, 4}
    assert after[4] == before[4]  # it lay behind
    for kept in (1, 2):
        assert after[kept].name != before[kept].name
        for field in ("source", "at_ms", "key", "value", "headers", "replayed"):
            assert getattr(after[kept], field) == getattr(before[kept], field)


def test_a_letter_whose_header_has_no_value_stays_too(settings: Settings, refuse: Refuse) -> None:
    refuse(1, own=[("trace", None)])
    refuse(2)
    assert purge(settings, Selection(names={"0:1"}, replayed=True)) == Purged(1, 1)
    assert left(settings)[0].headers == [("trace", b"")]


def test_what_was_sent_again_stays_so_when_it_moves(settings: Settings, refuse: Refuse) -> None:
    refuse(1, 2, 3)
    assert replay(settings, Selection(names={"0:0"})) == 1
    assert purge(settings, Selection(names={"0:2"}, replayed=True)) == Purged(1, 2)
    assert {letter.source.offset: letter.replayed for letter in left(settings)} == {1: True, 2: False}
    assert offsets(dead_letters(settings)) == [2]


def test_letters_can_move_again_and_again(settings: Settings, refuse: Refuse) -> None:
    refuse(1, 2, 3, 4)
    for gone in (4, 3, 2):
        (letter,) = [found for found in left(settings) if found.source.offset == gone]
        assert purge(settings, Selection(names={letter.name}, replayed=True)).letters == 1
    assert offsets(left(settings)) == [1]
    assert left(settings)[0].headers == [("own", b"h")]


def test_a_purge_that_was_cut_short_is_finished_by_the_next(
    settings: Settings, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(1, 2, 3)
    monkeypatch.setattr("streams.adapters.dead_letter_purge._delete", _power_cut)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            purge(settings, Selection(names={"0:2"}, replayed=True))
        assert sorted(offsets(left(settings))) == [1, 2, 3]
    monkeypatch.undo()
    assert purge(settings, Selection(names={"0:2"}, replayed=True)).letters == 1
    assert sorted(offsets(left(settings))) == [1, 2]


def _power_cut(*_: object) -> None:
    raise KeyboardInterrupt


def test_letters_are_chosen_by_age_and_by_customer(settings: Settings, refuse: Refuse) -> None:
    refuse(1, 2, key="C1")
    refuse(3, key="C2")
    assert offsets(left(settings, before_ms=AN_HOUR_AGO_MS + 2)) == [1]
    assert offsets(left(settings, customers={"C2"})) == [3]
    assert purge(settings, Selection(customers={"C1"}, replayed=True)).letters == 2
    assert offsets(left(settings)) == [3]


# ---------------------------------------------------------------- as a person does it


def test_a_letter_is_shown_in_full_with_its_value_made_readable(site: Site, refuse: Refuse) -> None:
    refuse(7)
    shown = site.ok("dead-letters", "inspect", "0:0")
    assert f"from     {site.topic('purchases')}[0]@7" in shown
    assert "reason   invalid_event\ndetail   amount: 7\nkey      C1\nheaders\n  own: h\n" in shown
    assert '{\n  "customer_id": "C1",\n  "event_id": "p7",\n  "amount": 1.1\n}' in shown
    missing = site.command("dead-letters", "inspect", "1:5")
    assert missing.returncode == 1
    assert "no dead letter is called 1:5" in missing.stderr


def test_purging_wants_to_know_which(site: Site, refuse: Refuse) -> None:
    refuse(1, 2)
    assert site.command("dead-letters", "purge", "--yes").returncode == 2
    assert "1 deleted; 1 that stay have a new name" in site.ok("dead-letters", "purge", "0:1", "--yes")
    assert "1 deleted" in site.ok("dead-letters", "purge", "--everything", "--yes")
    assert "no dead letters" in site.command("dead-letters", "list", "--all").stderr


def refused(number: int) -> dict[str, object]:
    return event("purchases", "purchase", f"C{number}", amount="-1")


def run_worker(site: Site, **env: str) -> subprocess.Popen[bytes]:
    return site.worker(**env).process


def test_a_worker_stops_before_it_diverts_most_of_what_comes(site: Site) -> None:
    site.send(refused(number) for number in range(600))
    worker = site.worker()
    assert worker.exit() == 1
    assert "are refused, more than 50 %" in worker.text()
    assert "KAKUHAN_DEAD_LETTER_LIMIT=100" in worker.text()
    diverted = len(site.dump("dead-letters"))
    assert diverted < 200  # what a first small fetch may have brought
    assert sum(site.kafka.committed(site.group, site.topic("purchases")).values()) <= diverted
    again = site.worker(KAKUHAN_DEAD_LETTER_LIMIT="100")
    site.wait_caught_up()
    assert again.alive()
    assert {e.header("kakuhan-dlq-offset") for e in site.dump("dead-letters")} >= {"0", "1"}
    assert (
        len({(e.header("kakuhan-dlq-partition"), e.header("kakuhan-dlq-offset")) for e in site.dump("dead-letters")})
        == 600
    )
    site.stop()


def test_news_about_nobody_is_no_reason_to_stop(site: Site) -> None:
    site.send(news("資金調達", company={"name": f"知らない会社{n}"}) for n in range(400))
    worker = site.worker()
    site.wait_caught_up()
    assert worker.alive()
    assert len(site.dump("unmatched-companies")) == 400
    site.stop()


def configured(site: Site, topic: str, **values: str) -> None:
    entries = [
        ConfigEntry(name.replace("_", "."), value, incremental_operation=AlterConfigOpType.SET)
        for name, value in values.items()
    ]
    resource = ConfigResource(ConfigResource.Type.TOPIC, site.topic(topic), incremental_configs=entries)
    for done in site.kafka.admin.incremental_alter_configs([resource]).values():
        done.result(30)
    time.sleep(1.0)  # the broker answers before it keeps to it


def packed(site: Site, compression: str, value: bytes) -> None:
    options = {"compression.type": compression, "message.max.bytes": 8 << 20}
    producer = Producer({"bootstrap.servers": site.brokers} | options)
    producer.produce(site.topic("purchases"), value, "C1")
    producer.flush(30)


def test_a_value_beyond_all_limits_stops_nothing(site: Site) -> None:
    configured(site, "purchases", max_message_bytes=str(8 << 20))
    worker = site.worker()
    packed(site, "none", b"x" * (3 << 20))
    packed(site, "none", json.dumps(buy("C1", "1200")["value"]).encode())
    site.wait_caught_up()
    assert worker.alive()
    (letter,) = left(Settings.from_env(site.env))
    assert letter.source.detail == "value: found 3,145,728 bytes, expected at most 262,144"
    assert letter.value == b"x" * (1 << 20)
    assert len(site.dump("events")) == 1
    site.stop()


def test_senders_compress_as_they_like(site: Site) -> None:
    worker = site.worker()
    for compression in ("gzip", "lz4", "snappy", "zstd"):
        packed(site, compression, json.dumps(buy("C1", "1200", order_id="o" * 150)["value"]).encode())
    site.wait_caught_up()
    assert worker.alive()
    assert len(site.dump("events")) == 4
    site.stop()
    exported = json.loads(site.ok("export", "C1"))  # read by another client than the worker's
    assert len(exported["sources"]["purchases"]) == 4


@pytest.mark.parametrize("act", [["list"], ["inspect"], ["replay"], ["purge", "--yes"]])
def test_a_mistyped_name_is_refused_before_anything_is_done(site: Site, refuse: Refuse, act: list[str]) -> None:
    refuse(1)
    done = site.command("dead-letters", *act, "0:0", "0:7")
    assert done.returncode == 1
    assert done.stderr.endswith("no dead letter is called 0:7; `kakuhan dead-letters list --all` names them\n")
    assert [letter.replayed for letter in left(Settings.from_env(site.env))] == [False]


def test_nobody_is_asked_to_delete_nothing(site: Site, refuse: Refuse) -> None:
    refuse(1)
    said = site.ok("dead-letters", "purge", "--older-than-days", "7")
    assert said == "no dead letter fits; nothing is deleted\n"
    assert len(left(Settings.from_env(site.env))) == 1
