"""Every question the screens ask, by name.

Screens, benchmarks and the shadow check share this file: what is measured and what is verified is
what people see. A text asks cubes and facts, with $parameters; a name says what is grouped by and
what is given, as in `week | province, process`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final

# The interval is symmetric until its scale cuts it off: the upper end follows from the lower, and
# asking for both would let DuckDB plan for half as long again.
INDEX: Final = "measure(index) as index, low(index) as low, n(index) as n"
CYCLE: Final = (
    "measure(complaints) as complaints, measure(cycle_median) as cycle_median,"
    " n(cycle_median) as cycles"
)

VOICES: Final = 12  # comments and complaints that one screen shows
COMPLAINTS: Final = 30

# What may be given, in the order of a name: a place, a league of like sites, a process.
SCOPES: Final = ((), ("province",), ("province", "district"), ("site",))
LEAGUES: Final = (("site_type",), ("site_type", "province"), ("site_type", "size_band"))
PROCESS: Final = ((), ("process",))

# What is grouped by, as a screen shows it.
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "total": (),
    "day": ("day",),
    "week": ("week",),
    "month": ("month",),
    "province": ("province",),
    "district": ("district",),
    "site": ("site", "site_name", "site_type"),
    "process": ("process",),
    "touchpoint": ("process", "touchpoint"),
}

#: What is timed: 18 questions that aggregate and 6 that list rows, of the nation, a province and a
#: site, as screens ask them.
AGGREGATING: Final = (
    *("total", "week", "month", "process", "touchpoint", "province", "site"),
    *("month | province", "district | province", "site | province", "site | site_type"),
    *("week | site", "process | site", "touchpoint | site", "profile | site", "target | site"),
    *("complaints | province", "open | site"),
)
LISTING: Final = (
    *("voices", "voices | province", "voices | site"),
    *("open complaints", "open complaints | province", "open complaints | site"),
)
BENCHMARKED: Final = AGGREGATING + LISTING


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its name, its text, and the parameters the text needs."""

    name: str
    text: str
    parameters: tuple[str, ...]


def named(group: str, given: Sequence[str]) -> str:
    """The name of the question that groups by `group` where the `given` levels are fixed.

    >>> named("week", ("province", "process"))
    'week | province, process'
    """
    return f"{group} | {', '.join(given)}" if given else group


def _fixed(level: str, of: str = "") -> str:
    """The condition that a level has the given member; `sites` stands for any of several sites."""
    return f"list_contains($sites, {of}site)" if level == "sites" else f"{of}{level} = ${level}"


def _by_site(given: Sequence[str]) -> tuple[str, ...]:
    """What the answers of several sites are told apart by."""
    return ("site",) if "sites" in given else ()


def _of_cube(
    name: str, cube: str, levels: Sequence[str], measures: str, given: Sequence[str]
) -> Question:
    levels = (*_by_site(given), *levels)
    where = ("day >= $first", "day < $until", *map(_fixed, given))
    text = f"select {', '.join((*levels, measures))}\nfrom {cube}\nwhere " + "\n  and ".join(where)
    if levels:
        text += f"\ngroup by {', '.join(levels)}\norder by {', '.join(levels)}"
    return Question(named(name, given), text, ("first", "until", *given))


def _satisfaction() -> Iterator[Question]:
    for group, scope, process in product(GROUPS, SCOPES, PROCESS):
        yield _of_cube(group, "satisfaction", GROUPS[group], INDEX, (*scope, *process))
    for group, league, process in product(("total", "site", "process"), LEAGUES, PROCESS):
        yield _of_cube(group, "satisfaction", GROUPS[group], INDEX, (*league, *process))


