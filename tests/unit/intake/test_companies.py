"""Whom a company is, by the first identifier present; all companies are invented."""

from __future__ import annotations

import pytest

from schemas.log import LogAccount
from schemas.releases import Company
from streams.intake.companies import Ambiguous, Directory, Matches, NoMatch, registrable_domain

NUMBER, OTHER_NUMBER = "1000000000001", "1000000000002"


def account(
    name: str = "Nobody", number: str | None = None, *domains: str, aliases: tuple[str, ...] = ()
) -> LogAccount:
    return LogAccount(name=name, corporate_number=number, domains=list(domains), aliases=list(aliases))


def company(name: str | None = None, number: str | None = None, domain: str | None = None) -> Company:
    given = {"name": name, "corporate_number": number, "domain": domain}
    return Company.model_validate({key: value for key, value in given.items() if value is not None})


@pytest.fixture
def known() -> Directory:
    directory = Directory()
    directory.put("C1", account("株式会社アルファ", NUMBER, "www.alpha.example", aliases=("Alpha",)))
    directory.put("C2", account("Beta Inc.", None, "beta.example"))
    directory.put("C3", account("Gamma LLC", None, "gamma.example", "shared.example"))
    directory.put("C4", account("Gamma", OTHER_NUMBER, "shared.example"))
    return directory


def test_the_number_decides_before_domain_and_name(known: Directory) -> None:
    assert known.resolve(company("Beta", NUMBER, "beta.example")) == Matches(("C1",), "corporate_number")


def test_the_number_is_compared_after_nfkc(known: Directory) -> None:
    assert known.resolve(company(number="１０００００００００００１")) == Matches(("C1",), "corporate_number")


def test_all_customers_under_one_number_receive_the_release(known: Directory) -> None:
    known.put("C0", account("アルファ大阪", NUMBER))
    assert known.resolve(company(number=NUMBER)) == Matches(("C0", "C1"), "corporate_number")


def test_the_domain_decides_before_the_name(known: Directory) -> None:
    assert known.resolve(company("Alpha", None, "news.BETA.example")) == Matches(("C2",), "domain")


def test_a_domain_nobody_has_is_not_followed_by_the_name(known: Directory) -> None:
    assert known.resolve(company("Alpha", None, "unknown.example")) == NoMatch("domain", "unknown.example")


@pytest.mark.parametrize("name", ["アルファ㈱", "ALPHA, Inc.", "alpha"])
def test_a_name_may_be_the_account_s_or_an_alias(known: Directory, name: str) -> None:
    assert known.resolve(company(name)) == Matches(("C1",), "name")


def test_a_number_no_account_has_leaves_only_accounts_without_a_number(known: Directory) -> None:
    unknown = "1000000000009"
    assert known.resolve(company("Beta", unknown)) == Matches(("C2",), "name")
    assert known.resolve(company(None, unknown, "beta.example")) == Matches(("C2",), "domain")
    assert known.resolve(company("Alpha", unknown)) == NoMatch("name", "alpha")  # C1 has another number
    assert known.resolve(company(None, unknown, "alpha.example")) == NoMatch("domain", "alpha.example")
    assert known.resolve(company(None, unknown)) == NoMatch("corporate_number", unknown)


def test_a_number_no_account_has_can_settle_what_would_be_ambiguous(known: Directory) -> None:
    assert known.resolve(company(None, "1000000000009", "shared.example")) == Matches(("C3",), "domain")


def test_a_domain_or_name_of_several_customers_is_ambiguous(known: Directory) -> None:
    assert known.resolve(company(None, None, "www.shared.example")) == Ambiguous(
        ("C3", "C4"), "domain", "shared.example"
    )
    assert known.resolve(company("Gamma GmbH")) == Ambiguous(("C3", "C4"), "name", "gamma")


def test_a_new_version_replaces_what_the_customer_was_found_by(known: Directory) -> None:
    known.put("C2", account("Delta", OTHER_NUMBER, "delta.example"))
    assert known.resolve(company("Beta")) == NoMatch("name", "beta")
    assert known.resolve(company(None, None, "beta.example")) == NoMatch("domain", "beta.example")
    assert known.resolve(company("Delta")) == Matches(("C2",), "name")
    assert known.resolve(company(number=OTHER_NUMBER)) == Matches(("C2", "C4"), "corporate_number")


def test_a_removed_customer_is_found_no_more(known: Directory) -> None:
    known.remove("C1")
    known.remove("C1")
    known.remove("nobody")
    assert "C1" not in known
    assert len(known) == 3
    assert known.resolve(company(number=NUMBER)) == NoMatch("corporate_number", NUMBER)
    assert known.resolve(company("Gamma Co.")) == Ambiguous(("C3", "C4"), "name", "gamma")


def test_all_versions_are_kept_when_asked() -> None:
    directory = Directory(keep_all_versions=True)
    directory.put("C1", account("Old", None, "old.example"))
    directory.put("C1", account("New", NUMBER, "new.example"))
    directory.remove("C1")
    for found in (company("Old"), company("New"), company(None, None, "old.example"), company(number=NUMBER)):
        assert directory.resolve(found).customer_ids == ("C1",)  # type: ignore[union-attr]


def test_with_all_versions_one_number_ever_had_is_a_number() -> None:
    directory = Directory(keep_all_versions=True)
    directory.put("C1", account("Alpha", NUMBER))
    directory.put("C1", account("Alpha", None))
    assert directory.resolve(company("Alpha", OTHER_NUMBER)) == NoMatch("name", "alpha")


def test_names_and_domains_that_say_nothing_identify_nobody() -> None:
    directory = Directory()
    directory.put("C1", account(" ", None, "co.jp"))
    assert directory.resolve(company(" ")) == NoMatch("name", "")
    assert directory.resolve(company(None, None, "co.jp")) == NoMatch("domain", "")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.a.example", "a.example"),  # unlisted: the default rule makes the last label the suffix
        ("a.example", "a.example"),
        ("example", None),
        # of the list's own test vectors (publicsuffix.org, test_psl.txt)
        ("b.example.com", "example.com"),
        ("WwW.Example.COM", "example.com"),
        ("jp", None),
        ("ac.jp", None),
        ("www.test.ac.jp", "test.ac.jp"),
        ("c.kobe.jp", None),
        ("a.b.c.kobe.jp", "b.c.kobe.jp"),
        ("www.city.kobe.jp", "city.kobe.jp"),
        ("www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("shishi.中国", "shishi.xn--fiqs8s"),
    ],
)
def test_the_registrable_domain_is_by_the_public_suffix_list(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain


def test_what_is_no_host_has_no_registrable_domain() -> None:
    with pytest.raises(ValueError):
        registrable_domain("https://a.example/")
