# ruff: noqa: E501  (tables of SQL read better whole)
"""A random star: one or two facts, dimensions, a snowflake, a calendar; what is declared holds.

What is true of the rows and what is declared of them are drawn apart: rows may be unique without
anybody saying so, and what nobody says is often false (dangling keys, repeated ones, NULLs).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from tests.cubes.rewrite.chance import Chance
from tests.cubes.rewrite.warehouse import Rows, Star, Table

TYPES = {
    "key": "INTEGER",
    "big": "BIGINT",
    "int": "INTEGER",
    "dec": "DECIMAL(9,2)",
    "dbl": "DOUBLE",
    "date": "DATE",
    "ts": "TIMESTAMP",
    "text": "VARCHAR",
    "bool": "BOOLEAN",
}
EDGES = (
    "2023-12-31", "2024-01-01", "2024-01-31", "2024-02-01", "2024-02-28", "2024-02-29", "2024-03-01",
    "2024-03-03", "2024-03-04", "2024-03-31", "2024-04-01", "2023-02-28", "2023-01-01", "2024-12-30",
)  # fmt: skip
HOURS = ("00:00:00", "23:59:59.999999", "12:30:00", "00:30:00", "23:30:00", "00:15:00")


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its place in a question: `{f}.m`, where `f` stands for an instance of a table."""

    place: str
    name: str
    kind: str
    nullable: bool = True

    @property
    def sql(self) -> str:
        return f"{{{self.place}}}.{self.name}"


@dataclass(frozen=True, slots=True)
class Link:
    """How a table is reached from another: on which columns, and whether that is declared."""

    child: str  # places
    column: str
    parent: str
    parent_column: str
    lossless: bool  # foreign key declared, child not null, parent unique
    unique: bool  # the parent's column is declared unique


@dataclass(frozen=True, slots=True)
class Shape:
    """A star as generators see it: tables by place, columns, links."""

    tables: tuple[tuple[str, str], ...]  # place, table
    columns: tuple[Column, ...]
    links: tuple[Link, ...]
    star: Star = field(repr=False)

    def table(self, place: str) -> str:
        return dict(self.tables)[place]

    def of(self, place: str, *kinds: str) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.place == place and (not kinds or c.kind in kinds))


def value(kind: str, chance: random.Random) -> str:
    if kind in ("date", "ts") and chance.random() < 0.02:
        return chance.choice(("infinity", "-infinity"))
    day = chance.choice(EDGES)
    if chance.random() < 0.3:
        day = str(date(2023, 12, 1) + timedelta(days=chance.randrange(130)))
    return {
        "key": lambda: str(chance.randrange(1, 6)),
        "big": lambda: str(chance.randrange(1, 6)),
        "int": lambda: str(chance.choice((0, 1, 2, 3, 4, -1, -7, 10))),
        "dec": lambda: f"{chance.choice((0, 1, 2.5, -3.25, 100, 0.01)):.2f}",
        "dbl": lambda: repr(chance.choice((0.1, 1 / 3, -2.5, 7.0, 1e6))),
        "date": lambda: day,
        "ts": lambda: str(datetime.fromisoformat(f"{day} {chance.choice(HOURS)}")),
        "text": lambda: chance.choice(("a", "b", "A", "", "ab", "c")),
        "bool": lambda: chance.choice(("true", "false")),
    }[kind]()


def dimension_columns(place: str, chance: Chance) -> list[Column]:
    columns = [
        Column(place, "k", "big" if chance.yes(10) else "key", nullable=False),
        Column(place, "a", "text", nullable=chance.yes(60)),
        Column(place, "g", "int", nullable=chance.yes(50)),
    ]
    if chance.yes(30):
        columns.append(Column(place, "v", "dec"))
    return columns


def fact_columns(place: str, chance: Chance, dimensions: int) -> list[Column]:
    columns = [Column(place, "id", "key", nullable=False)]
    columns += [
        Column(place, f"k{i}", "key", nullable=chance.yes(35)) for i in range(1, dimensions + 1)
    ]
    columns += [
        Column(place, "m", "int", nullable=chance.yes(70)),
        Column(place, "day", "date", nullable=chance.yes(20)),
        Column(place, "t", "text", nullable=chance.yes(60)),
    ]
    if chance.yes(60):
        columns.append(Column(place, "p", "dec", nullable=chance.yes(60)))
    if chance.yes(50):
        columns.append(Column(place, "happened", "ts", nullable=chance.yes(20)))
    if chance.yes(50):
        columns.append(Column(place, "q", "int", nullable=False))
    if chance.yes(40):
        columns.append(Column(place, "b", "bool"))
    if chance.yes(15):
        columns.append(Column(place, "w", "dbl"))
    if place == "f" and chance.yes(20):
        columns.append(Column(place, "again", "key", nullable=chance.yes(35)))
    return columns


