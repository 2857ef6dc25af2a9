"""The conformed dimensions: one spelling of every level, shared by all cubes.

Levels of date are functions of the day; a period is the date of its first day. Weeks do not nest in
months, so a month is never read from a week. All other levels are columns of a dimension table.
"""

from __future__ import annotations

from cubes.cube import Dimension, Hierarchy, Join, Key, Level, Way

_HALF = "make_date(year({key}), case when month({key}) < 7 then 1 else 7 end, 1)"


def _column(
    table: str,
    keys: tuple[str, ...],
    name: str,
    description: str,
    type_: str = "VARCHAR",
    column: str = "",
) -> Level:
    return Level(name, type_, description, tuple(Way(key, column or name, table) for key in keys))


def _period(name: str, description: str, sql: str, *, of_month: bool) -> Level:
    by_month = (Way("month", sql),) if of_month else ()
    return Level(name, "DATE", description, (*by_month, Way("day", sql)))


DATE = Dimension(
    name="date",
    table="dim_date",
    levels=(
        Level("day", "DATE", "The day, in the site's zone.", (Way("day"),)),
        _period(
            "week", "Monday of the ISO week.", "date_trunc('week', {key})::date", of_month=False
        ),
        Level(
            "month",
            "DATE",
            "First day of the month.",
            (Way("month"), Way("day", "date_trunc('month', {key})::date")),
        ),
        _period(
            "quarter",
            "First day of the quarter.",
            "date_trunc('quarter', {key})::date",
            of_month=True,
        ),
        _period("half", "First day of the half year.", _HALF, of_month=True),
        _period("year", "First day of the year.", "date_trunc('year', {key})::date", of_month=True),
        Level(
            "fiscal_year",
            "DATE",
            "First day of the fiscal year, which begins with a month.",
            tuple(Way(key, "fiscal_year", "dim_date", "day") for key in ("month", "day")),
        ),
    ),
    hierarchies=(
        Hierarchy("calendar", ("year", "half", "quarter", "month", "day")),
        Hierarchy("weeks", ("week", "day")),
        Hierarchy("fiscal", ("fiscal_year", "month", "day")),
    ),
)

HOUR = Dimension(
    name="hour",
    levels=(
        Level(
            "hour",
            "INTEGER",
            "Hour of the day in the site's zone, 0 … 23; null where only the date is known.",
            (Way("hour"),),
        ),
    ),
)


def _site(name: str, description: str) -> Level:
    return _column("dim_site", ("site_version",), name, description)


SITE = Dimension(
    name="site",
    table="dim_site",
    key="site_version",
    durable="site_key",
    levels=(
        _site("site", "The site's reference in its sources."),
        _site("site_name", "Name as people say it."),
        _site("site_type", "sales_branch, service_center or a source's own type."),
        _site("size_band", "small, medium or large."),
        Level(
            "province",
            "VARCHAR",
            "Upper level of the region tree; `region` is accepted for it.",
            (Way("province", as_was=True), Way("site_version", "province", "dim_site")),
        ),
        _site("district", "Lower level of the region tree."),
        _site("head_office", "Upper level of the company tree."),
        _site("region_office", "Lower level of the company tree."),
    ),
    hierarchies=(
        Hierarchy("region", ("province", "district", "site")),
        Hierarchy("company", ("head_office", "region_office", "site")),
    ),
)


def _place(name: str, description: str) -> Level:
    ways = (Way("touchpoint_key", name, "dim_process"), Way("question_key", name, "dim_question"))
    return Level(name, "VARCHAR", description, ways)


PROCESS = Dimension(
    name="process",
    table="dim_process",
    key="touchpoint_key",
    levels=(
        _place("process", "sales, after_sales, product, contact_centre or a source's own."),
        _place("stage", "consider, inquire, order, deliver, install or after_sales."),
        _place("touchpoint", "A place on the customer's journey."),
    ),
    hierarchies=(Hierarchy("journey", ("process", "stage", "touchpoint")),),
)


def _question(name: str, description: str, type_: str = "VARCHAR", column: str = "") -> Level:
    return _column("dim_question", ("question_key",), name, description, type_, column)


QUESTION = Dimension(
    name="question",
    table="dim_question",
    key="question_key",
    levels=(
        _question("question", "The question's reference."),
        _question("scale_low", "Lowest score of the question's scale.", "INTEGER", "low"),
        _question("scale_high", "Highest score of the question's scale.", "INTEGER", "high"),
        _question(
            "scale_direction",
            "1 where higher is better, -1 where lower is.",
            "SMALLINT",
            "direction",
        ),
    ),
    hierarchies=(Hierarchy("questionnaire", ("process", "stage", "touchpoint", "question")),),
)


def _member(name: str, description: str, table: str = "") -> Dimension:
    table, key = table or f"dim_{name}", f"{name}_key"
    return Dimension(
        name=name, table=table, key=key, levels=(_column(table, (key,), name, description),)
    )


CHANNEL = _member("channel", "How it came, or how the question was asked.")
PRODUCT = _member("product", "What it was about.")
CAMPAIGN = _member("campaign", "Which campaign it belongs to.")
REASON = _member("reason", "Why the customer turned to us.")

AGENT = Dimension(
    name="agent",
    table="dim_agent",
    key="agent_version",
    durable="agent_key",
    levels=(_column("dim_agent", ("agent_version",), "agent", "The agent's code."),),
)

PROFILE = Dimension(
    name="profile",
    table="dim_customer_profile",
    key="profile_key",
    levels=(
        _column("dim_customer_profile", ("profile_key",), "segment", "Segment, as known that day."),
    ),
)

#: The version of a site or an agent that was in force on the day of the fact.
SITE_OF_THE_DAY = Join(
    "site",
    "dim_site",
    "site.site_key = f.site_key"
    " and f.local_date >= site.valid_from and f.local_date < site.valid_to",
)
AGENT_OF_THE_DAY = Join(
    "agent",
    "dim_agent",
    "agent.agent_key = f.agent_key"
    " and f.local_date >= agent.valid_from and f.local_date < agent.valid_to",
)

#: Keys that every fact with a site, members and a local time has.
SITE_KEYS = (
    Key("site_version", "INTEGER", "site.site_version"),
    Key("province", "VARCHAR", "site.province"),
)
MEMBER_KEYS = (
    Key("channel_key", "INTEGER", "f.channel_key"),
    Key("product_key", "INTEGER", "f.product_key"),
    Key("campaign_key", "INTEGER", "f.campaign_key"),
    Key("agent_version", "INTEGER", "agent.agent_version"),
    Key("profile_key", "INTEGER", "f.profile_key"),
)
TIME_KEYS = (
    Key("day", "DATE", "f.local_date"),
    Key("month", "DATE", "date_trunc('month', f.local_date)::date"),
    Key("hour", "INTEGER", "(f.local_minute // 60)::integer"),
)

#: Other spellings people use.
SYNONYMS = {"region": "province"}
