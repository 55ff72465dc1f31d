"""The account master of one customer, with its people.

It must not know how accounts are stored, looked up or shown.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.facts import Contact, Fact
from schemas.fields import (
    CorporateNumber,
    Domain,
    ExternalId,
    Id,
    Instant,
    LocalDate,
    Name,
    Number,
    Text,
    Whole,
)


class AccountContact(Contact):
    """A person at the customer, as the account names them."""

    name: Text | None = None
    email: Text | None = None


class Account(Fact):
    """The account master of one customer, whole: the last one applied stands.

    `occurred_ms` is in epoch milliseconds, None meaning receipt; `industry_growth` 0.12 is 12 % a year.
    """

    type: Annotated[Literal["account"], Field(description="account")] = "account"
    customer_id: Id
    event_id: Id | None = None
    occurred_ms: Instant | None = Field(default=None, alias="occurred_at")
    name: Name
    aliases: list[Text] = Field(default=[], description="a list of text")
    corporate_number: CorporateNumber | None = None
    domains: list[Domain] = Field(default=[], description="a list of host names")
    external_ids: dict[str, ExternalId] = Field(default={}, description="an object of text")
    kind: Annotated[Literal["b2b", "b2c"], Field(description="b2b or b2c")]
    industry: Text | None = None
    industry_growth: Number | None = None
    employees: Whole | None = None
    departments: list[Text] = Field(default=[], description="a list of text")
    contacts: list[AccountContact] = Field(default=[], description="a list of contacts with id")
    plan: Text | None = None
    contract_end: LocalDate | None = None
    sales_owner: Text | None = None
    cs_owner: Text | None = None


class AccountRemoval(Fact):
    """What a tombstone in `accounts` says: the customer's account is gone; fields as of `Account`."""

    customer_id: Id
    event_id: Id | None = None
    occurred_ms: Instant | None = Field(default=None, alias="occurred_at")
