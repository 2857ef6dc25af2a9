"""The voice cube: contacts, complaints and their cycle, over `fact_contact`.

A contact belongs to the day of its receipt, also where it was resolved later: averages of the cases
that happen to be closed in a period would be biased. Cycle times rest on resolved contacts alone,
and `open_cases` stands beside them.
"""

from __future__ import annotations

from cubes.cube import (
    Aggregate,
    Cube,
    Dimension,
    Direction,
    Grid,
    Key,
    Level,
    Measure,
    Share,
    Spread,
    Unit,
    Way,
)
from cubes.definitions import dimensions as d

#: Upper ends (inclusive) of the buckets of wait, in seconds; the last bucket is open.
WAITS = (10, 20, 30, 60, 120)
#: Upper ends (inclusive) of the buckets of cycle time, in minutes; the last bucket is open.
CYCLES = (
    *(5, 15, 30, 60, 120, 240, 480, 1440, 2880, 4320, 7200, 10080),
    *(14400, 20160, 28800, 43200, 64800, 86400, 129600),
)

_ANSWERED = (
    "(not f.is_abandoned and (f.answered_at_utc is not null or f.answered_date is not null"
    " or f.talk_seconds is not null))"
)
_WAITED = f"({_ANSWERED} and f.wait_seconds is not null)"
_HANDLED = f"({_ANSWERED} and f.talk_seconds is not null)"
_OPEN = "(not f.is_resolved and not f.is_abandoned)"
_WAIT = f"case when {_WAITED} then f.wait_seconds end"
_HANDLE = "f.talk_seconds::bigint + coalesce(f.hold_seconds, 0) + coalesce(f.wrap_seconds, 0)"


def _buckets(
    name: str, ends: tuple[int, ...], value: str, what: str
) -> tuple[tuple[str, str, str], ...]:
    lows = (-1, *ends)
    closed = (
        (f"{name}{i}", f"{value} > {lows[i]} and {value} <= {end}", f"{what} up to {end}.")
        for i, end in enumerate(ends)
    )
    return (*closed, (f"{name}{len(ends)}", f"{value} > {ends[-1]}", f"{what} above {ends[-1]}."))


_COUNTED = (
    ("inbound", "f.direction = 'inbound'", "Contacts by customers."),
    ("outbound", "f.direction = 'outbound'", "Contacts by the centre."),
    ("complaints", "f.purpose = 'complaint'", "Complaints."),
    ("inquiries", "f.purpose = 'inquiry'", "Inquiries."),
    ("answered", _ANSWERED, "Contacts an agent answered."),
    ("abandoned", "f.is_abandoned", "The caller left before an agent answered."),
    ("short_abandoned", "f.is_abandoned and f.wait_seconds <= 5", "Left within 5 s."),
    ("waited", _WAITED, "Answered contacts whose wait is known."),
    ("within_20", f"{_WAITED} and f.wait_seconds <= 20", "Answered within 20 s."),
    *_buckets("w", WAITS, _WAIT, "Answered contacts, seconds waited"),
    ("handled", _HANDLED, "Answered contacts whose talk time is known."),
    ("transferred", "f.transfers > 0", "Contacts moved at least once."),
    ("transferred_3", "f.transfers >= 3", "Contacts moved three times or more."),
    ("resolved", "f.is_resolved", "Contacts with nothing open."),
    ("open", _OPEN, "Contacts still open."),
    ("open_complaints", f"{_OPEN} and f.purpose = 'complaint'", "Complaints still open."),
    ("reopened", "f.reopens > 0", "Contacts reopened at least once."),
    ("once_resolved", "f.is_resolved or f.reopens > 0", "Contacts resolved at least once."),
    ("cycles", "f.cycle_minutes is not null", "Resolved contacts whose cycle is known."),
    *_buckets("c", CYCLES, "f.cycle_minutes", "Resolved contacts, minutes of cycle"),
    ("texts", "f.text_id is not null", "Contacts with a verbatim."),
)
_CYCLE_SQUARED = "f.cycle_minutes::decimal(38, 0) * f.cycle_minutes"
_SUMMED = (
    ("wait", _WAIT, "BIGINT", "Seconds waited until answered."),
    (
        "handle",
        f"case when {_HANDLED} then {_HANDLE} end",
        "BIGINT",
        "Talk, hold, after-call work.",
    ),
    ("transfers", "f.transfers", "BIGINT", "Moves from agent to agent or queue."),
    ("cycle", "f.cycle_minutes", "BIGINT", "Minutes from receipt to final resolution."),
    ("cycle2", _CYCLE_SQUARED, "DECIMAL(38,0)", "The same squared."),
)

AGGREGATES = (
    Aggregate("rows", "1", "Contacts.", "BIGINT"),
    *(Aggregate(name, f"({condition})::integer", what) for name, condition, what in _COUNTED),
    *(Aggregate(name, sql, what, type_) for name, sql, type_, what in _SUMMED),
)


def _count(name: str, aggregate: str, description: str, *, bad: bool = False) -> Measure:
    direction: Direction = -1 if bad else 0
    return Measure(name, f"sum({aggregate})", "count", description, direction, base="sum(rows)")


def _share(name: str, part: str, whole: str, description: str, *, good: bool = False) -> Measure:
    return Measure(
        name,
        f"100.0::double * ({part}) / nullif({whole}, 0)",
        "percent",
        description,
        1 if good else -1,
        base=whole,
        interval=Share(part, whole),
    )


