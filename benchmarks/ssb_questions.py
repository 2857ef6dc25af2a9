"""The star-schema benchmark: its 13 questions, and its star as a cube that the advisor knows."""

from __future__ import annotations

from collections.abc import Mapping

from cubes.cube import Aggregate, Cube, Cuboid, Dimension, Join, Key, Level, Way
from cubes.demand import Demand

_ONE = "from lineorder, calendar where lo_orderdate = d_datekey"
_TWO = (
    "from lineorder, calendar, part, supplier where lo_orderdate = d_datekey"
    " and lo_partkey = p_partkey and lo_suppkey = s_suppkey"
)
_THREE = (
    "from customer, lineorder, supplier, calendar where lo_custkey = c_custkey"
    " and lo_suppkey = s_suppkey and lo_orderdate = d_datekey"
)
_FOUR = (
    "from calendar, customer, supplier, part, lineorder where lo_custkey = c_custkey"
    " and lo_suppkey = s_suppkey and lo_partkey = p_partkey and lo_orderdate = d_datekey"
)
_DISCOUNTED = f"select sum(lo_extendedprice * lo_discount) as revenue {_ONE}"
_BRANDS = f"select sum(lo_revenue) as lo_revenue, d_year, p_brand {_TWO}"
_BY_BRAND = "group by d_year, p_brand order by d_year, p_brand"
_KINGDOM = "('UNITED KI1', 'UNITED KI5')"


def _flows(customer: str, supplier: str, where: str) -> str:
    return (
        f"select {customer}, {supplier}, d_year, sum(lo_revenue) as lo_revenue {_THREE}"
        f" and {where} group by {customer}, {supplier}, d_year order by d_year, lo_revenue desc"
    )


def _profits(levels: str, where: str) -> str:
    return (
        f"select {levels}, sum(lo_revenue - lo_supplycost) as profit {_FOUR} and {where}"
        f" group by {levels} order by {levels}"
    )


_YEARS = "d_year >= 1992 and d_year <= 1997"
QUESTIONS: Mapping[str, str] = {
    "1.1": f"{_DISCOUNTED} and d_year = 1993 and lo_discount between 1 and 3 and lo_quantity < 25",
    "1.2": f"{_DISCOUNTED} and d_yearmonthnum = 199401 and lo_discount between 4 and 6"
    " and lo_quantity between 26 and 35",
    "1.3": f"{_DISCOUNTED} and d_weeknuminyear = 6 and d_year = 1994"
    " and lo_discount between 5 and 7 and lo_quantity between 26 and 35",
    "2.1": f"{_BRANDS} and p_category = 'MFGR#12' and s_region = 'AMERICA' {_BY_BRAND}",
    "2.2": f"{_BRANDS} and p_brand between 'MFGR#2221' and 'MFGR#2228' and s_region = 'ASIA'"
    f" {_BY_BRAND}",
    "2.3": f"{_BRANDS} and p_brand = 'MFGR#2239' and s_region = 'EUROPE' {_BY_BRAND}",
    "3.1": _flows("c_nation", "s_nation", f"c_region = 'ASIA' and s_region = 'ASIA' and {_YEARS}"),
    "3.2": _flows(
        "c_city",
        "s_city",
        f"c_nation = 'UNITED STATES' and s_nation = 'UNITED STATES' and {_YEARS}",
    ),
    "3.3": _flows(
        "c_city", "s_city", f"c_city in {_KINGDOM} and s_city in {_KINGDOM} and {_YEARS}"
    ),
    "3.4": _flows(
        "c_city",
        "s_city",
        f"c_city in {_KINGDOM} and s_city in {_KINGDOM} and d_yearmonth = 'Dec1997'",
    ),
    "4.1": _profits(
        "d_year, c_nation",
        "c_region = 'AMERICA' and s_region = 'AMERICA' and p_mfgr in ('MFGR#1', 'MFGR#2')",
    ),
    "4.2": _profits(
        "d_year, s_nation, p_category",
        "c_region = 'AMERICA' and s_region = 'AMERICA' and d_year in (1997, 1998)"
        " and p_mfgr in ('MFGR#1', 'MFGR#2')",
    ),
    "4.3": _profits(
        "d_year, s_city, p_brand",
        "c_region = 'AMERICA' and s_nation = 'UNITED STATES' and d_year in (1997, 1998)"
        " and p_category = 'MFGR#14'",
    ),
}

