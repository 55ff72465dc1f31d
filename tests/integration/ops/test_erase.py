"""Erasing a customer on a running system, and what is held of one before and after."""

from __future__ import annotations

import json
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from streams.engine.partitioner import partition_of
from tests.integration.system.expectation import read_log
from tests.integration.system.given import shown_states, states
from tests.integration.system.lines import account, ago, buy, crm, event, news, see
from tests.integration.system.site import LIBRDKAFKA, Site

PEOPLE = [{"id": "p1", "name": "見本 花子", "email": "hanako@mihon.example", "department": "経理部", "title": "課長"}]
WORDS = "他社への乗り換えを検討しています"


def exported(site: Site, customer_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.ok("export", customer_id))
    return found


@pytest.fixture
def lived(site: Site) -> Site:
    """Two customers with an account, words, purchases and a refused record each; a worker runs."""
    site.worker()
    site.send([account(c, f"見本{c}株式会社", contacts=PEOPLE) for c in ("C1", "C2")])
    site.wait_caught_up()
    for customer_id in ("C1", "C2"):
        site.send([
            buy(customer_id, "3000000"),
            crm(customer_id, "inquiry", text=WORDS, author="担当 太郎"),
            see(customer_id, "/pricing", contact={"id": "p7", "department": "法務部"}),
            event("purchases", "purchase", customer_id, amount="-5"),
        ])  # fmt: skip
    site.wait_caught_up()
    return site


def test_an_export_holds_everything_and_opens_what_is_sealed(lived: Site) -> None:
    found = exported(lived, "C1")
    assert found["account"]["contacts"] == PEOPLE
    assert found["public_state"]["value"]["amount"] == "3000000"
    (day,) = found["state"]["state"]["purchases"]["days"]["days"]
    assert (day["purchases"], day["money"]) == (1, 3_000_000_000_000)  # micro-units
    assert found["state"]["state"]["account_json"]["contacts"] == PEOPLE
    # by type: events of different source topics reach the log in no promised order
    told = {record["event"]["type"]: record["event"] for record in found["events"]}
    assert len(found["events"]) == 4
    assert told.keys() == {"account", "purchase", "inquiry", "page_view"}
    assert told["account"]["account"]["contacts"] == PEOPLE
    assert (told["inquiry"]["text"], told["inquiry"]["author"]) == (WORDS, "担当 太郎")
    assert told["page_view"]["contact"] == {"id": "p7", "department": "法務部"}
    assert all(record["readable"] and record["origin"] for record in found["events"])
    assert [signal["value"]["type"] for signal in found["signals"]].count("segment.changed") >= 1
    assert [letter["reason"] for letter in found["dead_letters"]] == ["invalid_event"]
    assert {name.removeprefix(lived.key("")) for name in found["redis"]} >= {"customer:C1", "account:C1", "signals"}
    assert len(found["sources"]["purchases"]) == 2
    assert [key.keys() for key in found["keys"]] == [{"id", "made_at"}]


