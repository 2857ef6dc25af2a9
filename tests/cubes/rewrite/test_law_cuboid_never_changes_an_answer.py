"""Law 1 over random stars, cuboids and questions: the rewritten text gives the same answer.

Questions are drawn from a cuboid, so that most can be answered from one: a generator where little
matches would prove nothing, and the share that matched is part of what is asserted.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from cubes.rewrite import rewrite
from tests.cubes.rewrite.chance import Chance
from tests.cubes.rewrite.random_cuboid import draw_core, rolled, spell_cuboid
from tests.cubes.rewrite.random_question import draw_block
from tests.cubes.rewrite.random_spelling import question
from tests.cubes.rewrite.random_star import Shape, shape
from tests.cubes.rewrite.same import DOUBLES, RATIO, answer, difference, total_order
from tests.cubes.rewrite.warehouse import Star, as_written, empty, plain_tables

EXAMPLES = int(os.environ.get("HAPPYCALL_LAW_EXAMPLES", "300"))
SEED = os.environ.get("HAPPYCALL_LAW_SEED", "")
LEAST_SHARE = 0.9  # of the questions that follow from a cuboid


@dataclass(frozen=True)
class Asked:
    """A star, its cuboids, and questions; whether each was changed away from its cuboid."""

    star: Star
    cuboids: dict[str, str]
    questions: tuple[tuple[str, bool], ...]
    doubles: bool

    def __repr__(self) -> str:
        lines = [str(table) for table in self.star.tables]
        lines += [f"{name}: {sql}" for name, sql in self.cuboids.items()]
        return "\n".join(["", *lines, *(sql for sql, _ in self.questions)])


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    chance = Chance(draw)
    drawn: Shape = shape(chance)
    cores = [draw_core(chance, drawn) for _ in range(chance.number(1, 3))]
    questions = []
    for _ in range(3):
        core = chance.one(cores)
        blocks = (draw_block(chance, drawn, core), draw_block(chance, drawn, chance.one(cores)))
        questions.append(question(chance, drawn, blocks))
    cuboids = {f"cuboid_{i}": spell_cuboid(drawn, core) for i, core in enumerate(cores)}
    if chance.yes(15):
        cuboids["cuboid_up"] = rolled(chance, cores[0], "cuboid_0")
    return Asked(
        star=drawn.star,
        cuboids=cuboids,
        questions=tuple(questions),
        doubles=any(column.kind == "dbl" for column in drawn.columns),
    )


def databases(case: Asked) -> list[duckdb.DuckDBPyConnection]:
    """The star with its cuboids, full and empty."""
    made = []
    for rows in (as_written(case.star), empty(case.star)):
        con = plain_tables(case.star, rows, None)
        for name, sql in case.cuboids.items():
            con.execute(f"create table {name} as {sql}")
        made.append(con)
    return made


MET: Counter[str] = Counter()
REFUSED: list[tuple[str, Any]] = []  # unchanged questions that were refused, for whoever looks


def check(case: Asked) -> None:
    cons = databases(case)
    for sql, was_changed in case.questions:
        plan = rewrite(sql, cuboids=case.cuboids, **case.star.catalogue)
        used = plan.sql != sql
        MET["changed" if was_changed else "unchanged", used] += 1  # type: ignore[index]
        if not used:
            if not was_changed:
                REFUSED.append((sql, case))
            continue
        for con in cons:
            before, after = answer(con, sql), answer(con, plan.sql)
            found = difference(
                before, after,
                ordered=total_order(sql, before.rows, before.names),
                tolerance=DOUBLES if case.doubles else RATIO,
            )  # fmt: skip
            assert found is None, f"{found}\n{sql}\nbecame\n{plan.sql}\ncuboids {case.cuboids}"
    for con in cons:
        con.close()


@pytest.mark.law
def test_a_cuboid_never_changes_an_answer() -> None:
    MET.clear()

    @settings(
        max_examples=EXAMPLES,
        derandomize=not SEED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(asked())
    def law(case: Asked) -> None:
        check(case)

    (seed(int(SEED))(law) if SEED else law)()
    matched, refused = MET["unchanged", True], MET["unchanged", False]  # type: ignore[index]
    print(f"matched {matched} of {matched + refused} that follow from a cuboid: {MET}")  # noqa: T201
    assert matched >= LEAST_SHARE * (matched + refused)


if __name__ == "__main__":
    pytest.main([__file__, "-s"])
