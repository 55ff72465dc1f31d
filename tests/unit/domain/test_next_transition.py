"""The next transition: the next change of segment or lifecycle if nothing more happens, if there is any."""

from __future__ import annotations

from itertools import pairwise

from tests.unit.domain.kit import Life, points, rule, scoring

VIEW = points("view", 24, event="page_view", half_life_days=10)
FIVE_DAYS = points("fund", 20, event="press_release", expires_days=5)


def test_without_anything_to_come_there_is_none() -> None:
    life = Life()
    life.at("2026-03-01 09:00").view()
    assert life.next() is None
    life.buy(10)  # leaves the window, and turns nothing
    assert life.next() is None


def test_the_end_of_a_window() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    assert life.public()["next_transition"] == {
        "at": "2026-03-30T15:00:00.000Z", "to": "streamline", "because": "window"
    }  # fmt: skip


def test_decay() -> None:
    # 24 * 2^(-t / 10 days) is below 11.99995 from 10 days and 5,194 ms on.
    life = Life(potential=scoring(VIEW))
    life.at("2026-03-01 09:00").view()
    assert life.next() == "2026-03-11 09:00:05.194 streamline decay"


def test_expiry() -> None:
    life = Life(potential=scoring(FIVE_DAYS))
    life.at("2026-03-01 09:00").apply("press_release", headline="x")
    assert life.next() == "2026-03-06 09:00 streamline expiry"


def test_the_end_of_a_dwell() -> None:
    life = Life(min_dwell_days=20)
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-05 09:00").refund(1000)
    assert life.next() == "2026-03-21 09:00 streamline dwell"


def test_a_fall_inside_the_dwell_shows_at_its_end() -> None:
    # 20 points expire on 6 March, the dwell of ten days ends on the 11th.
    life = Life(min_dwell_days=10, potential=scoring(FIVE_DAYS))
    life.at("2026-03-01 09:00").apply("press_release", headline="x")
    assert life.next() == "2026-03-11 09:00 streamline dwell"


def test_a_fall_and_a_rise_inside_the_dwell_show_nothing() -> None:
    # The rating of -8 hides until 11 March that 18 points stay: high, low on the rating, high again when it expires.
    rating = {"id": "opinion", "label": "o", "rating": {"high": 0, "medium": 0, "low": -8}, "expires_days": 10}
    stays = points("view", 18, event="page_view")
    life = Life(min_dwell_days=20, potential=scoring(stays, facts=[rating])).at("2026-03-01 09:00")
    life.view()
    life.rate("low")
    assert (life.state.segment, life.state.potential_high) == ("nurture", False)
    assert life.next() is None


def test_a_change_of_lifecycle() -> None:
    life = Life(lifecycle={"onboarding": {"days": 10}})
    life.at("2026-03-01 09:00").buy(10)
    assert life.next() == "2026-03-11 00:00 active lifecycle"
    life.cancel(on="2026-03-08")
    assert life.next() == "2026-03-08 00:00 former lifecycle"


def test_of_several_the_first_and_at_one_instant_the_lifecycle() -> None:
    life = Life(lifecycle={"onboarding": {"days": 30}})
    life.at("2026-03-01 09:00").buy(1000)
    assert life.next() == "2026-03-31 00:00 active lifecycle"
    assert life.told(life.wait("2026-04-30")) == [
        "2026-03-31 00:00 onboarding>active lifecycle",
        "2026-03-31 00:00 expand>streamline window",
    ]


def test_a_former_customer_has_none() -> None:
    life = Life(potential=scoring(VIEW)).at("2026-03-01 09:00")
    life.view()
    life.buy(1000)
    life.cancel()
    assert life.next() is None


def test_silence_is_no_transition() -> None:
    life = Life(rules=[rule("quiet", event="page_view", silent_days=3)])
    life.at("2026-03-01 09:00").view()
    assert life.next() is None


def test_after_one_transition_the_next_is_shown() -> None:
    # Retain; potential falls on 11 March, value leaves on the 31st.
    life = Life(potential=scoring(VIEW)).at("2026-03-01 09:00")
    life.view()
    life.buy(1000)
    assert life.next() == "2026-03-11 09:00:05.194 expand decay"
    fall = life.wait("2026-03-12")[0]
    assert fall["next_transition"] == {"at": "2026-03-30T15:00:00.000Z", "to": "streamline", "because": "window"}
    assert life.next() == "2026-03-31 00:00 streamline window"
    assert life.wait("2026-04-30")[0]["next_transition"] is None


def test_what_a_signal_says_comes_next_comes_next() -> None:
    life = Life(
        min_dwell_days=3, lifecycle={"onboarding": {"days": 5}}, potential=scoring(VIEW, FIVE_DAYS),
    ).at("2026-03-01 09:00")  # fmt: skip
    life.buy(1000)
    life.view()
    life.apply("press_release", headline="x")
    life.cancel(on="2026-05-01")
    life.at("2026-03-04 09:00").view()
    life.wait("2027-01-01")
    news = [signal for signal in life.signals if "change" in signal]
    assert len(news) >= 5
    assert {signal["lifecycle"] for signal in news} == {"onboarding", "active", "former"}
    after_the_last_event = [signal for signal in news if signal["effective_at"] > "2026-03-04T00:00:00.000Z"]
    for this, following in pairwise(after_the_last_event):
        coming = this["next_transition"]
        assert (coming["at"], coming["to"]) == (following["effective_at"], following["change"]["to"])
    assert news[-1]["next_transition"] is None
