"""Every reason to refuse, with a detail that says where, what was found and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schemas.dead_letters import REASONS
from schemas.log import LogAccount
from streams.intake.companies import Directory
from streams.intake.decoding import MAX_VALUE_BYTES
from streams.intake.intake import Accepted, Decision
from streams.intake.refusals import Rejection

Send = Callable[..., Decision]
Make = Callable[..., dict[str, Any]]
ACCOUNT = {"customer_id": "C1", "name": "Alpha", "kind": "b2b"}
MONEY = "a decimal number not below 0, at most 15 digits before and 6 after the point"
ID = "text of 1 to 200 characters"
WEB_TYPES = "one of action, download, form, page_view, usage, webinar"
NUMBER = "a decimal number, at most 15 digits before and 30 after the point"
WHOLE = "a whole number not below 0, at most 15 digits"
HOST = "a host name such as www.a.example, without https:// and without a path"
COMPANY = "a name, a corporate_number or a domain"


@pytest.fixture
def refusal(send: Send) -> Callable[..., tuple[str, str]]:
    def take(topic: str, value: Any, **rest: Any) -> tuple[str, str]:
        decision = send(topic, value, **rest)
        assert isinstance(decision, Rejection), decision
        assert decision.reason in REASONS
        return decision.reason, decision.detail

    return take


Refusal = Callable[..., tuple[str, str]]

NESTED_200 = b'{"a":' + b"[" * 199 + b"]" * 199 + b"}"
NESTED_201 = b'{"a":' + b"[" * 200 + b"]" * 200 + b"}"


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (b"", "line 1 column 1: Expecting value, expected JSON"),
        (b"{", "line 1 column 2: Expecting property name enclosed in double quotes, expected JSON"),
        (b"\xef\xbb\xbf{}", "line 1 column 1: Expecting value, expected JSON"),
        (b'{"a":"\xe3\x81"}', "byte 6 is not UTF-8, expected UTF-8"),
        (b'{"a":NaN}', "found NaN, which JSON does not have, expected a number"),
        (b'{"a":[-Infinity]}', "found -Infinity, which JSON does not have, expected a number"),
        (b'{"a":Infinity}', "found Infinity, which JSON does not have, expected a number"),
        (b'{"a":{"b":1,"\\u0062":1}}', 'found the key "b" twice in one object, expected it once'),
        (b'{"a":null,"a":1}', 'found the key "a" twice in one object, expected it once'),
        (b"[]", "found a list, expected an object"),
        (b"null", "found nothing, expected an object"),
        (b'"text"', 'found "text", expected an object'),
        (b"1.50", "found 1.50, expected an object"),
        (b'{"a":"\\ud800"}', "found half of a surrogate pair (\\ud800 to \\udfff), expected whole characters"),
        (b'{"\\udc00":1}', "found half of a surrogate pair (\\ud800 to \\udfff), expected whole characters"),
        (b'{"a":1e99999999999999999999}', "found a number whose exponent is out of all reach"),
        (b'{"a":' + b"9" * 5000 + b"}", "found a whole number of more than 4,300 digits"),
        (NESTED_201, "found more than 200 levels of nesting, expected at most 200"),
        (b'{"a":' * 50_000, "found more than 200 levels of nesting, expected at most 200"),
        (b'{"a":"\n"}', "line 1 column 7: Invalid control character at, expected JSON"),
        (None, "value: found nothing, expected a JSON object"),
    ],
)
def test_what_is_no_json_object(refusal: Refusal, value: bytes | None, detail: str) -> None:
    assert refusal("web-behaviour", value) == ("invalid_json", detail)


def test_a_pair_of_surrogates_is_one_character(send: Send, make_value: Make) -> None:
    decision = send(
        "web-behaviour",
        b'{"title":"\\ud83d\\ude00",' + b'"event_id":"e","customer_id":"C1","path":"/",'
        b'"type":"page_view","occurred_at":"2026-11-09T12:00:00+09:00"}',
    )
    assert isinstance(decision, Accepted)
    assert decision.events[0].title == "😀"


def test_nesting_up_to_the_limit_is_ignored_like_any_unknown_field(refusal: Refusal) -> None:
    assert refusal("web-behaviour", NESTED_200)[0] == "invalid_event"


@pytest.mark.parametrize("topic", ["purchases", "web-behaviour", "crm-activities", "press-releases", "accounts"])
def test_the_limit_of_256_kib_is_of_the_value_alone(refusal: Refusal, topic: str) -> None:
    fits = b'{"a":"' + b"x" * (MAX_VALUE_BYTES - 8) + b'"}'
    assert len(fits) == 256 * 1024
    assert refusal(topic, fits)[0] == "invalid_event"
    assert refusal(topic, fits + b" ") == ("too_large", "value: found 262,145 bytes, expected at most 262,144")


@pytest.mark.parametrize("key", [None, b""])
def test_a_missing_key(refusal: Refusal, make_value: Make, key: bytes | None) -> None:
    expected = ("missing_key", "key: found nothing, expected the customer_id")
    assert refusal("purchases", make_value("purchase"), key=key) == expected
    assert refusal("accounts", None, key=key) == expected


@pytest.mark.parametrize(
    ("key", "shown"), [(b"C2", '"C2"'), (b'"C1"', '"\\"C1\\""'), (b"C1 ", '"C1 "'), (b"\xff", '"\\\\xff"')]
)
def test_a_key_that_is_not_the_customer(refusal: Refusal, make_value: Make, key: bytes, shown: str) -> None:
    reason, detail = refusal("purchases", make_value("purchase"), key=key)
    assert (reason, detail) == ("key_mismatch", f"key: found {shown}, expected the customer_id 'C1'")
    assert refusal("accounts", ACCOUNT, key=key)[0] == "key_mismatch"


@pytest.mark.parametrize(
    ("kind", "change", "detail"),
    [
        ("page_view", {"type": None}, f"type: found nothing, expected {WEB_TYPES}"),
        ("page_view", {"type": 3}, f"type: found 3, expected {WEB_TYPES}"),
        ("page_view", {"type": "refund"}, f'type: found "refund", expected {WEB_TYPES}'),
        ("page_view", {"event_id": None}, f"event_id: found nothing, expected {ID}"),
        ("page_view", {"event_id": ""}, f'event_id: found "", expected {ID}'),
        ("page_view", {"event_id": 7}, f"event_id: found 7, expected {ID}"),
        ("page_view", {"customer_id": "x" * 201}, f'customer_id: found "{"x" * 58}…, expected {ID}'),
        ("page_view", {"path": None}, "path: found nothing, expected text"),
        ("page_view", {"path": ["/"]}, "path: found a list, expected text"),
        ("page_view", {"contact": "p1"}, 'contact: found "p1", expected an object'),
        ("page_view", {"contact": {"department": "x"}}, f"contact.id: found nothing, expected {ID}"),
        ("webinar", {"attended": "yes"}, 'attended: found "yes", expected true or false'),
        ("webinar", {"attended": 1}, "attended: found 1, expected true or false"),
        ("usage", {"value": "many"}, f'value: found "many", expected {NUMBER}'),
        ("purchase", {"amount": None}, f"amount: found nothing, expected {MONEY}"),
        ("purchase", {"amount": -1}, f"amount: found -1, expected {MONEY}"),
        ("purchase", {"amount": "1,000"}, f'amount: found "1,000", expected {MONEY}'),
        ("purchase", {"amount": 0.1234567}, f"amount: found 0.1234567, expected {MONEY}"),
        ("purchase", {"currency": 5}, "currency: found 5, expected text"),
        ("purchase", {"items": {}}, "items: found an object, expected a list of items"),
        ("purchase", {"items": [1]}, "items[0]: found 1, expected an object"),
        ("purchase", {"items": [{"sku": "a", "quantity": 1, "unit_price": -1}]},
         f"items[0].unit_price: found -1, expected {MONEY}"),
        ("purchase", {"period_from": "2026-11-01"},
         "period_to: found nothing, expected a date, since period_from is given"),
        ("purchase", {"period_to": "2026-11-01"},
         "period_from: found nothing, expected a date, since period_to is given"),
        ("purchase", {"period_from": "2026-11-02", "period_to": "2026-11-01"},
         'period_to: found "2026-11-01", expected a date not before period_from, which is 2026-11-02'),
        ("purchase", {"period_from": "2026/11/02"},
         'period_from: found "2026/11/02", expected a date such as 2026-04-01'),
        ("refund", {"order_occurred_at": "2026-11-09T12:00:00.001+09:00"},
         'order_occurred_at: found "2026-11-09T12:00:00.001+09:00", expected an instant not after occurred_at'),
        ("plan_change", {"direction": "up"}, 'direction: found "up", expected upgrade, downgrade or lateral'),
        ("cancellation", {"scope": "some"}, 'scope: found "some", expected all or contract'),
        ("contact_promoted", {"contact": None}, "contact: found nothing, expected an object"),
        ("sales_rating", {"rating": "最高"}, 'rating: found "最高", expected high, medium, low, 高, 中 or 低'),
        ("nps_response", {"score": 11}, "score: found 11, expected a whole number from 0 to 10"),
        ("nps_response", {"score": 9.5}, "score: found 9.5, expected a whole number from 0 to 10"),
        ("nps_response", {"score": True}, "score: found true, expected a whole number from 0 to 10"),
        ("signal_outcome", {"outcome": "sold"},
         'outcome: found "sold", expected acknowledged, worked, no_interest, later or wrong'),
        ("press_release", {"company": None}, f"company: found nothing, expected an object with {COMPANY}"),
        ("press_release", {"company": {}}, f"company: found nothing, expected {COMPANY}"),
        ("press_release", {"company": {"name": None}}, f"company: found nothing, expected {COMPANY}"),
        ("press_release", {"company": {"name": ""}}, 'company.name: found "", expected text of at least 1 character'),
        ("press_release", {"company": {"domain": "https://a.example"}},
         f'company.domain: found "https://a.example", expected {HOST}'),
        ("press_release", {"company": {"corporate_number": "1.01E+12"}},
         'company.corporate_number: found "1.01E+12", expected 13 digits (a spreadsheet has shortened this number; '
         "format the column as text and enter it again)"),
        ("press_release", {"categories": ["a", 1]}, "categories[1]: found 1, expected text"),
        ("press_release", {"categories": [None]}, "categories[0]: found nothing, expected text"),
        ("press_release", {"categories": "a"}, 'categories: found "a", expected a list of text'),
        ("job_postings", {"open_count": -1}, f"open_count: found -1, expected {WHOLE}"),
    ],
)  # fmt: skip
def test_an_invalid_event_is_told_where_what_and_what_instead(
    refusal: Refusal, make_value: Make, kinds: dict[str, str], kind: str, change: dict[str, Any], detail: str
) -> None:
    assert refusal(kinds[kind], make_value(kind, **change)) == ("invalid_event", detail)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"kind": None}, "kind: found nothing, expected b2b or b2c"),
        ({"kind": "b2g"}, 'kind: found "b2g", expected b2b or b2c'),
        ({"name": ""}, 'name: found "", expected text of at least 1 character'),
        ({"type": "accounts"}, "type: found \"accounts\", expected account"),
        ({"contacts": [{"id": "p1"}, {"name": "x"}]}, f"contacts[1].id: found nothing, expected {ID}"),
        ({"external_ids": {"crm": []}}, "external_ids.crm: found a list, expected text or a whole number"),
        ({"external_ids": []}, "external_ids: found a list, expected an object of text"),
        ({"employees": 1.5}, f"employees: found 1.5, expected {WHOLE}"),
        ({"contract_end": "soon"}, 'contract_end: found "soon", expected a date such as 2026-04-01'),
        ({"industry_growth": "12%"},
         f'industry_growth: found "12%", expected {NUMBER}'),
        ({"domains": ["a b"]},
         f'domains[0]: found "a b", expected {HOST}'),
        ({"corporate_number": 123},
         "corporate_number: found 123, expected 13 digits"),
    ],
)  # fmt: skip
def test_an_invalid_account_likewise(refusal: Refusal, change: dict[str, Any], detail: str) -> None:
    value = {name: field for name, field in {**ACCOUNT, **change}.items() if field is not None}
    assert refusal("accounts", value) == ("invalid_event", detail)


def test_several_faults_are_told_up_to_three(refusal: Refusal) -> None:
    value = {"type": "webinar", "title": 1, "attended": 2, "occurred_at": 3}
    _, detail = refusal("web-behaviour", value)
    assert detail.startswith(f"event_id: found nothing, expected {ID}; occurred_at: found 3, expected an instant")
    assert detail.count("; ") == 2
    assert detail.endswith(f"customer_id: found nothing, expected {ID} (and 2 more)")


def test_a_tombstone_needs_a_key_that_is_a_customer_id(refusal: Refusal) -> None:
    assert refusal("accounts", None, key=b"x" * 201)[0] == "invalid_event"
    assert refusal("accounts", None, key=b"\xff") == ("invalid_event", 'key: found "\\\\xff", expected UTF-8')


def test_cloudevents_headers_are_checked_as_the_fields_they_stand_for(refusal: Refusal, make_value: Make) -> None:
    value = make_value("page_view", event_id=None, occurred_at=None)
    time, name = ("ce_time", b"2026-11-09T12:00:00+09:00"), ("ce_id", b"h1")
    assert refusal("web-behaviour", value, headers=[time, ("ce_id", b"")])[1] == f'event_id: found "", expected {ID}'
    assert refusal("web-behaviour", value, headers=[time, ("ce_id", b"\xff")]) == (
        "invalid_event",
        'header ce_id: found "\\\\xff", expected UTF-8',
    )
    assert refusal("web-behaviour", value, headers=[name, ("ce_time", b"2026-11-09T12:00:00")])[0] == "naive_timestamp"
    assert refusal("web-behaviour", value, headers=[name, ("ce_time", b"now")])[0] == "invalid_event"


@pytest.mark.parametrize("text", ["2026-11-09T12:00:00", "2026-11-09 12:00:00.5"])
def test_a_time_without_offset(refusal: Refusal, make_value: Make, text: str) -> None:
    expected = "an instant with offset, such as 2026-04-01T09:30:00+09:00, from the year 1000 on"
    assert refusal("web-behaviour", make_value("page_view", occurred_at=text)) == (
        "naive_timestamp",
        f'occurred_at: found "{text}", expected {expected}',
    )
    naive_order = make_value("refund", order_occurred_at=text)
    assert refusal("purchases", naive_order)[0] == "naive_timestamp"


def test_a_clock_too_far_ahead(refusal: Refusal, make_value: Make, noon_ms: int) -> None:
    refused = refusal("web-behaviour", make_value("page_view"), received_ms=noon_ms - 300_001)
    shown = '"2026-11-09T12:00:00+09:00", which is 300.001 s after receipt'
    assert refused == ("future_event", f"occurred_at: found {shown}, expected at most 300 s")
    account = {**ACCOUNT, "occurred_at": "2026-11-09T12:00:00+09:00"}
    assert refusal("accounts", account, received_ms=noon_ms - 300_001)[0] == "future_event"
    headers = [("ce_time", b"2026-11-09T12:00:00+09:00")]
    assert refusal("accounts", None, headers=headers, received_ms=noon_ms - 300_001)[0] == "future_event"


@pytest.mark.parametrize("currency", ["GBP", "usd", "", "円"])
def test_a_currency_without_a_rate(refusal: Refusal, make_value: Make, currency: str) -> None:
    expected = ("unknown_currency", f'currency: found "{currency}", expected one of the policy\'s: EUR, JPY, USD')
    assert refusal("purchases", make_value("purchase", currency=currency)) == expected
    assert refusal("press-releases", make_value("press_release", currency=currency, amount=1)) == expected


def test_a_company_that_fits_several_customers(refusal: Refusal, make_value: Make, directory: Directory) -> None:
    for number in range(2, 8):
        directory.put(f"C{number}", LogAccount(name="Alpha KK", domains=["alpha.example"]))
    by_domain = make_value("press_release", company={"domain": "news.alpha.example", "name": "x"})
    fits = "which fits C1, C2, C3, C4, C5 and 2 more, expected a company that is one customer"
    assert refusal("press-releases", by_domain) == (
        "ambiguous_company",
        f'company.domain: found "alpha.example", {fits}',
    )
    directory.put("C9", LogAccount(name="アルファ"))
    assert refusal("press-releases", make_value("press_release")) == (
        "ambiguous_company",
        'company.name: found "アルファ", which fits C1, C9, expected a company that is one customer',
    )


def test_a_topic_that_is_no_source(refusal: Refusal, make_value: Make) -> None:
    assert refusal("signals", make_value("page_view"))[0] == "invalid_event"


def test_the_checks_have_an_order(refusal: Refusal, make_value: Make, noon_ms: int) -> None:
    """Each record has all the faults from its own on; the first counts."""
    late = {"received_ms": noon_ms - 86_400_000}
    wrong = {"currency": "GBP", "customer_id": "C2"}
    naive = {"occurred_at": "2026-11-09T12:00:00"}
    assert refusal("purchases", b"x" * (MAX_VALUE_BYTES + 1), key=None)[0] == "too_large"
    assert refusal("purchases", b"x", key=None)[0] == "missing_key"
    assert refusal("purchases", b"x")[0] == "invalid_json"
    assert refusal("purchases", make_value("purchase", amount=-1, **wrong, **naive), **late)[0] == "invalid_event"
    assert refusal("purchases", make_value("purchase", **wrong, **naive), **late)[0] == "naive_timestamp"
    assert refusal("purchases", make_value("purchase", **wrong), **late)[0] == "key_mismatch"
    assert refusal("purchases", make_value("purchase", currency="GBP"), **late)[0] == "unknown_currency"
    assert refusal("purchases", make_value("purchase"), **late)[0] == "future_event"


def test_a_long_key_of_the_sender_s_own_does_not_make_a_long_detail(refusal: Refusal) -> None:
    _, detail = refusal("accounts", {**ACCOUNT, "external_ids": {"k" * 10_000: []}})
    assert len(detail) <= 1000