def test_what_json_cannot_say_again_is_exported_as_text(site: Site, tmp_path: Path) -> None:
    values = [b'{"text": "\\ud800"}', b'{"amount": NaN}', b'{"amount": 1e400}', b'{"amount": 1}']
    producer = Producer({"bootstrap.servers": site.brokers})
    for value in values:
        producer.produce(site.topic("purchases"), value, b"C1", partition=0)
    producer.flush(30)
    site.ok("export", "C1", "--out", str(tmp_path / "C1.json"))
    found = json.loads((tmp_path / "C1.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    told = [record["value"] for record in found["sources"]["purchases"]]
    assert told == [*(value.decode() for value in values[:3]), {"amount": 1}]


def test_an_erased_customer_is_gone_everywhere_and_the_other_stays(lived: Site) -> None:
    said = lived.ok("erase", "C1", "--yes")
    assert "1 key destroyed, 1 dead letter deleted" in said
    assert "have let go of it" in said
    assert states(lived).keys() == {"C2"}
    assert shown_states(lived).keys() == {"C2"}
    raw = json.dumps(exported(lived, "C1") | {"sources": {}}, ensure_ascii=False)
    for personal in ("見本", "hanako", "課長", "乗り換え", "担当 太郎", "法務部", "p7"):
        assert personal not in raw
    found = exported(lived, "C1")
    assert found["state"]["state"]["started"] is False
    assert found["account"] is None
    assert found["keys"] == found["dead_letters"] == []
    # nothing of a purchase is sealed; in which order events of several source topics reach the log is not promised
    readable = {record["event"]["type"]: record["readable"] for record in found["events"] if record["kind"] == "fact"}
    assert readable == {"account": False, "purchase": True, "inquiry": False, "page_view": False}
    assert exported(lived, "C2")["account"]["contacts"] == PEOPLE
    assert lived.redis.zscore(lived.key("next"), "C1") is None
    lived.stop()


def test_what_happened_before_does_not_bring_the_customer_back_and_something_new_does(lived: Site) -> None:
    old = crm("C1", "inquiry", text="前の相談", before_s=3600.0)
    lived.ok("erase", "C1", "--yes")
    lived.send([old])
    lived.wait_caught_up()
    assert "C1" not in states(lived)
    assert all("前の相談" not in json.dumps(e, ensure_ascii=False) for e in exported(lived, "C1")["events"])
    time.sleep(1.1)  # what happens from now on is after the erasure
    lived.send([crm("C1", "inquiry", text="初めてのご相談", occurred_at=ago(0)), see("C1", "/pricing")])
    lived.wait_caught_up()
    assert states(lived)["C1"]["value"]["amount"] == "0"
    (newest,) = [e for e in exported(lived, "C1")["events"][-2:] if e["event"]["type"] == "inquiry"]
    assert (newest["event"]["text"], newest["readable"]) == ("初めてのご相談", True)
    lived.stop()


def test_a_worker_that_starts_later_applies_the_erasure(lived: Site) -> None:
    lived.stop()
    done = lived.command("erase", "C1", "--yes", "--wait-s", "1")
    assert done.returncode == 1
    assert "it will when it runs" in done.stderr
    assert "C1" in states(lived)
    lived.worker()
    lived.wait_caught_up()
    assert shown_states(lived).keys() == states(lived).keys() == {"C2"}
    lived.stop()


def test_a_customer_who_is_a_person_leaves_no_name_in_the_log(site: Site) -> None:
    site.worker()
    site.send([account("P1", "見本 次郎", kind="b2c", plan="プラス", external_ids={"mail": "jiro@mihon.example"})])
    site.wait_caught_up()
    raw = b"".join(entry.value or b"" for entry in site.dump("events"))
    assert "見本 次郎".encode() not in raw
    assert b"jiro" not in raw
    assert site.redis.get(site.key("account:P1")) is not None
    site.ok("erase", "P1", "--yes")
    assert site.redis.get(site.key("account:P1")) is None
    assert exported(site, "P1")["events"][0]["event"].get("account") is None
    site.stop()


def test_a_history_does_not_bring_back_whom_it_knew_before_the_erasure(lived: Site) -> None:
    lived.ok("erase", "C1", "--yes")
    time.sleep(1.1)  # what is received from now on is after the erasure
    old = {"received_at": ago(3600)}
    lines = [
        account("C1", "昔の商会", contacts=PEOPLE, domains=["former.example"]) | old,  # says not when it occurred
        account("C1", "昔の商会", contacts=PEOPLE, occurred_at=ago(3600)) | {"received_at": ago(0)},
        account("C2", "変わらぬ商会", domains=["same.example"]) | old,
        account("C3", "新しい商会") | {"received_at": ago(0)},
    ]
    lived.ok("send", "--history", lived.write(lines, "history.jsonl"))
    lived.ok("erase", "C3", "--yes")
    lived.ok("send", "--history", lived.write([account("C3", "次の商会") | {"received_at": ago(0)}], "later.jsonl"))
    lived.send([news("消去の後", company={"domain": f"{name}.example"}) for name in ("former", "same")])
    lived.wait_caught_up()
    assert told_of(lived) == [("C2", "消去の後")]
    assert "C1" not in states(lived)
    found = exported(lived, "C1")
    assert found["account"] is None
    assert "昔の商会" not in json.dumps(found | {"sources": {}}, ensure_ascii=False)
    assert "昔の商会" not in json.dumps(found["sources"]["accounts"], ensure_ascii=False)
    assert exported(lived, "C3")["account"]["name"] == "次の商会"
    lived.stop()


def elsewhere(site: Site) -> str:
    """A customer whose account a client built on librdkafka puts where a Java client would not."""
    count = site.kafka.topics(site.topic("accounts"))[site.topic("accounts")]
    names = (f"E{number}" for number in range(1_000))
    return next(n for n in names if zlib.crc32(n.encode()) % count != partition_of(n.encode(), count))


def told_of(site: Site) -> list[tuple[str, str]]:
    """Whom the releases in the log are about, with their headlines."""
    events = [(fact.customer_id, fact.event) for fact in read_log(site).facts]
    return [(who, str(event.headline)) for who, event in events if event.topic == "press-releases"]


def test_an_account_is_ended_where_its_sender_put_it(site: Site) -> None:
    name, company = elsewhere(site), {"domain": "elsewhere.example"}
    site.worker()
    site.send([account(name, "よその商会", domains=["elsewhere.example"])], LIBRDKAFKA)
    site.wait_caught_up()
    site.ok("erase", name, "--yes")
    assert exported(site, name)["account"] is None
    site.send([news("消去の後", company=company)])
    site.wait_caught_up()
    assert told_of(site) == []
    assert name not in states(site)

    site.send([account(name, "もどった商会", domains=["elsewhere.example"])], LIBRDKAFKA)
    site.wait_caught_up()
    site.stop()
    site.worker()  # reads the partitions of accounts in no certain order
    site.send([news("もどった後", company=company)])
    site.wait_caught_up()
    assert (name, "もどった後") in told_of(site)
    assert exported(site, name)["account"]["name"] == "もどった商会"
    site.stop()


def test_an_account_that_was_on_its_way_is_ended_too(site: Site) -> None:
    sender = Producer({"bootstrap.servers": site.brokers, "transactional.id": site.name, "log_level": 0})
    sender.init_transactions(30)
    sender.begin_transaction()
    value = json.dumps(account("C1", "途中の商会")["value"])
    sender.produce(site.topic("accounts"), value, "C1")
    assert sender.flush(30) == 0
    site.command("erase", "C1", "--yes", "--wait-s", "0")  # no worker runs: the rest is done when one does
    sender.commit_transaction(30)
    assert exported(site, "C1")["account"] is None


def test_a_customer_never_heard_of_gets_no_tombstone(site: Site) -> None:
    site.command("erase", "C1", "--yes", "--wait-s", "0")
    assert site.dump("accounts") == []


def test_an_id_that_nobody_has_is_told(lived: Site) -> None:
    warned, known = lived.command("erase", "C11", "--yes"), lived.command("erase", "C1", "--yes")
    assert (warned.returncode, known.returncode) == (0, 0)
    assert "if the id was mistyped, the customer meant is still there" in warned.stderr
    assert "mistyped" not in known.stderr
    lived.stop()
