"""The shadow check finds every wrong cell and no right one, and what it found is written down."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubes.access_log import AccessLog, Note
from cubes.api import Connection
from cubes.catalogue import read_catalogue
from cubes.cube import Cuboid
from cubes.definitions import CUBES, SATISFACTION, VOICE
from cubes.lattice import CUBOIDS
from cubes.questions import questions
from cubes.recompute import Asked, Rows, difference, recompute
from cubes.refresh import cells_sql
from cubes.sampling import Logged, draw, every_screen, look_around, of_log, recent
from cubes.shadow import NAME, NOTHING, Shadow
from cubes.shadow_record import Record, note, read_shadow
from cubes.whole import differences, plain_sql
from models.home import Home, open_home
from tests.cubes.star import FakeReader, FakeSnapshot, random_star, released

NOW = datetime(2026, 5, 2, 6, 12, tzinfo=UTC)
RELEASE = SimpleNamespace(revision=7, definitions={"a": "1", "b": "2"})
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.name)
def test_the_plain_side_knows_every_key_and_every_aggregate_of_a_cube(cube: Any) -> None:
    con = released(random_star(1)).con
    columns = [row[0] for row in con.execute(f"describe {plain_sql(cube)}").fetchall()]
    assert columns == [each.name for each in (*cube.keys, *cube.aggregates)]
    assert (
        con.execute(f"select count(*) from ({plain_sql(cube)})").fetchone()
        == con.execute(f"select count(*) from {cube.fact}").fetchone()
    )


@FEW
@given(seed=st.integers(0, 10_000), data=st.data())
def test_cells_made_from_facts_agree_with_the_plain_side_by_any_keys(seed: int, data: Any) -> None:
    con = released(random_star(seed, 120, 80), cells=False).con
    for cube in CUBES:
        names = [key.name for key in cube.keys]
        picked = data.draw(st.sets(st.sampled_from(names), min_size=1))
        cuboid = Cuboid(cube, tuple(name for name in names if name in picked))
        con.execute(f"create table {cuboid.name} as {cells_sql(cuboid, cube.fact, str)}")
        assert differences(con, cuboid) == ""


@FEW
@given(seed=st.integers(0, 10_000), cuboid=st.sampled_from(CUBOIDS), data=st.data())
def test_no_wrong_cell_is_overlooked(seed: int, cuboid: Any, data: Any) -> None:
    con = released(random_star(seed)).con
    name, aggregate = cuboid.name, data.draw(st.sampled_from(cuboid.cube.aggregates)).name
    (cells,) = con.execute(f"select count(*) from {name}").fetchone() or (0,)
    cell = data.draw(st.integers(0, cells - 1))
    wrong = data.draw(st.sampled_from(("more", "less", "gone", "twice")))
    if wrong == "gone":
        con.execute(f"delete from {name} where rowid = {cell}")
    elif wrong == "twice":
        con.execute(f"insert into {name} select * from {name} where rowid = {cell}")
    else:
        sign = "+" if wrong == "more" else "-"
        con.execute(f"update {name} set {aggregate} = {aggregate} {sign} 1 where rowid = {cell}")
    found = differences(con, cuboid)
    assert "one cell is not what" in found
    assert cuboid.cube.fact in found


def test_many_facts_are_compared_month_by_month(monkeypatch: pytest.MonkeyPatch) -> None:
    con = released(random_star(4)).con
    monkeypatch.setattr("cubes.whole.AT_ONCE", 10)
    assert [differences(con, cuboid) for cuboid in CUBOIDS] == [""] * len(CUBOIDS)
    con.execute("insert into voice_site_month select * replace (date '1999-01-01' as month)"
                " from voice_site_month limit 1")  # fmt: skip
    con.execute("update satisfaction_site_day set p = p + 12")
    by_name = {cuboid.name: differences(con, cuboid) for cuboid in CUBOIDS}
    assert "1999-01-01" in by_name["voice_site_month"]
    assert "p is off by +12" in by_name["satisfaction_site_day"]
    assert sum(bool(why) for why in by_name.values()) == 2


def test_every_question_of_the_screens_is_the_same_from_facts() -> None:
    snapshot = released(random_star(6, 300, 200))
    con, catalogue = snapshot.con, read_catalogue(snapshot, snapshot.con)
    asked = tuple(every_screen(Random(2), con, look_around(con)))
    assert {each.name for each in asked} <= set(questions())
    found = [recompute(snapshot, con, catalogue, each, {}, 30) for each in asked]
    compared = [each for each in found if each is not None]
    assert [each.why for each in compared if each.why] == []
    assert len(compared) > 0.8 * len(asked)  # the others ask for targets, which this star has not
    assert len({name for each in compared for name in each.cuboids}) >= 5


def test_an_answer_from_wrong_cells_is_told_with_the_cuboid_it_came_from() -> None:
    snapshot = released(random_star(6, 300, 200))
    con, catalogue = snapshot.con, read_catalogue(snapshot, snapshot.con)
    con.execute("update satisfaction_site_month set p = p + 12")
    asked = Asked("by month", "select month, measure(index) from satisfaction group by all")
    found = recompute(snapshot, con, catalogue, asked, {}, 30)
    assert found
    assert found.cuboids == ("satisfaction_site_month",)
    assert "'by month' says index " in found.why
    ill = {"satisfaction_site_month": "wrong"}
    again = recompute(snapshot, con, catalogue, asked, ill, 30)
    assert again is None or (again.why == "" and again.cuboids != found.cuboids)


def test_answers_differ_by_names_types_rows_and_values_but_not_by_rounding() -> None:
    right = Rows((("n", "BIGINT"), ("x", "DOUBLE")), [(1, 0.1), (2, None)])
    same = replace(right, rows=[(2, None), (1, 0.1 * (1 + 1e-15))])
    assert difference(same, right) == ""
    for rows in (
        [(1, 0.1)],
        [(1, 0.1), (3, None)],
        [(1, 0.1000001), (2, None)],
        [(1, 0.1), (2, 0.0)],
    ):
        assert difference(replace(right, rows=rows), right)
    assert difference(replace(right, columns=(("n", "INTEGER"), ("x", "DOUBLE"))), right)


def test_what_was_asked_is_asked_again_from_the_access_log(home: Home) -> None:
    snapshot = released(random_star(6, 300, 200))
    con = Connection(FakeReader(snapshot), home=home)
    con.ask("select site, month, measure(index), low(index), n() from satisfaction group by all")
    con.ask(
        "select channel, measure(aht), count(*) from voice where purpose = 'complaint' group by 1"
    )
    con.ask("select site, count(*) from fact_answer as f join dim_site using (site_key) group by 1")
    AccessLog(home).append(
        {**Note("ask", "", 1).entry("analyst", "cli"), "blocks": [["x", [], []]]}
    )
    (home.log / "access-2000-01.jsonl").write_text("no entry\n")
    logged = recent(home)
    assert logged == (
        Logged(SATISFACTION, ("month", "site"), ("index", "index_low", "n")),
        Logged(VOICE, ("channel", "purpose"), ("aht", "count_star()")),
    )
    world, catalogue = look_around(snapshot.con), read_catalogue(snapshot, snapshot.con)
    for block in logged:
        asked = of_log(Random(1), world, block)
        assert asked
        found = recompute(snapshot, snapshot.con, catalogue, asked, {}, 30)
        assert found
        assert found.why == ""


def test_the_same_seed_draws_the_same_questions() -> None:
    con = released(random_star(6)).con
    world = look_around(con)
    one, other = Random(3), Random(3)
    for _ in range(20):
        assert draw(one, con, world) == draw(other, con, world)
    empty = replace(world, days={}, sites=0)
    assert draw(one, con, empty) is None


def test_a_cuboid_in_quarantine_is_refused_until_a_later_release_has_it_anew() -> None:
    ill = NOTHING.agreed(("a", "b"), RELEASE, 3, NOW).differed(("a",), RELEASE, 4, NOW, "p is off")
    assert (ill.checked, ill.mismatches) == (2, 1)
    assert list(ill.refused(RELEASE)) == ["a"]
    assert "in quarantine since 2026-05-02 06:12 UTC, load 4: p is off" in ill.refused(RELEASE)["a"]
    assert ill.proved_at(("a",), RELEASE) is None
    assert ill.proved_at(("b",), RELEASE) == NOW
    well = ill.lifted("a", 9)
    assert list(well.refused(RELEASE)) == ["a"]  # whoever still reads the release of then
    newer = SimpleNamespace(revision=9, definitions=RELEASE.definitions)
    assert well.refused(newer) == {}
    found_again = well.differed(("a",), RELEASE, 4, NOW, "late news of the old release")
    assert found_again.refused(newer) == {}
    other = SimpleNamespace(revision=8, definitions={"a": "made otherwise"})
    assert ill.refused(other) == {}


def test_an_answer_is_as_proved_as_the_cuboid_that_was_proved_longest_ago() -> None:
    earlier = NOW - timedelta(hours=6)
    known = NOTHING.agreed(("a",), RELEASE, 3, earlier).agreed(("b",), RELEASE, 4, NOW)
    assert known.proved_at(("a", "b"), RELEASE) == earlier
    assert known.proved_at(("b",), RELEASE) == NOW
    assert known.proved_at((), RELEASE) == NOW  # from facts: as the release
    assert NOTHING.proved_at((), RELEASE) is None
    other = SimpleNamespace(revision=8, definitions={"a": "made otherwise", "b": "2"})
    assert known.proved_at(("a", "b"), other) is None


def test_the_record_is_read_as_it_was_written(home: Home) -> None:
    record = Record(home)
    assert record.read() == read_shadow(home.log / NAME) == NOTHING
    wrote = note(home, lambda s: s.agreed(("a", "b"), RELEASE, 3, NOW, checks=5))
    wrote = note(home, lambda s: s.differed(("a",), RELEASE, 3, NOW, "wrong").lifted("a", 8))
    assert record.read() == read_shadow(home.log / NAME) == wrote
    assert json.loads((home.log / NAME).read_text())["verified_at"] == "2026-05-02T06:12:00Z"


def one_more(home: Home) -> None:
    for _ in range(25):
        note(home, lambda s: replace(s, checked=s.checked + 1))


def test_several_processes_write_one_record(home: Home) -> None:
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=one_more, args=(home,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert read_shadow(home.log / NAME).checked == 75


@pytest.mark.parametrize("text", ["", "{", "[]", '{"verified_at": 3}', "\x00"])
def test_where_the_record_is_lost_the_facts_answer(home: Home, text: str) -> None:
    (home.log / NAME).write_text(text)
    con = Connection(FakeReader(with_revision(released(random_star(6, 300, 200)))), home=home)
    asked = "select month, measure(index) from satisfaction group by all"
    answer = con.answer(asked)
    assert answer.plan.cuboids == ()
    assert answer.verified_at is None
    (row,) = [
        r for r in con.explain(asked).to_dicts() if r["candidate"] == "satisfaction_site_month"
    ]
    assert "cannot be read" in row["reason"]
    note(home, lambda shadow: shadow.agreed(("satisfaction_site_month",), RELEASE, 3, NOW))
    assert con.answer(asked).plan.cuboids == ("satisfaction_site_month",)


def with_revision(snapshot: FakeSnapshot) -> Any:
    class Released(FakeSnapshot):
        @property
        def manifest(self) -> Any:
            found = super().manifest
            found.revision = 7
            return found

    return Released(snapshot.con)


def in_quarantine(name: str, release: Any) -> Callable[[Shadow], Shadow]:
    return lambda shadow: shadow.differed((name,), release, 1842, NOW, "p is off by +12")


def test_answers_fall_back_and_every_door_says_why(home: Home) -> None:
    snapshot = with_revision(released(random_star(6, 300, 200)))
    con = Connection(FakeReader(snapshot), home=home)
    asked = "select month, measure(index) from satisfaction group by all order by all"
    right = con.answer(asked)
    name = right.plan.cuboids[0]
    snapshot.con.execute(f"update {name} set p = p + 12")
    assert con.ask(asked).rows() != right.frame.rows()
    note(home, lambda s: s.agreed([c.name for c in CUBOIDS], snapshot.manifest, 1842, NOW))
    assert con.answer(asked).verified_at == NOW
    note(home, in_quarantine(name, snapshot.manifest))
    found = con.answer(asked)
    assert name not in found.reads
    assert found.frame.rows() == right.frame.rows()
    words, told = con.explanation(asked, NOW)
    assert f"not {name}: in quarantine since" in words
    refusals = {each["name"]: each["reason"] for each in told["blocks"][0]["considered"]}
    assert "the facts answer until" in refusals[name]
    published = con.ask("select month, benchmark(index, 'network') from satisfaction group by all")
    assert published.height
    assert date(2026, 3, 1) in published["month"].to_list()


def test_published_cells_are_made_again_without_a_cuboid_in_quarantine(home: Home) -> None:
    snapshot = with_revision(released(random_star(6, 600, 200)))
    con = Connection(FakeReader(snapshot), home=home)
    asked = (
        "select month, benchmark(index, 'network') as b from satisfaction group by all order by 1"
    )
    right = con.ask(asked).rows()
    assert any(b is not None for _, b in right)
    levels = "site, site_type, size_band, province, process, month"
    atoms = con.plan(f"select {levels}, n() from satisfaction group by all")
    sources = atoms.cuboids
    other = Connection(FakeReader(with_revision(FakeSnapshot(snapshot.con))), home=home)
    for name in sources:
        snapshot.con.execute(f"update {name} set p = p + 12000 where p > 0")
    assert other.ask(asked).rows() != right
    for name in sources:
        note(home, in_quarantine(name, snapshot.manifest))
    assert other.ask(asked).rows() == right
