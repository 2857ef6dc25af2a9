"""The benchmarked questions as a careful person asks them of the star, without any cuboid.

Sums and counts and never an average, grouped before names are joined, sites found by their key:
each text was the fastest of those tried. What a figure is stands once, in the cubes, and is used
here as text, so that both sides compute the same; what is read and how is written out here.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from cubes.cube import Spread
from cubes.definitions import SATISFACTION, VOICE
from cubes.definitions.voice import CYCLES
from cubes.questions import AGGREGATING, BENCHMARKED, questions
from cubes.statistics.intervals import bound_sql

_SUMS = (
    "sum(f.weight * f.points) as p, sum(f.weight) as w, count(*) filter (f.weight > 0) as nw,"
    " sum(f.lead) as m, sum(f.lead_weight::bigint * f.lead_weight) as lw2,"
    " sum(f.lead_weight * f.lead_points) as lwp, sum(f.lead_points * f.lead_points) as lp2"
)
_MERGED = ", ".join(f"sum({name}) as {name}" for name in ("p", "w", "nw", "m", "lw2", "lwp", "lp2"))
_SPAN = "f.local_date >= $first and f.local_date < $until"
_OF_THE_DAY = (
    "join dim_site as s on s.site_key = f.site_key"
    " and f.local_date >= s.valid_from and f.local_date < s.valid_to"
)
_ONE_SITE = "f.site_key in (select site_key from dim_site where site = $site)"


def answered(con: duckdb.DuckDBPyConnection, text: str, given: Mapping[str, Any]) -> pl.DataFrame:
    """The rows as a frame, the way happycall fetches its own: `con.sql` would plan them twice."""
    warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)
    named = {name: value for name, value in given.items() if f"${name}" in text}
    found = con.execute(text, named) if named else con.execute(text)
    reader: Any = found.to_arrow_reader(2048)
    frame = pl.from_arrow(pa.Table.from_batches(list(reader), schema=reader.schema))
    assert isinstance(frame, pl.DataFrame)
    return frame


def hand_sql(name: str) -> str:
    """One benchmarked question over the star; a list of rows is by hand what it is in the file."""
    return _hand()[name] if name in AGGREGATING else questions()[name].text


@cache
def _hand() -> Mapping[str, str]:
    found = {
        "total": _index(f"select {_SUMS} from fact_answer as f where {_SPAN}"),
        "week": _over_days("date_trunc('week', day)::date", "week", "true"),
        "month": _over_days("date_trunc('month', day)::date", "month", "true"),
        "process": _by_question(("process",), "true"),
        "touchpoint": _by_question(("process", "touchpoint"), "true"),
        "province": _by_site(("province",), "true"),
        "site": _by_site(("site", "site_name", "site_type"), "true"),
        "month | province": _by_site(
            ("month",), "s.province = $province", "date_trunc('month', f.local_date)::date as month"
        ),
        "district | province": _by_site(("district",), "s.province = $province"),
        "site | province": _by_site(("site", "site_name", "site_type"), "s.province = $province"),
        "site | site_type": _by_site(
            ("site", "site_name", "site_type"), "s.site_type = $site_type"
        ),
        "week | site": _over_days("date_trunc('week', day)::date", "week", _ONE_SITE),
        "process | site": _by_question(("process",), _ONE_SITE),
        "touchpoint | site": _by_question(("process", "touchpoint"), _ONE_SITE),
        "profile | site": _profile(),
        "target | site": _target(),
        "complaints | province": _complaints(),
        "open | site": (
            "select count(*) as complaints from fact_contact as f"
            " where not f.is_resolved and not f.is_abandoned and f.purpose = 'complaint'"
            f" and {_ONE_SITE}"
        ),
    }
    assert set(found) | set(BENCHMARKED) == set(BENCHMARKED)
    return found


def _figures() -> str:
    measure = SATISFACTION.measure("index")
    assert measure is not None
    assert isinstance(measure.interval, Spread)
    low = bound_sql(measure.formula, measure.interval, 0.95, upper=False)
    return f"{_plain(measure.formula)} as index, {_plain(low)} as low, coalesce(nw, 0)::bigint as n"


def _plain(formula: str) -> str:
    """A formula over sums as one over columns that are sums already."""
    return re.sub(r"\bsum\((\w+)\)", r"\1", formula)


def _index(sums: str, levels: tuple[str, ...] = (), order: bool = True) -> str:
    listed = ", ".join(levels)
    head = f"{listed}, " if levels else ""
    end = f" order by {listed}" if levels and order else ""
    return f"with s as ({sums}) select {head}{_figures()} from s{end}"


def _over_days(period: str, name: str, where: str) -> str:
    return _index(
        f"select {period} as {name}, {_MERGED} from (select f.local_date as day, {_SUMS}"
        f" from fact_answer as f where {_SPAN} and {where} group by f.local_date) group by 1",
        (name,),
    )


def _by_question(levels: tuple[str, ...], where: str) -> str:
    named = ", ".join(f"q.{level}" for level in levels)
    return _index(
        f"select {named}, {_MERGED} from (select f.question_key, {_SUMS}"
        f" from fact_answer as f where {_SPAN} and {where} group by f.question_key) as a"
        f" join dim_question as q on q.question_key = a.question_key group by all",
        levels,
    )


def _by_site(levels: tuple[str, ...], where: str, computed: str = "") -> str:
    """By the site's version of the day: names are joined to its sums."""
    if computed:
        return _index(
            f"select {computed}, {_SUMS} from fact_answer as f {_OF_THE_DAY}"
            f" where {_SPAN} and {where} group by 1",
            levels,
        )
    named = ", ".join(f"n.{level}" for level in levels)
    return _index(
        f"select {named}, {_MERGED} from (select s.site_version, {_SUMS}"
        f" from fact_answer as f {_OF_THE_DAY} where {_SPAN} and {where} group by s.site_version)"
        " as a join dim_site as n on n.site_version = a.site_version group by all",
        levels,
    )


