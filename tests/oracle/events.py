"""Random events of every type, made to hit what a policy looks for.

It must not know when they are received or whether they are repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.amounts import exact, half_up, show_amount
from tests.oracle.choices import Choices, maybe
from tests.oracle.clock import DAY_MS, local_day, show_instant
from tests.oracle.matching import one_of

DEPARTMENTS = ["経理部", "経理 部", "ＩＴ", "IT", "Sales", "Legal Dept"]
PEOPLE = ["p-1", "p-2", "p-3"]
WORDS = ["hello", "今日は", ""]


@dataclass(slots=True)
class Scene:
    """What an event can refer to: the policy, the customer, and what happened before."""

    choices: Choices
    policy: dict[str, Any]
    number: int
    occurred_ms: int = 0
    happened: list[int] = field(default_factory=list)
    bought: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    periods: list[tuple[date, date]] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The local day of the event."""
        return local_day(self.occurred_ms, ZoneInfo(self.policy["timezone"]))


def phrases_of(policy: dict[str, Any]) -> list[str]:
    """Every phrase of the policy, for texts and headlines."""
    rules = [*policy["potential"]["points"], *policy["rules"]]
    said = [phrase for rule in rules for name in ("text_any", "text_none") for phrase in one_of(rule.get(name, []))]
    return sorted({*said, *(phrase for some in policy.get("press_categories", {}).values() for phrase in some)} | {"x"})


def words(scene: Scene) -> str:
    """A text around one or two phrases, sometimes run together with other letters, sometimes in capitals."""
    choices = scene.choices
    text = (
        choices.pick(["", "a ", "re", "、", "9"])
        + choices.pick(scene.phrases)
        + choices.pick(["", " b", "s", "。", "1"])
    )
    if choices.chance(25):
        text += " " + choices.pick(scene.phrases)
    return text.upper() if choices.chance(20) else text


def amount(scene: Scene) -> Any:
    """An amount near a threshold, as text or number, at most six decimals."""
    value, choices = scene.policy["value"], scene.choices
    enter = exact(scene.policy["rfm"]["monetary"][2] if value["measure"] == "rfm" else value["high"]["enter"])
    shares = [Fraction(share) for share in ("1/2", "1", "0", "1/10", "1/3", "6/5", "4/5", "9999/10000")]
    money = half_up(enter * choices.pick(shares), choices.pick([0, 2, 4]))
    if choices.chance(4):
        return choices.pick(["0.000001", "999999999999999.999999", 0.1, 33.33])
    return int(money) if money.denominator == 1 and choices.chance(20) else show_amount(money)


def price(scene: Scene) -> dict[str, Any]:
    """An amount, now and then in another currency."""
    codes = [scene.policy["currency"]["base"], *scene.policy["currency"]["rates"]]
    return {"amount": amount(scene), **maybe(scene.choices, 25, currency=scene.choices.pick(codes))}


def contact(scene: Scene) -> dict[str, Any]:
    """A contact or none."""
    person: dict[str, Any] = {"id": scene.choices.pick(PEOPLE)}
    person |= maybe(scene.choices, 60, department=scene.choices.pick([*DEPARTMENTS, None]))
    return maybe(scene.choices, 60, contact=person)


def paths(policy: dict[str, Any]) -> list[str]:
    """Paths that fit the policy's globs, and some that nearly do."""
    globs = [glob for some in policy["pages"].values() for glob in some]
    fitting = {glob.replace("*", part) for glob in globs for part in ("", "a", "a/b")}
    return [*sorted(fitting), "/", "/Pricing", "/pricingx"]


def page(scene: Scene) -> str:
    """A path with or without query and fragment."""
    return scene.choices.pick(paths(scene.policy)) + scene.choices.pick(["", "?q=/pricing", "#x"])


