"""Cuboids come and go between loads, and whatever is kept always equals its facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cubes.cube import Cube, Cuboid
from cubes.definitions import CUBES, SATISFACTION, VOICE
from cubes.in_use import announced, cuboids_in_use
from cubes.lattice import CUBOIDS, normal, order_of
from cubes.refresh import cells_sql
from models.compaction import compact
from models.lock import lock_holder, writer_lock
from models.manifest import Manifest, read_manifest
from models.reader import Reader
from models.release import verify
from models.schema import shipped_schema
from pipelines.advise import follow, keep
from pipelines.session import LoadSession
from tests.pipelines.load.conftest import QUESTIONS, Bench, answer
from tests.pipelines.load.test_histories import replies, sites

NOW = datetime(2026, 12, 1, tzinfo=UTC)
BY_SITE = Cuboid(SATISFACTION, ("site_version", "question_key", "day"), ("site_version", "day"))
BY_DAY = Cuboid(SATISFACTION, ("province", "day"), ("day", "province"))


def standing(bench: Bench) -> Manifest:
    manifest = read_manifest(bench.home)
    assert manifest is not None
    return manifest


def serving(bench: Bench) -> set[str]:
    manifest = standing(bench)
    return {c.name for c in cuboids_in_use(manifest)} - announced(manifest)


def kept_equal_facts(bench: Bench) -> None:
    """Every cuboid the release serves, summed, is what its own SELECT gives over the facts."""
    reader = Reader(bench.home)
    cursor, waiting = reader.snapshot().cursor(), announced(standing(bench))
    for cuboid in cuboids_in_use(standing(bench)):
        if cuboid.name in waiting:
            continue
        sums = ", ".join(f"sum({a.name})::{a.type} as {a.name}" for a in cuboid.cube.aggregates)
        stored = (
            f"select {', '.join(cuboid.keys)}, {sums} from {cuboid.name}"
            " group by all having sum(rows) <> 0"
        )
        fresh = cells_sql(cuboid, cuboid.cube.fact, str)
        for one, other in ((stored, fresh), (fresh, stored)):
            left = cursor.execute(f"({one}) except all ({other})").fetchall()
            assert left == [], f"{cuboid.name} differs from its facts"
    reader.close()
    assert verify(bench.home) == ()


def begun(bench: Bench) -> Bench:
    surveys = [
        answer(n, day=f"2026-11-{n:02d}", site=f"S{n % 3}", q1=n % 5 + 1) for n in range(1, 9)
    ]
    bench.load(bench.write("question", QUESTIONS))
    bench.load(bench.write("site", [("S1", "", "서울"), ("S2", "", "부산")]))
    bench.load(bench.write("survey", surveys))
    return bench


def in_base(bench: Bench) -> set[str]:
    base = standing(bench).base
    with duckdb.connect(str(bench.home.releases / f"{base}.duckdb"), read_only=True) as con:
        return {row[0] for row in con.execute("select table_name from duckdb_tables()").fetchall()}


def test_a_home_without_advice_keeps_the_default_ones(bench: Bench) -> None:
    begun(bench)
    assert standing(bench).chosen is None
    assert cuboids_in_use(standing(bench)) == CUBOIDS


def test_what_is_kept_becomes_what_the_release_says(bench: Bench) -> None:
    before = standing(begun(bench))
    after = keep(bench.home, (BY_SITE, BY_DAY), {BY_SITE.name: 16, BY_DAY.name: 8})
    assert after is not None
    assert (after.load, after.as_of) == (before.load, before.as_of)
    assert after.chosen == (BY_SITE.name, BY_DAY.name)
    assert [order_of(c) for c in cuboids_in_use(after)] == [order_of(BY_SITE), order_of(BY_DAY)]
    cells = {spec.name for spec in after.tables if spec.kind == "cell"}
    assert cells == set(after.chosen)
    gone = {cuboid.name for cuboid in CUBOIDS}
    assert not gone & in_base(bench)
    assert not gone & set(after.definitions)
    kept_equal_facts(bench)


def test_loads_go_on_keeping_what_was_chosen(bench: Bench) -> None:
    begun(bench)
    bench.load(bench.write("survey2", [answer(20, q1=1)]))
    keep(bench.home, (BY_SITE, BY_DAY), {})
    bench.load(
        bench.write(
            "survey3", [answer(21, day="2026-11-20"), answer(3, q1=1, modified="2026-11-30 09:00")]
        )
    )
    bench.load(
        bench.write("site4", [("S1", "", "서울"), ("S1", "2026-11-04", "경기"), ("S2", "", "부산")])
    )
    kept_equal_facts(bench)
    assert serving(bench) == {BY_SITE.name, BY_DAY.name}
    compact(bench.home, lock=lambda: writer_lock(bench.home, "compact"))
    kept_equal_facts(bench)


def test_a_kept_reader_follows_other_cuboids(bench: Bench) -> None:
    begun(bench)
    reader = Reader(bench.home, role="writer", specs=tuple(shipped_schema().specs.values()), kept=0)

    def load(path: Path) -> None:
        session = LoadSession(bench.home, bench.sources, paths=(path,), reader=reader)
        assert session.begin()
        session.release()

    load(bench.write("survey5", [answer(30)]))
    keep(bench.home, (BY_DAY,), {})
    load(bench.write("survey6", [answer(31, day="2026-11-25")]))
    kept_equal_facts(bench)
    reader.close()


def test_loads_go_on_while_a_cuboid_is_built(bench: Bench) -> None:
    begun(bench)

    def meanwhile(step: str) -> None:
        if step == "write base":
            assert lock_holder(bench.home) is None
            assert announced(standing(bench)) == {BY_SITE.name, BY_DAY.name}
            kept_equal_facts(bench)
            assert serving(bench) == {c.name for c in CUBOIDS}
            bench.load(
                bench.write(
                    "survey7",
                    [answer(40, q1=2), answer(1, status="withdrawn", modified="2026-12-01 00:00")],
                )
            )
            bench.load(bench.write("site8", [("S1", "", "경기"), ("S2", "", "부산")]))

    after = keep(bench.home, (BY_SITE, BY_DAY), {}, meanwhile)
    assert after is not None
    assert after.tails
    assert serving(bench) == {BY_SITE.name, BY_DAY.name}
    kept_equal_facts(bench)
    bench.load(bench.write("survey9", [answer(41, q1=2)]))
    kept_equal_facts(bench)


class Killed(BaseException):
    """The process ends here."""


STEPS = ("announce", "name manifest", "write base", "name base", "name keys")


@pytest.mark.parametrize("where", STEPS)
def test_killed_anywhere_the_release_before_answers_and_the_next_night_completes(
    bench: Bench, where: str
) -> None:
    begun(bench)

    def stop(step: str) -> None:
        if step == where:
            raise Killed

    with pytest.raises(Killed):
        keep(bench.home, (BY_SITE, BY_DAY), {}, stop)
    assert serving(bench) == {c.name for c in CUBOIDS}
    kept_equal_facts(bench)
    bench.load(bench.write("survey8", [answer(50, q1=1)]))
    kept_equal_facts(bench)
    assert keep(bench.home, (BY_DAY,), {}) is not None
    assert serving(bench) == {BY_DAY.name}
    assert announced(standing(bench)) == frozenset()
    kept_equal_facts(bench)


def test_a_load_that_writes_a_base_meanwhile_wins_and_the_next_try_completes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(bench)

    def large(step: str) -> None:
        if step == "write base":
            monkeypatch.setattr("models.release.frozen", lambda *_: None)
            monkeypatch.setattr("models.release.LARGE_LOAD", 0)
            bench.load(bench.write("survey9", [answer(60)]))
            monkeypatch.undo()

    assert keep(bench.home, (BY_SITE,), {}, large) is None
    kept_equal_facts(bench)
    assert keep(bench.home, (BY_SITE,), {}) is not None
    assert serving(bench) == {BY_SITE.name}
    kept_equal_facts(bench)


def test_the_same_cells_in_another_order_are_written_anew(bench: Bench) -> None:
    begun(bench)
    keep(bench.home, (BY_DAY,), {})
    other = Cuboid(SATISFACTION, BY_DAY.keys, ("province", "day"))
    keep(bench.home, (other,), {})
    assert [order_of(c) for c in cuboids_in_use(standing(bench))] == [("province", "day")]
    reader = Reader(bench.home)
    rows = reader.snapshot().cursor().execute(f"select province, day from {BY_DAY.name}").fetchall()
    reader.close()
    assert rows == sorted(rows, key=lambda row: (row[0] is None, row))
    kept_equal_facts(bench)


def test_no_cuboid_at_all_can_be_kept(bench: Bench) -> None:
    begun(bench)
    keep(bench.home, (), {})
    bench.load(bench.write("survey9", [answer(70)]))
    assert standing(bench).chosen == ()
    assert serving(bench) == set()
    keep(bench.home, (BY_DAY,), {})
    kept_equal_facts(bench)


def test_the_night_follows_its_advice_and_then_has_nothing_to_do(bench: Bench) -> None:
    begun(bench)
    told = follow(bench.home, NOW)
    assert told["load"] == 3
    assert int(told["dropped"] or 0) > 0
    kept_equal_facts(bench)
    assert follow(bench.home, NOW) == {"load": 3, "changed": 0}
    assert {c.cube for c in cuboids_in_use(standing(bench))} <= {SATISFACTION, VOICE}


def test_before_the_first_load_there_is_nothing_to_advise(bench: Bench) -> None:
    assert follow(bench.home, NOW) == {"load": None}


def some_cuboids(cube: Cube) -> st.SearchStrategy[Cuboid]:
    names = [key.name for key in cube.keys]
    keys = st.sets(st.sampled_from(names), min_size=1, max_size=4)
    return keys.map(lambda found: Cuboid(cube, normal(cube, found)))


sets = st.lists(
    st.sampled_from(CUBES).flatmap(some_cuboids), max_size=4, unique_by=lambda c: c.name
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("survey"), st.lists(replies, min_size=1, max_size=5)),
        st.tuples(st.just("site"), sites),
        st.tuples(st.just("keep"), sets),
        st.tuples(st.just("compact"), st.none()),
    ),
    min_size=3,
    max_size=6,
)


@settings(
    max_examples=5,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(history=steps)
def test_whatever_is_kept_when_it_equals_its_facts_after_every_load(
    new_bench: Callable[[], Bench], history: list[tuple[str, list[object]]]
) -> None:
    bench = new_bench()
    bench.load(bench.write("question", QUESTIONS))
    for nth, (what, rows) in enumerate(history):
        if what == "keep":
            keep(bench.home, tuple(rows), {})  # type: ignore[arg-type]
        elif what == "compact":
            compact(bench.home, lock=lambda: writer_lock(bench.home, "compact"))
        else:
            bench.load(bench.write(f"{what}{nth}", rows))  # type: ignore[arg-type]
        kept_equal_facts(bench)
