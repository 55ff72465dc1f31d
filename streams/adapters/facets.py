"""What the Redis view must know of a customer besides its public state.

It must not know how the facts were decided, nor Redis itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

MICRO = 1_000_000
FORMER = "former"
_SIX_DECIMALS = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Facets:
    """The facts by which a customer is listed and summed up.

    `priority` orders the customer within its list (potential for nurture, value for the others), finite.
    `next_at_ms` is the instant of the next transition in epoch ms, `account` the account's JSON as last applied,
    `revenue` an amount in the base currency (six decimals count). `erased_at_ms` is when the customer was last
    erased: signals effective until then are not shown.
    """

    customer_id: str
    segment: str
    former: bool
    priority: float
    next_at_ms: int | None
    account: bytes | None
    revenue: Decimal
    erased_at_ms: int | None = None

    @property
    def place(self) -> str:
        """The one list the customer stands in: its segment, or `former`."""
        return FORMER if self.former else self.segment


def split_amount(amount: Decimal) -> tuple[int, int]:
    """Whole units and micro-units (0 to 999,999) of an amount, so that `units + micros / 1e6` is the amount.

    Integers are what Redis adds exactly; a double would not do.
    """
    micros = int(amount.quantize(_SIX_DECIMALS, ROUND_HALF_UP).scaleb(6))
    return divmod(micros, MICRO)


def instant_text(epoch_ms: int) -> str:
    """An instant in UTC with three decimals and Z, whose order as text is the order in time."""
    moment = datetime.fromtimestamp(epoch_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def score_text(priority: float) -> str:
    """A sorted set's score in the form Redis reads.

    Raises:
        ValueError: The priority is not finite; Redis would refuse the whole batch.
    """
    if not math.isfinite(priority):
        raise ValueError(f"priority is {priority}; a finite number is expected")
    return repr(float(priority))
