# ruff: noqa: E501  (tables of SQL read better whole)
"""A small star of its own for the tests of cubes: tables as the models make them, and their cells."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa

from cubes.lattice import CUBOIDS
from cubes.refresh import cells_sql, cuboid_specs, definition_hashes
from models.connection import open_connection
from models.schema import shipped_schema

START = date(2026, 1, 30)
AS_OF = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
SCALES = (
    (1, 5, 1, 3),
    (0, 10, 1, 0),
    (1, 5, -1, 2),
    (1, 7, 1, 1),
    (0, 100, 1, 1),
)  # low, high, direction, weight
PROVINCES = ("서울", "부산", None)
DIMENSIONS = (
    "dim_date", "dim_site", "dim_process", "dim_question", "dim_channel", "dim_product",
    "dim_campaign", "dim_reason", "dim_agent", "dim_customer_profile",
)  # fmt: skip


@dataclass
class Star:
    """Rows by table, under the columns of the models; what a row leaves out is null."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **columns: Any) -> None:
        self.tables.setdefault(table, []).append(columns)

    def put(self, con: duckdb.DuckDBPyConnection, schema: str = "main") -> None:
        specs = shipped_schema().specs
        for table in (*DIMENSIONS, "fact_answer", "fact_contact"):
            columns = specs[table].columns
            body = ", ".join(f'"{name}" {type_}' for name, type_ in columns)
            con.execute(f'create table {schema}."{table}" ({body})')
            rows = self.tables.get(table, [])
            if rows:
                given = pa.table({name: [row.get(name) for row in rows] for name, _ in columns})
                con.register("given_rows", given)
                casts = ", ".join(f'"{name}"::{type_}' for name, type_ in columns)
                con.execute(f'insert into {schema}."{table}" select {casts} from given_rows')
                con.unregister("given_rows")


def differing(con: duckdb.DuckDBPyConnection, one: str, other: str) -> list[tuple[Any, ...]]:
    """The rows of two SELECTs that have no twin in the other."""
    return con.execute(
        f"with one as materialized ({one}), other as materialized ({other}) "
        "(from one except all from other) union all (from other except all from one)"
    ).fetchall()


