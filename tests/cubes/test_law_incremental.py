# ruff: noqa: E501  (tables of SQL read better whole)
"""Law 2 for cells: whatever is asserted and retracted, deltas add up to cells built from nothing."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubes.cube import Cuboid
from cubes.lattice import CUBOIDS
from cubes.refresh import Relations, cells_sql, cuboid_specs, delta_sql, dimension_columns
from models.connection import open_connection
from tests.cubes.star import PROVINCES, Star, differing, random_star
from tests.laws import in_memory

Facts = dict[str, dict[int, dict[str, Any]]]
FACTS = {"fact_answer": "answer_key", "fact_contact": "contact_key"}


def _facts(star: Star) -> Facts:
    return {table: {row[key]: row for row in star.tables[table]} for table, key in FACTS.items()}


def _next(facts: Facts, source: Facts, chance: random.Random) -> Facts:
    """The facts after a load: some come, some go, some are corrected."""
    after: Facts = {}
    for table, rows in facts.items():
        known = dict(rows)
        for key in list(known):
            if chance.random() < 0.2:
                del known[key]
        for key, row in source[table].items():
            if chance.random() < 0.3:
                known[key] = {
                    **row,
                    "channel_key": chance.randint(0, 2),
                    "text_id": chance.choice((None, 1)),
                }
        after[table] = known
    return after


def _change(star: Star, chance: random.Random) -> Star:
    """Dimension rows after a load: a province renamed, a reorganisation back-dated, a question moved."""
    tables = {name: [dict(row) for row in rows] for name, rows in star.tables.items()}
    sites = tables["dim_site"]
    if chance.random() < 0.5:
        chance.choice(sites)["province"] = chance.choice(PROVINCES)
    if chance.random() < 0.5:
        first, second = (row for row in sites if row["site_key"] == 1)
        cut = date(2026, chance.randint(2, 4), chance.randint(1, 28))
        first["valid_to"] = second["valid_from"] = cut
    if chance.random() < 0.5:
        chance.choice(tables["dim_question"])["touchpoint_key"] = chance.randint(0, 2)
    return Star(tables)


def _put(
    con: duckdb.DuckDBPyConnection, schema: str, star: Star, facts: Facts, cuboid: Cuboid
) -> None:
    """The tables that the cuboid's cells are made of."""
    con.execute(f"drop schema if exists {schema} cascade; create schema {schema}")
    fact = cuboid.cube.fact
    read = {name: star.tables[name] for name in dimension_columns(cuboid) if name != "dim_date"}
    Star({**read, fact: list(facts[fact].values())}).put(con, schema)


def _load(con: duckdb.DuckDBPyConnection, cuboid: Cuboid) -> None:
    """Add the deltas of one load: new facts and those whose dimension rows changed, old ones away."""
    con.execute(f"create or replace temp view plus as from after.{cuboid.cube.fact}")
    con.execute(f"create or replace temp view minus as from before.{cuboid.cube.fact}")
    changed = _dimensions_changed(con, dimension_columns(cuboid))
    plus = "plus" if changed else "(from plus except all from minus)"
    minus = "minus" if changed else "(from minus except all from plus)"
    con.execute(f"create or replace temp table asserted as from {plus}")
    con.execute(f"create or replace temp table retracted as from {minus}")
    delta = delta_sql(
        cuboid,
        Relations("asserted", "after.{}".format),
        Relations("retracted", "before.{}".format),
    )
    con.execute(f"insert into cells.{cuboid.name} {delta}")


def _dimensions_changed(con: duckdb.DuckDBPyConnection, columns: Any) -> bool:
    for table, names in columns.items():
        of = ", ".join(sorted(names))
        row = con.execute(
            f"select count(*) from (select {of} from before.{table} except all select {of} from after.{table})"
        ).fetchone()
        if row and row[0]:
            return True
    return False


@in_memory
@given(seed=st.integers(0, 2**32 - 1), loads=st.integers(1, 3), cuboid=st.sampled_from(CUBOIDS))
def test_deltas_of_any_loads_add_up_to_cells_from_nothing(
    seed: int, loads: int, cuboid: Cuboid
) -> None:
    chance, con = random.Random(seed), open_connection("build")
    star = random_star(seed % 10, answers=30, contacts=20)
    source = _facts(star)
    facts: Facts = {table: {} for table in FACTS}
    con.execute("create schema cells")
    (spec,) = cuboid_specs((cuboid,))
    body = ", ".join(f'"{name}" {type_}' for name, type_ in spec.columns)
    con.execute(f'create table cells."{spec.name}" ({body})')
    for _ in range(loads):
        _put(con, "before", star, facts, cuboid)
        star, facts = _change(star, chance), _next(facts, source, chance)
        _put(con, "after", star, facts, cuboid)
        _load(con, cuboid)
    sums = ", ".join(f"sum({name})::{type_} as {name}" for name, type_ in spec.aggregates)
    summed = (
        f"select {', '.join(spec.key)}, {sums} from cells.{spec.name} group by {', '.join(spec.key)}"
        " having sum(rows) <> 0"
    )
    whole = cells_sql(cuboid, f"after.{cuboid.cube.fact}", "after.{}".format)
    assert differing(con, summed, whole) == []
    con.close()


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_what_is_asserted_and_retracted_leaves_no_delta(seed: int) -> None:
    con = open_connection("build")
    random_star(seed, answers=20, contacts=10).put(con)
    for cuboid in CUBOIDS:
        same = Relations(cuboid.cube.fact, str)
        assert con.execute(delta_sql(cuboid, same, same)).fetchall() == []


def test_cells_are_stored_in_types_that_add_up_exactly_and_survive_parquet() -> None:
    for spec in cuboid_specs():
        assert {type_ for _, type_ in spec.aggregates} <= {"INTEGER", "BIGINT", "DECIMAL(38,0)"}
        assert set(spec.sort) >= set(spec.key)


def test_cells_are_made_in_exactly_the_types_they_are_stored_in() -> None:
    con = open_connection("build")
    random_star(0, answers=5, contacts=5).put(con)
    for cuboid, spec in zip(CUBOIDS, cuboid_specs(), strict=True):
        made = con.execute(f"describe {cells_sql(cuboid, cuboid.cube.fact, str)}").fetchall()
        assert [(name, type_) for name, type_, *_ in made] == list(spec.columns)


def test_a_cuboid_names_the_dimension_columns_that_move_its_cells() -> None:
    by_name = {cuboid.name: dimension_columns(cuboid) for cuboid in CUBOIDS}
    assert by_name["satisfaction_province_touchpoint_day"] == {
        "dim_site": {"site_key", "valid_from", "valid_to", "province"},
        "dim_question": {"question_key", "touchpoint_key"},
    }
    assert by_name["voice_touchpoint_channel_purpose_day"] == {}
