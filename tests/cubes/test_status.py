# ruff: noqa: E501  (tables of SQL read better whole)
"""How a home stands, in the shape that doors promise."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cubes.lattice import CUBOIDS
from cubes.status import status
from models.errors import HomeError
from models.home import Home, open_home
from models.lock import writer_lock
from models.schema import shipped_schema
from tests.cubes.star import AS_OF, FakeReader, FakeSnapshot, random_star, released

NOW = AS_OF + timedelta(hours=30)


def reader() -> FakeReader:
    snapshot: FakeSnapshot = released(random_star(1))
    con, specs = snapshot.con, shipped_schema().specs
    for table in ("load_source", "quarantine"):
        body = ", ".join(f'"{name}" {type_}' for name, type_ in specs[table].columns)
        con.execute(f'create table "{table}" ({body})')
    con.execute(
        "insert into load_source (load, source, landed_at, landed) values"
        " (1, 'calls', timestamp '2026-05-01 09:00:00', 10), (2, 'calls', timestamp '2026-05-02 09:00:00', 10),"
        " (2, 'sites', timestamp '2026-05-01 09:00:00', 3), (2, 'idle', timestamp '2026-05-02 09:00:00', 0)"
    )
    con.execute(
        "insert into quarantine (entry, source, reason, state) values"
        " (1, 'calls', 'no time', 'open'), (2, 'calls', 'no time', 'open'), (3, 'calls', 'bad', 'open'), (4, 'calls', 'bad', 'replayed')"
    )
    return FakeReader(snapshot)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def test_the_shape_is_the_one_that_doors_promise(home: Home) -> None:
    found = status(home, reader=reader(), now=lambda: NOW)
    assert list(found) == [
        "load", "as_of", "committed_at", "format", "sources", "quarantine", "cuboids", "shadow", "writer", "refused",
        "unusual",
    ]  # fmt: skip
    assert (found["load"], found["as_of"], found["format"]) == (1842, "2026-05-01T09:30:00Z", 1)
    assert found["quarantine"] == {"rows": 3, "by_reason": {"no time": 2, "bad": 1}}
    assert found["shadow"] == {"verified_at": None, "checked": 0, "mismatches": 0, "quarantine": []}
    assert found["writer"] is None
    assert [c["name"] for c in found["cuboids"]] == [cuboid.name for cuboid in CUBOIDS]
    assert all(
        set(c) == {"name", "cube", "levels", "rows", "bytes", "hits", "state", "verified_at"}
        for c in found["cuboids"]
    )
    assert {c["state"] for c in found["cuboids"]} == {"serving"}
    json.dumps(found)


def test_sources_are_fresh_late_refused_or_never_landed(home: Home) -> None:
    (home.landing / "surveys").mkdir()
    broken = home.landing / "letters" / "x.csv"
    broken.parent.mkdir()
    broken.write_text("x")
    (home.log / "refused.json").write_text(json.dumps({str(broken): {"why": "no"}, "/gone": {}}))
    found = {s["name"]: s for s in status(home, reader=reader(), now=lambda: NOW)["sources"]}
    assert {name: s["state"] for name, s in found.items()} == {
        "calls": "fresh", "sites": "late", "surveys": "never", "letters": "refused",
    }  # fmt: skip
    assert found["calls"]["age_s"] == int(
        (NOW - datetime(2026, 5, 2, 9, tzinfo=UTC)).total_seconds()
    )
    assert found["surveys"]["age_s"] is None


def test_a_writer_is_named_while_it_holds_the_home(home: Home) -> None:
    with writer_lock(home, "load"):
        writer = status(home, reader=reader(), now=lambda: NOW)["writer"]
    assert set(writer) == {"pid", "since"}


def test_before_the_first_release_there_is_a_sentence(home: Home) -> None:
    with pytest.raises(HomeError, match="Nothing has been released"):
        status(home)
