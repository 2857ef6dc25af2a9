"""Whatever order records arrive in and however they are cut into loads, the star is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubes.lattice import CUBOIDS
from cubes.refresh import cells_sql
from models.schema import shipped_schema
from pipelines import renewal as renewal_module
from pipelines import session as session_module
from pipelines.source import read_sources
from tests.cubes.star import differing
from tests.laws import through_the_pipeline
from tests.pipelines.load.conftest import ANSWER, QUESTION, QUESTIONS, SITE, TOML, Bench, answer
from tests.pipelines.load.door import own_rows_at_the_door

STAR = """
select a.response_key, q.question, s.site, a.local_date, a.score, a.points, a.weight, a.lead,
    a.lead_weight, a.lead_points, v.province
from fact_answer as a
join dim_question as q using (question_key)
join (select distinct site_key, site from dim_site) as s using (site_key)
join dim_site as v on v.site_key = a.site_key
    and a.local_date >= v.valid_from and a.local_date < v.valid_to
order by all
"""

replies = st.builds(
    lambda number, day, site, q1, q2, status, at: answer(
        number, day=f"2026-11-{day:02d}", site=f"S{site}", q1=q1, q2=q2, status=status,
        modified=f"2026-11-2{at} 09:00",
    ),
    st.integers(1, 4), st.integers(1, 4), st.integers(1, 3),
    st.sampled_from([1, 5, 9, ""]), st.integers(1, 5),
    st.sampled_from(["ok", "ok", "withdrawn", "preview"]), st.integers(0, 9),
)  # fmt: skip
sites = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2"]),
        st.sampled_from(["", "2026-11-02", "2026-11-03"]),
        st.sampled_from(["서울", "부산"]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row[:2],
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("survey"), st.lists(replies, min_size=1, max_size=5)),
        st.tuples(st.just("site"), sites),
    ),
    min_size=1,
    max_size=4,
)


def cells_equal_facts(bench: Bench) -> None:
    """Every cuboid, summed, is what its own SELECT gives over the facts."""
    cursor = bench.cursor()
    for cuboid in CUBOIDS:
        keys = ", ".join(cuboid.keys)
        sums = ", ".join(f"sum({a.name})::{a.type} as {a.name}" for a in cuboid.cube.aggregates)
        stored = f"select {keys}, {sums} from {cuboid.name} group by all having sum(rows) <> 0"
        fresh = cells_sql(cuboid, cuboid.cube.fact, str)
        assert differing(cursor, stored, fresh) == [], f"{cuboid.name} differs from its facts"


def play(
    bench: Bench, history: Sequence[tuple[str, Sequence[tuple[object, ...]]]]
) -> list[tuple[object, ...]]:
    for nth, (name, rows) in enumerate(history):
        bench.load(bench.write(f"{name}{nth}", rows))
    cells_equal_facts(bench)
    return bench.rows(STAR)


@through_the_pipeline
@given(
    history=steps,
    late_questions=st.booleans(),
    own=st.sets(st.sampled_from(("S1", "S2", "S3")), max_size=2),
)
def test_incremental_equals_rebuild_and_each_role_gets_its_own(
    new_bench: Callable[[], Bench],
    history: list[tuple[str, list[tuple[object, ...]]]],
    late_questions: bool,
    own: set[str],
) -> None:
    questions = ("question", list(QUESTIONS))
    order = [*history, questions] if late_questions else [questions, *history]
    by_and_by = play(new_bench(), order)
    together = new_bench()
    together.load(
        *(
            together.write(f"{name}{nth}", rows)
            for nth, (name, rows) in enumerate([questions, *history])
        )
    )
    cells_equal_facts(together)
    assert by_and_by == together.rows(STAR)
    own_rows_at_the_door(together, own)


def test_a_back_dated_site_row_moves_exactly_the_facts_concerned(bench: Bench) -> None:
    days = [answer(n, day=f"2026-11-{n:02d}") for n in range(1, 6)]
    play(bench, [("question", QUESTIONS), ("site", [("S1", "", "서울")]), ("survey", days)])
    play(bench, [("site", [("S1", "", "서울"), ("S1", "2026-11-04", "경기")])])
    assert bench.rows("""
        select v.province, count(distinct response_key)
        from fact_answer as a
        join dim_site as v on v.site_key = a.site_key
            and a.local_date >= v.valid_from and a.local_date < v.valid_to
        group by all order by all
    """) == [("경기", 2), ("서울", 3)]


def test_an_older_version_that_arrives_late_changes_nothing(bench: Bench) -> None:
    new, old = (
        answer(1, q1=5, modified="2026-11-05 09:00"),
        answer(1, q1=1, modified="2026-11-04 09:00"),
    )
    play(bench, [("question", QUESTIONS), ("survey", [new]), ("survey", [old])])
    assert bench.rows("select max(score), min(load_from) from fact_answer where score = 5") == [
        (5, 2)
    ]


def test_a_definition_that_changed_is_made_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(bench, [("question", QUESTIONS), ("survey", [answer(1), answer(2, q1=1)])])
    before = bench.rows(STAR)
    made = renewal_module.definitions
    old = dict.fromkeys(made(shipped_schema(), bench.sources), "of another time")
    monkeypatch.setattr(session_module, "definitions", lambda *_: old)
    bench.load(bench.write("survey9", [answer(3)]))
    monkeypatch.setattr(session_module, "definitions", made)
    bench.load(
        bench.write("survey10", [answer(3, status="withdrawn", modified="2026-12-01 00:00")])
    )
    assert bench.rows(STAR) == before
    cells_equal_facts(bench)


def test_a_code_book_of_another_source_recalls_a_version_and_calls_its_heir(
    new_bench: Callable[[], Bench], tmp_path: Path
) -> None:
    head, *tables = TOML.split("[[table]]")
    maps = {
        "small": {"answer.survey.sql": ANSWER, "site.site.sql": SITE},
        "codes": {"question.question.sql": QUESTION},
    }
    for name, parts in (("small", tables[:2]), ("codes", tables[2:])):
        folder = tmp_path / name
        folder.mkdir()
        toml = head + "".join(f"[[table]]{part}" for part in parts)
        for file, text in {"source.toml": toml, **maps[name]}.items():
            (folder / file).write_text(text, encoding="utf-8")
    bench = replace(new_bench(), sources=read_sources((tmp_path,)))
    for nth, (score, day) in enumerate(((2, "02"), (9, "03"))):
        survey = [answer(1, q2=score, modified=f"2026-11-{day} 09:00")]
        bench.load(bench.write(f"survey{nth}", survey))
    bench.load(bench.write("question9", QUESTIONS))
    assert bench.rows("select score from fact_answer order by score") == [(2,), (5,)]
    cells_equal_facts(bench)
