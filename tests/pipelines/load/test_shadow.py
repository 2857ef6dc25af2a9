"""A wrong cell: found, put into quarantine, answered around, and built anew at night."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb
import polars as pl
import pytest

from cubes import connect
from cubes.shadow import NAME
from cubes.shadow_record import note, read_shadow
from cubes.status import status
from models.compaction import compact
from models.home import Home
from models.lock import writer_lock
from models.manifest import read_manifest
from models.publish import base_at
from pipelines.answers import status as shown
from pipelines.nightly import CHORES
from pipelines.shadow import Watch, check_everything, rebuild
from tests.pipelines.load.conftest import QUESTIONS, Bench, answer

MONTHLY = "select month, measure(index), n() from satisfaction group by all order by all"
NIGHT = datetime(2026, 11, 21, 18, 12, tzinfo=UTC)
NEXT_NIGHT = datetime(2026, 11, 22, 18, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test moves."""

    now: float = NIGHT.timestamp()

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def days(first: int, last: int) -> list[tuple[object, ...]]:
    return [
        answer(n, day=f"2026-{10 + n % 2}-{1 + n % 20:02d}", q1=1 + n % 5, site=f"S{n % 3}")
        for n in range(first, last)
    ]


@pytest.fixture
def home(bench: Bench) -> Home:
    sites = bench.write("site", [(f"S{n}", "", "Seoul") for n in range(3)])
    bench.load(bench.write("question", QUESTIONS), sites, bench.write("survey", days(1, 300)))
    compact(bench.home, lock=lambda: writer_lock(bench.home, "test"))
    bench.load(bench.write("survey2", days(300, 340)))
    return bench.home