def _profile(given: Sequence[str]) -> Question:
    """A place at three times in one answer: now, just before, and a year ago.

    In all, by process and by touchpoint: what a screen compares comes from one reading of the
    cells. Null is every process, or every touchpoint; a member is never null here.
    """
    where = "".join(f"\n  and {_fixed(level)}" for level in given)
    by = "".join(f"{level}, " for level in _by_site(given))
    text = (
        f"select\n  {by}case when day >= $first then 'now' when day >= $before then 'before'"
        " else 'year' end as span,\n"
        f"  process, touchpoint, {INDEX}\n"
        "from satisfaction\n"
        "where (day >= $before and day < $until or day >= $year_first and day < $year_until)"
        f"{where}\n"
        f"group by grouping sets (({by}span), ({by}span, process), ({by}span, process, touchpoint))"
    )
    parameters = ("first", "until", "before", "year_first", "year_until", *given)
    return Question(named("profile", given), text, parameters)


_DAYS: Final = Question(
    "days", "select day, n(index) as n\nfrom satisfaction\ngroup by day\norder by day", ()
)
_SITES: Final = Question(
    "sites",
    "select site_key, site, site_name, site_type, size_band, province, district\n"
    "from dim_site\nwhere is_current and site_key > 0\n"
    "order by province, district, site_name, site",
    (),
)
_TOUCHPOINTS: Final = Question(
    "touchpoints",
    "select touchpoint, touchpoint_name, stage, process\nfrom dim_process\norder by touchpoint_key",
    (),
)


def _site_of_the_day(fact: str) -> str:
    return (
        f"join dim_site as s on s.site_key = {fact}.site_key\n"
        f"  and {fact}.local_date >= s.valid_from and {fact}.local_date < s.valid_to\n"
    )


def _target(given: Sequence[str]) -> Question:
    """What the index is to reach by process: targets of sites, weighted by the sites' answers.

    It is the index that there would be if every site reached its own target.
    """
    where = "".join(f"\n    and {_fixed(level)}" for level in given)
    by = "".join(f"a.{level}, " for level in (*_by_site(given), "process")).removesuffix(", ")
    text = (
        "with answered as (\n"
        "  select site, process, n(index) as n\n  from satisfaction\n"
        f"  where day >= $first\n    and day < $until{where}\n  group by site, process\n),\n"
        "aimed as (\n"
        "  select s.site, t.process, avg(t.target_value)::double as aim\n"
        "  from fact_target as t\n"
        "  join dim_site as s on s.site_key = t.site_key and s.is_current\n"
        "  where t.measure = 'index' and t.period_from < $until and t.period_to > $first"
        f"{_one_site(given)}\n"
        "  group by s.site, t.process\n)\n"
        f"select {by}, sum(a.n * m.aim) / sum(a.n) as target, sum(a.n)::bigint as n\n"
        "from answered as a\n"
        "join aimed as m on m.site = a.site and m.process = a.process\n"
        f"group by {by}\norder by {by}"
    )
    return Question(named("target", given), text, ("first", "until", *given))


def _one_site(given: Sequence[str]) -> str:
    """The condition that reads the rows of these sites alone, where a question names its sites."""
    named = (level for level in given if level in ("site", "sites"))
    return "".join(f" and {_fixed(level, 's.')}" for level in named)


def _open(given: Sequence[str]) -> Question:
    where = "\nwhere " + "\n  and ".join(f"{level} = ${level}" for level in given) if given else ""
    text = f"select measure(open_complaints) as complaints\nfrom voice{where}"
    return Question(named("open", given), text, tuple(given))


def _newest(given: Sequence[str], order: str, most: int) -> str:
    """The first rows in an order: of the place, or of each of several sites."""
    if "sites" not in given:
        return f"order by {order}\nlimit {most}"
    place = f"row_number() over (partition by s.site order by {order})"
    return f"qualify {place} <= {most}\norder by s.site, {order}"