@dataclass
class _Draft:
    columns: list[Column]
    links: list[Link] = field(default_factory=list)
    unique: bool = True  # the first column is declared a key
    refers: list[tuple[str, str]] = field(default_factory=list)  # column, parent place: declared


def drafts(chance: Chance) -> dict[str, _Draft]:
    """Tables by place, parents first."""
    made: dict[str, _Draft] = {}
    dimensions = chance.number(1, 3)
    if chance.yes(40):
        made["e"] = _Draft(dimension_columns("e", chance))
    for number in range(1, dimensions + 1):
        made[f"d{number}"] = _Draft(dimension_columns(f"d{number}", chance))
    if "e" in made:
        made["d1"].columns.append(Column("d1", "up", "key", nullable=chance.yes(30)))
        link(made, "d1", "up", "e", chance)
    for place in ("f", "g")[: 1 + chance.yes(35)]:
        made[place] = _Draft(fact_columns(place, chance, dimensions))
        for number in range(1, dimensions + 1):
            link(made, place, f"k{number}", f"d{number}", chance)
    if made["f"].columns[-1].name == "again":
        link(made, "f", "again", "d1", chance)
    return made


def link(made: dict[str, _Draft], child: str, column: str, parent: str, chance: Chance) -> None:
    if chance.yes(12):
        made[parent].unique = False
    declared = made[parent].unique and chance.yes(80)
    if declared:
        made[child].refers.append((column, parent))
    never_null = not next(c for c in made[child].columns if c.name == column).nullable
    made[child].links.append(
        Link(child, column, parent, "k", declared and never_null, made[parent].unique)
    )


def rows_of(place: str, made: dict[str, _Draft], filled: dict[str, Rows], count: int,
            chance: random.Random) -> Rows:  # fmt: skip
    draft, rows = made[place], []
    refers = dict(draft.refers)
    for number in range(1, count + 1):
        row: list[str | None] = []
        for index, column in enumerate(draft.columns):
            if index == 0 and (draft.unique or chance.random() < 0.7):
                row.append(str(number))
            elif column.nullable and chance.random() < 0.25:
                row.append(None)
            elif column.name in refers:
                keys = [parent[0] for parent in filled[refers[column.name]]]
                row.append(chance.choice(keys))
            else:
                row.append(value(column.kind, chance))
        rows.append(row)
    return rows


def shape(chance: Chance) -> Shape:
    """Draw a star with its rows."""
    made = drafts(chance)
    # a parent that turned out not to be unique can have no declared children
    for draft in made.values():
        draft.refers = [(c, p) for c, p in draft.refers if made[p].unique]
    dice = random.Random(chance.number(0, 1_000_000))
    filled: dict[str, Rows] = {}
    names = {place: f"{'fact' if place in 'fg' else 'dim'}_{place}" for place in made}
    for place in made:
        filled[place] = rows_of(place, made, filled, 40 if place in "fg" else 5, dice)
    tables = tuple(
        Table(
            name=names[place],
            columns=tuple((c.name, TYPES[c.kind]) for c in draft.columns),
            keys=((draft.columns[0].name,),) if draft.unique else (),
            not_null=tuple(c.name for c in draft.columns if not c.nullable),
            parents=tuple(((column,), names[parent], ("k",)) for column, parent in draft.refers),
        )
        for place, draft in made.items()
    )
    links = tuple(
        replace(
            drawn,
            lossless=drawn.lossless and (drawn.column, drawn.parent) in draft.refers,
            unique=made[drawn.parent].unique,
        )
        for draft in made.values()
        for drawn in draft.links
    )
    columns = [column for draft in made.values() for column in draft.columns]
    if any(one.column == "again" for one in links):  # d1 in a second role
        names["r1"] = names["d1"]
        columns += [replace(column, place="r1") for column in made["d1"].columns]
        links = tuple(replace(one, parent="r1") if one.column == "again" else one for one in links)
    return Shape(
        tables=tuple(names.items()),
        columns=tuple(columns),
        links=links,
        star=Star(tables, {names[place]: rows for place, rows in filled.items()}),
    )
