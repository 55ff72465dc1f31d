"""When two spellings are the same company name; all companies are invented."""

from __future__ import annotations

import time

import pytest

from streams.intake.company_names import company_name


@pytest.mark.parametrize(
    "text",
    [
        *(
            "株式会社アルファ",
            "アルファ株式会社",
            "(株)アルファ",
            "アルファ（株）",
            "㈱アルファ",
            "アルファ㈱",
            "㍿アルファ",
        ),
        *(
            "有限会社アルファ",
            "㈲アルファ",
            "合同会社アルファ",
            "(同)アルファ",
            "　株式会社　アルファ　",
            "ｱﾙﾌｧ株式会社",
        ),
        *("アルファ Inc.", "アルファInc.", "株式会社アルファ Co., Ltd.", "一般社団法人アルファ", "アル ファ"),
        *("株　式　会　社　ア　ル　フ　ァ", "アルファ 株式 会社", "（ 株 ）アルファ"),
    ],
)
def test_a_japanese_form_at_either_end_is_no_part_of_the_name(text: str) -> None:
    assert company_name(text) == "アルファ"


@pytest.mark.parametrize(
    "text",
    [
        *("Alpha Beta Inc.", "ALPHA BETA, INC", "alpha beta Ltd.", "Alpha Beta Co., Ltd.", "Alpha Beta Co.,Ltd."),
        *(
            "Alpha Beta Co.Ltd.",
            "Alpha Beta Co.",
            "Alpha Beta LLC",
            "Alpha Beta L.L.C.",
            "Alpha Beta GmbH",
            "AlphaBeta",
        ),
        *("Alpha Beta GmbH & Co. KG", "Alpha Beta AG", "Alpha Beta S.A.", "Alpha Beta S.p.A.", "Alpha Beta S.à r.l."),
        *("Alpha Beta Corporation", "Alpha Beta Company Limited", "Alpha Beta Pte. Ltd.", "Alpha Beta Pty Ltd"),
        *(
            "Alpha Beta B.V.",
            "Alpha Beta K.K.",
            "Kabushiki Kaisha Alpha Beta",
            "Alpha Beta Sp. z o.o.",
            "Alpha Beta A/S",
        ),
        *(
            "PT Alpha Beta Tbk",
            "Ａｌｐｈａ　Ｂｅｔａ　Ｉｎｃ．",
            "LLC Alpha Beta",
            "Alpha\u200bBeta Inc.",
            "Alpha Beta & Co.",
        ),
    ],
)
def test_a_form_in_letters_is_no_part_of_the_name(text: str) -> None:
    assert company_name(text) == "alphabeta"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kosuco", "kosuco"),  # ends in the letters of Co, but they do not stand alone
        ("Zinc", "zinc"),
        ("alpha.co", "alpha.co"),
        ("Co-op Alpha", "co-opalpha"),
        ("Incubator Alpha", "incubatoralpha"),
        ("Alpha-SE", "alpha-se"),
        ("アルファ株式", "アルファ株式"),
        ("アルファ株式会社東京", "アルファ株式会社東京"),
        ("A&B", "a&b"),
    ],
)
def test_what_only_looks_like_a_form_stays(text: str, name: str) -> None:
    assert company_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"), [("株式会社", "株式会社"), ("Limited Inc.", "limited"), ("Co.", "co."), ("", "")]
)
def test_a_form_is_not_taken_off_when_nothing_would_be_left(text: str, name: str) -> None:
    assert company_name(text) == name


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("株式会社&アルファ", "&アルファ"),
        ("&アルファ株式会社", "&アルファ"),
        ("&Alpha, Inc.", "&Alpha"),
        ("・アルファ㈱", "・アルファ"),
        ("株式会社アルファ・", "アルファ・"),
    ],
)
def test_a_sign_that_belongs_to_the_name_stays_when_the_form_is_taken_off(text: str, alone: str) -> None:
    assert company_name(text) == company_name(alone) == alone.casefold()


def test_case_and_width_are_folded() -> None:
    assert company_name("STRASSE") == company_name("Straße") == "strasse"
    assert company_name("㌔ワット") == company_name("キロワット")


@pytest.mark.parametrize("text", ["inc " * 60_000, "a" + " inc" * 60_000, "s a " * 60_000, "a" + " " * 250_000 + "b"])
def test_a_name_as_long_as_a_record_may_be_takes_no_time(text: str) -> None:
    started = time.perf_counter()
    company_name(text)
    assert time.perf_counter() - started < 30  # some tenths; without a limit on rounds it would be minutes