def _profile() -> str:
    span = "case when f.local_date >= $first then 'now' when f.local_date >= $before then 'before'"
    return _index(
        f"select span, q.process, q.touchpoint, {_MERGED}"
        f" from (select {span} else 'year' end as span, f.question_key, {_SUMS}"
        " from fact_answer as f where (f.local_date >= $before and f.local_date < $until"
        " or f.local_date >= $year_first and f.local_date < $year_until)"
        f" and {_ONE_SITE} group by all) as a join dim_question as q on q.question_key ="
        " a.question_key group by grouping sets"
        " ((span), (span, q.process), (span, q.process, q.touchpoint))",
        ("span", "process", "touchpoint"),
        order=False,
    )


def _target() -> str:
    return (
        "with answered as (select q.process, sum(n)::bigint as n from (select f.question_key,"
        f" count(*) filter (f.weight > 0) as n from fact_answer as f where {_SPAN} and {_ONE_SITE}"
        " group by f.question_key) as a join dim_question as q on q.question_key = a.question_key"
        " group by q.process), aimed as (select t.process, avg(t.target_value)::double as aim"
        " from fact_target as t join dim_site as s on s.site_key = t.site_key and s.is_current"
        " where s.site = $site and t.measure = 'index' and t.period_from < $until"
        " and t.period_to > $first group by t.process)"
        " select a.process, sum(a.n * m.aim) / sum(a.n) as target, sum(a.n)::bigint as n"
        " from answered as a join aimed as m on m.process = a.process group by a.process order by 1"
    )


def _complaints() -> str:
    """Complaints and the median cycle, whose buckets are counted beside each other."""
    lows, median = (-1, *CYCLES), VOICE.measure("cycle_median")
    assert median is not None
    buckets = ", ".join(
        f"count(*) filter (f.cycle_minutes > {low}"
        + (f" and f.cycle_minutes <= {CYCLES[i]}" if i < len(CYCLES) else "")
        + f") as c{i}"
        for i, low in enumerate(lows)
    )
    return (
        "with s as (select count(*) filter (f.purpose = 'complaint') as complaints,"
        f" count(f.cycle_minutes) as cycles, {buckets} from fact_contact as f {_OF_THE_DAY}"
        f" where {_SPAN} and s.province = $province)"
        f" select complaints, {_plain(median.formula)} as cycle_median, cycles from s"
    )


def over_cuboid(name: str) -> str:
    """A question of a site over the cuboid that suits it best, as its author would ask it."""
    where = (
        "c.day >= $first and c.day < $until"
        " and c.site_version in (select site_version from dim_site where site = $site)"
    )
    if name == "week | site":
        return _index(
            f"select date_trunc('week', c.day)::date as week, {_MERGED}"
            f" from satisfaction_site_day as c where {where} group by 1",
            ("week",),
        )
    levels = {"process | site": ("process",), "touchpoint | site": ("process", "touchpoint")}[name]
    named = ", ".join(f"t.{level}" for level in levels)
    return _index(
        f"select {named}, {_MERGED} from (select c.touchpoint_key, {_MERGED}"
        f" from satisfaction_site_touchpoint_day as c where {where} group by c.touchpoint_key) as a"
        f" join dim_process as t on t.touchpoint_key = a.touchpoint_key group by all",
        levels,
    )
