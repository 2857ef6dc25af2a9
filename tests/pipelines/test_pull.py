"""Sources of kind database: what is pulled, what is not pulled twice, and what is said instead."""

import fcntl
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from cubes.status import status
from models.errors import SourceError
from models.home import Home, open_home
from models.noted import PULLED, noted
from models.reader import Reader
from pipelines.databases import literal_of
from pipelines.load import load
from pipelines.nightly import nightly
from pipelines.pull import Pulled, pull
from pipelines.source import Source, read_sources
from pipelines.worker import open_worker

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOML = """
kind = "database"
timezone = "Asia/Seoul"

[[table]]
name = "tickets"
[table.read]
database = "CRM"
[table.change]
mode = "upsert"
key = ["id"]
watermark = "updated"

[[table]]
name = "branches"
[table.read]
database = "CRM"
query = "select code, name from places where kind = 'branch';"
[table.change]
mode = "snapshot"
key = ["code"]
"""
CONTACT = """
select t._record, t.id as contact_ref, t.branch as site_ref, t.opened as local_date
from tickets as t
"""
SITE = (
    "select b._record, b.code as site_ref, b.name, 'sales_branch' as site_type from branches as b"
)
TABLES = """
create table tickets (id integer primary key, branch text, opened text, updated text);
create table places (code text, name text, kind text);
insert into places values ('B1', 'North', 'branch'), ('B2', 'South', 'branch'), ('W', 'W', 'depot');
insert into tickets values
    (1, 'B1', '2026-11-01', '2026-11-20 08:00'),
    (2, 'B1', '2026-11-02', '2026-11-20 09:00'),
    (3, 'B2', '2026-11-03', '2026-11-20 09:00');
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def a_source(parent: Path, toml: str = TOML, **mappings: str) -> tuple[Source, ...]:
    folder = parent / "crm"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.toml").write_text(toml, encoding="utf-8")
    for entity, sql in mappings.items():
        (folder / f"{entity}.sql").write_text(sql, encoding="utf-8")
    return read_sources((parent,))


@pytest.fixture
def sources(home: Home) -> tuple[Source, ...]:
    return a_source(home.root / "sources", contact=CONTACT, site=SITE)


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "crm.db"
    execute(path, TABLES)
    monkeypatch.setenv("CRM", str(path))
    return path


def execute(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as con:
        con.executescript(script)


Puller = Callable[..., tuple[Pulled, ...]]


@pytest.fixture
def puller(home: Home, sources: tuple[Source, ...], crm: Path) -> Puller:
    moments = iter(NOW + timedelta(minutes=n) for n in range(99))

    def again(*, whole: bool = False, named: str | None = None) -> tuple[Pulled, ...]:
        return pull(home, sources, {"CRM": str(crm)}, next(moments), whole=whole, named=named)

    return again


def rows(home: Home, sql: str) -> list[tuple[object, ...]]:
    with closing(Reader(home)) as reader:
        return reader.snapshot().cursor().execute(sql).fetchall()


def test_a_night_pulls_everything_whole_and_loads_it_as_any_extract(
    home: Home, sources: tuple[Source, ...], crm: Path
) -> None:
    night = nightly(home, {"CRM": str(crm)})
    assert night.told["pull"] == {"crm/tickets": 3, "crm/branches": 2}
    assert (night.loaded.counts.landed, night.loaded.counts.accepted) == (5, 5)
    assert rows(home, "select count(*) from fact_contact") == [(3,)]
    names = "select site, site_name from dim_site where site like 'B%' order by 1"
    assert rows(home, names) == [("B1", "North"), ("B2", "South")]
    assert not list(home.landing.glob("crm/*")), "extracts go as other landed files do"


def test_by_day_only_what_changed_is_pulled(home: Home, puller: Puller, crm: Path) -> None:
    assert puller(whole=True) == (Pulled("crm", "tickets", 3), Pulled("crm", "branches", 2))
    assert puller() == (Pulled("crm", "tickets", 0),), "a table without a watermark waits for night"
    execute(
        crm,
        "update tickets set branch = 'B2', updated = '2026-11-21 10:00' where id = 1;"
        "insert into tickets values (4, 'B1', '2026-11-03', '2026-11-20 09:00')",
    )
    assert puller() == (Pulled("crm", "tickets", 2),), "a row that joins the watermark counts too"
    assert puller() == (Pulled("crm", "tickets", 0),)
    assert len(list(home.landing.glob("crm/tickets.*.jsonl"))) == 2, "no extract without news"


def test_what_is_pulled_is_as_what_is_loaded_whole(
    home: Home, sources: tuple[Source, ...], puller: Puller, crm: Path
) -> None:
    puller(whole=True)
    load(home, sources=sources, now=lambda: NOW + timedelta(hours=1))
    execute(crm, "update tickets set branch = 'B2', updated = '2026-11-21 10:00' where id = 1")
    puller()
    done = load(home, sources=sources, now=lambda: NOW + timedelta(hours=2))
    assert (done.counts.landed, done.counts.accepted) == (1, 1)
    found = """
        select s.site, count(*) from fact_contact as c join dim_site as s using (site_key)
        group by all order by all"""
    assert rows(home, found) == [("B1", 1), ("B2", 2)]


def test_a_night_sees_what_a_snapshot_no_longer_holds(
    home: Home, sources: tuple[Source, ...], crm: Path
) -> None:
    nightly(home, {"CRM": str(crm)})
    execute(crm, "delete from places where code = 'B2'")
    assert nightly(home, {"CRM": str(crm)}).loaded.counts.deleted == 1


def test_a_snapshot_without_a_row_deletes_nothing(
    home: Home, sources: tuple[Source, ...], crm: Path
) -> None:
    nightly(home, {"CRM": str(crm)})
    execute(crm, "delete from places")
    night = nightly(home, {"CRM": str(crm)})
    assert "would delete all" in str(night.told["pull"]["crm/branches"])
    assert night.loaded.counts.deleted == 0


def test_a_table_without_a_watermark_comes_when_its_source_is_named(puller: Puller) -> None:
    assert [each.table for each in puller(named="crm")] == ["tickets", "branches"]


def test_text_that_is_no_utf_8_is_a_record_refused(
    home: Home, sources: tuple[Source, ...], puller: Puller, crm: Path
) -> None:
    execute(crm, "insert into tickets values (9, cast(x'ff' as text), '2026-11-03', '2026-11-20')")
    puller(whole=True)
    done = load(home, sources=sources, now=lambda: NOW + timedelta(hours=1))
    assert (done.counts.accepted, done.counts.quarantined) == (5, 1)


def test_who_meets_another_pull_leaves_it_to_that_one(home: Home, puller: Puller) -> None:
    with (home.log / "pull.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert puller(whole=True) == ()
    assert len(puller(whole=True)) == 2


def test_status_tells_that_a_database_does_not_answer(
    home: Home, sources: tuple[Source, ...], crm: Path
) -> None:
    nightly(home, {"CRM": str(crm)})
    pull(home, sources, {}, NOW, whole=True)
    (told,) = [each for each in status(home)["sources"] if each["name"] == "crm"]
    assert told["state"] == "unreachable"


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (None, "the variable CRM, which says where its database is, is not set"),
        ("/nowhere/crm.db", "CRM says /nowhere/crm.db, which is no sqlite file"),
        ("torn", "the database torn does not answer: file is not a database"),
        ("empty", "the database empty does not answer: no such table: tickets"),
    ],
)
def test_a_database_that_does_not_answer_is_a_sentence_and_the_others_are_pulled(
    home: Home, sources: tuple[Source, ...], tmp_path: Path, place: str | None, says: str
) -> None:
    (tmp_path / "torn").write_bytes(b"no database at all, but long enough to be read as one" * 9)
    execute(tmp_path / "empty", "create table places (code text, name text, kind text);"
            "insert into places values ('B1', 'North', 'branch')")  # fmt: skip
    where = str(tmp_path / place) if place and not place.startswith("/") else place
    done = pull(home, sources, {"CRM": where} if where else {}, NOW, whole=True)
    assert done[0].why == f"crm/tickets: {says}"
    assert noted(home, PULLED)["crm/tickets"]["why"] == done[0].why
    assert done[1].rows == (1 if place == "empty" else 0)
    assert not list(home.landing.glob("crm/*tickets*"))
    assert not list(home.landing.glob("crm/.*"))


def test_a_duckdb_file_is_a_database_too(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "crm.duckdb"
    with closing(duckdb.connect(path)) as con:
        con.execute("create table tickets (id integer, changed timestamp)")
        con.execute("insert into tickets values (1, '2026-11-20 08:00'), (2, '2026-11-20 09:00')")
    toml = TOML[: TOML.index('[[table]]\nname = "branches"')]
    toml = toml.replace('"updated"', '"changed"').replace('"CRM"', '"CRM"\nformat = "duckdb"')
    mapped = (
        "select t._record, t.id as contact_ref, t.changed::date as local_date from tickets as t"
    )
    sources = a_source(home.root / "sources", toml, contact=mapped)
    environ = {"CRM": str(path)}
    assert pull(home, sources, environ, NOW, whole=False)[0].rows == 2
    with closing(duckdb.connect(path)) as con:
        con.execute("insert into tickets values (3, '2026-11-20 09:30')")
    assert pull(home, sources, environ, NOW + timedelta(minutes=1), whole=False)[0].rows == 1
    done = load(home, sources=sources, now=lambda: NOW + timedelta(hours=1))
    assert (done.counts.landed, done.counts.accepted) == (3, 3)


def test_a_worker_pulls_before_it_looks_at_landing(
    home: Home, sources: tuple[Source, ...], crm: Path
) -> None:
    said: list[str] = []
    with closing(open_worker(home, said.append, lambda: NOW.timestamp())) as worker:
        assert worker.turn() is True
        assert "crm: run" in said[0]
        assert worker.turn() is False
    assert rows(home, "select count(*) from fact_contact") == [(3,)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('database = "CRM"\n[table.change]', "[table.change]", 'needs database = "…"'),
        ('database = "CRM"\nquery', 'database = "CRM"\nrelation = "p"\nquery', "both relation and"),
        ('database = "CRM"\n[table.c', 'database = "CRM"\nformat = "postgresql"\n[table.c',
         "'postgresql' is not spoken here; known are sqlite, duckdb"),
        ('database = "CRM"\n[table.c', 'database = "CRM"\nformat = "sqlit"\n[table.c',
         "cannot be 'sqlit' (did you mean 'sqlite'?)"),
        ('name = "tickets"', 'name = "tickets"\n[table.match]\npath = "*.db"', "is for files"),
        ('key = ["code"]', 'key = ["code"]\nwatermark = "at"', "leave the watermark out"),
        ('kind = "database"', "", "a watermark is for tables of a database"),
    ],
)  # fmt: skip
def test_a_slip_is_one_sentence(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        a_source(tmp_path, TOML.replace(old, new, 1), contact=CONTACT, site=SITE)
    assert says in str(caught.value)
    assert str(caught.value).startswith("crm/source.toml")


def test_a_watermark_in_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a watermark is for tables of a database"):
        a_source(tmp_path, "[[table]]\n[table.change]\nwatermark = 'at'")


def test_a_watermark_is_compared_as_what_it_is() -> None:
    assert [literal_of(mark) for mark in (7, 2.5, "it's")] == ["7", "2.5", "'it''s'"]
