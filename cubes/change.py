"""What lies between two loads, as signed cells: cells of any load are cells of another and these.

They are aggregated from the ledger's rows by load, never stored: what stood after one of two loads
alone, and what stood after both but met other dimension rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cubes.cube import Cuboid, Join
from cubes.refresh import Relations, delta_sql, dimension_columns
from models.history import stood

#: How a join names the member: "site.site_key = f.site_key and …".
_MEMBER = re.compile(r"\w+\.(\w+) = f\.(\w+)")


def change_sql(cuboid: Cuboid, ever: Callable[[str], str], earlier: int, later: int) -> str:
    """The cells by which a cuboid after `later` differs from itself after `earlier`.

    `ever` names the relation of all rows a ledger ever had. Neither load need be the younger.
    """
    moved = _moved(cuboid, ever, earlier, later)
    fact = ever(cuboid.cube.fact)

    def side(load: int, other: int) -> Relations:
        return Relations(
            fact=f"(select * from {fact} where {stood(load)} and (not {stood(other)}{moved}))",
            dims=lambda table: f"(select * from {ever(table)} where {stood(load)})",
        )

    return delta_sql(cuboid, plus=side(later, earlier), minus=side(earlier, later))


def _moved(cuboid: Cuboid, ever: Callable[[str], str], earlier: int, later: int) -> str:
    """The condition that a fact's member reads otherwise after the one load than the other."""
    tests = []
    for table, columns in dimension_columns(cuboid).items():
        member, column = member_of(next(j for j in cuboid.cube.joins if j.table == table))
        names = ", ".join(sorted(columns))
        one, other = (
            f"select {names} from {ever(table)} where {stood(load)}" for load in (earlier, later)
        )
        tests.append(
            f" or {column} in (select {member} from"
            f" (({one} except {other}) union ({other} except {one})))"
        )
    return "".join(tests)


def member_of(join: Join) -> tuple[str, str]:
    """The columns by which a dimension row and a fact name the same member.

    >>> member_of(Join("site", "dim_site", "site.site_key = f.site_key and f.local_date > …"))
    ('site_key', 'site_key')
    """
    found = _MEMBER.match(join.condition)
    assert found is not None, join.condition
    return found.group(1), found.group(2)
