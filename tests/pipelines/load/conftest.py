"""A small source and a home for it: a survey with versions, a site master, a code book."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from models.home import Home, open_home
from models.reader import Reader
from pipelines.load import load
from pipelines.result import LoadResult
from pipelines.source import Source, read_sources

TOML = """
title = "A small survey"
kind = "file"
timezone = "Asia/Seoul"

[[table]]
name = "survey"
[table.match]
path = "survey*.csv"
[table.change]
mode = "upsert"
key = ["id"]
order = "modified"
[table.expect]
stop_at_quarantined = 1.0

[[table]]
name = "site"
[table.match]
path = "site*.csv"
[table.change]
mode = "snapshot"
key = ["code", "since"]

[[table]]
name = "question"
[table.match]
path = "question*.csv"
[table.change]
mode = "snapshot"
key = ["code"]
"""
ANSWER = """
select
    r._record,
    r.id as response_ref,
    'q' || n.number as question_ref,
    case n.number when 1 then r.q1 else r.q2 end as score,
    r.site as site_ref,
    'voice' as channel_ref,
    r.phone,
    case when n.number = 1 then r.said end as verbatim,
    try_strptime(r.day, '%Y-%m-%d')::date as local_date,
    bad_time(r.day, '%Y-%m-%d', 'day') as _reject,
    r.status = 'withdrawn' as _withdrawn,
    case when r.status = 'preview' then 'previews' end as _set_aside
from survey as r
cross join (values (1), (2)) as n (number)
"""
SITE = """
select
    r._record,
    r.code as site_ref,
    try_cast(nullif(r.since, '') as date) as valid_from,
    r.code as name,
    'sales_branch' as site_type,
    r.province
from site as r
"""
QUESTION = """
select
    r._record,
    r.code as question_ref,
    r.low,
    r.high,
    1 as direction,
    r.weight,
    'visit' as touchpoint_ref
from question as r
"""
SURVEY = ("id", "day", "site", "q1", "q2", "phone", "said", "status", "modified")
COLUMNS = {
    "survey": SURVEY,
    "site": ("code", "since", "province"),
    "question": ("code", "low", "high", "weight"),
}


_readers: dict[Home, Reader] = {}  # the last home's alone: opening one costs more than a load


def _following(home: Home) -> Reader:
    if home not in _readers:
        for old in list(_readers):
            _readers.pop(old).close()
        _readers[home] = Reader(home)
    return _readers[home]


@dataclass(frozen=True, slots=True)
class Bench:
    """A home with the small source, and short words for what tests do with it."""

    home: Home
    sources: tuple[Source, ...]
    inbox: Path

    def write(self, name: str, rows: Iterable[Iterable[object]]) -> Path:
        path = self.inbox / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS[name.rstrip("0123456789_")])
            writer.writerows(rows)
        return path

    def load(self, *paths: Path, **more: object) -> LoadResult:
        return load(self.home, paths=paths, sources=self.sources, **more)  # type: ignore[arg-type]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What the newest release says."""
        return self.cursor().execute(sql).fetchall()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The newest release, by a reader that follows the loads as a screen's does."""
        reader = _following(self.home)
        reader.refresh()
        return reader.snapshot().cursor()


def answer(
    number: int, *, day: str = "2026-11-02", site: str = "S1", q1: object = 5, q2: object = 4,
    status: str = "ok", modified: str = "2026-11-02 09:00", said: str = "",
) -> tuple[object, ...]:  # fmt: skip
    return (number, day, site, q1, q2, f"010-1234-{number:04d}", said, status, modified)


QUESTIONS = (("q1", 1, 5, 100), ("q2", 1, 5, 50))


@pytest.fixture(scope="session")
def small_source(tmp_path_factory: pytest.TempPathFactory) -> tuple[Source, ...]:
    folder = tmp_path_factory.mktemp("sources") / "small"
    folder.mkdir()
    for name, text in (
        ("source.toml", TOML),
        ("answer.survey.sql", ANSWER),
        ("site.site.sql", SITE),
        ("question.question.sql", QUESTION),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return read_sources((folder.parent,))


@pytest.fixture
def new_bench(
    tmp_path_factory: pytest.TempPathFactory,
    small_source: tuple[Source, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], Bench]:
    def make() -> Bench:
        root = tmp_path_factory.mktemp("bench")
        monkeypatch.setenv("HAPPYCALL_KEYS", str(root / "keys"))
        inbox = root / "inbox"
        inbox.mkdir()
        return Bench(open_home(root / "home"), small_source, inbox)

    return make


@pytest.fixture
def bench(new_bench: Callable[[], Bench]) -> Bench:
    return new_bench()
