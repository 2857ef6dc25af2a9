"""Who may see what: the one place where rules about a principal live.

A role has rights to rows, to cubes, to agents and to verbatims: to all of them, to those of the own
sites, or to none. A right to what is own is a filter that takes the table's or the cube's place
before anything else sees the question; what lies beyond is told by `benchmark()`, over published
cells alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from models.errors import Forbidden, QuestionError, did_you_mean

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

Reach = Literal["all", "own", "none"]
OWN = "own_sites"  # the parameter that holds the principal's sites


@dataclass(frozen=True, slots=True)
class Rights:
    """How far a role sees; an agent is an employee, and seen by those who lead them."""

    rows: Reach
    cubes: Reach
    agents: Reach
    verbatims: Reach


#: Head office reads cubes whole and no row; an agent reads what is published.
RIGHTS: Mapping[str, Rights] = {
    "analyst": Rights("all", "all", "all", "all"),
    "supervisor": Rights("all", "all", "all", "all"),
    "dpo": Rights("all", "all", "all", "all"),
    "data_engineer": Rights("all", "all", "all", "none"),
    "hq_viewer": Rights("none", "all", "none", "none"),
    "site_manager": Rights("own", "own", "own", "own"),
    "region_manager": Rights("own", "own", "own", "own"),
    "agent": Rights("none", "none", "none", "none"),
}
NOTHING = Rights("none", "none", "none", "none")


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
    cells: Reach = "all"  # which cells of a cube it means
    withheld: frozenset[str] = frozenset()  # levels of cubes that are not offered


def rights_of(principal: Principal) -> Rights:
    """How far a principal sees; without a site of their own, what is own is nothing."""
    rights = RIGHTS[principal.role]
    return NOTHING if rights.rows == "own" and not principal.sites else rights


def with_sites(params: Mapping[str, Any] | None, principal: Principal) -> Mapping[str, Any]:
    """The parameters of a question; the principal's sites are never for the asker to say."""
    return {**(params or {}), OWN: list(principal.sites)}


def own_sites(column: str) -> str:
    """The condition that a site is one of the principal's own."""
    return f"list_contains(${OWN}, {column})"


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
    rights = rights_of(principal)
    facts = {
        name
        for name in tables
        if name.startswith("fact_")
        and (rights.rows == "all" or (rights.rows == "own" and "site_key" in tables[name]))
    }
    dims = {
        name
        for name in tables
        if name.startswith("dim_") and (name != "dim_agent" or rights.agents != "none")
    }
    shown = {name: _shown(name, tables[name], rights) for name in (*facts, *dims)}
    return Offer(
        tables=frozenset(cubes | dims | facts),
        filters={name: sql for name, sql in shown.items() if sql},
        cells=rights.cubes,
        withheld=frozenset() if rights.agents == "all" else frozenset({"agent"}),
    )


def may_read_texts(principal: Principal) -> Reach:
    """Whose verbatims a principal reads: all, or those of own rows; Forbidden for the others."""
    reach = rights_of(principal).verbatims
    if reach == "none":
        raise Forbidden(
            f"Verbatims are not offered to {principal.role}; "
            "ask as analyst or as the site's manager"
        )
    return reach


def texts_sql(tables: Mapping[str, frozenset[str]]) -> str:
    """Which of the texts in `$asked` stand in rows of the own sites."""
    facts = sorted(
        name
        for name, columns in tables.items()
        if name.startswith("fact_") and {"text_id", "site_key"} <= columns
    )
    return " union ".join(
        f"select text_id from {name} where list_contains($asked, text_id) and {_OF_OWN_SITES}"
        for name in facts
    )


_OF_OWN_SITES = f"site_key in (select site_key from dim_site where {own_sites('site')})"
_AGENTS_OF_OWN = f"select agent_key from dim_agent where {own_sites('home_site')}"


def _shown(table: str, columns: frozenset[str], rights: Rights) -> str:
    """What a table is to somebody of these rights; empty where it is as it stands.

    Columns that are not theirs are masked: they hold the unknown member, or null.
    """
    masks, where = [], ""
    if table.startswith("fact_") and rights.rows == "own":
        where = _OF_OWN_SITES
        if "agent_key" in columns:
            masks.append(
                f"case when agent_key in ({_AGENTS_OF_OWN}) then agent_key else 0 end as agent_key"
            )
    elif table == "dim_agent" and rights.agents == "own":
        where = f"agent_key = 0 or {own_sites('home_site')}"
    if rights.verbatims == "none" and "text_id" in columns:
        masks.append("null::bigint as text_id")
    if not (masks or where):
        return ""
    replaced = f" replace ({', '.join(masks)})" if masks else ""
    return f"select *{replaced} from {table}" + (f" where {where}" if where else "")