def _voices(given: Sequence[str]) -> Question:
    where = "".join(
        f"\n  and {_fixed(level, 'q.' if level == 'process' else 's.')}" for level in given
    )
    order = "a.local_date desc, a.at_utc desc nulls last, a.answer_key desc"
    text = (
        "select a.answer_key, s.site, s.site_name, s.province, q.process, q.wording, q.wording_en,"
        " a.score, a.grade, a.span, a.text_id, a.at_utc, a.local_date\n"
        f"from fact_answer as a\n{_site_of_the_day('a')}"
        "join dim_question as q on q.question_key = a.question_key\n"
        "where a.text_id is not null\n"
        f"  and a.local_date >= $first and a.local_date < $until{where}\n"
        f"{_newest(given, order, VOICES)}"
    )
    return Question(named("voices", given), text, ("first", "until", *given))


def _open_complaints(given: Sequence[str]) -> Question:
    where = "".join(f"\n  and {_fixed(level, 's.')}" for level in given)
    order = "c.local_date, c.at_utc, c.contact_key"
    text = (
        "select c.contact_key, s.site, s.site_name, h.channel, h.channel_name, r.reason,"
        " r.reason_name, c.status, c.at_utc, c.local_date, c.transfers, c.reopens\n"
        f"from fact_contact as c\n{_site_of_the_day('c')}"
        "join dim_channel as h on h.channel_key = c.channel_key\n"
        "join dim_reason as r on r.reason_key = c.reason_key\n"
        f"where not c.is_resolved and not c.is_abandoned and c.purpose = 'complaint'{where}\n"
        f"{_newest(given, order, COMPLAINTS)}"
    )
    return Question(named("open complaints", given), text, tuple(given))


def _published() -> Iterator[Question]:
    """Leagues and like sites to whoever may not read their cells: by whole months, as published."""

    def figures(scope: str) -> str:
        ends = (("", "index"), (", 'low'", "low"), (", 'n'", "n"))
        return ", ".join(f"benchmark(index, '{scope}'{end}) as {name}" for end, name in ends)

    def where(*levels: str) -> str:
        return "\n  and ".join(("where month >= $first", "month < $until", *map(_fixed, levels)))

    site, like = ", ".join(GROUPS["site"]), ("site_type", "size_band")
    yield Question(
        named("published site", ("site_type",)),
        f"select {site}, {figures('site')}\nfrom satisfaction\n{where('site_type')}\n"
        f"group by {site}\nhaving benchmark(index, 'site') is not null\norder by {site}",
        ("first", "until", "site_type"),
    )
    yield Question(
        named("published total", ("site_type",)),
        f"select {figures('type')}\nfrom satisfaction\n{where('site_type')}",
        ("first", "until", "site_type"),
    )
    for scope, given in (("peers", like), ("network", ())):
        whole = f"select 'now' as span, {{}} as process, null as touchpoint, {figures(scope)}"
        text = (
            f"{whole.format('null')}\nfrom satisfaction\n{where(*given)}\nunion all\n"
            f"{whole.format('process')}\nfrom satisfaction\n{where(*given)}\ngroup by process"
        )
        yield Question(named("published profile", given), text, ("first", "until", *given))


def _of_many_sites() -> Iterator[Question]:
    """What a screen of one site asks, for several sites at once: asked when a release is there."""
    for group in ("day", "week", "month"):
        yield _of_cube(group, "satisfaction", GROUPS[group], INDEX, ("sites",))
    yield from (f(("sites",)) for f in (_profile, _target, _voices, _open_complaints))


@cache
def questions() -> Mapping[str, Question]:
    """Every question, by its name."""
    asked = (
        *_satisfaction(),
        *(_profile(given) for given in (*SCOPES, ("site_type", "size_band"))),
        *(_of_cube("complaints", "voice", (), CYCLE, scope) for scope in SCOPES),
        *(_open(scope) for scope in SCOPES),
        *(_target(scope) for scope in SCOPES),
        *(_voices((*scope, *process)) for scope, process in product(SCOPES, PROCESS)),
        *(_open_complaints(scope) for scope in SCOPES),
        *_published(),
        *_of_many_sites(),
        _DAYS,
        _SITES,
        _TOUCHPOINTS,
    )
    return {question.name: question for question in asked}
