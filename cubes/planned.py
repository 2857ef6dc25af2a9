"""From a question to its plan: judged, offered what its principal may read, planned, kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb

from cubes.catalogue import Snapshot
from cubes.clock import CLOCK
from cubes.definitions import CUBES
from cubes.judge import judge
from cubes.memory import Memory, release
from cubes.past import Past
from cubes.plan import Plan, Surroundings, plan
from cubes.policy import ANALYST, Principal, offer
from cubes.routing import routed, star_of
from models.home import Home


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the questions of one principal; the facts themselves are asked with `from_facts`."""

    memory: Memory
    home: Home | None
    principal: Principal
    from_facts: bool = False

    def plan_for(
        self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, sql: str, *, as_is: bool
    ) -> Plan:
        """The plan of a question over a release, and all it reads made ready in this load."""
        found = self._kept(snapshot, cursor, sql, as_is=as_is)
        if isinstance(snapshot, Past):
            cuboids = self.memory.catalogue(snapshot, cursor, self.home).cuboids
            snapshot.prepare(found.reads, cuboids)
        for block in found.blocks:
            for name in block.grids:
                self._publish(snapshot, cursor, block.cube, name)
        return found

    def _kept(
        self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, sql: str, *, as_is: bool
    ) -> Plan:
        """The plan as it was kept, else a new one.

        It hangs on the role and on whether there are sites, not on which: principals share plans.
        """
        memory, home, principal = self.memory, self.home, self.principal
        refused = self._refused(snapshot)
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

    def _refused(self, snapshot: Snapshot) -> Mapping[str, str]:
        """The cuboids that may not answer here, and why."""
        if self.from_facts:
            return dict.fromkeys(snapshot.manifest.definitions, "the facts themselves are asked")
        return self.memory.shadow(self.home).refused(snapshot.manifest)

    def _publish(
        self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, cube: str, grid: str
    ) -> None:
        """See to it that the published cells of a grid are there in this load."""
        whole = replace(self, principal=ANALYST, from_facts=False)

        def whole_plan(question: str) -> str:
            return whole.plan_for(snapshot, cursor, question, as_is=False).sql

        ill = frozenset(self._refused(snapshot))
        self.memory.publications.ensure(snapshot, cube, grid, whole_plan, without=ill)
