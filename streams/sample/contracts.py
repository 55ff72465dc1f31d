"""Writes what a customer's contract life leaves in the books: purchases, renewals, changes, cancellations, refunds.

It must not know visits or notes.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from streams.sample.clock import DAY_S, midnight_s, office_hour_s, rfc3339, workday
from streams.sample.life import Life, Span, next_period
from streams.sample.notes import LEAVING_REASONS, REFUND_REASONS, SURVEY_ANSWERS
from streams.sample.plans import plan_of
from streams.sample.writer import Writer

_YEN_PER_UNIT = {"JPY": 1, "USD": 150, "EUR": 165}
_SEASONS = (2, 3, 3, 3, 8, 9, 9)  # months in which seasonal customers order
_ORDERS_A_YEAR = 6  # of customers without a contract
_EXTRA_PER_YEAR = 0.35  # trainings and set-up work that run under no contract period


def write_contracts(life: Life, writer: Writer) -> None:
    """Everything the contract life of a customer puts into `purchases`, and what goes with it in the CRM."""
    if life.billing == "none":
        _write_orders(life, writer)
    for place, span in enumerate(life.spans):
        if life.billing != "none":
            _write_periods(life, span, writer, is_first=place == 0)
    for day, direction in life.changes:
        _write_change(life, day, direction, writer)
    _write_cancellation(life, writer)
    _write_extras(life, writer)


def _money(life: Life, yen: float) -> dict[str, str]:
    if life.currency == "JPY":
        return {"amount": str(round(yen))}
    return {"amount": f"{yen / _YEN_PER_UNIT[life.currency]:.2f}", "currency": life.currency}


def _write_periods(life: Life, span: Span, writer: Writer, is_first: bool) -> None:
    share = 1.0 if life.billing == "yearly" else 1 / 12
    first, kind = span.first, "purchase" if is_first else "renewal"
    while first < min(span.until, life.end + timedelta(days=30)):
        until = next_period(span.first, first, life.billing)
        _write_period(life, span, first, until, share, kind, writer)
        first, kind = until, "renewal"


def _write_period(life: Life, span: Span, first: date, until: date, share: float, kind: str, writer: Writer) -> None:
    rng = writer.rng
    writer.purchase(
        office_hour_s(_booked(life, first, yearly=share == 1.0, is_new=first == span.first, rng=rng), rng),
        kind,
        **_money(life, span.yearly_price * share),
        order_id=f"SO-{life.company.customer_id}-{first:%y%m%d}",
        contract_id=span.contract_id,
        period_from=first.isoformat(),
        period_to=(until - timedelta(days=1)).isoformat(),
    )


def _booked(life: Life, first: date, *, yearly: bool, is_new: bool, rng: Random) -> date:
    """Renewals of a year are booked from three weeks early to four weeks late, others within days."""
    shift = 0 if is_new else rng.randint(-20, 28) if yearly else rng.randint(-3, 12)
    booked = workday(first + timedelta(days=shift))
    has_given_notice = life.cancelled is not None and life.withdrawn is None and booked >= life.cancelled
    # a renewal after the notice would take it back
    return min(booked, first) if has_given_notice else booked


def _write_change(life: Life, day: date, direction: str, writer: Writer) -> None:
    before, after = _around(life, day)
    at_s = office_hour_s(day, writer.rng)
    if direction == "upgrade":
        deal = {"deal_id": f"D-{life.company.customer_id}-{day:%y%m}"}
        worth = _money(life, after.yearly_price - before.yearly_price)["amount"]
        writer.crm(at_s - writer.rng.randint(12, 45) * DAY_S, "deal_opened", amount=worth, **deal)
        writer.crm(at_s - 3_600, "deal_won", amount=worth, **deal)
    old, new = plan_of(before.yearly_price), plan_of(after.yearly_price)
    writer.purchase(
        at_s,
        "plan_change",
        from_plan=old if old != new else f"{old}（利用者 小）",
        to_plan=new if old != new else f"{new}（利用者 大）" if direction == "upgrade" else f"{new}（利用者 減）",
        direction=direction,
        **_money(life, after.yearly_price),
    )


def _around(life: Life, day: date) -> tuple[Span, Span]:
    place = next(n for n, span in enumerate(life.spans) if span.first == day)
    return life.spans[place - 1], life.spans[place]


def _write_cancellation(life: Life, writer: Writer) -> None:
    if life.cancelled is None or life.leaves is None:
        return
    rng, at_s = writer.rng, office_hour_s(life.cancelled, writer.rng)
    writer.purchase(at_s, "cancellation", effective_on=life.leaves.isoformat(), reason=rng.choice(LEAVING_REASONS))
    if life.withdrawn is not None:
        _write_withdrawal(life, life.withdrawn, writer)
    elif rng.random() < 0.5:
        survey_s = midnight_s(life.leaves) - rng.uniform(0.1, 12) * DAY_S
        writer.crm(max(at_s, survey_s), "churn_survey", text=rng.choice(SURVEY_ANSWERS))


def _write_withdrawal(life: Life, day: date, writer: Writer) -> None:
    """The customer stays after all: a renewal of the running period's contract, at the same price."""
    span = life.span_at(day) or life.spans[-1]
    writer.purchase(
        office_hour_s(day, writer.rng),
        "renewal",
        **_money(life, span.yearly_price),
        contract_id=span.contract_id,
        period_from=day.isoformat(),
        period_to=(day + timedelta(days=364)).isoformat(),
    )