def _mean(name: str, part: str, whole: str, unit: Unit, description: str) -> Measure:
    formula = f"sum({part})::double / nullif(sum({whole}), 0)"
    return Measure(name, formula, unit, description, -1, base=f"sum({whole})")


def _cycle_median() -> str:
    """The median by linear interpolation within its bucket; the open bucket gives its lower end."""
    counts = ", ".join(f"sum(c{i})" for i in range(len(CYCLES) + 1))
    widths = [high - low for low, high in zip((0, *CYCLES), CYCLES, strict=False)]
    below = "list_sum(one_.counts_[1:{}])"
    found = (  # in which bucket the middle lies, then where in it
        "list_transform([1 + len(list_filter("
        f"range(1, {len(CYCLES) + 2}), lambda place_: {below.format('place_')} < one_.half_))],"
        f" lambda at_: {[0, *CYCLES]}[at_] + {[*widths, 0]}[at_]"
        f" * (one_.half_ - coalesce({below.format('at_ - 1')}, 0)) / one_.counts_[at_])[1]"
    )
    named = f"[{{'counts_': [{counts}], 'half_': sum(cycles) / 2.0::double}}]"
    return (
        f"case when sum(cycles) > 0 then list_transform({named}, lambda one_: {found})[1] / 60 end"
    )


_REACHED = "(sum(answered) + sum(abandoned))"
_DUE = "(sum(waited) + sum(abandoned) - sum(short_abandoned))"

MEASURES = (
    _count("contacts", "rows", "Contacts received or made."),
    _count("complaints", "complaints", "Complaints.", bad=True),
    _count("inquiries", "inquiries", "Inquiries."),
    _count("inbound", "inbound", "Contacts by customers."),
    _count("outbound", "outbound", "Contacts by the centre."),
    _count("answered", "answered", "Contacts an agent answered."),
    _count("abandoned", "abandoned", "The caller left before an agent answered.", bad=True),
    _count("resolved", "resolved", "Contacts with nothing open."),
    _count("open_cases", "open", "Contacts still open.", bad=True),
    _count("open_complaints", "open_complaints", "Complaints still open.", bad=True),
    _share("complaint_share", "sum(complaints)", "sum(rows)", "Contacts that complain."),
    _share("answer_rate", "sum(answered)", _REACHED, "Answered of all that waited.", good=True),
    _share("abandonment", "sum(abandoned)", _REACHED, "Abandoned of all that waited."),
    _share(
        "service_level",
        "sum(within_20)",
        _DUE,
        "Answered within 20 s, of those answered with a known wait and those abandoned after 5 s.",
        good=True,
    ),
    _share("transferred_often", "sum(transferred_3)", "sum(rows)", "Moved three times or more."),
    _share(
        "reopen_rate", "sum(reopened)", "sum(once_resolved)", "Reopened of those once resolved."
    ),
    _mean("asa", "wait", "waited", "seconds", "Average speed of answer of answered contacts."),
    _mean("aht", "handle", "handled", "seconds", "Average talk, hold and after-call work."),
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
        "Median hours from receipt to final resolution: interpolated within its bucket, not exact.",
        -1,
        base="sum(cycles)",
    ),
)

KIND = Dimension(
    name="kind",
    levels=(
        Level(
            "purpose",
            "VARCHAR",
            "inquiry, complaint, request, compliment, happy_call, …",
            (Way("purpose"),),
        ),
        Level("direction", "VARCHAR", "inbound or outbound.", (Way("direction"),)),
    ),
)

#: Whoever turned to us; where no person is named, each contact is somebody of their own.
PERSON = "coalesce(f.customer_key, -1 - f.contact_key)"
#: Whoever took the contact, where it is known.
AGENT = "nullif(f.agent_key, 0)"
_OF_AGENTS = ("aht", "transfers_per_contact", "transferred_often")
_OF_SOME = ("asa", "cycle_hours", "cycle_median")

GRIDS = (
    Grid(
        "contacts",
        "rows",
        PERSON,
        tuple(m.name for m in MEASURES if m.name not in (*_OF_AGENTS, *_OF_SOME)),
    ),
    Grid("waits", "waited", PERSON, ("asa",)),
    Grid("cycles", "cycles", PERSON, ("cycle_hours", "cycle_median")),
    Grid("handling", "handled", AGENT, ("aht",), employees=True),
    Grid("transfers", "rows", AGENT, _OF_AGENTS[1:], employees=True),
)

VOICE = Cube(
    name="voice",
    title="Contacts, complaints and their cycle",
    fact="fact_contact",
    base="sum(rows)",
    joins=(d.SITE_OF_THE_DAY, d.AGENT_OF_THE_DAY),
    keys=(
        *d.SITE_KEYS,
        Key("touchpoint_key", "INTEGER", "f.touchpoint_key"),
        Key("reason_key", "INTEGER", "f.reason_key"),
        *d.MEMBER_KEYS,
        Key("purpose", "VARCHAR", "f.purpose"),
        Key("direction", "VARCHAR", "f.direction"),
        *d.TIME_KEYS,
    ),
    dimensions=(
        *(d.DATE, d.HOUR, d.SITE, d.PROCESS, d.CHANNEL, d.REASON),
        *(d.PRODUCT, d.CAMPAIGN, d.AGENT, d.PROFILE, KIND),
    ),
    aggregates=AGGREGATES,
    measures=MEASURES,
    grids=GRIDS,
)
