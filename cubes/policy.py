"""Who may see what: the one place where rules about a principal live.

A role offers tables; rows of facts are offered whole, or of the principal's own sites through a
filter that replaces the table before anything else sees the question. Publication rules (which
cells of the publication grid are open, `benchmark()`) and the access log belong here and come
later: until then cubes are offered whole to every role, as they hold no persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from models.errors import Forbidden, QuestionError, did_you_mean
from models.table import literal

Role = Literal[
    "site_manager",
    "region_manager",
    "hq_viewer",
    "analyst",
    "supervisor",
    "agent",
    "dpo",
    "data_engineer",
]
ROLES: tuple[str, ...] = get_args(Role)

_ALL_ROWS = ("analyst", "supervisor", "dpo", "data_engineer")
_OWN_ROWS = ("site_manager", "region_manager")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a role, and the sites it is for."""

    role: Role = "analyst"
    sites: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.role}:{','.join(self.sites)}" if self.sites else self.role


ANALYST = Principal()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a principal may ask: names of tables, and a SELECT in the place of some of them."""

    tables: frozenset[str]
    filters: Mapping[str, str]


def parse_principal(text: str) -> Principal:
    """A principal from `ROLE[:SITE,…]`.

    >>> parse_principal("site_manager:SB001,SB002")
    Principal(role='site_manager', sites=('SB001', 'SB002'))
    """
    role, _, sites = text.partition(":")
    if role not in ROLES:
        raise QuestionError(
            f"There is no role '{role}'{did_you_mean(role, ROLES)}; "
            f"the roles are {', '.join(ROLES)}"
        )
    named = tuple(site.strip() for site in sites.split(",") if site.strip())
    return Principal(role, named)  # type: ignore[arg-type]


def offer(
    principal: Principal, cubes: frozenset[str], tables: Mapping[str, frozenset[str]]
) -> Offer:
    """What is offered of the cubes and of the release's `fact_*` and `dim_*` tables."""
    dims = {name for name in tables if name.startswith("dim_")}
    facts = {name for name in tables if name.startswith("fact_")}
    shared = cubes | dims
    if principal.role in _ALL_ROWS:
        return Offer(frozenset(shared | facts), {})
    if principal.role in _OWN_ROWS and principal.sites:
        own = {name for name in facts if "site_key" in tables[name]}
        return Offer(
            frozenset(shared | own), {name: _own_rows(name, principal.sites) for name in own}
        )
    return Offer(frozenset(shared), {})


def may_read_texts(principal: Principal) -> None:
    """Verbatims go to those who read rows; whoever sees cells alone sees none."""
    if principal.role not in _ALL_ROWS and not (principal.role in _OWN_ROWS and principal.sites):
        raise Forbidden(
            f"Verbatims are not offered to {principal.role}; "
            "ask as analyst or as the site's manager"
        )


def _own_rows(table: str, sites: tuple[str, ...]) -> str:
    names = ", ".join(literal(site) for site in sites)
    own = f"select site_key from dim_site where site in ({names})"
    return f"select * from {table} where site_key in ({own})"