def period(scene: Scene) -> dict[str, Any]:
    """A contract period: around today, or right after, over or shortly after an earlier one."""
    choices = scene.choices
    first = scene.today + timedelta(days=choices.pick([0, 1, -1, -30, 10, -400]))
    last = first + timedelta(days=choices.pick([364, 0, 29, 6, 365]))
    if scene.periods and choices.chance(65):
        old_first, old_last = choices.pick(scene.periods)
        near = [old_last + timedelta(days=after) for after in (1, 0, 2, -5, 46, 47)]
        first = choices.pick([*near, *(old_first + timedelta(days=after) for after in (0, -3, 3, -3))])
        last = max(first, choices.pick([old_last, old_last + timedelta(days=10), first + timedelta(days=364)]))
    scene.periods.append((first, last))
    return {"period_from": first.isoformat(), "period_to": last.isoformat()}


def buying(scene: Scene) -> dict[str, Any]:
    """A purchase or renewal."""
    choices = scene.choices
    scene.bought.append((scene.occurred_ms, paid := price(scene)))
    paid = paid | contact(scene) | maybe(choices, 30, contract_id=choices.pick(["k-1", "k-2"]))
    return paid | (period(scene) if choices.chance(55) else {})


def refund(scene: Scene) -> dict[str, Any]:
    """A refund of what was just bought, or of any moment at which something may yet turn out to have been bought."""
    choices = scene.choices
    whole = [order for order in scene.bought[choices.pick([-1, -3, 0]) :] if order[0] <= scene.occurred_ms]
    if whole and choices.chance(60):
        ordered, paid = choices.pick(whole)
        return paid | {"order_occurred_at": show_instant(ordered), "full_refund": choices.chance(60)}
    earlier = [at for at in scene.happened if at <= scene.occurred_ms] or [scene.occurred_ms]
    ordered = choices.pick([*earlier, scene.occurred_ms - choices.integer(0, 500) * DAY_MS])
    fields = price(scene) | maybe(choices, 75, order_occurred_at=show_instant(ordered))
    return fields | maybe(choices, 60, full_refund=choices.chance(85))


def cancellation(scene: Scene) -> dict[str, Any]:
    """A cancellation of one contract or all, in the past or future."""
    choices = scene.choices
    day = scene.today + timedelta(days=choices.pick([0, 1, -3, 10, -3, 40]))
    if scene.periods and choices.chance(40):
        day = choices.pick(scene.periods)[0] + timedelta(days=choices.pick([0, 1]))
    scope = choices.pick([{}, {"scope": "all"}, {"scope": "contract", "contract_id": choices.pick(["k-1", "k-2"])}])
    return scope | maybe(choices, 70, effective_on=day.isoformat()) | maybe(choices, 30, reason="price")


def release(scene: Scene) -> dict[str, Any]:
    """Headline, body and categories of a release."""
    names = [*scene.policy.get("press_categories", {}), "other"]
    return {
        "headline": words(scene),
        **maybe(scene.choices, 40, body=words(scene)),
        **maybe(scene.choices, 30, categories=[scene.choices.pick(names)]),
        **maybe(scene.choices, 40, url="https://news.example/1"),
    }


def postings(scene: Scene) -> dict[str, Any]:
    """An open count, mostly compared with the one seen before."""
    before = maybe(scene.choices, 30, previous_count=scene.choices.pick([0, 3, 10]))
    return {"open_count": scene.choices.pick([10, 0, 3, 4, 13]), **before}


def account(scene: Scene) -> dict[str, Any]:
    """An account master with identifiers that stay the same for the customer."""
    choices, number = scene.choices, scene.number
    people = [{"id": "p-9", "name": "Example Person", "department": choices.pick(DEPARTMENTS)}]
    industries = [*scene.policy.get("industry_growth", {}), "unlisted"]
    return {
        **{"name": f"Example Works {number}", "kind": "b2b", "corporate_number": f"{9_000_000_000_000 + number}"},
        "domains": [f"works{number}.example"],
        **maybe(choices, 60, industry=choices.pick(industries)),
        **maybe(choices, 30, industry_growth=choices.pick([0.1, 0.0999, "0.2", -0.1])),
        **maybe(choices, 40, employees=choices.pick([100, 99, 5000])),
        **maybe(choices, 40, departments=[choices.pick(DEPARTMENTS)]),
        **maybe(choices, 40, contacts=people),
        **maybe(choices, 60, sales_owner=choices.pick(["owner-1", "owner-2"])),
        **maybe(choices, 40, cs_owner="owner-3"),
    }


