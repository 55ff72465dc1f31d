"""The sample shop's history: about 2,000 members who browse, buy and complain.

It must not know the policy, nor how history is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from streams.sample.b2c_members import Member, make_members
from streams.sample.clock import DAY_S, HOUR_S, day_of, instant_s, midnight_s, months_before, rfc3339
from streams.sample.writer import Line, Writer

MEMBERS, MONTHS = 2000, 18
_EVENING = (7, 8, 12, 12, 13, 18, 19, 20, 20, 21, 21, 21, 22, 22, 23)
_CATEGORIES = ("tea", "candle", "notebook", "socks", "mug", "soap")
_NEW_PAGES = ("/new/spring", "/new/autumn", "/special/gift", "/special/sale")
_OTHER_PAGES = ("/", "/cart", "/guide/shipping", "/my/orders", "/search")
_COMPLAINTS = (
    "届いた商品が壊れていました。交換をお願いします。",
    "注文した品が届かないのですが、配送状況を確認してください。",
    "サイズが合わないので返品したいです。",
    "不良品でした。返金の手続きを教えてください。",
)
_QUESTIONS = (
    "ギフト包装はできますか。",
    "再入荷の予定を教えてください。",
    "ポイントの有効期限を知りたいです。",
    "領収書の発行方法を教えてください。",
)
_MAIL_WEEKDAY = 3  # the weekly mail goes out on Thursdays


def history(seed: int, end: datetime, members: int = MEMBERS, months: int = MONTHS) -> Iterator[Line]:
    """Lines of a history file in the order of receipt, all received before `end`.

    Raises:
        ValueError: `end` has no time zone, or members or months are out of range.
    """
    if not 1 <= months <= 60:
        raise ValueError(f"months: 1 to 60, not {months}")
    end_s = instant_s(end)
    last_day = day_of(end_s)
    received: list[tuple[float, Line]] = []
    for member in make_members(seed, members, months_before(last_day, months), last_day):
        writer = Writer(member.customer_id, Random(f"{seed}/shop/{member.customer_id}"), end_s)
        _write_member(member, writer)
        received += writer.lines
    received.sort(key=lambda entry: entry[0])
    return (line for _, line in received)


def _write_member(member: Member, writer: Writer) -> None:
    rng, shopper = writer.rng, member.shopper
    value = {"customer_id": member.customer_id, "name": member.name, "kind": "b2c"}
    writer.account(_evening_s(member.first, rng) - HOUR_S, value)
    day = member.first
    if shopper.orders >= 1:
        _write_order(member, day, writer)
    while day < member.last:
        _write_day(member, day, writer)
        day += timedelta(days=1)
    if rng.random() < 0.015:
        writer.order(_evening_s(day, rng), "cancellation", reason="退会")


def _write_day(member: Member, day: date, writer: Writer) -> None:
    rng, shopper = writer.rng, member.shopper
    if rng.random() < shopper.orders * _season(day) / 365:
        _write_order(member, day, writer)
    elif rng.random() < shopper.visits / 30:
        _write_visit(day, writer)
    if day.weekday() == _MAIL_WEEKDAY and rng.random() < shopper.mail:
        writer.web(_evening_s(day, rng), "action", action="mail_click", item=rng.choice(_CATEGORIES))


def _season(day: date) -> float:
    """Gifts in December, little in February and August."""
    return {12: 1.8, 11: 1.2, 2: 0.7, 8: 0.7}.get(day.month, 0.95)


def _write_visit(day: date, writer: Writer) -> float:
    """Some pages, at times a favourite or something put in the cart; the instant it ended."""
    rng, at_s = writer.rng, _evening_s(day, writer.rng)
    for _ in range(rng.choice((1, 1, 2, 3, 4))):
        writer.web(at_s, "page_view", path=_page(rng))
        at_s += rng.uniform(5, 120)
    if rng.random() < 0.10:
        writer.web(at_s, "action", action="favorite", item=_sku(rng))
    if rng.random() < 0.12:
        writer.web(at_s + 5, "action", action="cart_add", item=_sku(rng))
    return at_s + 30


def _page(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.15:
        return rng.choice(_NEW_PAGES)
    if kind < 0.6:
        return f"/items/{_sku(rng)}" if kind < 0.45 else f"/category/{rng.choice(_CATEGORIES)}"
    return rng.choice(_OTHER_PAGES)


def _write_order(member: Member, day: date, writer: Writer) -> None:
    rng = writer.rng
    at_s = _write_visit(day, writer)
    low, high = member.shopper.basket
    price, quantity = int(low * (high / low) ** rng.random()) // 10 * 10, rng.choice((1, 1, 1, 2))
    amount = str(price * quantity)
    sku = _sku(rng)
    item = {"sku": sku, "category": sku.split("-")[0], "quantity": quantity, "unit_price": str(price)}
    order_id = f"W-{member.customer_id[2:]}-{day:%y%m%d}"
    writer.order(at_s, "purchase", amount=amount, order_id=order_id, items=[item])
    if rng.random() < 0.03:
        _write_return(at_s, amount, writer)
    elif rng.random() < 0.04:
        later_s = at_s + rng.uniform(1, 9) * DAY_S
        writer.crm(later_s, "inquiry", text=rng.choice(_QUESTIONS))


def _write_return(order_s: float, amount: str, writer: Writer) -> None:
    """A complaint, then the money back."""
    rng = writer.rng
    complained_s = order_s + rng.uniform(2, 8) * DAY_S
    writer.crm(complained_s, rng.choice(("inquiry", "support_ticket")), text=rng.choice(_COMPLAINTS))
    refunded_s = complained_s + rng.uniform(1, 5) * DAY_S
    writer.order(refunded_s, "refund", amount=amount, order_occurred_at=rfc3339(order_s), full_refund=True)


def _sku(rng: Random) -> str:
    return f"{rng.choice(_CATEGORIES)}-{rng.randint(1, 40):03d}"


def _evening_s(day: date, rng: Random) -> float:
    """A random instant of a day when people shop."""
    return midnight_s(day) + rng.choice(_EVENING) * HOUR_S + int(rng.random() * HOUR_S * 1000) / 1000
