"""Every value that a policy refuses: line, key, what was found, what to write instead."""

from __future__ import annotations

import pytest

VIEW = "potential.points[pricing-view]"

VALUES = [
    # top level
    ("policy_format: 1", "policy_format: 2", '1: policy_format: found 2; this program reads policy_format: 1'),
    ("version: small", "version: 2026", "2: version: found 2026; write a text, in quotes if it looks like a number"),
    ("version: small", 'version: " "', '2: version: found " "; write a text of 1 to 2000 characters that is not blank'),
    ("Asia/Tokyo", "Asia/Tokio", '3: timezone: found "Asia/Tokio"; did you mean "Asia/Tokyo"?'),
    ("Asia/Tokyo", "JST", '3: timezone: found "JST"; did you mean "Asia/Tokyo"?'),
    ("Asia/Tokyo", "UTC+9", '3: timezone: found "UTC+9"; did you mean "Asia/Tokyo"?'),
    ("Asia/Tokyo", "+09:00", '3: timezone: found "+09:00"; write an IANA name such as Asia/Tokyo'),
    ("version: small", "version: small\nmax_future_s: -1", "3: max_future_s: found -1; write 0 or more"),
    ("version: small", "version: small\nmax_future_s: 0.5", "3: max_future_s: found 0.5; write a whole number"),
    ("version: small", "version: small\nlate_after_s: 1 h",
     '3: late_after_s: found "1 h"; write a plain number such as 1200000 or "0.3", without commas or units'),
    ("version: small", "version: small\ndedup_events: 0", "3: dedup_events: found 0; write 1 or more"),
    ("version: small", "version: small\nmin_dwell_days: -1",
     "3: min_dwell_days: found -1; write a number of days from 0 to 36525"),
    ("version: small", "version: small\nmin_dwel_days: 1",
     '3: min_dwel_days: there is no such key; did you mean "min_dwell_days"?'),
    ("currency: {base: JPY}", "currency: {}", "4: currency.base: is missing; write this key"),
    ("currency: {base: JPY}", "currency: JPY",
     '4: currency: found "JPY"; write a block of keys, one `key: value` a line'),
    ("base: JPY", "base: jpy", '4: currency.base: found "jpy"; write a currency code of 3 capital letters such as JPY'),
    ("base: JPY", "base: JPY, rates: {usd: 150}",
     '4: currency.rates.usd: found "usd"; write a currency code of 3 capital letters such as JPY'),
    ("base: JPY", "base: JPY, rates: {USD: 0}", "4: currency.rates.USD: found 0; write a number greater than 0"),
    ("base: JPY", "base: JPY, rates: {JPY: 1}",
     "4: currency.rates.JPY: is the base currency, which is worth 1; remove this rate"),
    # value and rfm
    ("measure: contract", "measure: ltv",
     "6: value.measure: ltv is not yet available as a measure; write contract, revenue or rfm"),
    ("measure: contract", "measure: revenu", '6: value.measure: found "revenu"; did you mean "revenue"?'),
    ("measure: contract", "measure: profit",
     '6: value.measure: found "profit"; write one of: contract, revenue, rfm'),
    ("measure: contract", "measure: contract\n  window_days: 0",
     "7: value.window_days: found 0; write a whole number of days, 1 or more"),
    ("measure: contract", "measure: contract\n  grace_days: 1.5",
     "7: value.grace_days: found 1.5; write a whole number"),
    ("measure: contract", "measure: contract\n  window_days: 40000",
     "7: value.window_days: found 40000; write a whole number of days from 0 to 36525"),
    ("{enter: 1000, leave: 800}", "{enter: 1000, leave: 1001}",
     "7: value.high.leave: 1001 is above enter 1000; write 1000 or less"),
    ("{enter: 1000, leave: 800}", "{enter: 1000}", "7: value.high.leave: is missing; write this key"),
    ("{enter: 1000, leave: 800}", "{enter: 1000, leave: 0}",
     "7: value.high.leave: found 0; write a number greater than 0"),
    ("{enter: 1000, leave: 800}", "{enter: '1,000', leave: 800}",
     '7: value.high.enter: found "1,000"; write a plain number such as 1200000 or "0.3", without commas or units'),
    ("{enter: 1000, leave: 800}", "{enter: .inf, leave: 800}",
     "7: value.high.enter: found inf; write a finite number"),
    ("{enter: 1000, leave: 800}", "{enter: 1000000000000000, leave: 800}",
     "7: value.high.enter: found 1000000000000000; write at most 15 digits before and 12 after the point"),
    ("{enter: 1000, leave: 800}", "{enter: yes, leave: 800}",
     '7: value.high.enter: found "yes"; write a plain number such as 1200000 or "0.3", without commas or units'),
    ("{enter: 1000, leave: 800}", "{enter: true, leave: 800}",
     "7: value.high.enter: found true; write a number"),
    ("[30, 60, 90, 180]", "[30, 60, 90]",
     "9: rfm.recency_days: found a list; write a list of 4 rising cut points such as [1, 2, 4, 8]"),
    ("[30, 60, 90, 180]", "[30, 60, 60, 180]",
     "9: rfm.recency_days[3]: 60 does not follow 60; write cut points that rise"),
    ("[30, 60, 90, 180]", "[-1, 60, 90, 180]",
     "9: rfm.recency_days[1]: found -1; write a whole number of days from 0 to 36525"),
    ("[1, 2, 3, 4]", "[4, 3, 5, 6]", "10: rfm.frequency[2]: 3 does not follow 4; write cut points that rise"),
    ("[1, 2, 3, 4]", "[0, 1, 2, 3]", "10: rfm.frequency[1]: found 0; write 1 or more"),
    ("[100, 200, 300, 400]", "[100, 200, 300, 300]",
     "11: rfm.monetary[4]: 300 does not follow 300; write cut points that rise"),
    ("[100, 200, 300, 400]", "[100, 200, 300, 400]\n  weights: {recency: 0, frequency: 0, monetary: 0}",
     "12: rfm.weights: all three weights are 0; write at least one greater than 0"),
    ("[100, 200, 300, 400]", "[100, 200, 300, 400]\n  weights: {recency: -1}",
     "12: rfm.weights.recency: found -1; write 0 or more"),
    # words
    ("[/pricing, /pricing/*]", "[pricing/*]",
     '13: pages.pricing[1]: found "pricing/*"; write a path that begins with "/" or "*", such as /pricing/*'),
    ("[/pricing, /pricing/*]", "[/pricing, '/pricing?plan=*']",
     '13: pages.pricing[2]: found "/pricing?plan=*"; paths are compared without "?" and "#" and what follows: '
     "leave it out"),
    ("[/pricing, /pricing/*]", "[]", "13: pages.pricing: found an empty list; name at least one"),
    ("[/pricing, /pricing/*]", "[/pricing, /pricing]", '13: pages.pricing: "/pricing" is there twice; name it once'),
    ("[raises]", "7", "15: press_categories.funding: found 7; write a list of phrases, or [] for a category that "
     "releases bring themselves"),
    ("[raises]", "[raises, '']",
     '15: press_categories.funding[2]: found ""; write a text of 1 to 2000 characters that is not blank'),
    ("potential:", "press_match: {body: 1}\npotential:",
     "16: press_match.body: found 1; write true or false, without quotes"),
    ("potential:", "industry_growth: {情報通信業: 12%}\npotential:",
     '16: industry_growth.情報通信業: found "12%"; write a plain number such as 1200000 or "0.3", '
     "without commas or units"),
    ("title: 解約", "title: '{firm}の解約'",
     '38: playbooks.goodbye.title: there is no placeholder "{firm}"; write one of: evidence, department, document, '
     "link, company, owner"),
    ("talk_track: 理由を伺う。", "talk_track: '{compny|貴社}'",
     '39: playbooks.goodbye.talk_track: there is no placeholder "{compny}"; did you mean "company"?'),
    ("actions: [記録]", "actions: ['{company']",
     "40: playbooks.goodbye.actions[1]: a brace stands alone; write a placeholder as {name} or {name|fallback}"),
    ("actions: [記録]", "actions: 記録",
     '40: playbooks.goodbye.actions: found "記録"; write a list such as [first step, second step]'),
    # points
    ("points: 5, half_life_days: 14", "points: -3, half_life_days: 14",
     f"19: {VIEW}.points: found -3; points must be greater than 0, because between events the potential may only fall: "
     "state bad news as a churn_risk rule, or as a sales rating with negative points"),
    ("points: 5, half_life_days: 14", "points: 0, half_life_days: 14",
     f"19: {VIEW}.points: found 0; points must be greater than 0, because between events the potential may only fall: "
     "state bad news as a churn_risk rule, or as a sales rating with negative points"),
    ("half_life_days: 14", "half_life_days: 14, expires_days: 30",
     f"19: {VIEW}.expires_days: half_life_days is there too; write one of the two: fade away or drop out"),
    ("half_life_days: 14", "half_life_days: 0",
     f"19: {VIEW}.half_life_days: found 0; write a number of days greater than 0"),
    ("half_life_days: 14", "half_life_days: 0.000000001",
     f"19: {VIEW}.half_life_days: found 1e-09; write days that are a whole number of milliseconds, such as 0.5 or "
     "0.125"),
    ("cap: 15", "cap: 0", f"19: {VIEW}.cap: found 0; write a number greater than 0"),
    ("per_day: 1", "per_day: 0", f"19: {VIEW}.per_day: found 0; write 1 or more"),
    ("per_day: 1", "per_day: 1, playbook: goodbye",
     f'19: {VIEW}.playbook: there is no such key; write one of: event, page, categories, action, direction, attended, '
     "text_any, text_none, nps_at_most, growth_at_least, increase_at_least, id, label, points, half_life_days, "
     "expires_days, cap, per_day"),
    ("event: page_view, page: pricing, points", "points",
     f'19: {VIEW}: has no condition, so every event would count; write for example "event: download"'),
    ("event: page_view, page", "event: page_veiw, page",
     f'19: {VIEW}.event: found "page_veiw"; did you mean "page_view"?'),
    ("page: pricing, points", "page: prices, points",
     f'19: {VIEW}.page: there is no page group "prices" in pages; did you mean "pricing"?'),
    ("categories: [funding]", "categories: [m_and_a]",
     '20: potential.points[funding].categories[1]: there is no press category "m_and_a" in press_categories; '
     "write one of: funding"),
    ("id: pricing-view", "id: pricing view",
     '19: potential.points[pricing view].id: found "pricing view"; write a name of 1 to 64 characters without spaces'),
    # facts
    ("account: industry_growth", "account: revenue",
     '22: potential.facts[growth].account: found "revenue"; write one of: industry_growth, employees'),
    ("account: industry_growth", "account: employes",
     '22: potential.facts[growth].account: found "employes"; did you mean "employees"?'),
    ("account: industry_growth, at_least: 0.1, points: 5", "points: 5",
     "22: potential.facts[growth]: write either account (with at_least and points) or rating (high, medium, low)"),
    ("at_least: 0.1, points: 5", "points: 5",
     "22: potential.facts[growth].at_least: is missing; a fact about an account field needs at_least and points"),
    ("at_least: 0.1, points: 5", "at_least: 0.1",
     "22: potential.facts[growth].points: is missing; a fact about an account field needs at_least and points"),
    ("at_least: 0.1, points: 5", "at_least: 0.1, points: 5, expires_days: 9",
     "22: potential.facts[growth].expires_days: means nothing for an account field; remove it"),
    ("at_least: 0.1, points: 5", "at_least: 0.1, points: 5, rating: {high: 1, medium: 0, low: 0}",
     "22: potential.facts[growth]: write either account (with at_least and points) or rating (high, medium, low)"),
    ("rating: {high: 8, medium: 0, low: -8}", "rating: {high: 8, medium: 0, low: -8}, points: 3",
     "23: potential.facts[opinion].points: means nothing for a rating; remove it"),
    ("rating: {high: 8, medium: 0, low: -8}", "rating: {high: 8, low: -8}",
     "23: potential.facts[opinion].rating.medium: is missing; write this key"),
    # ids
    ("id: funding", "id: pricing-view",
     '20: potential.points[pricing-view].id: "pricing-view" is already an id of potential.points; ids are unique, '
     "choose another"),
    ("id: asked", "id: growth",
     '25: rules[growth].id: "growth" is already an id of potential.facts; ids are unique, choose another'),
    ("id: asked", "id: limit", '25: rules[limit].id: "limit" is reserved; choose another id'),
    ("id: opinion", "id: segment", '23: potential.facts[segment].id: "segment" is reserved; choose another id'),
    ("id: funding", "id: lifecycle", '20: potential.points[lifecycle].id: "lifecycle" is reserved; choose another id'),
    ("id: asked, ", "", "25: rules[1].id: is missing; write this key"),
    # rules
    ("type: buying_signal", "type: buying", '25: rules[asked].type: found "buying"; did you mean "buying_signal"?'),
    ("severity: high, cooldown_days: 30", "severity: urgent, cooldown_days: 30",
     '25: rules[asked].severity: found "urgent"; write one of: low, medium, high'),
    ("audiences: [sales], severity: high, cooldown", "audiences: [], severity: high, cooldown",
     "25: rules[asked].audiences: found an empty list; name at least one"),
    ("cooldown_days: 30", "cooldown_days: 30, segments: [retian]",
     '25: rules[asked].segments[1]: found "retian"; did you mean "retain"?'),
    ("cooldown_days: 30", "cooldown_days: 30, playbook: goodby",
     '25: rules[asked].playbook: there is no playbook "goodby" in playbooks; did you mean "goodbye"?'),
    ("cooldown_days: 30", "cooldown_days: 30, new_department: 'yes'",
     '25: rules[asked].new_department: found "yes"; write true or false, without quotes'),
    ("event: download, audiences", "audiences",
     '25: rules[asked]: has no condition, so every event would match; write for example "event: download"'),
    ("cooldown_days: 30", "cooldown_days: 30, count: {at_least: 0, within_days: 3}",
     "25: rules[asked].count.at_least: found 0; write 1 or more"),
    ("cooldown_days: 30", "cooldown_days: 30, count: {at_least: 2}",
     "25: rules[asked].count.within_days: is missing; write this key"),
    ("cooldown_days: 30", "cooldown_days: 30, count: {at_least: 2, within_days: 3, distinct: week}",
     '25: rules[asked].count.distinct: found "week"; write one of: day, contact'),
    ("silent_days: 60", "silent_days: 60, count: {at_least: 2, within_days: 3}",
     "26: rules[quiet].count: silent_days is there too, and silence cannot be counted; make them two rules"),
    ("silent_days: 60", "silent_days: 60, new_department: true",
     "26: rules[quiet].new_department: silent_days is there too, and silence names nobody; make them two rules"),
    ("silent_days: 60", "silent_days: 0",
     "26: rules[quiet].silent_days: found 0; write a number of days greater than 0"),
    ("event: [page_view, inquiry]", "event: [page_view, page_view]",
     '26: rules[quiet].event: "page_view" is there twice; name it once'),
    # conditions that can never hold
    ("event: page_view, page: pricing", "event: nps_response, page: pricing",
     f"19: {VIEW}.page: means nothing for nps_response; only for page_view, download"),
    ("event: download, audiences", "event: download, nps_at_most: 3, audiences",
     "25: rules[asked].nps_at_most: means nothing for download; only for nps_response"),
    ("event: download, audiences", "event: nps_response, nps_at_most: 11, audiences",
     "25: rules[asked].nps_at_most: found 11; write an NPS score from 0 to 10"),
    ("event: download, audiences", "event: download, attended: true, audiences",
     "25: rules[asked].attended: means nothing for download; only for webinar"),
    ("event: download, audiences", "event: download, action: login, audiences",
     "25: rules[asked].action: means nothing for download; only for action"),
    ("event: download, audiences", "event: renewal, direction: upgrade, audiences",
     "25: rules[asked].direction: means nothing for renewal; only for plan_change"),
    ("event: download, audiences", "event: plan_change, direction: up, audiences",
     '25: rules[asked].direction: found "up"; write one of: upgrade, downgrade, lateral'),
    ("event: download, audiences", "event: job_postings, categories: funding, audiences",
     "25: rules[asked].categories: means nothing for job_postings; only for press_release, media_mention"),
    ("event: download, audiences", "event: press_release, growth_at_least: 0.3, audiences",
     "25: rules[asked].growth_at_least: means nothing for press_release; only for job_postings"),
    ("event: download, audiences", "event: press_release, increase_at_least: 3, audiences",
     "25: rules[asked].increase_at_least: means nothing for press_release; only for job_postings"),
    ("event: download, audiences", "event: job_postings, increase_at_least: 0, audiences",
     "25: rules[asked].increase_at_least: found 0; write 1 or more"),
    ("event: download, audiences", "event: download, text_any: [x], audiences",
     "25: rules[asked].text_any: means nothing for download; only for cancellation, form, cs_report, inquiry, "
     "support_ticket, churn_survey, nps_response, signal_outcome"),
    ("event: download, audiences", "event: download, text_none: x, audiences",
     "25: rules[asked].text_none: means nothing for download; only for cancellation, form, cs_report, inquiry, "
     "support_ticket, churn_survey, nps_response, signal_outcome"),
    ("event: download, audiences", "event: refund, new_department: true, audiences",
     "25: rules[asked].new_department: means nothing for refund; only for purchase, renewal, page_view, download, "
     "webinar, form, action, usage, cs_report, inquiry, support_ticket, churn_survey, contact_promoted, "
     "contact_transferred, nps_response, account"),
    ("event: download, audiences", "event: refund, count: {at_least: 2, within_days: 9, distinct: contact}, audiences",
     "25: rules[asked].count.distinct: means nothing for refund; only for purchase, renewal, page_view, download, "
     "webinar, form, action, usage, cs_report, inquiry, support_ticket, churn_survey, contact_promoted, "
     "contact_transferred, nps_response"),
    ("event: download, audiences", "page: pricing, nps_at_most: 3, audiences",
     "25: rules[asked]: no event can have page and nps_at_most together; make them separate entries"),
    ("event: download, audiences", "event: inquiry, text_any: [ok, ＡＰＩ連携], text_none: [api連携], audiences",
     '25: rules[asked].text_any[2]: "ＡＰＩ連携" is in text_none too, so it can never match; remove one'),
    # lifecycle and segments
    ("onboarding: {audiences: [cs], severity: low}", "onboarding: {days: -1, audiences: [cs], severity: low}",
     "28: lifecycle.onboarding.days: found -1; write a whole number of days from 0 to 36525"),
    ("active: {audiences: [cs], severity: low}", "active: {severity: low}",
     "29: lifecycle.active.audiences: is missing; write this key"),
    ("playbook: goodbye", "playbook: farewell",
     '30: lifecycle.former.playbook: there is no playbook "farewell" in playbooks; write one of: goodbye'),
    ("former: {audiences: [cs]", "left: {audiences: [cs]",
     "27: lifecycle.former: is missing; write this key"),
    ("streamline: {label: 効率化対象層, audiences", "streamline: {audiences",
     "35: segments.streamline.label: is missing; write this key"),
    ("{label: 優良維持層, audiences: [cs]", "{label: 優良維持層, audiences: [c s]",
     '32: segments.retain.audiences[1]: found "c s"; write a name of 1 to 64 characters without spaces'),
    ("{label: 優良維持層,",
     "{upsell_guard: {buying_signals: 0, within_days: 9, then_audiences: cs}, label: 優良維持層,",
     "32: segments.retain.upsell_guard.buying_signals: found 0; write 1 or more"),
    ("{label: 優良維持層,", "{upsell_guard: {buying_signals: 2, within_days: 9}, label: 優良維持層,",
     "32: segments.retain.upsell_guard.then_audiences: is missing; write this key"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), VALUES, ids=[new[:60] for _, new, _ in VALUES])
