"""What is told about a company by press releases, media and job boards.

It must not know whether the company is a customer.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.facts import Event, Fact, rule_broken
from schemas.fields import CorporateNumber, Domain, Money, Name, Text, Whole


class Company(Fact):
    """A company by at least one identifier; `corporate_number` is 13 ASCII digits."""

    name: Name | None = None
    corporate_number: CorporateNumber | None = None
    domain: Domain | None = None

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if self.name is None and self.corporate_number is None and self.domain is None:
            raise rule_broken("", "a name, a corporate_number or a domain")
        return self


CompanyField = Annotated[Company, Field(description="an object with a name, a corporate_number or a domain")]


class Release(Event):
    """A company told something, or was written about."""

    type: Literal["press_release", "media_mention"]
    company: CompanyField
    headline: Text
    body: Text | None = None
    categories: list[Text] = Field(default=[], description="a list of text")
    amount: Money | None = None
    currency: Text | None = None
    url: Text | None = None


class JobPostings(Event):
    """How many posts a company offers, and how many it offered before if that is known."""

    type: Literal["job_postings"]
    company: CompanyField
    open_count: Whole
    previous_count: Whole | None = None
