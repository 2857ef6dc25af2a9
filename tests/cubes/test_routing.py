"""Plain SQL about facts is answered from cells where that is the same."""

from __future__ import annotations

import pytest

from cubes.api import Connection
from cubes.lattice import CUBOIDS
from cubes.routing import stand
from tests.cubes.star import FakeReader, FakeSnapshot, random_star, released

ROUTED = (
    "select count(*) as n from fact_answer",
    "select site_key, count(*) as n from fact_answer group by site_key",
    (
        "select channel_key, date_trunc('month', local_date) as month, count(*) as n"
        " from fact_answer group by all"
    ),
    (
        "select s.province, count(*) as n from fact_answer as f"
        " join dim_site as s on s.site_key = f.site_key and s.is_current group by all"
    ),
    (
        "select c.channel, count(*) as n from fact_answer join dim_channel as c using (channel_key)"
        " where local_date >= date '2026-03-01' and local_date < date '2026-04-01' group by all"
    ),
    "select site_key, count(*) as n from fact_answer group by all having count(*) > 3",
    (
        "select purpose, count(*) as n, count(*) filter (where is_resolved) as resolved"
        " from fact_contact group by purpose"
    ),
    (
        "with m as (select site_key, count(*) as n from fact_contact group by all)"
        " select max(n) as most, min(n) as least from m"
    ),
)
LEFT = (
    "select customer_key, count(*) as n from fact_answer group by all",
    "select score, count(*) as n from fact_answer group by score",
    "select site_key, local_minute, count(*) as n from fact_contact group by all",
    "select answer_key, score from fact_answer where site_key = 1",
)


def connected(snapshot: FakeSnapshot) -> Connection:
    return Connection(FakeReader(snapshot))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [3, 17])
@pytest.mark.parametrize("question", [*ROUTED, *LEFT])
def test_the_answer_is_that_of_the_facts(question: str, seed: int) -> None:
    snapshot = released(random_star(seed))
    plain = snapshot.cursor().execute(question)
    names = [column[0] for column in plain.description]
    rows = sorted(map(repr, plain.fetchall()))
    answer = connected(snapshot).answer(question)
    assert answer.frame.columns == names
    assert sorted(map(repr, answer.frame.rows())) == rows


@pytest.mark.parametrize("question", ROUTED)
def test_cells_answer_where_they_can(question: str) -> None:
    snapshot = released(random_star(5))
    snapshot.long = ("fact_answer", "fact_contact")  # the base competes: these are large
    plan = connected(snapshot).plan(question)
    cells = {cuboid.name for cuboid in CUBOIDS}
    assert cells & set(plan.reads), plan.sql
    assert not {"fact_answer", "fact_contact"} & set(plan.reads)


@pytest.mark.parametrize("question", LEFT)
def test_facts_answer_what_no_cell_holds(question: str) -> None:
    snapshot = released(random_star(5))
    snapshot.long = ("fact_answer", "fact_contact")
    assert not {cuboid.name for cuboid in CUBOIDS} & set(connected(snapshot).plan(question).reads)


def test_facts_without_a_date_are_not_lost_with_their_version() -> None:
    star = random_star(7)
    for row in star.tables["fact_answer"][::4]:
        row["local_date"] = None
    snapshot = released(star)
    snapshot.long = ("fact_answer",)
    question = "select site_key, count(*) as n from fact_answer group by all"
    plain = sorted(snapshot.cursor().execute(question).fetchall())
    assert sorted(connected(snapshot).ask(question).rows()) == plain
    dated = question.replace(" group", " where local_date >= date '2026-01-01' group")
    plain = sorted(snapshot.cursor().execute(dated).fetchall())
    assert sorted(connected(snapshot).ask(dated).rows()) == plain


def test_a_cell_whose_rows_were_all_retracted_is_no_group() -> None:
    snapshot = released(random_star(9))
    snapshot.long = ("fact_answer",)
    for cuboid in CUBOIDS:
        if cuboid.cube.fact == "fact_answer":
            sums = ", ".join(f"-{a.name}" for a in cuboid.cube.aggregates)
            keys = ", ".join(cuboid.keys)
            snapshot.con.execute(
                f"insert into {cuboid.name} select {keys}, {sums} from {cuboid.name}"
            )
    snapshot.con.execute("delete from fact_answer")
    question = "select channel_key, count(*) as n from fact_answer group by all"
    assert connected(snapshot).ask(question).rows() == []
    assert connected(snapshot).ask("select count(*) as n from fact_answer").rows() == [(0,)]


def test_cuboids_by_the_province_of_the_day_stand_for_no_facts() -> None:
    assert all(stand(each) is None for each in CUBOIDS if "province" in each.keys)
    assert all(stand(each) for each in CUBOIDS if "site_version" in each.keys)
