"""What every fact taken in has in common: its form, its identity, and the person it may name.

It must not know a single event type.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from schemas.fields import Id, Instant, Text


class Fact(BaseModel):
    """Base of everything taken in: frozen, unknown fields ignored, no JSON type taken for another.

    A null is to be removed before validation, as it means that the field is missing.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Contact(Fact):
    """A person at the customer, as an event names them."""

    id: Id
    department: Text | None = None
    title: Text | None = None


class Event(Fact):
    """A fact with its identity and when it happened."""

    event_id: Id
    occurred_ms: Instant = Field(alias="occurred_at")


class CustomerEvent(Event):
    """A fact about a customer that the source names."""

    customer_id: Id


class WithContact(CustomerEvent):
    """A fact in which a person at the customer may be named."""

    contact: Contact | None = None


def rule_broken(field: str, expected: str) -> PydanticCustomError:
    """A rule between fields is broken; `field`, as the JSON calls it, is where to mend it, empty for the object."""
    return PydanticCustomError("rule_broken", "expected {expected}", {"field": field, "expected": expected})
