"""The public state as a whole, worked out by hand for one customer."""

from __future__ import annotations

from tests.unit.domain.kit import Life, points, scoring


def test_a_customers_public_state() -> None:
    # Bought 120000 on 10 January, 9 and 29 October 2026; funding news on 5 November; seen on 10 November 2026, 12 days
    # after the last purchase. Within 30 days: two purchases of 120000 (9 October leaves at the midnight of 8 November,
    # so one); recency 12 is 4, frequency 1 is 1, monetary 120000 is 5: 10 / 3. The news is worth 20 * 2^(-5/10).
    life = Life(
        value={"window_days": 400, "high": {"enter": 400_000, "leave": 300_000}},
        potential=scoring(points("fund", 20, event="press_release", categories=["funding"], half_life_days=10)),
    )
    for day in ("2026-01-10", "2026-10-09", "2026-10-29"):
        life.at(f"{day} 12:00").buy(120_000)
    life.account(departments=["経理 部"], sales_owner="u-7")
    life.at("2026-11-05 12:00").apply("press_release", headline="Example Works raises money", id_="pr-1")
    life.at("2026-11-10 12:00").view()
    assert life.public() == {
        "customer_id": "C1",
        "as_of": "2026-11-10T03:00:00.000Z",
        "lifecycle": "active",
        "segment": "nurture",
        "segment_since": "2026-11-05T03:00:00.000Z",
        "policy_version": life.policy.policy_version,
        "value": {"measure": "revenue", "amount": "360000", "high": False},
        "rfm": {
            "recency_days": 12, "frequency": 1, "monetary": "120000", "r": 4, "f": 1, "m": 5, "code": "415",
            "score": 3.3333,
        },
        "lifetime": {
            "first_day": "2026-01-10", "last_day": "2026-10-29", "repeat_days": 2, "mean_repeat_spend": "120000",
        },
        "potential": {
            "score": 14.1421,
            "high": True,
            "contributions": [
                {
                    "rule": "fund", "label": "label of fund", "points": 14.1421, "events": 1,
                    "last": "2026-11-05T03:00:00.000Z",
                },
            ],
        },
        "segment_history": [
            {"at": "2026-11-05T03:00:00.000Z", "from": "streamline", "to": "nurture", "cause": "event"},
        ],
        "departments": ["経理部"],
        "owners": {"sales": "u-7", "cs": None},
        "months": [
            {"month": "2026-01", "purchases": 1, "amount": "120000"},
            {"month": "2026-10", "purchases": 2, "amount": "240000"},
        ],
        # 20 * 2^(-t / 10 days) is below 11.99995 from t = 10 * log2(20 / 11.99995) = 7.369716… days on.
        "next_transition": {"at": "2026-11-12T11:52:23.468Z", "to": "streamline", "because": "decay"},
    }  # fmt: skip


def test_a_customer_known_by_its_account_alone_is_active_and_streamline() -> None:
    life = Life()
    life.at("2026-03-01 09:00").account()
    public = life.public()
    assert (public["lifecycle"], public["segment"], public["as_of"]) == (
        "active", "streamline", "2026-03-01T00:00:00.000Z",
    )  # fmt: skip
    assert public["lifetime"] == {"first_day": None, "last_day": None, "repeat_days": 0, "mean_repeat_spend": None}
