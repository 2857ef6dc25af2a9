"""Reads the corpus: SQL files with tables, cuboids, and questions with what is expected of them.

A file is plain SQL under headings that are comments:

    -- tables [STAR]              DDL and rows, after those of stars/STAR.sql; what is unique,
                                  refers or is not null is read from the DDL
    -- view NAME                  the SELECT of a view
    -- cuboid NAME                the SELECT a cuboid was made with
    -- given NAME, NAME           which cuboids the cases from here on may use (default: all)
    -- zone Asia/Seoul            the zone of build and query sessions from here on (or: none)
    -- case SENTENCE              one question, with lines that say what is expected:
    --   uses NAME [with T, T] [and T]    it scans that cuboid, may scan T after `with`,
                                  must scan T after `and`
    --   star [REASON]            nothing is used; each given cuboid (or some) is refused for REASON
    --   any                      it may be answered either way, if only the same
    --   trap WHERE               where the field met this
    --   prefer cost · sizes T=9, U=1 · ordered · todo WHY
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
HEADING = re.compile(r"^-- (tables|view|cuboid|given|zone|case)\b ?(.*)$")
DETAIL = re.compile(r"^--   (uses|star|any|trap|prefer|sizes|ordered|todo)\b ?(.*)$")


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what is expected of its plan."""

    title: str
    line: int
    sql: str = ""
    cuboids: tuple[str, ...] | None = None
    zone: str | None = None
    uses: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    reason: str | None = None
    prefer: str = "proof"
    sizes: tuple[tuple[str, int], ...] = ()
    ordered: bool = False
    todo: str | None = None
    any: bool = False
    stated: bool = False

    @property
    def star(self) -> bool:
        return not self.uses and not self.any


@dataclass(frozen=True, slots=True)
class File:
    """One rule: its tables, cuboids, views and cases."""

    name: str
    setup: str
    views: tuple[tuple[str, str], ...]
    cuboids: tuple[tuple[str, str], ...]
    cases: tuple[Case, ...] = field(repr=False)


def names_in(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def detailed(case: Case, word: str, rest: str) -> Case:
    """The case with one more line of what is expected."""
    if word == "uses":
        uses, _, must = rest.partition(" and ")
        uses, _, may = uses.partition(" with ")
        return replace(
            case, uses=names_in(uses), may=names_in(may), must=names_in(must), stated=True
        )
    if word == "sizes":
        pairs = (pair.split("=") for pair in names_in(rest))
        return replace(case, sizes=tuple((name, int(rows)) for name, rows in pairs))
    return {
        "star": lambda: replace(case, reason=rest or None, stated=True),
        "any": lambda: replace(case, any=True, stated=True),
        "prefer": lambda: replace(case, prefer=rest),
        "ordered": lambda: replace(case, ordered=True),
        "todo": lambda: replace(case, todo=rest or "not yet"),
        "trap": lambda: case,
    }[word]()


def blocks(text: str) -> Iterator[tuple[str, str, int, list[tuple[str, str]], str]]:
    """Heading, its words, its line, its details and the SQL under it."""
    heading: tuple[str, str, int] | None = None
    details: list[tuple[str, str]] = []
    sql: list[str] = []
    for number, line in enumerate([*text.splitlines(), "-- case "], start=1):
        if found := HEADING.match(line):
            if heading:
                yield (*heading, details, "\n".join(sql).strip())
            heading, details, sql = (found[1], found[2].strip(), number), [], []
        elif detail := DETAIL.match(line):
            details.append((detail[1], detail[2].strip()))
        elif heading:
            sql.append(line)


@cache
def read(path: Path) -> File:
    """One file of the corpus."""
    setup, views, cuboids, cases = "", {}, {}, []
    given: tuple[str, ...] | None = None
    zone: str | None = None
    for word, rest, line, details, sql in blocks(path.read_text(encoding="utf-8")):
        if word == "tables":
            star = HERE / "stars" / f"{rest}.sql"
            setup += (star.read_text(encoding="utf-8") if rest else "") + sql + "\n"
        elif word == "view":
            views[rest] = sql.rstrip(";").strip()
        elif word == "cuboid":
            cuboids[rest] = sql.rstrip(";").strip()
        elif word == "given":
            given = None if rest == "all" else names_in(rest)
        elif word == "zone":
            zone = None if rest == "none" else rest
        elif rest:
            case = Case(
                title=rest, line=line, sql=sql.rstrip(";").rstrip(), cuboids=given, zone=zone
            )
            for detail in details:
                case = detailed(case, *detail)
            cases.append(case)
    return File(path.stem, setup, tuple(views.items()), tuple(cuboids.items()), tuple(cases))


def files() -> tuple[File, ...]:
    return tuple(read(path) for path in sorted(HERE.glob("*.sql")))
