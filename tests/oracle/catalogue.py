"""What the small random policies are put together from: conditions of every kind, without numbers that matter.

It must not know which of them a policy takes.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML


def parsed(text: str) -> Any:
    """YAML as the policy files have it."""
    return YAML(typ="safe", pure=True).load(text)


PAGES: dict[str, Any] = parsed("""
pricing: ["/pricing", "/pricing/*"]
item: ["*/items/*", "/Items"]
rest: ["/*x"]
""")

CATEGORIES: dict[str, Any] = parsed("""
funding: [raises, 資金調達]
merger: [Series A, 合併]
""")

POINTS: list[dict[str, Any]] = parsed("""
- {id: seen, event: page_view, page: pricing}
- {id: item, event: [page_view, download], page: item}
- {id: loaded, event: download}
- {id: bought, event: [purchase, renewal]}
- {id: funded, event: [press_release, media_mention], categories: [funding]}
- {id: merged, event: press_release, categories: [merger, funding]}
- {id: other-page, page: [item, rest]}
- {id: hiring, event: job_postings, growth_at_least: 0.3, increase_at_least: 2}
- {id: growing, growth_at_least: "0.25"}
- {id: came, event: webinar, attended: true}
- {id: stayed-away, attended: false}
- {id: asked, event: [inquiry, nps_response], text_any: [roadmap, 連携], text_none: ["no"]}
- {id: said, text_any: roadmap}
- {id: up, event: plan_change, direction: upgrade}
- {id: any-way, direction: [upgrade, lateral]}
- {id: cart, event: action, action: [cart_add, favorite]}
- {id: moved, event: [contact_promoted, contact_transferred, deal_won]}
- {id: master, event: account}
""")

FACTS: list[dict[str, Any]] = parsed("""
- {id: industry, label: Industry, account: industry_growth, at_least: 0.1, points: 2}
- {id: size, label: Size, account: employees, at_least: 100, points: "1.5"}
- {id: too-big, label: Too big, account: employees, at_least: 5000, points: -3}
- {id: rating, label: Rating, rating: {high: 4, medium: 0, low: -4}, expires_days: 3}
- {id: old-rating, label: Old rating, rating: {high: 1, medium: "0.5", low: -1}}
""")

RULES: list[dict[str, Any]] = parsed("""
- {id: elsewhere, type: buying_signal, event: [download, contact_transferred], new_department: true}
- {id: any-department, type: buying_signal, new_department: true}
- {id: twice, type: buying_signal, event: page_view, page: pricing, count: {at_least: 2, within_days: 7}}
- {id: two-days, type: buying_signal, event: page_view, count: {at_least: 2, within_days: 7, distinct: day}}
- {id: two-people, type: churn_risk, event: [page_view, download, inquiry, purchase, usage],
   count: {at_least: 2, within_days: 7, distinct: contact}}
- {id: three-people, type: churn_risk, event: [form, nps_response, webinar, action], new_department: true,
   count: {at_least: "2", within_days: 7, distinct: contact}}
- {id: report, type: buying_signal, event: cs_report, text_any: [budget, 予算], text_none: [予算なし]}
- {id: wordless, type: churn_risk, event: [nps_response, form, cancellation], text_none: roadmap}
- {id: detractor, type: churn_risk, nps_at_most: 3}
- {id: bought-again, type: buying_signal, event: [purchase, renewal]}
- {id: silent, type: churn_risk, event: [page_view, download, inquiry, purchase, usage], silent_days: 7}
- {id: unseen, type: buying_signal, page: pricing, silent_days: 7}
- {id: all-silent, type: churn_risk, silent_days: 7}
- {id: smaller, type: churn_risk, event: plan_change, direction: downgrade}
- {id: gave-back, type: churn_risk, event: [refund, cancellation, churn_survey, signal_outcome]}
- {id: master-changed, type: churn_risk, event: [account, sales_rating, media_mention]}
""")
