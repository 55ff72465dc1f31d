"""What is sealed, what stays readable, and what opens it; expected values by hand."""

from __future__ import annotations

import base64
import json
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from schemas.log import LogAccount, LogContact, LogEvent, decode_event, encode_event
from streams.errors import EngineError
from streams.privacy.keys import Key, KeyRing
from streams.privacy.sealing import KeyPlace, is_personal, key_needed, open_, seal, strip

KEY = Key("00112233445566ff", b"k" * 32, 5_000, 3, 41)
NOTE = LogEvent(
    topic="crm-activities", type="inquiry", customer_id="C1", event_id="e1", text="困っています", author="担当"
)


def find(customer_id: str, key_id: str) -> Key | None:
    return KEY if (customer_id, key_id) == ("C1", KEY.id) else None


def test_words_and_their_author_leave_the_event_and_the_rest_stays() -> None:
    said = json.loads(encode_event(seal(NOTE, KEY)))
    assert said.pop("sealed").startswith("00112233445566ff.3.41.")
    assert said == {"topic": "crm-activities", "type": "inquiry", "customer_id": "C1", "event_id": "e1"}


@pytest.mark.parametrize(
    "personal",
    [
        {"text": "x"},
        {"author": "x"},
        {"reason": "x"},
        {"new_title": "x"},
        {"new_department": "x"},
        {"contact": LogContact("p1", "経理部", "課長")},
        {"account": LogAccount(name="見本 花子", contacts=[LogContact("p1", email="h@mihon.example")])},
    ],
)
def test_each_personal_field_is_sealed_and_comes_back(personal: dict[str, object]) -> None:
    event = LogEvent(topic="t", type="x", customer_id="C1", amount="5", **personal)  # type: ignore[arg-type]
    assert is_personal(event)
    sealed = seal(event, KEY)
    assert (sealed.text, sealed.author, sealed.contact, sealed.account) == (None, None, None, None)
    assert sealed.amount == "5"
    assert open_(decode_event(encode_event(sealed)), find) == event


def test_an_event_without_personal_fields_is_not_personal() -> None:
    assert not is_personal(LogEvent(topic="purchases", type="purchase", customer_id="C1", amount="5", path="/p"))


def test_it_is_aes_256_gcm_of_json_bound_to_customer_topic_type_and_id() -> None:
    body = base64.urlsafe_b64decode((seal(NOTE, KEY).sealed or "").split(".")[3])
    plain = AESGCM(b"k" * 32).decrypt(body[:12], body[12:], b"C1\ncrm-activities\ninquiry\ne1")
    assert json.loads(plain) == {"text": "困っています", "author": "担当"}


def test_what_somebody_else_sealed_that_way_opens() -> None:
    nonce = os.urandom(12)
    body = nonce + AESGCM(b"k" * 32).encrypt(nonce, b'{"text":"hello"}', b"C1\nt\nx\n")
    sealed = f"{KEY.id}.3.41.{base64.urlsafe_b64encode(body).decode()}"
    assert open_(LogEvent(topic="t", type="x", customer_id="C1", sealed=sealed), find).text == "hello"


def test_the_same_words_never_look_the_same() -> None:
    assert seal(NOTE, KEY).sealed != seal(NOTE, KEY).sealed


def test_without_its_key_an_event_is_as_if_the_words_had_never_been_written() -> None:
    assert open_(seal(NOTE, KEY), lambda customer_id, key_id: None) == strip(NOTE)


@pytest.mark.parametrize(("erased_ms", "opens"), [(None, True), (4_999, True), (5_000, False), (9_000, False)])
def test_a_key_made_before_the_customer_was_erased_opens_nothing_even_while_it_exists(
    erased_ms: int | None, opens: bool
) -> None:
    assert open_(seal(NOTE, KEY), find, erased_ms) == (NOTE if opens else strip(NOTE))


def test_a_sealed_part_does_not_open_in_another_event() -> None:
    moved = LogEvent(
        topic="crm-activities", type="inquiry", customer_id="C1", event_id="e2", sealed=seal(NOTE, KEY).sealed
    )
    with pytest.raises(EngineError, match="event e2 of customer C1"):
        open_(moved, find)


@pytest.mark.parametrize(
    "damage", ["", "nonsense", "a.b.c.d", f"{KEY.id}.3.41.", f"{KEY.id}.3.41.AAAA", f"{KEY.id}.3.41.é"]
)
def test_a_damaged_sealed_part_is_told(damage: str) -> None:
    with pytest.raises(EngineError, match="damaged"):
        open_(LogEvent(topic="t", type="x", customer_id="C1", sealed=damage), find)


def test_which_key_a_record_needs_is_seen_without_decoding_it() -> None:
    assert key_needed(encode_event(seal(NOTE, KEY))) == KeyPlace(KEY.id, 3, 41)
    assert key_needed(encode_event(NOTE)) is None
    trap = LogEvent(topic="t", type="x", customer_id="C1", text='"sealed":"a.1.2.b"')
    assert key_needed(encode_event(trap)) is None


@given(st.text(), st.text(), st.binary(min_size=32, max_size=32))
def test_any_words_of_any_customer_come_back(customer_id: str, text: str, secret: bytes) -> None:
    event = LogEvent(topic="t", type="x", customer_id=customer_id, text=text)
    key = Key("ab" * 8, secret, 0, 0, 0)
    ring = KeyRing()
    ring.put(customer_id, key)
    assert open_(decode_event(encode_event(seal(event, key))), ring.find) == event
