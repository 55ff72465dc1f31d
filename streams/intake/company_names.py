"""When two spellings are the same company name.

It must not know accounts. Names are compared, never shown, in the form made here.

Legal forms are taken off either end, one after the other, but never so that nothing is left. Those written
without spaces (株式会社, (주)) come off wherever they touch the end, also where they are set wide (株 式 会 社).
Those in letters (Inc., GmbH & Co. KG) come off only where they stand alone, after a space, a comma, an & or a
character that is no letter or digit of such a script: Costco, alpha.co and Co-op stay as they are.
"""

from __future__ import annotations

import re
import unicodedata

_TOUCHING = (
    # Japan; NFKC has already made (株) of ㈱ and （株）, and 株式会社 of ㍿
    *("株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "相互会社", "特定目的会社"),
    *("一般社団法人", "公益社団法人", "社団法人", "一般財団法人", "公益財団法人", "財団法人"),
    *(
        "特定非営利活動法人",
        "npo法人",
        "医療法人社団",
        "医療法人財団",
        "医療法人",
        "学校法人",
        "社会福祉法人",
        "宗教法人",
    ),
    *("国立大学法人", "地方独立行政法人", "独立行政法人", "農事組合法人", "監査法人", "税理士法人", "弁護士法人"),
    *("司法書士法人", "社会保険労務士法人", "特許業務法人", "有限責任事業組合", "協同組合"),
    *("(株)", "(有)", "(合)", "(同)", "(資)", "(名)", "(相)", "(社)", "(財)", "(一社)", "(公社)", "(一財)", "(公財)"),
    *("(特非)", "(医)", "(学)", "(福)", "(宗)", "(独)"),
    # China, Taiwan, Korea
    *("股份有限公司", "有限责任公司", "有限責任公司", "有限公司", "주식회사", "유한회사", "(주)", "(유)"),
)
# Each letter group may be written with or without dots, so "l.l.c." is found as "llc" is.
_LAST = (
    *(
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "co ltd",
        "company",
        "ltd",
        "limited",
        "llc",
        "llp",
        "lllp",
        "plc",
    ),
    *("pllc", "pbc", "pte", "pty", "pvt", "private limited", "sdn bhd", "bhd", "tbk", "kk", "gk", "yk"),
    *("kabushiki kaisha", "kabushiki gaisha", "yugen kaisha", "yugen gaisha", "godo kaisha", "goudou gaisha"),
    *("gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "ug", "ek", "se", "ggmbh", "gmbh & co", "ag & co", "ug & co"),
    *("sa", "sas", "sasu", "sarl", "s a r l", "sàrl", "eurl", "snc", "scs", "spa", "srl", "srls", "sl", "slu", "sau"),
    *("sa de cv", "sapi de cv", "ltda", "lda", "bv", "nv", "vof", "bvba", "ab", "asa", "a/s", "aps", "oy", "oyj"),
    *(
        "sp z oo",
        "sp zoo",
        "sro",
        "doo",
        "kft",
        "zrt",
        "nyrt",
        "ood",
        "eood",
        "ооо",
        "оао",
        "зао",
        "пао",
        "jsc",
        "pjsc",
    ),
)
_FIRST = (
    *("inc", "ltd", "co", "llc", "gmbh", "kabushiki kaisha", "kabushiki gaisha", "yugen kaisha", "godo kaisha", "pt"),
    *("ооо", "оао", "зао", "пао"),
)
_MAX_FORMS = 6  # "PT Alpha GmbH & Co. KG Ltd." has four; a name made of nothing else must not take for ever
_SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")
_BETWEEN = " \t,、，・·"  # what is left over between a form that was taken off and the name
_AND = "&"  # as in "Alpha & Co."; a name may begin with one


def _written(form: str) -> str:
    """The pattern of a form in letters: short words may carry dots, spaces may be missing."""
    words = [r"\.?\s*".join(map(re.escape, word)) if len(word) <= 5 else re.escape(word) for word in form.split()]
    return r"\.?[\s,]*".join(words) + r"\.?"


def _any_of(forms: tuple[str, ...]) -> str:
    return "|".join(_written(form) for form in sorted(forms, key=len, reverse=True))


_TOUCHING_ANY = "|".join(" ?".join(map(re.escape, form)) for form in sorted(_TOUCHING, key=len, reverse=True))
_AT_START = re.compile(rf"(?:{_TOUCHING_ANY}|(?:{_any_of(_FIRST)})(?=[\s,]))")
_AT_END = re.compile(rf"(?:{_TOUCHING_ANY}|(?<![0-9a-zà-ɏа-яё.'’/_-])(?:{_any_of(_LAST)}))$")


def company_name(text: str) -> str:
    """The form in which names are equal: NFKC, case folded, without spaces and legal forms; may be empty."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    name = _SPACES.sub(" ", folded).strip()
    for _ in range(_MAX_FORMS):
        name = _without_form(name)
    return _SPACES.sub("", name)


def _without_form(name: str) -> str:
    """The name less one legal form at the start or else at the end; the name itself if it has none."""
    first = _AT_START.match(name)
    if first and (rest := name[first.end() :].lstrip(_BETWEEN)):
        return rest
    last = _AT_END.search(name)
    return (last and name[: last.start()].rstrip(_BETWEEN + _AND)) or name
