"""From a question to its plan: judged, offered what its principal may read, planned, kept."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from cubes.catalogue import Snapshot
from cubes.clock import CLOCK
from cubes.definitions import CUBES
from cubes.judge import judge
from cubes.memory import Memory, release
from cubes.plan import Plan, Surroundings, plan
from cubes.policy import Principal, offer
from cubes.routing import routed, star_of
from models.home import Home


def plan_for(
    memory: Memory,
    home: Home | None,
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    principal: Principal,
    sql: str,
    refused: Mapping[str, str],
    *,
    as_is: bool,
) -> Plan:
    """The plan of a question over a release, without the cuboids that are `refused` with a reason.

    It hangs on the role and on whether there are sites, not on which: principals share plans.
    """
    words = sql.casefold()
    whose = (principal.role, bool(principal.sites))
    clock = snapshot.as_of if any(word in words for word in CLOCK) else None
    whole = memory.dated(snapshot, cursor, home) if "fact_" in words else frozenset[str]()
    key = (sql, whose, as_is, release(snapshot), clock, frozenset(refused), whole)
    found = memory.plans.get(key)
    if found is not None:
        return found
    catalogue = memory.catalogue(snapshot, cursor, home)
    offered = offer(principal, frozenset(cube.name for cube in CUBES), catalogue.tables)
    verdict = judge(sql, cursor, offered.tables, catalogue.functions)
    around = Surroundings(
        cuboids=catalogue.cuboids,
        sizes=catalogue.sizes,
        as_of=snapshot.as_of,
        aggregates=catalogue.functions.aggregates,
        filters=offered.filters,
        as_is=as_is,
        cells=offered.cells,
        has_sites=bool(principal.sites),
        withheld=offered.withheld,
        refused=refused,
    )
    found = plan(sql, verdict, around)
    if not found.blocks:
        fit = tuple(each for each in catalogue.cuboids if each.name not in refused)
        found = routed(found, star_of(snapshot.tables, whole), fit, catalogue.sizes)
    memory.keep_plan(key, found)
    return found
