"""Which customers a company is: look-ups by corporate number, registrable domain and name.

It must not know where accounts are kept, nor what is told about the company.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol

from publicsuffixlist import PublicSuffixList

from schemas.identifiers import host_name
from schemas.log import LogAccount
from streams.intake.company_names import company_name

MatchedBy = Literal["corporate_number", "domain", "name"]


class CompanyLike(Protocol):
    """What a company is called; the number, if any, is 13 ASCII digits and the domain a host name."""

    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def corporate_number(self) -> str | None: ...  # noqa: D102
    @property
    def domain(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Matches:
    """The customers a company is, in order of their ids; several only by corporate number."""

    customer_ids: tuple[str, ...]
    matched_by: MatchedBy


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A domain or name, in the form compared, that fits several customers."""

    customer_ids: tuple[str, ...]
    matched_by: MatchedBy
    identifier: str


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Nobody we know; `identifier`, in the form compared, is the one that decided."""

    decided_by: MatchedBy
    identifier: str


Resolution = Matches | Ambiguous | NoMatch


@dataclass(frozen=True, slots=True)
class _Identifiers:
    numbers: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def __or__(self, other: _Identifiers) -> _Identifiers:
        return _Identifiers(self.numbers | other.numbers, self.domains | other.domains, self.names | other.names)


class _Index:
    """Identifier → the customers that have it; both ways in constant time."""

    def __init__(self) -> None:
        self._customers: dict[str, set[str]] = {}

    def add(self, identifiers: Iterable[str], customer_id: str) -> None:
        for identifier in identifiers:
            self._customers.setdefault(identifier, set()).add(customer_id)

    def discard(self, identifiers: Iterable[str], customer_id: str) -> None:
        for identifier in identifiers:
            customers = self._customers[identifier]
            customers.discard(customer_id)
            if not customers:
                del self._customers[identifier]

    def find(self, identifier: str) -> set[str]:
        return self._customers.get(identifier, set())


class Directory:
    """The accounts known, by what their companies are called.

    Normally an account's new version replaces what the old one was found by. With `keep_all_versions` everything a
    customer was ever found by stays, and removing does nothing: history is resolved among all versions of its
    accounts, whatever their time.
    """

    def __init__(self, *, keep_all_versions: bool = False):
        self.keep_all_versions = keep_all_versions
        self._known: dict[str, _Identifiers] = {}
        self._by_number = _Index()
        self._by_domain = _Index()
        self._by_name = _Index()

    def __len__(self) -> int:
        """How many customers can be found."""
        return len(self._known)

    def __contains__(self, customer_id: str) -> bool:
        """Whether the customer has an account here."""
        return customer_id in self._known

    def put(self, customer_id: str, account: LogAccount) -> None:
        """Make a customer known by this version of its account."""
        found = _identifiers(account)
        if self.keep_all_versions:
            found |= self._known.get(customer_id, _Identifiers())
        elif customer_id in self._known:
            self._forget(customer_id)
        self._known[customer_id] = found
        self._by_number.add(found.numbers, customer_id)
        self._by_domain.add(found.domains, customer_id)
        self._by_name.add(found.names, customer_id)

    def remove(self, customer_id: str) -> None:
        """Forget a customer; nothing happens to one not known, or when all versions are kept."""
        if not self.keep_all_versions and customer_id in self._known:
            self._forget(customer_id)

    def resolve(self, company: CompanyLike) -> Resolution:
        """The customers a company is.

        The first identifier present decides: number, else domain, else name. A number that no account has says
        nothing about accounts without one, so among those the next identifier present decides.
        """
        number = company.corporate_number
        if number is None:
            return self._by_domain_or_name(company, lacking_number=False)
        customers = self._by_number.find(number)
        if customers:
            return Matches(tuple(sorted(customers)), "corporate_number")
        if company.domain is None and company.name is None:
            return NoMatch("corporate_number", number)
        return self._by_domain_or_name(company, lacking_number=True)

    def _by_domain_or_name(self, company: CompanyLike, *, lacking_number: bool) -> Resolution:
        matched_by: MatchedBy
        if company.domain is not None:
            # A public suffix identifies nobody: it has no registrable domain and is in no index.
            identifier = registrable_domain(company.domain) or ""
            customers, matched_by = self._by_domain.find(identifier), "domain"
        else:
            identifier = company_name(company.name or "")
            customers, matched_by = self._by_name.find(identifier), "name"
        fitting = sorted(c for c in customers if not (lacking_number and self._known[c].numbers))
        if not fitting:
            return NoMatch(matched_by, identifier)
        if len(fitting) > 1:
            return Ambiguous(tuple(fitting), matched_by, identifier)
        return Matches(tuple(fitting), matched_by)

    def _forget(self, customer_id: str) -> None:
        found = self._known.pop(customer_id)
        self._by_number.discard(found.numbers, customer_id)
        self._by_domain.discard(found.domains, customer_id)
        self._by_name.discard(found.names, customer_id)


def registrable_domain(host: str) -> str | None:
    """The part of a host name that somebody registered (`www.a.example` → `a.example`); None for a public suffix.

    By the public suffix list, private section included, with its default rule that an unlisted last label is one.

    Raises:
        ValueError: `host` is not a host name.
    """
    found: str | None = _public_suffixes().privatesuffix(host_name(host))
    return found


@cache
def _public_suffixes() -> PublicSuffixList:
    """The list as the library carries it, read at the first use since it takes some 0.1 s."""
    return PublicSuffixList()


def _identifiers(account: LogAccount) -> _Identifiers:
    names = (company_name(name) for name in (account.name, *account.aliases))
    domains = (registrable_domain(domain) for domain in account.domains)
    return _Identifiers(
        frozenset({account.corporate_number} if account.corporate_number else ()),
        frozenset(domain for domain in domains if domain),
        frozenset(name for name in names if name),
    )
