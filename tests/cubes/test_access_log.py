"""The access log: every visit in one chain, whoever writes; and a broken chain is told."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import perf_counter

import pytest

from cubes.access_check import check
from cubes.access_log import AccessLog, Note, entries, files
from cubes.api import Connection
from cubes.hits import hits_of
from cubes.policy import parse_principal
from models.errors import Forbidden, HomeError, QuestionError
from models.home import Home, open_home
from tests.cubes.star import FakeReader, FakeSnapshot, random_star, released

SQL = "select month, measure(index) from satisfaction where site = 'S1' group by all"
WRITE = """
import sys
from pathlib import Path
from cubes.access_log import AccessLog, Note
from models.home import Home
log = AccessLog(Home(Path(sys.argv[1])))
for i in range(50):
    log.append(Note("ask", f"select {i}", load=1).entry(sys.argv[2], "cli"))
log.close()
"""


@pytest.fixture(scope="module")
def snapshot() -> FakeSnapshot:
    return released(random_star(4))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.fixture
def con(snapshot: FakeSnapshot, home: Home) -> Connection:
    return Connection(FakeReader(snapshot), home=home)


def note(text: str = "select 1") -> Note:
    return Note("ask", text, load=7)


def test_a_question_is_told_with_what_an_advisor_weighs_and_without_its_text(
    con: Connection, home: Home
) -> None:
    answer = con.answer(SQL)
    (entry,) = entries(home)
    assert (entry["door"], entry["principal"], entry["act"]) == ("python", "analyst", "ask")
    assert (entry["load"], entry["rows"], entry["outcome"]) == (1842, len(answer.frame), "answered")
    assert entry["blocks"] == [
        ["satisfaction", ["month", "site"], ["index"], answer.plan.blocks[0].source]
    ]
    assert entry["ms"] > 0
    assert "S1" not in files(home.log)[0].read_text()


def test_the_same_question_in_other_words_has_the_same_plan_and_another_hash(
    con: Connection, home: Home
) -> None:
    con.ask(SQL)
    con.ask(SQL.replace("'S1'", "'S2'").upper().replace("'S2'", "'S3'"))
    first, second = entries(home)
    assert first["plan"] == second["plan"] != ""
    assert first["statement"] != second["statement"]


def test_every_way_to_ask_is_written_down(con: Connection, home: Home) -> None:
    con.prepare(SQL)
    con.explain(SQL)
    con.plan(SQL)
    con.explanation(SQL, datetime(2026, 5, 2, tzinfo=UTC))
    con.texts([])
    rows = sum(batch.num_rows for batch in con.stream("select * from range(20000)"))
    with con.pinned() as pinned:
        pinned.sql("select 1")
    with pytest.raises(Forbidden):
        con.ask("select * from read_csv('x')")
    with pytest.raises(QuestionError):
        con.ask("select nothing from nowhere where")
    told = [(e["act"], e["rows"], e["outcome"]) for e in entries(home)]
    assert told == [
        ("prepare", 0, "answered"),
        ("explain", 0, "answered"),
        ("explain", 0, "answered"),
        ("explain", 0, "answered"),
        ("texts", 0, "answered"),
        ("stream", 0, "answered"),
        ("streamed", rows, "answered"),
        ("ask", 1, "answered"),
        ("ask", 0, "refused"),
        ("ask", 0, "failed"),
    ]
    assert check(home).breaks == ()


def test_who_asked_through_which_door_is_counted(snapshot: FakeSnapshot, home: Home) -> None:
    for role, door in (("hq_viewer", "http"), ("site_manager:S1", "board"), ("hq_viewer", "http")):
        Connection(
            FakeReader(snapshot),
            parse_principal(role),
            home=home,
            door=door,  # type: ignore[arg-type]
        ).ask("select 1")
    found = check(home)
    assert found.by == {
        ("http", "hq_viewer", "answered"): 2,
        ("board", "site_manager:S1", "answered"): 1,
    }
    assert found.entries == 3


def test_threads_and_processes_write_one_chain(home: Home) -> None:
    log = AccessLog(home)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(home.root), f"p{i}"]) for i in range(3)
    ]
    threads = [
        Thread(target=lambda: [log.append(note().entry("t", "board")) for _ in range(100)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    found = check(home)
    assert (found.entries, found.breaks) == (550, ())
    assert [entry["no"] for entry in entries(home)] == list(range(1, 551))


def test_a_new_month_is_chained_to_the_old_one_which_may_be_destroyed_later(home: Home) -> None:
    moments = [datetime(2026, month, 28, tzinfo=UTC) for month in (1, 1, 2, 2, 3)]
    log = AccessLog(home, now=iter(moments).__next__)
    for _ in moments:
        log.append(note().entry("analyst", "python"))
    assert [path.name[7:14] for path in files(home.log)] == ["2026-01", "2026-02", "2026-03"]
    assert check(home).breaks == ()
    files(home.log)[0].unlink()
    assert check(home).breaks == ()
    assert check(home).entries == 3
    files(home.log)[0].unlink()
    AccessLog(home).append(note().entry("analyst", "python"))
    assert check(home).breaks == ()


def _changed(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace('"rows":0', '"rows":9'), *lines[2:]]


def _taken(lines: list[str]) -> list[str]:
    return [lines[0], *lines[2:]]


def _swapped(lines: list[str]) -> list[str]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def _garbled(lines: list[str]) -> list[str]:
    return [lines[0], lines[1][:20] + "\n", *lines[2:]]


@pytest.mark.parametrize("harm", [_changed, _taken, _swapped, _garbled])
def test_a_broken_chain_is_told_in_a_sentence(home: Home, harm: object) -> None:
    log = AccessLog(home)
    for i in range(5):
        log.append(note(f"select {i}").entry("analyst", "python"))
    (path,) = files(home.log)
    path.write_text("".join(harm(path.read_text().splitlines(keepends=True))))  # type: ignore[operator]
    first = check(home).breaks[0]
    assert first.startswith(f"The access log is broken at line 2 of {path.name}")
    log.append(note().entry("analyst", "python"))  # what comes after is chained on
    assert json.loads(path.read_text().splitlines()[-1])["no"] == 6


def test_after_a_line_that_a_power_cut_left_half_the_log_goes_on(home: Home) -> None:
    AccessLog(home).append(note().entry("analyst", "python"))
    (path,) = files(home.log)
    path.write_text(path.read_text() + '{"no":2,"at":"2026')
    AccessLog(home).append(note().entry("analyst", "python"))
    found = check(home)
    assert found.entries == 2
    assert len(found.breaks) == 1
    assert "line 2" in found.breaks[0]


def test_without_its_log_nothing_is_answered(snapshot: FakeSnapshot, home: Home) -> None:
    home.log.rmdir()
    home.log.write_text("no folder")
    con = Connection(FakeReader(snapshot), home=home)
    with pytest.raises(HomeError, match="nothing is answered without it"):
        con.ask("select 1")


def test_an_entry_costs_far_less_than_a_question(home: Home) -> None:
    log = AccessLog(home)
    took = []
    for _ in range(200):
        began = perf_counter()
        log.append(note().entry("analyst", "python"))
        took.append(perf_counter() - began)
    assert sorted(took)[100] < 0.003  # 0.3 ms where nothing else runs


def test_answers_are_counted_by_the_cuboid_that_gave_them(con: Connection, home: Home) -> None:
    answer = con.answer(SQL)
    con.explain(SQL)
    assert hits_of(home) == {answer.plan.blocks[0].source: 1}
    con.ask(SQL)
    con.ask("select 1")
    assert hits_of(home) == {answer.plan.blocks[0].source: 2}
