"""Which event types there are, where they come from, and which conditions can hold for each.

It must not know how a condition is evaluated.
"""

from __future__ import annotations

from typing import Final

SOURCE_TOPIC: Final[dict[str, str]] = {
    **dict.fromkeys(("purchase", "renewal", "refund", "plan_change", "cancellation"), "purchases"),
    **dict.fromkeys(("page_view", "download", "webinar", "form", "action", "usage"), "web-behaviour"),
    **dict.fromkeys(("cs_report", "inquiry", "support_ticket", "churn_survey"), "crm-activities"),
    **dict.fromkeys(("contact_promoted", "contact_transferred", "sales_rating", "nps_response"), "crm-activities"),
    **dict.fromkeys(("deal_opened", "deal_won", "deal_lost", "signal_outcome"), "crm-activities"),
    **dict.fromkeys(("press_release", "media_mention", "job_postings"), "press-releases"),
    "account": "accounts",
}
"""Event type → its source topic."""

EVENT_TYPES: Final[tuple[str, ...]] = tuple(SOURCE_TOPIC)

_WITH_CONTACT: Final = frozenset(
    {
        *("purchase", "renewal", "page_view", "download", "webinar", "form", "action", "usage"),
        *("cs_report", "inquiry", "support_ticket", "churn_survey"),
        *("contact_promoted", "contact_transferred", "nps_response"),
    }
)
_WITH_TEXT: Final = frozenset(
    {
        *("cs_report", "inquiry", "support_ticket", "churn_survey"),
        *("form", "nps_response", "cancellation", "signal_outcome"),
    }
)

HOLDS_FOR: Final[dict[str, frozenset[str]]] = {
    "page": frozenset({"page_view", "download"}),
    "categories": frozenset({"press_release", "media_mention"}),
    "action": frozenset({"action"}),
    "direction": frozenset({"plan_change"}),
    "attended": frozenset({"webinar"}),
    "text_any": _WITH_TEXT,
    "text_none": _WITH_TEXT,
    "nps_at_most": frozenset({"nps_response"}),
    "growth_at_least": frozenset({"job_postings"}),
    "increase_at_least": frozenset({"job_postings"}),
    "new_department": _WITH_CONTACT | {"account"},
    "contact": _WITH_CONTACT,
}
"""Condition key (or `contact`, for counting distinct contacts) → the event types for which it can hold."""
