"""What lies in `events` is sealed, and what is decided is the same."""

from __future__ import annotations

from tests.integration.system.given import shown_states
from tests.integration.system.lines import account, buy, crm, see
from tests.integration.system.site import Site

PEOPLE = [{"id": "p1", "name": "見本 花子", "email": "hanako@mihon.example", "department": "経理部", "title": "課長"}]

CONTACT = {"id": "person-9-of-mihon", "department": "法務部"}


def test_the_log_tells_nobody_s_name_mail_or_words_and_the_worker_reads_them(site: Site) -> None:
    site.worker()
    site.send([account("C1", "見本商事株式会社", contacts=PEOPLE, departments=["営業部"])])
    site.wait_caught_up()
    site.send([
        crm("C1", "inquiry", text="乗り換えを検討しています", author="担当 太郎", contact=CONTACT),
        buy("C1", "120000"),
        see("C1", "/pricing"),
    ])  # fmt: skip
    site.wait_caught_up()
    raw = b"".join(entry.value or b"" for entry in site.dump("events"))
    for personal in ("見本商事", "見本 花子", "hanako", "課長", "乗り換え", "担当 太郎", "法務部", "person-9-of-mihon"):
        assert personal.encode() not in raw
    assert sum(b'"sealed"' in (e.value or b"") for e in site.dump("events")) == 2
    assert shown_states(site)["C1"]["departments"] == ["営業部", "法務部", "経理部"]
    site.stop()
