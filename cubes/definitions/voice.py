"""The voice cube: contacts, complaints and their cycle, over `fact_contact`.

A contact belongs to the day of its receipt, also where it was resolved later: averages of the cases
that happen to be closed in a period would be biased. Cycle times rest on resolved contacts alone, and
`open_cases` stands beside them.
"""

from __future__ import annotations

from cubes.cube import (
    Aggregate,
    Cube,
    Dimension,
    Key,
    Level,
    Measure,
    Share,
    Spread,
    Unit,
    Way,
)
from cubes.definitions.dimensions import (
    AGENT,
    AGENT_OF_THE_DAY,
    CAMPAIGN,
    CHANNEL,
    DATE,
    HOUR,
    PROCESS,
    PRODUCT,
    PROFILE,
    REASON,
    SITE,
    SITE_OF_THE_DAY,
)

#: Upper ends (inclusive) of the buckets of wait, in seconds; the last bucket is open.
WAITS = (10, 20, 30, 60, 120)
#: Upper ends (inclusive) of the buckets of cycle time, in minutes; the last bucket is open.
CYCLES = (
    5, 15, 30, 60, 120, 240, 480, 1440, 2880, 4320, 7200, 10080,
    14400, 20160, 28800, 43200, 64800, 86400, 129600,
)  # fmt: skip

_ANSWERED = (
    "(not f.is_abandoned and (f.answered_at_utc is not null or f.answered_date is not null"
    " or f.talk_seconds is not null))"
)
_WAITED = f"({_ANSWERED} and f.wait_seconds is not null)"
_HANDLED = f"({_ANSWERED} and f.talk_seconds is not null)"


def _buckets(name: str, ends: tuple[int, ...], value: str, what: str) -> tuple[Aggregate, ...]:
    lows = (-1, *ends)
    last = Aggregate(
        f"{name}{len(ends)}", f"({value} > {ends[-1]})::integer", f"{what} above {ends[-1]}."
    )
    return (
        *(
            Aggregate(
                f"{name}{i}",
                f"({value} > {lows[i]} and {value} <= {end})::integer",
                f"{what} up to {end}.",
            )
            for i, end in enumerate(ends)
        ),
        last,
    )


def _is(condition: str) -> str:
    return f"({condition})::integer"


AGGREGATES = (
    Aggregate("rows", "1", "Contacts.", "BIGINT"),
    Aggregate("inbound", _is("f.direction = 'inbound'"), "Contacts by customers."),
    Aggregate("outbound", _is("f.direction = 'outbound'"), "Contacts by the centre."),
    Aggregate("complaints", _is("f.purpose = 'complaint'"), "Complaints."),
    Aggregate("inquiries", _is("f.purpose = 'inquiry'"), "Inquiries."),
    Aggregate("answered", _is(_ANSWERED), "Contacts an agent answered."),
    Aggregate("abandoned", _is("f.is_abandoned"), "The caller left before an agent answered."),
    Aggregate("short_abandoned", _is("f.is_abandoned and f.wait_seconds <= 5"), "Left within 5 s."),
    Aggregate("waited", _is(_WAITED), "Answered contacts whose wait is known."),
    Aggregate("wait", f"case when {_WAITED} then f.wait_seconds end", "Seconds waited until answered.", "BIGINT"),
    Aggregate("within_20", _is(f"{_WAITED} and f.wait_seconds <= 20"), "Answered within 20 s."),
    *_buckets("w", WAITS, f"case when {_WAITED} then f.wait_seconds end", "Answered contacts, seconds waited"),
    Aggregate("handled", _is(_HANDLED), "Answered contacts whose talk time is known."),
    Aggregate(
        "handle",
        f"case when {_HANDLED} then f.talk_seconds::bigint + coalesce(f.hold_seconds, 0) + coalesce(f.wrap_seconds, 0) end",
        "Seconds of talk, hold and after-call work.",
        "BIGINT",
    ),
    Aggregate("transfers", "f.transfers", "Moves from agent to agent or queue.", "BIGINT"),
    Aggregate("transferred", _is("f.transfers > 0"), "Contacts moved at least once."),
    Aggregate("transferred_3", _is("f.transfers >= 3"), "Contacts moved three times or more."),
    Aggregate("resolved", _is("f.is_resolved"), "Contacts with nothing open."),
    Aggregate("open", _is("not f.is_resolved and not f.is_abandoned"), "Contacts still open."),
    Aggregate("open_complaints", _is("not f.is_resolved and not f.is_abandoned and f.purpose = 'complaint'"), "Complaints still open."),
    Aggregate("reopened", _is("f.reopens > 0"), "Contacts reopened at least once."),
    Aggregate("once_resolved", _is("f.is_resolved or f.reopens > 0"), "Contacts resolved at least once."),
    Aggregate("cycles", _is("f.cycle_minutes is not null"), "Resolved contacts whose cycle is known."),
    Aggregate("cycle", "f.cycle_minutes", "Minutes from receipt to final resolution.", "BIGINT"),
    Aggregate("cycle2", "f.cycle_minutes::decimal(38, 0) * f.cycle_minutes", "The same squared.", "DECIMAL(38,0)"),
    *_buckets("c", CYCLES, "f.cycle_minutes", "Resolved contacts, minutes of cycle"),
    Aggregate("texts", _is("f.text_id is not null"), "Contacts with a verbatim."),
)  # fmt: skip


def _share(name: str, part: str, whole: str, description: str, direction: int) -> Measure:
    return Measure(
        name,
        f"100.0::double * ({part}) / nullif({whole}, 0)",
        "percent",
        description,
        1 if direction > 0 else -1,
        base=whole,
        interval=Share(part, whole),
    )


