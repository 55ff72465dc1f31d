"""Whether an event meets the conditions of a rule.

It must not know what the rule gives for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from tests.oracle.amounts import exact
from tests.oracle.book import Book
from tests.oracle.facts import Fact

ASCII_WORD = re.compile(r"[A-Za-z0-9]")


def folded(text: str) -> str:
    """Text in the form in which phrases are looked for."""
    return unicodedata.normalize("NFKC", text).casefold()


def phrase_in(phrase: str, text: str) -> bool:
    """Whether the phrase stands somewhere in the text, an ASCII word end only at a word's end."""
    wanted, whole = folded(phrase), folded(text)
    starts = [at for at in range(len(whole)) if wanted and whole.startswith(wanted, at)]
    return any(free_standing(whole, at, at + len(wanted)) for at in starts)


def free_standing(whole: str, start: int, end: int) -> bool:
    """Whether no ASCII letter or digit runs on across either end of whole[start:end]."""
    left = whole[start - 1 : start] + whole[start]
    right = whole[end - 1] + whole[end : end + 1]
    return not any(len(pair) == 2 and all(ASCII_WORD.match(sign) for sign in pair) for pair in (left, right))


def page_group(path: str, pages: dict[str, list[str]]) -> str | None:
    """The first group one of whose globs fits the path without query and fragment."""
    bare = re.split(r"[?#]", path, maxsplit=1)[0]
    for group, globs in pages.items():
        if any(glob_fits(glob, bare) for glob in globs):
            return group
    return None


def glob_fits(glob: str, path: str) -> bool:
    """Whether `*` for any run of characters makes the glob the whole path."""
    return re.fullmatch(".*".join(re.escape(piece) for piece in glob.split("*")), path, re.DOTALL) is not None


def categories(book: Book, fact: Fact) -> set[str]:
    """The release's own categories and those the policy's phrases add."""
    texts = [fact.get("headline") or ""]
    if book.policy.get("press_match", {}).get("body", False):
        texts.append(fact.get("body") or "")
    phrases = book.policy.get("press_categories", {})
    added = {name for name, some in phrases.items() if any(phrase_in(one, text) for one in some for text in texts)}
    return added | set(fact.get("categories") or [])


def previous_count(book: Book, fact: Fact) -> int | None:
    """The open count to compare with: the one given, or that of the postings applied just before."""
    given: int | None = fact.get("previous_count")
    if given is not None:
        return given
    earlier = [one for one in book.of_type("job_postings") if one.position < fact.position]
    return earlier[-1].get("open_count") if earlier else None


def grows(book: Book, fact: Fact, at_least: Any) -> bool:
    """Whether the open count grew by that share; from 0 any growth is infinite."""
    now, before = fact.get("open_count"), previous_count(book, fact)
    if now is None or before is None:
        return False
    return now > 0 if before == 0 else exact(now - before) / before >= exact(at_least)


def increases(book: Book, fact: Fact, at_least: Any) -> bool:
    """Whether the open count grew by that many."""
    now, before = fact.get("open_count"), previous_count(book, fact)
    return now is not None and before is not None and now - before >= exact(at_least)


def one_of(wanted: Any) -> list[Any]:
    """A condition that may be one value or several, as several."""
    return wanted if isinstance(wanted, list) else [wanted]


def says(fact: Fact, phrases: list[str]) -> bool:
    """Whether the event's free text has one of the phrases."""
    return any(phrase_in(phrase, fact.get("text") or "") for phrase in phrases)


def matches(book: Book, rule: dict[str, Any], fact: Fact) -> bool:
    """Whether the event meets every condition the rule gives; the removal of an account is no event of any type."""
    path, score = fact.get("path"), fact.get("score")
    checks: dict[str, Callable[[Any], bool]] = {
        "event": lambda wanted: fact.type in one_of(wanted),
        "page": lambda wanted: path is not None and page_group(path, book.policy.get("pages", {})) in one_of(wanted),
        "categories": lambda wanted: bool(categories(book, fact) & set(one_of(wanted))),
        "action": lambda wanted: fact.get("action") in one_of(wanted),
        "direction": lambda wanted: fact.get("direction") in one_of(wanted),
        "attended": lambda wanted: fact.get("attended") is wanted,
        "text_any": lambda wanted: says(fact, one_of(wanted)),
        "text_none": lambda wanted: not says(fact, one_of(wanted)),
        "nps_at_most": lambda wanted: score is not None and exact(score) <= exact(wanted),
        "growth_at_least": lambda wanted: grows(book, fact, wanted),
        "increase_at_least": lambda wanted: increases(book, fact, wanted),
    }
    return fact.type != "account_removed" and all(
        check(rule[name]) for name, check in checks.items() if rule.get(name) is not None
    )


def matching(book: Book, rule: dict[str, Any]) -> list[Fact]:
    """The facts that meet the rule's conditions, in order of application; what comes later changes no match."""
    return [fact for fact in book.facts if matched(book, rule, fact)]


def matched(book: Book, rule: dict[str, Any], fact: Fact) -> bool:
    """Whether the event met the rule's conditions when it was applied."""
    key = ("matched", rule["id"], fact.position)
    if key not in book.memo:
        book.memo[key] = matches(book, rule, fact)
    return bool(book.memo[key])