def test_refused_value(refusals, old, new, expected):
    assert expected in refusals((old, new))


@pytest.mark.parametrize(("old", "new", "expected"), VALUES, ids=[new[:60] for _, new, _ in VALUES])
def test_one_fault_is_not_reported_at_several_places(refusals, old, new, expected):
    lines = {line.split(":")[0] for line in refusals((old, new))}
    # a renamed key is wrong twice: where it is and where it is missing
    assert lines == {expected.split(":")[0]} or new.startswith("left:")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("policy_format: 1\n", "policy_format"),
        ("version: small\n", "version"),
        ("timezone: Asia/Tokyo\n", "timezone"),
        ("currency: {base: JPY}\n", "currency"),
        ("  measure: contract\n", "value.measure"),
        ("  high: {enter: 1000, leave: 800}\n", "value.high"),
        ("  recency_days: [30, 60, 90, 180]\n", "rfm.recency_days"),
        ("  frequency: [1, 2, 3, 4]\n", "rfm.frequency"),
        ("  monetary: [100, 200, 300, 400]\n", "rfm.monetary"),
        ("  high: {enter: 18, leave: 12}\n", "potential.high"),
        ("  retain: {label: 優良維持層, audiences: [cs], severity: medium}\n", "segments.retain"),
        ("    title: 解約\n", "playbooks.goodbye.title"),
        ("    talk_track: 理由を伺う。\n", "playbooks.goodbye.talk_track"),
        ("    actions: [記録]\n", "playbooks.goodbye.actions"),
    ],
)
def test_keys_without_default_are_required(refusals, line, key):
    (only,) = refusals((line, ""))
    assert only.endswith(f": {key}: is missing; write this key")


def test_several_faults_at_once_in_the_order_of_the_file(refusals):
    found = refusals(
        ("severity: low, cooldown_days: 90", "severity: lo, cooldown_days: 90"),
        ("Asia/Tokyo", "Tokyo"),
        ("page: pricing, points: 5", "page: price, points: -5"),
        ("playbook: goodbye", "playbook: bye"),
    )
    assert [line.split(": ")[:2] for line in found] == [
        ["3", "timezone"],
        ["19", f"{VIEW}.points"],
        ["19", f"{VIEW}.page"],
        ["26", "rules[quiet].severity"],
        ["30", "lifecycle.former.playbook"],
    ]