@contextmanager
def opened(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    manifest = read_manifest(home)
    assert manifest
    assert manifest.base
    place = base_at(home, manifest.base).database
    place.chmod(0o600)
    with closing(duckdb.connect(str(place))) as con:
        yield con
    place.chmod(0o400)


def damage(home: Home, table: str) -> None:
    with opened(home) as con:
        con.execute(f"update {table} set p = p + 12600")


def ask(home: Home) -> pl.DataFrame:
    with closing(connect(home)) as con:
        return con.ask(MONTHLY)


def source(home: Home) -> tuple[str, ...]:
    with closing(connect(home)) as con:
        return con.plan(MONTHLY).cuboids


@pytest.fixture
def ill(home: Home) -> str:
    """The cuboid that answers, and is to be damaged."""
    (name,) = source(home)
    return name


def test_a_night_proves_every_cuboid_and_answers_say_when(home: Home) -> None:
    with closing(connect(home)) as con:
        assert con.answer(MONTHLY).verified_at is None
    told = check_everything(home, NIGHT)
    assert (told["load"], told["mismatches"], told["first"]) == (2, 0, None)
    found = status(home)
    checked = read_shadow(home.log / NAME).checked
    assert told["checked"] == checked > len(found["cuboids"]) + 50
    assert {c["verified_at"] for c in found["cuboids"]} == {"2026-11-21T18:12:00Z"}
    assert found["shadow"]["verified_at"] == "2026-11-21T18:12:00Z"
    with closing(connect(home)) as con:
        found = con.answer(MONTHLY)
        assert found.plan.cuboids
        assert found.verified_at == NIGHT
        assert con.answer("select count(*) from fact_answer").verified_at == NIGHT


def test_by_day_questions_are_recomputed_one_at_a_time_and_only_in_quiet(home: Home) -> None:
    clock, watch = Clock(), Watch(home, random.Random(3))
    assert watch.look(clock, lambda: False) == ""
    assert watch.round is None
    steps = 0
    while read_shadow(home.log / NAME).checked < 3:
        assert watch.look(clock, lambda: True) == ""
        assert watch.not_before >= clock.now + 0.9
        before = read_shadow(home.log / NAME)
        assert watch.look(clock, lambda: True) == ""  # it rests
        assert read_shadow(home.log / NAME) == before
        clock.now, steps = watch.not_before, steps + 1
        assert steps < 60
    assert read_shadow(home.log / NAME).mismatches == 0
    watch.end()
    assert watch.round is None


def test_before_the_first_release_there_is_nothing_to_check(bench: Bench) -> None:
    watch = Watch(bench.home, random.Random(3))
    assert watch.look(Clock(), lambda: True) == ""
    assert check_everything(bench.home, NIGHT) == {"checked": 0}
    assert rebuild(bench.home) == {"rebuilt": None}


def test_a_wrong_cell_is_found_by_day_and_answered_around(home: Home, ill: str) -> None:
    right = ask(home)
    damage(home, ill)
    assert ask(home).rows() != right.rows()
    with closing(connect(home)) as con:
        con.ask(MONTHLY)  # so that the log has what is asked
        clock, watch, told = Clock(), Watch(home, random.Random(3)), ""
        for _ in range(200):
            told = watch.look(clock, lambda: True)
            clock.now = watch.not_before
            if told:
                break
        watch.end()
        assert ill in told
        assert con.ask(MONTHLY).rows() == right.rows()  # whoever is connected already
        assert ill not in con.plan(MONTHLY).reads
        words, facts = con.explanation(MONTHLY, NIGHT)
        assert f"not {ill}: in quarantine since 2026-11-21" in words
        assert ill in json.dumps(facts["blocks"][0]["considered"])
    found = status(home)
    assert {c["state"] for c in found["cuboids"] if c["name"] == ill} == {"quarantine"}
    assert found["shadow"]["mismatches"] == 1
    (sentence,) = found["shadow"]["quarantine"]
    assert sentence.startswith(f"{ill} is in quarantine since 2026-11-21 18:")
    assert sentence in shown(home, "table")


def test_the_night_finds_it_and_the_next_night_builds_it_anew(
    home: Home, bench: Bench, ill: str
) -> None:
    right = ask(home)
    damage(home, ill)
    told = check_everything(home, NIGHT)
    assert told["mismatches"] == 1
    assert f"{ill} in quarantine: at load 2 one" in str(told["first"]) or "cells are" in str(
        told["first"]
    )
    assert ask(home).rows() == right.rows()
    with closing(connect(home)) as con, con.pinned() as pinned:
        bench.load(bench.write("survey3", days(340, 350)))
        more = ask(home)
        assert rebuild(home) == {"rebuilt": ill}
        assert ill not in source(home)  # nothing is believed before it is checked
        assert check_everything(home, NEXT_NIGHT)["mismatches"] == 0
        assert source(home) == (ill,)
        assert ask(home).rows() == more.rows() != right.rows()
        assert pinned.ask(MONTHLY).rows() == right.rows()  # of the release that is still wrong
    found = status(home)
    assert {c["state"] for c in found["cuboids"]} == {"serving"}
    assert found["shadow"]["quarantine"] == []
    assert rebuild(home) == {"rebuilt": None}
    manifest = read_manifest(home)
    assert manifest
    assert all(ill not in kept.definitions for kept in manifest.kept)


def test_what_was_wrong_in_a_kept_base_is_not_told_as_history(home: Home, ill: str) -> None:
    with closing(connect(home)) as con:
        right = con.ask(MONTHLY, as_known_at=1).rows()
    damage(home, ill)
    check_everything(home, NIGHT)
    with closing(connect(home)) as con:
        assert con.ask(MONTHLY, as_known_at=1).rows() == right
    rebuild(home)
    check_everything(home, NEXT_NIGHT)
    with closing(connect(home)) as con:
        assert con.ask(MONTHLY, as_known_at=1).rows() == right


def test_a_cuboid_that_is_defined_otherwise_by_now_leaves_quarantine(home: Home, ill: str) -> None:
    check_everything(home, NIGHT)
    old = read_manifest(home)
    assert old
    other = replace(old, definitions={**old.definitions, ill: "made otherwise"})
    note(home, lambda shadow: shadow.differed((ill,), other, 1, NIGHT, "wrong"))
    assert status(home)["shadow"]["quarantine"] == []
    assert source(home) == (ill,)


def test_the_check_comes_after_all_that_changes_cells_and_before_checksums() -> None:
    names = [chore.name for chore in CHORES]
    order = ["compaction", "rebuild", "advice", "shadow", "checksums"]
    assert [name for name in names if name in order] == order