#: Per question the levels it groups by, and those that its conditions speak of.
_ASKED = {
    "1.1": ("", "d_year lo_discount lo_quantity"),
    "1.2": ("", "d_yearmonthnum lo_discount lo_quantity"),
    "1.3": ("", "d_weeknuminyear d_year lo_discount lo_quantity"),
    "2.1": ("d_year p_brand", "p_category s_region"),
    "2.2": ("d_year p_brand", "p_brand s_region"),
    "2.3": ("d_year p_brand", "p_brand s_region"),
    "3.1": ("c_nation s_nation d_year", "c_region s_region d_year"),
    "3.2": ("c_city s_city d_year", "c_nation s_nation d_year"),
    "3.3": ("c_city s_city d_year", "c_city s_city d_year"),
    "3.4": ("c_city s_city d_year", "c_city s_city d_yearmonth"),
    "4.1": ("d_year c_nation", "c_region s_region p_mfgr"),
    "4.2": ("d_year s_nation p_category", "c_region s_region d_year p_mfgr"),
    "4.3": ("d_year s_city p_brand", "c_region s_nation d_year p_category"),
}

_OF = {"d": "calendar", "c": "customer", "s": "supplier", "p": "part", "lo": "f"}
_LEVELS = (
    *("d_year", "d_yearmonthnum", "d_yearmonth", "d_weeknuminyear"),
    *("c_region", "c_nation", "c_city", "s_region", "s_nation", "s_city"),
    *("p_mfgr", "p_category", "p_brand", "lo_discount", "lo_quantity"),
)
_NUMBERS = ("d_year", "d_yearmonthnum", "d_weeknuminyear", "lo_discount", "lo_quantity")


def _type(level: str) -> str:
    return "INTEGER" if level in _NUMBERS else "VARCHAR"


SSB = Cube(
    name="ssb",
    title="Star-schema benchmark",
    fact="lineorder",
    base="sum(rows)",
    joins=(
        Join("calendar", "calendar", "calendar.d_datekey = f.lo_orderdate"),
        Join("customer", "customer", "customer.c_custkey = f.lo_custkey"),
        Join("supplier", "supplier", "supplier.s_suppkey = f.lo_suppkey"),
        Join("part", "part", "part.p_partkey = f.lo_partkey"),
    ),
    keys=tuple(Key(n, _type(n), f"{_OF[n.partition('_')[0]]}.{n}") for n in _LEVELS),
    dimensions=tuple(Dimension(n, (Level(n, _type(n), n, (Way(n),)),)) for n in _LEVELS),
    aggregates=(
        Aggregate("rows", "1", "Lines.", "BIGINT"),
        Aggregate("revenue", "f.lo_revenue", "Revenue.", "BIGINT"),
        Aggregate("supplycost", "f.lo_supplycost", "Cost.", "BIGINT"),
        Aggregate("discounted", "f.lo_extendedprice * f.lo_discount", "Discount.", "BIGINT"),
    ),
    measures=(),
)


def demands() -> tuple[Demand, ...]:
    """The 13 questions as the advisor sees them, each asked as often as any other."""
    return tuple(
        Demand(SSB, frozenset(levels.split()), frozenset(frozenset({f}) for f in filters.split()))
        for levels, filters in _ASKED.values()
    )


def cuboid_sql(cuboid: Cuboid) -> str:
    """The SELECT of a cuboid, as an author writes it."""
    keys = ", ".join(f"{cuboid.cube.key(name).sql} as {name}" for name in cuboid.keys)
    sums = ", ".join(
        "count(*) as rows" if a.name == "rows" else f"sum({a.sql}) as {a.name}"
        for a in cuboid.cube.aggregates
    )
    joins = " ".join(
        f"join {join.table} on {join.condition}"
        for join in cuboid.cube.joins_for(*(cuboid.cube.key(name).sql for name in cuboid.keys))
    )
    by = ", ".join(cuboid.cube.key(name).sql for name in cuboid.keys)
    return f"select {keys}, {sums} from lineorder as f {joins} group by {by}"
