"""What moved between two loads, and the rows that moved it.

The index of each member and month that anything touched, after the one load and after the other;
the difference split into a mix and a rate effect that add up to it; and every answer that came,
went or reads otherwise. All of it is read from the ledger of `fact_answer` by load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, get_args

import duckdb
import polars as pl

from cubes.catalogue import Snapshot
from cubes.difference_sql import (
    DESCRIBED,
    MOVED,
    PAIRED,
    RECODED,
    ROWS,
    SHIFTED,
    STRATA,
    TOUCHED,
)
from cubes.policy import Principal, offer
from models.errors import Forbidden, QuestionError, did_you_mean
from models.history import Load, every_row, load_numbered, stood
from models.table import literal

By = Literal["site", "province", "region_office", "site_type", "network"]
BYS: tuple[str, ...] = get_args(By)

_NUMBERS = count(1)
_STAGES = {"paired": PAIRED, "shifted": SHIFTED, "touched": TOUCHED, "strata": STRATA}


@dataclass(frozen=True, slots=True)
class Difference:
    """What moved between two loads: `moved` by member and month, `rows` by answer, `recoded` sites.

    Kinds of rows: *late* answers of a day before that of the earlier load, *new* ones, *corrected*
    and *withdrawn* ones.
    """

    earlier: Load
    later: Load
    by: By
    moved: pl.DataFrame
    rows: pl.DataFrame
    recoded: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Wish:
    """Between which loads, by which level, and of which sites only (none: of all)."""

    earlier: Load
    later: Load
    by: By
    sites: tuple[str, ...] | None


def read_by(text: str) -> By:
    """The level to list by; QuestionError names those there are."""
    if text not in BYS:
        raise QuestionError(
            f"A difference cannot be listed by {text!r}{did_you_mean(text, BYS)}; "
            f"it can by {', '.join(BYS)}"
        )
    return text  # type: ignore[return-value]


def compare(
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    principal: Principal,
    loads: tuple[int, int],
    by: str,
    site: str | None,
) -> Difference:
    """What moved between two loads of a release, for a principal who may read answers."""
    offered = offer(principal, frozenset(), {"fact_answer": frozenset({"site_key"})})
    if "fact_answer" not in offered.tables:
        raise Forbidden(
            f"A difference lists single answers, which are not offered to {principal.role}; "
            "ask a cube as known at each of the loads"
        )

    def ever(table: str) -> str:
        return every_row(snapshot.schema, table)

    sites = principal.sites if offered.filters else None
    if site is not None:
        sites = (_site(cursor, ever, site, sites),)
    earlier, later = (load_numbered(cursor, number) for number in loads)
    return difference(cursor, ever, Wish(earlier, later, read_by(by), sites))


def _site(
    cursor: duckdb.DuckDBPyConnection,
    ever: Callable[[str], str],
    site: str,
    own: tuple[str, ...] | None,
) -> str:
    rows = cursor.execute(f"select distinct site from {ever('dim_site')}").fetchall()
    known = [str(name) for (name,) in rows if own is None or name in own]
    if site not in known:
        raise QuestionError(f"There is no site '{site}'{did_you_mean(site, known)}")
    return site


def difference(
    cursor: duckdb.DuckDBPyConnection, ever: Callable[[str], str], wish: Wish
) -> Difference:
    """Compare two loads; `ever` names the relation of all rows a ledger ever had.

    Let stratum k of a member and month (of a site: a question and channel; of what is coarser: a
    site) have the weight W, its share s = W / ΣW of it, and the index r. With 1 and 2 for the loads

        mix = Σ (s₂ − s₁) · (r₁ + r₂) / 2        rate = Σ (r₂ − r₁) · (s₁ + s₂) / 2

    (Kitagawa 1955), and mix + rate = Σ s₂r₂ − Σ s₁r₁ = the difference. A stratum that only one load
    has cannot change its rate: it is all mix. Figures are rounded to four places, mix taking the
    last digit, so that what is shown adds up too.
    """
    if wish.earlier.number > wish.later.number:
        one, other = wish.later.number, wish.earlier.number
        raise QuestionError(f"Load {other} came after load {one}; ask from {one} to {other}")
    with _staged(cursor, ever, wish) as names:
        moved, rows, recoded = (
            _plain(cursor.sql(sql.format(**names)).pl()) for sql in (MOVED, ROWS, RECODED)
        )
    return Difference(
        wish.earlier, wish.later, wish.by, moved.rename({"member": wish.by}), rows, recoded
    )


def in_words(found: Difference) -> list[str]:
    """One sentence for each member and month: what it was, what it is, and what moved it."""
    return [_sentence(row, found.by) for row in found.moved.to_dicts()]


def _sentence(row: Mapping[str, Any], by: By) -> str:
    said = [
        f"{row[name]} {word}{'s' if plural and row[name] != 1 else ''}"
        for name, word, plural in (
            ("late", "late answer", True),
            ("new", "new answer", True),
            ("corrected", "corrected", False),
            ("withdrawn", "withdrawn", False),
        )
        if row[name]
    ]
    if row["recoded"]:
        said.append(f"{row['recoded']} site{'s' if row['recoded'] != 1 else ''} re-coded")
    was, now = (_figure(row[name]) for name in ("index_before", "index_after"))
    effects = f" (mix {row['mix']:+.2f}, rate {row['rate']:+.2f})" if row["moved"] else ""
    return f"{row[by]} {row['month']:%Y-%m} {was} → {now}: {', '.join(said) or 'nothing'}{effects}"


def _figure(value: Any) -> str:
    return "–" if value is None else f"{value:.1f}"


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Figures as floats: decimals were exact while they were added up."""
    return frame.with_columns(pl.col(pl.Decimal).cast(pl.Float64))


@contextmanager
def _staged(
    cursor: duckdb.DuckDBPyConnection, ever: Callable[[str], str], wish: Wish
) -> Iterator[Mapping[str, str]]:
    """Temporary tables of what differs, and the words that the SELECTs leave open."""
    number = next(_NUMBERS)
    made = {name: f"temp.{name}_{number}" for name in _STAGES}
    names = {**_words(ever, wish), **made}
    try:
        for name, sql in _STAGES.items():
            cursor.execute(f"create temp table {made[name]} as {sql.format(**names)}")
        yield names
    finally:
        for table in made.values():
            cursor.execute(f"drop table if exists {table}")


def _words(ever: Callable[[str], str], wish: Wish) -> Mapping[str, str]:
    one, other = wish.earlier, wish.later
    wanted = "site_key is not null"
    if wish.sites is not None:
        listed = ", ".join(map(literal, wish.sites)) or "null"
        wanted = f"site_key in (select site_key from {ever('dim_site')} where site in ({listed}))"
    return {
        "facts": ever("fact_answer"),
        "questions": f"(from {ever('dim_question')} where {stood(other.number)})",
        "channels": f"(from {ever('dim_channel')} where {stood(other.number)})",
        "sites_before": f"(from {ever('dim_site')} where {stood(one.number)})",
        "sites_after": f"(from {ever('dim_site')} where {stood(other.number)})",
        "before": stood(one.number, "f."),
        "after": stood(other.number, "f."),
        "member": "'network'" if wish.by == "network" else f"s.{wish.by}",
        "stratum": "f.question_key, f.channel_key" if wish.by == "site" else "f.site_key",
        "wanted": wanted,
        "day": f"date '{one.as_of:%Y-%m-%d}'",
        "described": ", ".join(("site_key", "valid_from", "valid_to", *DESCRIBED)),
    }
