"""Undo: a load that is undone was never there, for facts and cells; what came later stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from models.errors import HappycallError
from pipelines.undo import UndoResult, undo
from tests.pipelines.load.conftest import QUESTIONS, Bench, answer
from tests.pipelines.load.test_histories import cells_equal_facts, play, steps

FACTS = "select * exclude (load_from) from fact_answer order by all"
RECORDS = "select * exclude (load_from) from record order by all"
OPEN = "select * exclude (load_from) from quarantine where state = 'open' order by all"
SITES = """
select * exclude (load_from) from dim_site where site_key in (select site_key from fact_answer)
order by all
"""


def take_back(bench: Bench, load: int, **more: Any) -> UndoResult:
    result = undo(bench.home, load, sources=bench.sources, **more)
    cells_equal_facts(bench)
    return result


def whole(bench: Bench) -> list[list[tuple[object, ...]]]:
    return [bench.rows(sql) for sql in (FACTS, RECORDS, OPEN, SITES)]


def newest(bench: Bench) -> int:
    return int(bench.rows('select max("load") from "load"')[0][0])  # type: ignore[call-overload]


@settings(
    max_examples=3,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(history=steps)
def test_undone_one_by_one_loads_were_never_there(
    new_bench: Callable[[], Bench], history: list[tuple[str, list[tuple[object, ...]]]]
) -> None:
    bench = new_bench()
    play(bench, [("question", QUESTIONS)])
    before = {newest(bench): whole(bench)}
    for nth, (name, rows) in enumerate(history):
        bench.load(bench.write(f"{name}{nth}", rows))
        before[newest(bench)] = whole(bench)
    loads = sorted(before)
    last = before[loads[-1]]
    undos = []
    for load, earlier in zip(loads[:0:-1], loads[-2::-1], strict=True):
        done = take_back(bench, load)
        assert done.kept == 0
        undos.append(newest(bench))
        assert whole(bench) == before[earlier]
    for load in reversed(undos):
        assert take_back(bench, load).kept == 0
    assert whole(bench) == last


def test_a_load_amid_others_was_never_there(new_bench: Callable[[], Bench]) -> None:
    first = ("survey1", [answer(n) for n in range(1, 4)])
    wrong = ("survey2", [answer(3, q1=1, modified="2026-11-03 09:00"), answer(4), answer(5, q1=99)])
    later = ("survey3", [answer(6), answer(7, q1=2)])
    bench, without = new_bench(), new_bench()
    for name, rows in (("question", QUESTIONS), first, wrong, later):
        bench.load(bench.write(name, rows))
    for name, rows in (("question", QUESTIONS), first, later):
        without.load(without.write(name, rows))
    done = take_back(bench, 3)
    assert (done.load, done.changed, done.undone) == (5, True, 3)
    assert (done.went, done.back, done.kept) == (2, 1, 0)
    scores = "select response_key, question_key, score, points, lead_points from fact_answer"
    assert sorted(bench.rows(scores)) == sorted(without.rows(scores))
    assert bench.rows(OPEN) == []


def test_what_a_later_load_said_stays_and_is_told(bench: Bench) -> None:
    play(bench, [("question", QUESTIONS), ("survey", [answer(1, q1=2), answer(2)])])
    bench.load(bench.write("survey8", [answer(1, q1=3, modified="2026-11-03 09:00"), answer(9)]))
    bench.load(bench.write("survey9", [answer(1, q1=4, modified="2026-11-04 09:00")]))
    told: list[str] = []
    done = take_back(bench, 3, progress=told.append)
    assert (done.went, done.back, done.kept) == (1, 0, 1)
    assert told[-1] == (
        "kept as later loads have them (1): small/survey, record 1 of survey9.csv (load 4); "
        "undo those loads first to take these back too"
    )
    assert bench.rows("select score from fact_answer order by score desc") == [
        (5,),
        (4,),
        (4,),
        (4,),
    ]


def test_undone_files_may_come_again(bench: Bench) -> None:
    path = bench.write("survey1", [answer(1), answer(2)])
    bench.load(bench.write("question0", QUESTIONS))
    bench.load(path)
    before = bench.rows(FACTS)
    take_back(bench, 2)
    assert bench.rows(FACTS) == []
    again = bench.load(path)
    assert (again.changed, again.counts.landed, again.counts.accepted) == (True, 2, 2)
    assert bench.rows(FACTS) == before
    once_more = bench.load(path)
    assert (once_more.changed, once_more.counts.duplicate) == (False, 2)


def test_a_snapshot_that_is_undone_leaves_the_state_before_it(bench: Bench) -> None:
    was = [("S1", "", "서울"), ("S2", "", "부산")]
    play(
        bench,
        [("question", QUESTIONS), ("site", was), ("survey", [answer(1), answer(2, site="S2")])],
    )
    before = whole(bench)
    wrong = bench.write("site9", [("S1", "", "경기")])
    bench.load(wrong)
    assert whole(bench) != before
    done = take_back(bench, 4)
    assert (done.went, done.back) == (1, 2)
    assert whole(bench) == before
    same = bench.load(bench.write("site8", was))
    assert (same.changed, same.counts.duplicate) == (False, 2)
    assert whole(bench) == before
    assert bench.load(wrong).counts.accepted == 1
    assert bench.rows("select province from dim_site where site = 'S1'") == [("경기",)]


def test_a_replay_that_is_undone_opens_its_entries_again(bench: Bench) -> None:
    from pipelines.load import replay

    play(bench, [("question", [("q1", 1, 3, 100), ("q2", 1, 5, 50)]), ("survey", [answer(1)])])
    assert len(bench.rows(OPEN)) == 1
    waiting = whole(bench)
    bench.load(bench.write("question9", QUESTIONS))
    before = whole(bench)
    assert replay(bench.home, sources=bench.sources).counts.accepted == 1
    assert bench.rows(OPEN) == []
    take_back(bench, newest(bench))
    assert whole(bench) == before
    take_back(bench, 3)
    assert whole(bench) == waiting


def test_an_undo_is_a_load_that_lands_nothing(bench: Bench) -> None:
    play(bench, [("question", QUESTIONS), ("survey", [answer(1)])])
    take_back(bench, 2)
    assert bench.rows('select command from "load" where "load" = 3') == [("undo 2",)]
    assert bench.rows('select source from load_source where "load" = 3') == []
    landed = 'select landed, accepted from load_source where "load" = 2'
    assert bench.rows(landed) == [(1, 1)]


@pytest.mark.parametrize(
    ("load", "sentence"),
    [
        (9, "There is no load 9; loads 1 (as of "),
        (2, "Load 2 is undone already"),
    ],
)
def test_what_cannot_be_undone_is_told_and_nothing_changes(
    bench: Bench, load: int, sentence: str
) -> None:
    play(bench, [("question", QUESTIONS), ("survey", [answer(1)])])
    take_back(bench, 2)
    before = whole(bench)
    with pytest.raises(HappycallError) as told:
        take_back(bench, load)
    assert str(told.value).startswith(sentence)
    assert whole(bench) == before
    assert newest(bench) == 3