def said(scene: Scene) -> dict[str, Any]:
    """A free text."""
    return {"text": words(scene), **contact(scene)}


def moved(scene: Scene) -> dict[str, Any]:
    """A promotion or transfer."""
    person = {"id": scene.choices.pick(PEOPLE), **maybe(scene.choices, 50, department=scene.choices.pick(DEPARTMENTS))}
    return {"contact": person, **maybe(scene.choices, 60, new_department=scene.choices.pick(DEPARTMENTS))}


def deal(scene: Scene) -> dict[str, Any]:
    """A deal."""
    return maybe(scene.choices, 50, **price(scene))


Maker = Callable[[Scene], dict[str, Any]]
MAKERS: dict[str, tuple[str, Maker]] = {
    "purchase": ("purchases", buying),
    "page_view": ("web-behaviour", lambda scene: {"path": page(scene), **contact(scene)}),
    "refund": ("purchases", refund),
    "renewal": ("purchases", buying),
    "cancellation": ("purchases", cancellation),
    "plan_change": (
        "purchases",
        lambda scene: {
            **{"from_plan": "a", "to_plan": "b"},
            "direction": scene.choices.pick(["upgrade", "downgrade", "lateral"]),
        },
    ),
    "download": (
        "web-behaviour",
        lambda scene: {
            "document": scene.choices.pick(["guide", "資料" * 70]),
            **maybe(scene.choices, 40, path=page(scene)),
            **contact(scene),
        },
    ),
    "webinar": (
        "web-behaviour",
        lambda scene: {"title": "Webinar", "attended": scene.choices.chance(70), **contact(scene)},
    ),
    "form": ("web-behaviour", lambda scene: {"form": "contact", "text": words(scene), **contact(scene)}),
    "action": (
        "web-behaviour",
        lambda scene: {"action": scene.choices.pick(["cart_add", "favorite", "mail_click", "login"]), **contact(scene)},
    ),
    "usage": ("web-behaviour", lambda scene: {"metric": "seats", "value": 3, "licensed": 5, **contact(scene)}),
    "inquiry": ("crm-activities", said),
    "cs_report": ("crm-activities", said),
    "support_ticket": ("crm-activities", said),
    "churn_survey": ("crm-activities", said),
    "contact_promoted": ("crm-activities", moved),
    "contact_transferred": ("crm-activities", moved),
    "sales_rating": (
        "crm-activities",
        lambda scene: {"rating": scene.choices.pick(["high", "medium", "low", "高", "中", "低"])},
    ),
    "nps_response": (
        "crm-activities",
        lambda scene: {"score": scene.choices.integer(0, 10), **maybe(scene.choices, 50, text=words(scene))},
    ),
    "deal_opened": ("crm-activities", deal),
    "deal_won": ("crm-activities", deal),
    "deal_lost": ("crm-activities", deal),
    "signal_outcome": (
        "crm-activities",
        lambda scene: {
            "signal_id": scene.choices.pick("0123") * 32,
            "outcome": scene.choices.pick(("acknowledged", "worked", "no_interest", "later", "wrong")),
        },
    ),
    "press_release": ("press-releases", release),
    "media_mention": ("press-releases", release),
    "job_postings": ("press-releases", postings),
    "account": ("accounts", account),
}
OFTEN = ["purchase", "page_view", "refund", "renewal", "download", "inquiry", "account"]
KINDS = [*MAKERS, *OFTEN, "purchase", "purchase", "page_view", "page_view", "refund", "account_removed"]
THEMES = [
    KINDS,
    ["purchase", "renewal", "cancellation", "refund"],
    ["purchase", "page_view", "cancellation", "renewal"],
    ["page_view", "download", "inquiry", "purchase"],
    ["press_release", "job_postings", "media_mention", "account", "account_removed"],
    ["sales_rating", "page_view", "webinar", "account"],
]