def _write_extras(life: Life, writer: Writer) -> None:
    """Work without a contract period, and money given back."""
    rng = writer.rng
    for rate, write in ((_EXTRA_PER_YEAR, _write_extra), (life.archetype.stories.get("refund", 0.0), _write_refunded)):
        days = (life.end - life.window).days
        if rng.random() < rate * days / 365:
            day = workday(life.window + timedelta(days=rng.randrange(max(1, days))))
            if life.span_at(day) is not None:
                write(life, day, writer)


def _write_extra(life: Life, day: date, writer: Writer) -> None:
    rng = writer.rng
    price = rng.choice((30_000, 50_000, 80_000, 120_000))
    item = {"sku": "TRAINING-1D", "category": "研修", "quantity": 1, "unit_price": str(price)}
    writer.purchase(office_hour_s(day, rng), "purchase", amount=str(price), items=[item])


def _write_refunded(life: Life, day: date, writer: Writer) -> None:
    """An order taken back weeks later, whole or in part, tied to the order's day or not."""
    rng = writer.rng
    order_s = office_hour_s(day, rng)
    usual = life.spans[0].yearly_price // _ORDERS_A_YEAR  # who orders without a contract gives back whole orders
    price = usual if life.billing == "none" else rng.choice((40_000, 60_000, 150_000))
    writer.purchase(order_s, "purchase", amount=str(price), order_id=f"SO-{life.company.customer_id}-X{day:%y%m%d}")
    whole = rng.random() < 0.4
    writer.purchase(
        order_s + rng.uniform(3, 30) * DAY_S,
        "refund",
        amount=str(price if whole else price // 2),
        order_occurred_at=rfc3339(order_s) if whole or rng.random() < 0.6 else None,
        full_refund=True if whole else None,
        reason=rng.choice(REFUND_REASONS),
    )


def _write_orders(life: Life, writer: Writer) -> None:
    """Orders without a contract: a seasonal customer's year in two or three bursts."""
    rng = writer.rng
    per_order = life.spans[0].yearly_price / _ORDERS_A_YEAR
    year = life.first.year
    while year <= life.end.year:
        for number in range(_ORDERS_A_YEAR):
            day = workday(date(year, rng.choice(_SEASONS), rng.randint(1, 27)))
            if life.first <= day < life.end:
                price = round(per_order * rng.uniform(0.6, 1.4), -3)
                order_id = f"SO-{life.company.customer_id}-{year}-{number + 1}"
                writer.purchase(office_hour_s(day, rng), "purchase", **_money(life, price), order_id=order_id)
        year += 1
