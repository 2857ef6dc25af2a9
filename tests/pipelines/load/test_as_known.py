"""Law 5 through the whole pipeline: what was answered after a load is answered as known at it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cubes.api import Connection, connect
from cubes.definitions import SATISFACTION
from cubes.lattice import cuboids_of
from cubes.past import open_past
from models.compaction import compact
from models.lock import writer_lock
from models.reader import Reader
from pipelines.undo import undo
from tests.laws import through_the_pipeline
from tests.pipelines.load.conftest import QUESTIONS, Bench, answer
from tests.pipelines.load.test_histories import steps

TEXTS = (
    "select site, month, measure(index), low(index), n() from satisfaction group by all",
    "select province, question, count(*), measure(mean) from satisfaction group by all",
    "select province, day, touchpoint, sum(h4) from satisfaction group by all",
    "from fact_answer select response_key, score, points, lead_points, load_from",
    "select * exclude (load_from) from dim_site",
)
PLAIN = """
select s.province, date_trunc('month', f.local_date)::date, count(f.grade),
    sum(f.weight * f.points)::bigint
from fact_answer as f
join dim_site as s on s.site_key = f.site_key
    and f.local_date >= s.valid_from and f.local_date < s.valid_to
group by all order by all
"""
ASKED = "select province, month, n(), sum(p) from satisfaction group by all order by all"


def on_day(number: int) -> Callable[[], datetime]:
    return lambda: datetime(2026, 11, 20, 2, tzinfo=UTC) + timedelta(days=number)


def answers(con: Connection, load: int | None = None) -> list[list[tuple[Any, ...]]]:
    con.refresh()
    asked = [con.answer(text, as_known_at=load) for text in TEXTS]
    asked += [con.answer(TEXTS[1], as_is=True, as_known_at=load)]
    assert {answer.load for answer in asked} == {load or con.load}
    return [sorted(answer.frame.rows(), key=repr) for answer in asked]


@through_the_pipeline
@given(history=steps, compacted=st.sets(st.integers(0, 4), min_size=1), undone=st.booleans())
def test_as_known_at_each_load_is_what_was_answered_after_it_and_a_screen_keeps_to_one(
    new_bench: Callable[[], Bench],
    history: list[tuple[str, list[tuple[object, ...]]]],
    compacted: set[int],
    undone: bool,
) -> None:
    bench = new_bench()
    con = connect(bench.home)
    answered: dict[int, list[list[tuple[Any, ...]]]] = {}
    plain: dict[int, list[tuple[Any, ...]]] = {}

    screens: list[tuple[int, Connection]] = []  # drawn after the first load, and never again
    screen = ExitStack()

    def remember() -> None:
        load = int(bench.rows('select max("load") from "load"')[0][0])  # type: ignore[call-overload]
        answered[load], plain[load] = answers(con), bench.rows(PLAIN)

    for nth, (name, rows) in enumerate([("question", list(QUESTIONS)), *history]):
        bench.load(bench.write(f"{name}{nth}", rows), now=on_day(nth))
        remember()
        screens = screens or [(max(answered), screen.enter_context(con.pinned()))]
        if nth in compacted:
            compact(bench.home, lock=lambda: writer_lock(bench.home, "compact"))
    if undone and len(answered) > 1:
        undo(bench.home, max(answered), sources=bench.sources, now=on_day(9))
        remember()
    for load, drawn in screens:
        assert (drawn.load, answers(drawn)) == (load, answered[load])
    screen.close()
    for load, expected in answered.items():
        assert answers(con, load) == expected
        assert con.ask(ASKED, as_known_at=load).rows() == plain[load]
    con.close()


def test_a_base_kept_of_that_night_is_where_its_cells_come_from(bench: Bench) -> None:
    answered, con = {}, connect(bench.home)
    days = [("question0", list(QUESTIONS)), ("survey1", [answer(1), answer(2)])]
    days += [("survey2", [answer(2, q1=1, modified="2026-11-09 09:00"), answer(3)])]
    days += [("survey3", [answer(4, site="S2")])]
    for nth, (name, rows) in enumerate(days, start=1):
        bench.load(bench.write(name, rows), now=on_day(nth))
        answered[nth] = answers(con)
        compact(bench.home, lock=lambda: writer_lock(bench.home, "compact"))
    with closing(Reader(bench.home)) as reader:
        snapshot = reader.snapshot()
        assert [kept.load for kept in snapshot.manifest.kept] == [1, 2, 3]
        for load in (2, 3):
            nearest = open_past(snapshot, load).near["satisfaction"][0]
            assert nearest.load == load
            assert {cuboid.name for cuboid in cuboids_of(SATISFACTION)} <= nearest.cuboids
    for load, expected in answered.items():
        assert answers(con, load) == expected
    for path in bench.home.releases.glob("base-*.duckdb"):
        if path.stem != snapshot.manifest.base:
            path.unlink()
    for load, expected in answered.items():
        assert answers(con, load) == expected
