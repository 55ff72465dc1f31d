"""What the made-up press writes about made-up companies, in Japanese and English.

It must not know which accounts exist.
"""

from __future__ import annotations

from random import Random

_ROUNDS = ("シリーズA", "シリーズB", "シリーズC")
_PLACES = ("架空市", "サンプル県", "見本町", "例示島")
_PARTNERS = ("架空ホールディングス", "見本パートナーズ", "例示キャピタル")

HEADLINES: dict[str, tuple[str, ...]] = {
    "funding": (
        "{name}、{round}ラウンドで総額{amount}億円の資金調達を実施",
        "{name}、第三者割当増資により{amount}億円を調達",
        "{name}が{amount}億円の資金調達、{partner}などが引受先",
    ),
    "m_and_a": (
        "{name}、{partner}の株式取得に関するお知らせ",
        "{name}、{partner}を完全子会社化",
        "{name}と{partner}、経営統合に向けた基本合意書を締結",
    ),
    "new_business": (
        "{name}、新規事業として現場支援サービスを開始",
        "{name}、{place}に新拠点を開設",
        "{name}、{partner}と資本業務提携",
        "{name}、海外進出に向けた準備室を設置",
    ),
    "other": (
        "{name}、{place}で植樹活動を実施",
        "{name}、夏季休業期間のお知らせ",
        "{name}、環境報告書を公開",
        "{name}、創立記念の取り組みについて",
        "{name}、資金調達の予定に関する一部報道について（否定）",
    ),
    "media": (
        "【特集】{name}に聞く、現場改善の進め方",
        "{name}の働き方改革、{place}の工場を訪ねて",
        "注目企業：{name}",
    ),
}
ENGLISH_HEADLINES: dict[str, tuple[str, ...]] = {
    "funding": ("{name} raises ${amount}M to expand its platform", "{name} closes {round} funding of ${amount}M"),
    "m_and_a": ("{name} announces acquisition of Placeholder Labs", "{name} acquires Specimen Works"),
    "new_business": ("{name} opens a new site in Sampleville", "{name} launches a service for small teams"),
    "other": ("{name} publishes its sustainability report", "{name} appoints a new board member"),
    "media": ("Inside {name}: a visit to the sample plant", "{name} named in the Example 100"),
}
_ENGLISH_ROUNDS = ("Series A", "Series B", "Series C")
_SAID = {"funding": ["funding"], "m_and_a": ["m_and_a"], "new_business": ["new_business"]}


def headline(topic: str, name: str, english: bool, rng: Random) -> str:
    """A headline about a company; `topic` is a key of `HEADLINES`."""
    texts = ENGLISH_HEADLINES if english else HEADLINES
    return rng.choice(texts[topic]).format(
        name=name,
        round=rng.choice(_ENGLISH_ROUNDS if english else _ROUNDS),
        amount=rng.randint(2, 60),
        place=rng.choice(_PLACES),
        partner=rng.choice(_PARTNERS),
    )


def categories(topic: str, rng: Random) -> list[str]:
    """Categories as a news service gives them to some releases; the rest are to be read from the headline."""
    return _SAID.get(topic, []) if rng.random() < 0.6 else []
