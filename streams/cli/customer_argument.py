"""CUSTOMER as commands take it; it must not know which customers there are."""

from __future__ import annotations

from typing import Any

import click

from schemas.fields import MAX_ID_CHARACTERS


class CustomerId(click.ParamType):
    """A customer_id as events may have it."""

    name = "customer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id as it was typed."""
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:  # Python's way to keep bytes of an argument that are no text
            self.fail(f"{text.encode(errors='surrogateescape')!r} is not UTF-8", param, ctx)
        if not 1 <= len(text) <= MAX_ID_CHARACTERS:
            self.fail(f"an id has 1 to {MAX_ID_CHARACTERS} characters, this one {len(text)}", param, ctx)
        return text


customer_argument = click.argument("customer", type=CustomerId())