def answer_row(number: int, question: int, score: int | None, **more: Any) -> dict[str, Any]:
    """An answer with what the model derives from its score."""
    low, high, direction, weight = SCALES[question - 1] if question else (None, None, None, None)
    grade = None
    if score is not None and low is not None:
        grade = high - score if direction == -1 else score - low
    return {
        "answer_key": number,
        "response_key": number // 3,
        "question_key": question,
        "score": score,
        "grade": grade,
        "span": None if low is None else high - low,
        "points": None if grade is None else grade * (12600 // (high - low)),
        "weight": None if score is None else weight,
        "lead": 0,
        "lead_weight": 0,
        "lead_points": 0,
        **more,
    }


def mark_leads(rows: Iterable[dict[str, Any]]) -> None:
    """Sums over each response and touchpoint on one of its weighted answers, as the model does."""
    visits: dict[tuple[Any, int], list[dict[str, Any]]] = {}
    for row in rows:
        if row["grade"] is not None and row["weight"]:
            visits.setdefault((row["response_key"], touchpoint_of(row["question_key"])), []).append(
                row
            )
    for visit in visits.values():
        lead = min(visit, key=lambda row: row["answer_key"])
        lead["lead"] = 1
        lead["lead_weight"] = sum(row["weight"] for row in visit)
        lead["lead_points"] = sum(row["weight"] * row["points"] for row in visit)


def touchpoint_of(question: int) -> int:
    return 0 if question == 0 else 1 + question % 2


def dimensions(star: Star, chance: random.Random) -> None:
    """Three sites with a reorganisation, five questions on two touchpoints, and the small members."""
    for day in range(300):
        d = date(2025, 12, 1) + timedelta(days=day)
        fiscal = date(d.year - (d.month < 4), 4, 1)
        star.add("dim_date", day=d, fiscal_year=fiscal)
    cut = START + timedelta(days=chance.randint(5, 60))
    for key in range(4):
        versions = 2 if key == 1 else 1
        for number in range(versions):
            star.add(
                "dim_site",
                site_version=key * 1024 + number,
                site_key=key,
                site=f"S{key}" if key else "unknown",
                site_name=f"Site {key}",
                site_type=chance.choice(("sales_branch", "service_center")),
                province=chance.choice(PROVINCES),
                district=chance.choice(("Gu A", "Gu B", None)),
                region_office=chance.choice(("East", "West")),
                valid_from=cut if number else date(1, 1, 1),
                valid_to=cut if number == 0 and versions == 2 else date(9999, 12, 31),
                is_current=number == versions - 1,
            )
    for key, (touchpoint, stage, process) in enumerate(
        (
            ("unknown", "unknown", "unknown"),
            ("order", "order", "sales"),
            ("repair", "after_sales", "after_sales"),
        )
    ):
        star.add(
            "dim_process", touchpoint_key=key, touchpoint=touchpoint, stage=stage, process=process
        )
    star.add(
        "dim_question",
        question_key=0,
        question="unknown",
        touchpoint_key=0,
        touchpoint="unknown",
        stage="unknown",
        process="unknown",
    )
    for key, (low, high, direction, weight) in enumerate(SCALES, start=1):
        touchpoint = star.tables["dim_process"][touchpoint_of(key)]
        star.add(
            "dim_question", question_key=key, question=f"Q{key}", low=low, high=high,
            direction=direction, weight=weight, **touchpoint,
        )  # fmt: skip
    for name in ("channel", "product", "campaign", "reason"):
        for key in range(3):
            star.add(f"dim_{name}", **{f"{name}_key": key, name: f"{name} {key}"})
    for key in range(2):
        star.add(
            "dim_agent",
            agent_version=key * 1024,
            agent_key=key,
            agent=f"A{key}",
            valid_from=date(1, 1, 1),
            valid_to=date(9999, 12, 31),
            is_current=True,
        )
        star.add("dim_customer_profile", profile_key=key, segment=f"segment {key}")


def common(chance: random.Random) -> dict[str, Any]:
    return {
        "site_key": chance.randint(0, 3),
        "channel_key": chance.randint(0, 2),
        "product_key": chance.randint(0, 2),
        "campaign_key": chance.randint(0, 2),
        "agent_key": chance.randint(0, 1),
        "profile_key": chance.randint(0, 1),
        "local_date": START + timedelta(days=chance.randint(0, 80)),
        "local_minute": chance.choice((None, chance.randint(0, 1439))),
        "text_id": chance.choice((None, 7)),
    }


def contact_row(number: int, chance: random.Random) -> dict[str, Any]:
    resolved, abandoned = chance.random() < 0.6, chance.random() < 0.2
    return {
        **common(chance),
        "contact_key": number,
        "touchpoint_key": chance.randint(0, 2),
        "reason_key": chance.randint(0, 2),
        "direction": chance.choice(("inbound", "outbound", None)),
        "purpose": chance.choice(("complaint", "inquiry", None)),
        "is_resolved": resolved,
        "is_abandoned": abandoned,
        "wait_seconds": chance.choice((None, 3, 15, 20, 45, 500)),
        "talk_seconds": chance.choice((None, 120, 300)),
        "hold_seconds": chance.choice((None, 20)),
        "cycle_minutes": chance.choice((3, 70, 500, 5000, 200_000)) if resolved else None,
        "transfers": chance.randint(0, 4),
        "reopens": chance.choice((0, 0, 1)),
    }


def random_star(seed: int, answers: int = 60, contacts: int = 40) -> Star:
    """A star that a seed decides."""
    chance, star = random.Random(seed), Star()
    dimensions(star, chance)
    shared: dict[int, dict[str, Any]] = {}
    rows = []
    for number in range(answers):
        question = chance.randint(0, 5)
        low, high, *_ = SCALES[question - 1] if question else (1, 5)
        score = None if chance.random() < 0.1 else chance.randint(low, high)
        rows.append(
            answer_row(number, question, score, **shared.setdefault(number // 3, common(chance)))
        )
    mark_leads(rows)
    star.tables["fact_answer"] = rows
    star.tables["fact_contact"] = [contact_row(number, chance) for number in range(contacts)]
    return star


@dataclass(eq=False)
class FakeSnapshot:
    """A release as a reader gives it, over one in-memory DuckDB."""

    con: duckdb.DuckDBPyConnection
    load: int = 1842
    as_of: datetime = AS_OF
    schema: str = "memory.main"
    long: tuple[str, ...] = ()  # tables that pretend to have very many rows

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.con.cursor()

    @cached_property
    def tables(self) -> Mapping[str, Any]:
        specs = {**shipped_schema().specs, **{spec.name: spec for spec in cuboid_specs()}}
        known = {
            name
            for (name,) in self.con.execute("select table_name from duckdb_tables()").fetchall()
        }
        return {name: spec for name, spec in specs.items() if name in known}

    def _tail_rows(self, table: str) -> int:
        return 10**9 if table in self.long else 0

    @property
    def manifest(self) -> Any:
        return SimpleNamespace(
            load=self.load, base="base-1", as_of=self.as_of, committed_at=self.as_of,
            definitions=dict(definition_hashes()), tail_rows=self._tail_rows, format=1, touched_at={},
            chosen=None, tables=(), kept=(),
        )  # fmt: skip


@dataclass(eq=False)
class FakeReader:
    """A reader that has one snapshot."""

    held: FakeSnapshot

    def snapshot(self) -> FakeSnapshot:
        return self.held

    def refresh(self) -> bool:
        return False

    def close(self) -> None:
        return None


def released(star: Star, *, cells: bool = True) -> FakeSnapshot:
    """The star with all its cuboids."""
    con = open_connection("reader")
    star.put(con)
    if cells:
        for cuboid in CUBOIDS:
            con.execute(f"create table {cuboid.name} as {cells_sql(cuboid, cuboid.cube.fact, str)}")
    return FakeSnapshot(con)
