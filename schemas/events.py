"""Every event a source may send, one frozen model per type and one discriminated union per source topic.

It must not know how an event travels, whose company a release is about, or what an event is worth.

Field names are those of the JSON. Instants are epoch milliseconds (`_ms`) read from `occurred_at` and
`order_occurred_at`; amounts are exact decimals.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, Field, TypeAdapter, model_validator

from schemas.accounts import Account
from schemas.facts import Contact, CustomerEvent, Fact, WithContact, rule_broken
from schemas.fields import (
    RATING_WORDS,
    Flag,
    Id,
    Instant,
    LocalDate,
    Money,
    NpsScore,
    Number,
    Text,
)
from schemas.releases import JobPostings, Release

Rating = Annotated[Literal["high", "medium", "low"], RATING_WORDS, Field(description="high, medium, low, 高, 中 or 低")]
Direction = Annotated[Literal["upgrade", "downgrade", "lateral"], Field(description="upgrade, downgrade or lateral")]
Scope = Annotated[Literal["all", "contract"], Field(description="all or contract")]
Outcome = Annotated[
    Literal["acknowledged", "worked", "no_interest", "later", "wrong"],
    Field(description="acknowledged, worked, no_interest, later or wrong"),
]


class Item(Fact):
    """One line of an order; `unit_price` is in the order's currency."""

    sku: Text
    category: Text | None = None
    quantity: Number
    unit_price: Money


class Order(WithContact):
    """Money paid, once or for a period of local days, first and last included."""

    amount: Money
    currency: Text | None = None
    order_id: Id | None = None
    contract_id: Id | None = None
    period_from: LocalDate | None = None
    period_to: LocalDate | None = None
    items: list[Item] | None = Field(default=None, description="a list of items")

    @model_validator(mode="after")
    def _period_is_whole(self) -> Self:
        first, last = self.period_from, self.period_to
        if first is not None and last is not None and first > last:
            raise rule_broken("period_to", f"a date not before period_from, which is {first}")
        if (first is None) != (last is None):
            missing, given = ("period_to", "period_from") if last is None else ("period_from", "period_to")
            raise rule_broken(missing, f"a date, since {given} is given")
        return self


class Purchase(Order):
    """The customer bought."""

    type: Literal["purchase"]


class Renewal(Order):
    """The customer renewed."""

    type: Literal["renewal"]


class Refund(CustomerEvent):
    """Money went back; booked on the order's day where that is told."""

    type: Literal["refund"]
    amount: Money
    currency: Text | None = None
    order_occurred_ms: Instant | None = Field(default=None, alias="order_occurred_at")
    full_refund: Flag = False

    @model_validator(mode="after")
    def _order_came_before(self) -> Self:
        if self.order_occurred_ms is not None and self.order_occurred_ms > self.occurred_ms:
            raise rule_broken("order_occurred_at", "an instant not after occurred_at")
        return self


class PlanChange(CustomerEvent):
    """The customer moved between plans."""

    type: Literal["plan_change"]
    from_plan: Text
    to_plan: Text
    direction: Direction
    amount: Money | None = None
    currency: Text | None = None


class Cancellation(CustomerEvent):
    """The customer ended everything, or one contract, from the local day `effective_on` on."""

    type: Literal["cancellation"]
    effective_on: LocalDate | None = None
    scope: Scope = "all"
    contract_id: Id | None = None
    reason: Text | None = None
    text: Text | None = None


class PageView(WithContact):
    """A page was read."""

    type: Literal["page_view"]
    path: Text
    title: Text | None = None


class Download(WithContact):
    """A document was fetched."""

    type: Literal["download"]
    document: Text
    path: Text | None = None


class Webinar(WithContact):
    """A webinar was booked, and attended or not."""

    type: Literal["webinar"]
    title: Text
    attended: Flag


class Form(WithContact):
    """A form was sent."""

    type: Literal["form"]
    form: Text
    text: Text | None = None


class Action(WithContact):
    """Something else was done, named freely."""

    type: Literal["action"]
    action: Text
    item: Text | None = None
    amount: Money | None = None
    currency: Text | None = None


class Usage(WithContact):
    """How much of something is used, and how much is licensed."""

    type: Literal["usage"]
    metric: Text
    value: Number
    licensed: Number | None = None


class Note(WithContact):
    """Something a person wrote about or for the customer."""

    type: Literal["cs_report", "inquiry", "support_ticket", "churn_survey"]
    text: Text
    author: Text | None = None


class ContactMove(CustomerEvent):
    """A contact got another post or another department."""

    type: Literal["contact_promoted", "contact_transferred"]
    contact: Contact
    new_title: Text | None = None
    new_department: Text | None = None


class SalesRating(CustomerEvent):
    """What sales thinks may become of the customer."""

    type: Literal["sales_rating"]
    rating: Rating
    author: Text | None = None


class NpsResponse(WithContact):
    """An answer to the recommendation question, 0 to 10."""

    type: Literal["nps_response"]
    score: NpsScore
    text: Text | None = None


class Deal(CustomerEvent):
    """A deal was opened, won or lost."""

    type: Literal["deal_opened", "deal_won", "deal_lost"]
    amount: Money | None = None
    currency: Text | None = None
    deal_id: Id | None = None


class SignalOutcome(CustomerEvent):
    """What came of a signal."""

    type: Literal["signal_outcome"]
    signal_id: Id
    outcome: Outcome
    author: Text | None = None
    text: Text | None = None


PurchasesEvent = Annotated[Purchase | Renewal | Refund | PlanChange | Cancellation, Field(discriminator="type")]
WebBehaviourEvent = Annotated[PageView | Download | Webinar | Form | Action | Usage, Field(discriminator="type")]
CrmActivitiesEvent = Annotated[
    Note | ContactMove | SalesRating | NpsResponse | Deal | SignalOutcome, Field(discriminator="type")
]
PressReleasesEvent = Annotated[Release | JobPostings, Field(discriminator="type")]

_UNIONS: dict[str, Any] = {
    "purchases": PurchasesEvent,
    "web-behaviour": WebBehaviourEvent,
    "crm-activities": CrmActivitiesEvent,
    "press-releases": PressReleasesEvent,
}
SOURCE_EVENTS: dict[str, TypeAdapter[Any]] = {
    **{topic: TypeAdapter(union) for topic, union in _UNIONS.items()},
    "accounts": TypeAdapter(Account),
}


@cache
def event_models(topic: str) -> dict[str, type[BaseModel]]:
    """The models of a source topic by event type; several types may share one."""
    if topic == "accounts":
        return {"account": Account}
    union = get_args(_UNIONS[topic])[0]
    return {kind: model for model in get_args(union) for kind in get_args(model.model_fields["type"].annotation)}
