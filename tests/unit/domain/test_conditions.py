"""Conditions: which events a rule matches, by page, category, text, action, direction and open positions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.domain.kit import Life, points, rule, scoring


def fired(life: Life, type_: str, **fields: Any) -> bool:
    return bool(life.at("2026-03-01 09:00").apply(type_, **fields))


def asking(**conditions: Any) -> Life:
    changes = {key: conditions.pop(key) for key in ("pages", "press_categories", "press_match") if key in conditions}
    return Life(rules=[rule("asked", **conditions)], **changes)


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        ("/pricing", True),
        ("/pricing/", True),
        ("/pricing/team/eu", True),  # * matches any run, slashes too
        ("/pricing?plan=plus", True),  # query and fragment do not count
        ("/pricing#faq", True),
        ("/pricing?x=#/help/", True),
        ("/pricing#a?b", True),
        ("/Pricing", False),  # case-sensitive
        ("/pricings", False),
        ("/en/pricing", False),
        ("/help?next=/pricing", False),
        ("", False),
    ],
)
def test_a_page_belongs_to_a_group_by_its_path(path: str, matches: bool) -> None:
    assert fired(asking(event="page_view", page="pricing"), "page_view", path=path) is matches


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("/a*z", "/az", True),  # an empty run
        ("/a*z", "/a/b/c/z", True),
        ("*/detail", "/items/1/detail", True),
        ("/a.b", "/a.b", True),
        ("/a.b", "/aXb", False),  # only * is special
        ("/a[1]", "/a[1]", True),
        ("/a[1]", "/a1", False),
        ("/*/x/*", "/1/x/2", True),
        ("/*/x/*", "/x/2", False),
        ("/a*", "/a\nb", True),
    ],
)
def test_of_a_glob_only_the_star_is_special(glob: str, path: str, matches: bool) -> None:
    assert fired(asking(event="page_view", page="g", pages={"g": [glob]}), "page_view", path=path) is matches


def test_the_first_group_that_matches_wins() -> None:
    pages = {"plans": ["/plans/*"], "deals": ["/plans/deal", "/deal"]}
    assert fired(asking(event="page_view", page="plans", pages=pages), "page_view", path="/plans/deal")
    assert not fired(asking(event="page_view", page="deals", pages=pages), "page_view", path="/plans/deal")
    assert fired(asking(event="page_view", page="deals", pages=pages), "page_view", path="/deal")


def test_a_rule_may_name_several_pages_and_events() -> None:
    life = asking(event=["page_view", "download"], page=["pricing", "help"])
    assert fired(life, "page_view", path="/help/x")
    assert fired(life, "download", document="d", path="/pricing")
    assert not fired(life, "download", document="d")
    assert not fired(life, "webinar", title="t", attended=True)


@pytest.mark.parametrize(
    ("headline", "matches"),
    [
        ("Example Works raises 3 million", True),
        ("EXAMPLE WORKS RAISES 3 MILLION", True),  # case folding
        ("Ｅｘａｍｐｌｅ ｒａｉｓｅｓ", True),  # NFKC
        ("Critics praises Example", False),  # an ASCII letter before
        ("It raises3 questions", False),  # an ASCII digit after
        ("raises", True),
        ("(raises)", True),
        ("株式会社サンプルがraisesした", True),  # other letters are no ASCII letters
        ("éraises", True),
        ("_raises_", True),
        ("サンプル社、資金調達を発表", True),  # no boundary around a phrase that ends in no ASCII letter or digit
        ("新資金調達額", True),
        ("Example Works grows", False),
    ],
)
def test_a_phrase_in_the_headline_gives_its_category(headline: str, matches: bool) -> None:
    assert fired(asking(event="press_release", categories="funding"), "press_release", headline=headline) is matches


def test_each_end_of_a_phrase_is_bounded_by_itself() -> None:
    # "AI導入" begins with an ASCII letter and ends with none; "第5" begins with none and ends with a digit.
    life = asking(event="press_release", categories="c", press_categories={"c": ["AI導入", "第5"]})
    assert fired(life, "press_release", headline="社内でAI導入済み")
    assert not fired(life, "press_release", headline="社内でxAI導入済み")
    assert fired(life, "press_release", headline="新第5期")
    assert not fired(life, "press_release", headline="第52期")


def test_a_second_occurrence_that_stands_free_is_enough() -> None:
    assert fired(asking(event="press_release", categories="funding"), "press_release", headline="praises and raises")


def test_the_body_is_searched_only_where_the_policy_says_so() -> None:
    fields = {"headline": "News", "body": "Example Works raises 3 million"}
    assert not fired(asking(event="press_release", categories="funding"), "press_release", **fields)
    searching = asking(event="press_release", categories="funding", press_match={"body": True})
    assert fired(searching, "press_release", **fields)


def test_a_releases_own_categories_count_beside_those_of_phrases() -> None:
    life = asking(event=["press_release", "media_mention"], categories=["funding", "alliance"])
    assert fired(life, "press_release", headline="News", categories=["alliance"])
    assert fired(life, "media_mention", headline="It joins forces", categories=["other"])
    assert not fired(life, "media_mention", headline="News", categories=["other"])


def test_text_must_contain_one_of_any_and_none_of_none() -> None:
    life = asking(event="inquiry", text_any=["budget", "増員"], text_none=["no budget", "見送り"])
    assert fired(life, "inquiry", text="The Budget is there")
    assert fired(life, "inquiry", text="来期に増員します")
    assert not fired(life, "inquiry", text="There is no budget")
    assert not fired(life, "inquiry", text="増員は見送り")
    assert not fired(life, "inquiry", text="Hello")
    assert not fired(life, "inquiry", text="low-budgeting")


def test_text_is_compared_after_case_folding() -> None:
    assert fired(asking(event="inquiry", text_any=["Straße"]), "inquiry", text="STRASSE 1")  # not merely lower case


def test_text_that_is_missing_contains_nothing() -> None:
    assert not fired(asking(event="form", text_any=["budget"]), "form", form="contact")
    assert fired(asking(event="form", text_none=["budget"]), "form", form="contact")


def test_other_conditions_look_at_their_own_field() -> None:
    actions = asking(event="action", action=["cart_add", "favorite"])
    assert fired(actions, "action", action="favorite")
    assert not fired(actions, "action", action="login")
    changes = asking(event="plan_change", direction="downgrade")
    assert fired(changes, "plan_change", from_plan="b", to_plan="a", direction="downgrade")
    assert not fired(changes, "plan_change", from_plan="a", to_plan="b", direction="upgrade")
    attended = asking(event="webinar", attended=True)
    assert fired(attended, "webinar", title="t", attended=True)
    assert not fired(attended, "webinar", title="t", attended=False)
    assert fired(asking(event="webinar", attended=False), "webinar", title="t", attended=False)


@pytest.mark.parametrize(("score", "matches"), [(0, True), (3, True), (4, False), (10, False)])
def test_nps_matches_up_to_and_including_its_limit(score: int, matches: bool) -> None:
    assert fired(asking(event="nps_response", nps_at_most=3), "nps_response", score=score) is matches


@pytest.mark.parametrize(
    ("now", "before", "matches"),
    [
        (13, 10, True),  # 3 / 10 = 0.3 exactly
        (1299, 1000, False),
        (10, 13, False),
        (1, 0, True),  # growth from nothing is infinite
        (0, 0, False),  # if there are any
        (0, 5, False),
    ],
)
def test_growth_of_open_positions_is_compared_exactly(now: int, before: int, matches: bool) -> None:
    life = asking(event="job_postings", growth_at_least=0.3)
    assert fired(life, "job_postings", open_count=now, previous_count=before) is matches


@pytest.mark.parametrize(("now", "before", "matches"), [(15, 10, True), (14, 10, False), (5, 0, True), (4, 0, False)])
def test_the_increase_of_open_positions_is_in_numbers(now: int, before: int, matches: bool) -> None:
    life = asking(event="job_postings", increase_at_least=5)
    assert fired(life, "job_postings", open_count=now, previous_count=before) is matches


def test_without_a_previous_count_the_one_applied_last_stands_in() -> None:
    life = asking(event="job_postings", growth_at_least=0.3)
    assert not fired(life, "job_postings", open_count=10)  # nothing to compare with
    assert fired(life, "job_postings", open_count=13)
    assert not fired(life, "job_postings", open_count=13)
    assert fired(life, "job_postings", open_count=13, previous_count=10)  # its own count goes before


def test_the_count_applied_last_is_not_the_one_that_happened_last() -> None:
    life = asking(event="job_postings", increase_at_least=1)
    life.at("2026-03-01 09:00").apply("job_postings", open_count=10)
    life.apply("job_postings", occurred="2026-02-01 09:00", open_count=3)
    assert life.apply("job_postings", open_count=4)


def test_all_conditions_given_must_hold() -> None:
    life = asking(event="job_postings", growth_at_least=0.3, increase_at_least=5)
    assert not fired(life, "job_postings", open_count=4, previous_count=2)  # doubled, by two
    assert not fired(life, "job_postings", open_count=105, previous_count=100)  # by five, 5 %
    assert fired(life, "job_postings", open_count=15, previous_count=10)


def test_a_rule_without_event_types_looks_at_every_type() -> None:
    life = asking(text_any=["budget"])
    for type_ in ("inquiry", "cs_report", "support_ticket", "churn_survey"):
        assert fired(life, type_, text="budget"), type_
    assert fired(life, "form", form="contact", text="budget")
    assert fired(life, "nps_response", score=9, text="budget")
    assert not fired(life, "page_view", path="/budget")


def test_an_account_is_an_event_of_any_type_whatever_other_rules_look_at() -> None:
    for others in ([], [rule("other", event="account")]):
        life = Life(rules=[rule("asked", text_none=["budget"]), *others]).at("2026-03-01 09:00")
        assert [signal["rule"] for signal in life.account()][:1] == ["asked"]
        assert life.remove_account() == []  # a tombstone is no event


def test_point_rules_ask_the_same_conditions() -> None:
    life = Life(potential=scoring(points("pricing", 5, event="page_view", page="pricing"))).at("2026-03-01 09:00")
    life.view("/pricing")
    life.view("/about")
    assert life.score() == 5.0
