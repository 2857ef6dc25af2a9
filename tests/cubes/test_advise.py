"""Advice is what the planner will do: nothing is kept that it would not choose."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubes.advice import Advice, Budget, advise, with_orders
from cubes.candidates import coarsest, grains_of, orders
from cubes.choice import choose
from cubes.cube import Cuboid
from cubes.definitions import CUBES, SATISFACTION, VOICE
from cubes.demand import Demand, free_demand, log_demand, members, merged, screen_demand
from cubes.in_use import cuboids_in_use
from cubes.lattice import CUBOIDS, answers, order_of
from cubes.picture import picture
from cubes.questions import questions
from cubes.refresh import cuboid_specs
from models.errors import HappycallError
from models.table import TableSpec
from pipelines.advise import as_json, in_words, parse_budget
from tests.cubes.star import FakeSnapshot, random_star, released

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AGGREGATES = frozenset({"sum", "count"})


@cache
def snapshot() -> FakeSnapshot:
    return released(random_star(5, answers=3000, contacts=900))


def demands() -> tuple[Demand, ...]:
    cursor = snapshot().cursor()
    return merged((*screen_demand(cursor, members(cursor, CUBES)), *free_demand(CUBES)))


def advised(asked: tuple[Demand, ...], **more: object) -> Advice:
    return advise(snapshot(), snapshot().cursor(), asked, **more)  # type: ignore[arg-type]


def some_demands() -> st.SearchStrategy[tuple[Demand, ...]]:
    def of(name: str) -> st.SearchStrategy[Demand]:
        cube = next(cube for cube in CUBES if cube.name == name)
        levels = st.sets(st.sampled_from(sorted(cube.levels)), max_size=3)
        filters = st.sets(st.sampled_from(sorted(cube.levels)), max_size=2)
        return st.builds(
            lambda by, given, weight: Demand(
                cube, frozenset(by), frozenset(frozenset({each}) for each in given), weight
            ),
            levels, filters, st.floats(1, 1000),
        )  # fmt: skip

    one = st.sampled_from([cube.name for cube in CUBES]).flatmap(of)
    return st.lists(one, min_size=1, max_size=6).map(merged)


@settings(max_examples=12)
@given(asked=some_demands(), budget=st.sampled_from([0.0, 600_000.0, 64e6]))
def test_exact_is_no_dearer_than_greedy_and_greedy_than_none(
    asked: tuple[Demand, ...], budget: float
) -> None:
    advice = advised(asked, budget=Budget(0.0, budget))
    assert advice.best <= advice.greedy * (1 + 1e-9)
    assert advice.greedy <= advice.nothing * (1 + 1e-9)
    assert advice.bytes <= budget


@settings(max_examples=8)
@given(asked=some_demands())
def test_what_is_kept_would_be_chosen_by_the_planner(asked: tuple[Demand, ...]) -> None:
    advice = advised(asked)
    sizes = {line.cuboid.name: line.size.rows for line in advice.lines}
    sizes |= {cube.fact: advice.facts[cube.name] for cube in CUBES}
    read = set()
    for demand in asked:
        mine = [cuboid for cuboid in advice.chosen if cuboid.cube == demand.cube]
        source, _ = choose(demand.block(), demand.levels, mine, sizes, as_is=False)
        read.add(source.name)
    assert {cuboid.name for cuboid in advice.chosen} <= read


def test_without_demand_nothing_is_worth_keeping() -> None:
    advice = advised((Demand(VOICE, frozenset({"agent"}), weight=0.0),))
    assert advice.chosen == ()
    assert {line.state for line in advice.lines} == {"drop"}
    assert {line.why for line in advice.lines} == {"no question would be answered from it"}


def test_what_is_in_use_stays_where_it_is_hardly_worse() -> None:
    advice = advised(demands())
    assert advice.cost <= advice.present
    assert advice.cost <= advice.best * 1.03


def test_cells_lie_as_they_are_asked_for() -> None:
    by_site = Demand(SATISFACTION, frozenset({"day"}), frozenset({frozenset({"site"})}), 5000.0)
    by_day = Demand(SATISFACTION, frozenset({"site"}), frozenset({frozenset({"day"})}), 5000.0)
    for asked, first in ((by_site, "site_version"), (by_day, "day")):
        grains = grains_of(SATISFACTION, (asked,))
        assert grains == (("site_version", "day"),)
        lain = orders(SATISFACTION, grains[0], (asked,))
        assert order_of(lain[0])[0] == first
    lain = orders(SATISFACTION, ("site_version", "day"), (by_site, by_day))
    assert [order_of(each) for each in lain] == [
        ("site_version", "day"),
        ("month", "site_version", "day"),
    ]


@pytest.mark.parametrize(
    ("levels", "grains"),
    [
        ({"week"}, {("day",)}),
        ({"month"}, {("month",)}),
        ({"week", "month"}, {("day",)}),
        ({"province", "month"}, {("province", "month")}),
        ({"district", "process"}, {("site_version", "touchpoint_key")}),
        ({"question", "channel"}, {("question_key", "channel_key")}),
    ],
)
def test_a_demand_is_met_by_the_coarsest_grain(
    levels: set[str], grains: set[tuple[str, ...]]
) -> None:
    assert set(coarsest(Demand(SATISFACTION, frozenset(levels)))) == grains


def test_candidates_answer_their_demands_together() -> None:
    one = Demand(SATISFACTION, frozenset({"week"}))
    other = Demand(SATISFACTION, frozenset({"channel", "month"}))
    both = Cuboid(SATISFACTION, ("channel_key", "day"))
    assert both.keys in grains_of(SATISFACTION, (one, other))
    assert all(
        answers(both, Cuboid(SATISFACTION, grain)) for grain in (*coarsest(one), *coarsest(other))
    )


def test_the_log_counts_questions_a_day() -> None:
    text = questions()["week | site"].text
    at = (NOW - timedelta(days=4)).isoformat()
    said = {"at": at, "act": "ask", "statement": sha256(text.encode()).hexdigest()}
    block = [["satisfaction", ["day", "site", "week"], ["index"], "satisfaction_site_day"]]
    free = {**said, "statement": "0", "blocks": [["voice", ["region"], ["contacts"], "x"]]}
    old = {**said, "at": (NOW - timedelta(days=60)).isoformat(), "blocks": block}
    other = {**said, "act": "prepare", "blocks": block}
    entries = [{**said, "blocks": block}] * 8 + [free, old, other, {**said, "blocks": []}]
    found = {demand.words: demand.weight for demand in log_demand(entries, AGGREGATES, NOW)}
    assert found == {"week | day, site": 2.0, "province": 0.25}


def test_every_question_of_the_screens_is_a_demand() -> None:
    cubes = {demand.cube.name for demand in demands()}
    assert cubes == {"satisfaction", "voice"}
    assert all(demand.weight >= 1 for demand in demands())


def test_the_release_describes_the_whole_order() -> None:
    advice = advised(demands())
    chosen = with_orders(advice)
    assert any(set(each.sort) - set(each.keys) for each in CUBOIDS)
    for cuboid in (*chosen, *CUBOIDS):
        (spec,) = cuboid_specs((cuboid,))
        columns = [term for term in spec.sort if "(" not in term]
        assert sorted(columns) == sorted(spec.key)
        kept = Kept((spec,), (spec.name,))
        assert [order_of(each) for each in cuboids_in_use(kept)] == [order_of(cuboid)]


class Kept(NamedTuple):
    tables: tuple[TableSpec, ...]
    chosen: tuple[str, ...]


def test_the_table_the_json_and_the_picture_tell_the_same() -> None:
    advice = advised(demands())
    told = json.loads(json.dumps(as_json(advice)))
    words, drawn = in_words(advice), picture(advice)
    ET.fromstring(drawn)
    assert told["gap"] == 0
    assert told["cost"]["best"] <= told["cost"]["greedy"] <= told["cost"]["no_cuboids"]
    names = [line["name"] for line in told["cuboids"]]
    assert {c.name for c in CUBOIDS} <= set(names)
    for name in names:
        assert name in words
        assert name in drawn


@pytest.mark.parametrize("text", ["lots", "-3MB", "25 %%", "12 parsecs", ""])
def test_a_budget_that_is_no_size_is_one_sentence(text: str) -> None:
    with pytest.raises(HappycallError, match="is no size; write a share"):
        parse_budget(text)