def _count(name: str, aggregate: str, description: str, direction: int = 0) -> Measure:
    return Measure(
        name,
        f"sum({aggregate})",
        "count",
        description,
        -1 if direction < 0 else 0,
        base="sum(rows)",
    )


def _mean(
    name: str, part: str, whole: str, unit: Unit, description: str, scale: str = ""
) -> Measure:
    return Measure(
        name,
        f"sum({part})::double{scale} / nullif(sum({whole}), 0)",
        unit,
        description,
        -1,
        base=f"sum({whole})",
    )


def _cycle_median() -> str:
    """The median by linear interpolation within its bucket; the open bucket gives its lower end."""
    lows = (0, *CYCLES)
    cases = []
    for i, low in enumerate(lows):
        below = " + ".join(f"sum(c{j})" for j in range(i)) or "0"
        width = CYCLES[i] - low if i < len(CYCLES) else 0
        half = f"(sum(cycles) / 2.0::double - ({below}))"
        cases.append(
            f"when {below} + sum(c{i}) >= sum(cycles) / 2.0::double then {low} + {width} * {half} / sum(c{i})"
        )
    return f"case when sum(cycles) > 0 then (case {' '.join(cases)} end) / 60 end"


MEASURES = (
    _count("contacts", "rows", "Contacts received or made."),
    _count("complaints", "complaints", "Complaints.", -1),
    _count("inquiries", "inquiries", "Inquiries."),
    _count("inbound", "inbound", "Contacts by customers."),
    _count("outbound", "outbound", "Contacts by the centre."),
    _count("answered", "answered", "Contacts an agent answered."),
    _count("abandoned", "abandoned", "Contacts whose caller left before an agent answered.", -1),
    _count("resolved", "resolved", "Contacts with nothing open."),
    _count("open_cases", "open", "Contacts still open.", -1),
    _count("open_complaints", "open_complaints", "Complaints still open.", -1),
    _share("complaint_share", "sum(complaints)", "sum(rows)", "Share of contacts that complain.", -1),
    _share("answer_rate", "sum(answered)", "(sum(answered) + sum(abandoned))", "Answered of answered and abandoned.", 1),
    _share("abandonment", "sum(abandoned)", "(sum(answered) + sum(abandoned))", "Abandoned of answered and abandoned.", -1),
    _share(
        "service_level",
        "sum(within_20)",
        "(sum(waited) + sum(abandoned) - sum(short_abandoned))",
        "Answered within 20 s of all answered with a known wait and all abandoned after 5 s.",
        1,
    ),
    _share("transferred_often", "sum(transferred_3)", "sum(rows)", "Share of contacts moved three times or more.", -1),
    _share("reopen_rate", "sum(reopened)", "sum(once_resolved)", "Reopened of those resolved at least once.", -1),
    _mean("asa", "wait", "waited", "seconds", "Average speed of answer: mean wait of answered contacts."),
    _mean("aht", "handle", "handled", "seconds", "Average handling time: talk, hold and after-call work."),
    _mean("transfers_per_contact", "transfers", "rows", "ratio", "Moves per contact."),
    Measure(
        "cycle_hours",
        "sum(cycle)::double / 60 / nullif(sum(cycles), 0)",
        "hours",
        "Mean hours from receipt to final resolution, of resolved contacts.",
        -1,
        base="sum(cycles)",
        interval=Spread(
            "greatest(sum(cycle2)::double - sum(cycle)::double * sum(cycle) / sum(cycles), 0)"
            " / (sum(cycles) - 1) / sum(cycles) / 3600",
            "sum(cycles) - 1",
            0,
        ),
    ),
    Measure(
        "cycle_median",
        _cycle_median(),
        "hours",
        "Median hours from receipt to final resolution, of resolved contacts: interpolated within its bucket, not exact.",
        -1,
        base="sum(cycles)",
    ),
)  # fmt: skip

_KIND = Dimension(
    name="kind",
    levels=(
        Level("purpose", "VARCHAR", "inquiry, complaint, request, compliment, happy_call, …", (Way("purpose"),)),
        Level("direction", "VARCHAR", "inbound or outbound.", (Way("direction"),)),
    ),
)  # fmt: skip

VOICE = Cube(
    name="voice",
    title="Contacts, complaints and their cycle",
    fact="fact_contact",
    base="sum(rows)",
    joins=(SITE_OF_THE_DAY, AGENT_OF_THE_DAY),
    keys=(
        Key("site_version", "INTEGER", "site.site_version"),
        Key("province", "VARCHAR", "site.province"),
        Key("touchpoint_key", "INTEGER", "f.touchpoint_key"),
        Key("channel_key", "INTEGER", "f.channel_key"),
        Key("reason_key", "INTEGER", "f.reason_key"),
        Key("product_key", "INTEGER", "f.product_key"),
        Key("campaign_key", "INTEGER", "f.campaign_key"),
        Key("agent_version", "INTEGER", "agent.agent_version"),
        Key("profile_key", "INTEGER", "f.profile_key"),
        Key("purpose", "VARCHAR", "f.purpose"),
        Key("direction", "VARCHAR", "f.direction"),
        Key("day", "DATE", "f.local_date"),
        Key("month", "DATE", "date_trunc('month', f.local_date)::date"),
        Key("hour", "INTEGER", "(f.local_minute // 60)::integer"),
    ),
    dimensions=(
        DATE,
        HOUR,
        SITE,
        PROCESS,
        CHANNEL,
        REASON,
        PRODUCT,
        CAMPAIGN,
        AGENT,
        PROFILE,
        _KIND,
    ),  # fmt: skip
    aggregates=AGGREGATES,
    measures=MEASURES,
)
