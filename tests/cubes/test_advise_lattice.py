"""The lattice is computed from the cubes' keys, and its order is what cells can be made of."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubes.cube import Cube, Cuboid
from cubes.definitions import CUBES, SATISFACTION, VOICE
from cubes.lattice import CUBOIDS, answers, combined, covers, grains, normal, steps
from cubes.refresh import Relations, cells_sql, delta_sql
from cubes.rollup import builds, looked_up, rolled_up_sql
from models.connection import open_connection
from tests.cubes.star import random_star


def cuboids(cube: Cube) -> st.SearchStrategy[Cuboid]:
    names = [key.name for key in cube.keys]
    return st.sets(st.sampled_from(names), min_size=1, max_size=5).map(
        lambda keys: Cuboid(cube, normal(cube, keys))
    )


def test_keys_follow_from_keys_as_the_definitions_say_and_not_otherwise() -> None:
    found = {(step.of, step.key) for step in steps(SATISFACTION)}
    assert found == {
        ("site_version", "province"),
        ("question_key", "touchpoint_key"),
        ("day", "month"),
    }
    assert ("question_key", "touchpoint_key") not in {(s.of, s.key) for s in steps(VOICE)}


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.name)
def test_the_grains_are_all_combinations_without_keys_that_follow(cube: Cube) -> None:
    found = set(grains(cube))
    chains = {step.key: step.of for step in steps(cube)}
    free = [k.name for k in cube.keys if k.name not in chains and k.name not in chains.values()]
    choices = [(None, coarse, fine) for coarse, fine in chains.items()]
    choices += [(None, name) for name in free]
    typed = {normal(cube, filter(None, pick)) for pick in product(*choices)}
    assert found == typed


@settings(max_examples=60)
@given(st.sampled_from(CUBES).flatmap(lambda cube: st.tuples(*[cuboids(cube)] * 3)))
def test_answering_is_a_partial_order_with_least_upper_bounds(
    three: tuple[Cuboid, Cuboid, Cuboid],
) -> None:
    one, two, other = three
    assert answers(one, one)
    assert not (answers(one, two) and answers(two, one)) or one.keys == two.keys
    assert not (answers(one, two) and answers(two, other)) or answers(one, other)
    both = Cuboid(one.cube, combined(one.cube, one.keys, two.keys))
    assert answers(both, one)
    assert answers(both, two)
    assert answers(other, both) == (answers(other, one) and answers(other, two))


def test_cuboids_of_different_cubes_do_not_answer_each_other() -> None:
    assert not answers(Cuboid(VOICE, ("day",)), Cuboid(SATISFACTION, ("day",)))


def test_the_picture_draws_no_line_that_follows_from_others() -> None:
    lines = {(fine.name, coarse.name) for fine, coarse in covers(CUBOIDS)}
    assert ("satisfaction_site_touchpoint_day", "satisfaction_site_touchpoint_month") in lines
    assert ("satisfaction_site_touchpoint_day", "satisfaction_site_month") not in lines


@settings(max_examples=12)
@given(
    seed=st.integers(0, 1000),
    pair=st.sampled_from(CUBES).flatmap(lambda cube: st.tuples(*[cuboids(cube)] * 2)),
)
def test_cells_from_finer_cells_are_those_from_the_facts(
    seed: int, pair: tuple[Cuboid, Cuboid]
) -> None:
    one, other = pair
    finer = Cuboid(one.cube, combined(one.cube, one.keys, other.keys))
    con = open_connection("build")
    random_star(seed, answers=40, contacts=30).put(con)
    con.execute(f"create table finer as {cells_sql(finer, one.cube.fact, str)}")
    fresh = cells_sql(one, one.cube.fact, str)
    rolled = rolled_up_sql(one, finer, "finer")
    same = [con.execute(f"describe {sql}").fetchall() for sql in (fresh, rolled)]
    assert same[0] == same[1]
    for this, that in ((fresh, rolled), (rolled, fresh)):
        assert con.execute(f"({this}) except all ({that})").fetchall() == []


@settings(max_examples=8)
@given(
    seed=st.integers(0, 1000),
    pair=st.sampled_from(CUBES).flatmap(lambda cube: st.tuples(*[cuboids(cube)] * 2)),
)
def test_signed_cells_merge_as_facts_do(seed: int, pair: tuple[Cuboid, Cuboid]) -> None:
    one, other = pair
    finer = Cuboid(one.cube, combined(one.cube, one.keys, other.keys))
    con = open_connection("build")
    random_star(seed, answers=40, contacts=30).put(con)
    fact = one.cube.fact
    con.execute(f"create view came as select * from {fact} where site_key <> 2")
    con.execute(f"create view went as select * from {fact} where site_key > 0")
    sides = Relations("came", str), Relations("went", str)
    con.execute(f"create table finer as {delta_sql(finer, *sides)}")
    fresh, rolled = delta_sql(one, *sides), rolled_up_sql(one, finer, "finer")
    for this, that in ((fresh, rolled), (rolled, fresh)):
        assert con.execute(f"({this}) except all ({that})").fetchall() == []


def test_each_cuboid_is_built_from_the_smallest_that_is_there() -> None:
    sizes = {cuboid.name: 10 * (20 - place) for place, cuboid in enumerate(CUBOIDS)}
    made = builds(reversed(CUBOIDS), (), sizes, str)
    parents = {build.cuboid.name: build.parent and build.parent.name for build in made}
    assert parents["satisfaction_site_question_channel_month"] is None
    assert parents["satisfaction_site_touchpoint_day"] is None
    assert parents["satisfaction_province_touchpoint_day"] == "satisfaction_site_touchpoint_day"
    assert parents["satisfaction_touchpoint_day"] == "satisfaction_province_touchpoint_day"
    assert parents["satisfaction_site_month"] == "satisfaction_site_day"
    done: set[str] = set()
    for build in made:
        assert build.parent is None or build.parent.name in done
        done.add(build.cuboid.name)


def test_a_roll_up_names_the_dimension_tables_it_depends_on() -> None:
    by_name = {cuboid.name: cuboid for cuboid in CUBOIDS}
    fine = by_name["satisfaction_site_touchpoint_day"]
    assert looked_up(by_name["satisfaction_province_touchpoint_day"], fine) == {"dim_site"}
    assert looked_up(by_name["satisfaction_site_touchpoint_month"], fine) == frozenset()
