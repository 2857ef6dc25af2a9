# ruff: noqa: E501  (tables of SQL read better whole)
"""A definition that does not add up is told in a sentence before any cell is made of it."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cubes.cube import Aggregate, Cube, Measure
from cubes.definition_check import check_cube
from cubes.definitions import CUBES, SATISFACTION
from models.errors import DefinitionError
from models.schema import shipped_schema


def with_aggregate(sql: str, type_: str = "BIGINT", combine: Any = "sum") -> Cube:
    more = Aggregate("extra", sql, "More.", type_, combine)
    return replace(SATISFACTION, aggregates=(*SATISFACTION.aggregates, more))


def with_measure(formula: str) -> Cube:
    more = Measure("extra", formula, "points", "More.", 1)
    return replace(SATISFACTION, measures=(*SATISFACTION.measures, more))


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.name)
def test_the_cubes_that_come_along_add_up(cube: Cube) -> None:
    check_cube(cube, shipped_schema().specs)


@pytest.mark.parametrize(
    ("cube", "says"),
    [
        (with_aggregate("f.score / 3.5::double"), "sums a DOUBLE, whose sum depends on the order of the facts"),
        (with_aggregate("f.score::float"), "sums a FLOAT"),
        (with_aggregate("f.score > 3"), "such as (f.score > 3)::integer"),
        (with_aggregate("f.local_date"), "sums a DATE"),
        (with_aggregate("f.score", "DOUBLE"), "is stored as DOUBLE"),
        (with_aggregate("f.score", "HUGEINT"), "is stored as HUGEINT"),
        (with_aggregate("f.score", combine="max"), "combines by max"),
        (with_aggregate("f.score - avg(f.score) over ()"), "reads other rows than its own fact"),
        (with_aggregate("(select count(*) from fact_contact)"), "reads other rows than its own fact"),
        (with_aggregate("sum(f.score)"), "reads other rows than its own fact"),
        (with_aggregate("(random() * 10)::integer"), "something else each time"),
        (with_aggregate("(f.local_date < current_date)::integer"), "something else each time"),
        (with_aggregate("score"), "say f.score for a column of fact_answer"),
        (with_aggregate("g.score"), "the cube knows f, site, agent, question"),
        (with_aggregate("f.scoore"), "cannot be read (f.scoore)"),
        (with_aggregate("f.score +"), "cannot be read (f.score +)"),
        (with_measure("avg(s)"), "a measure is a formula over sums of aggregates"),
        (with_measure("sum(scoer) / sum(n)"), "scoer is no aggregate of the cube"),
        (with_measure("s / sum(n)"), "write sum(s)"),
        (with_measure("max(n)"), "n is no level of the cube"),
        (with_measure("median(s)"), "a measure is a formula over sums"),
        (replace(SATISFACTION, fact="fact_anser"), "no table fact_anser among the models"),
        (replace(SATISFACTION, keys=SATISFACTION.keys[:-1]), "the level hour is read from hour"),
        (replace(SATISFACTION, grids=(replace(SATISFACTION.grids[0], measures=("indx",)),)), "did you mean 'index'?"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_one_sentence_says_why_a_definition_does_not_add_up(cube: Cube, says: str) -> None:
    with pytest.raises(DefinitionError) as error:
        check_cube(cube, shipped_schema().specs)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("satisfaction: ")


def test_a_load_stops_before_it_makes_such_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import cubes.definitions
    from cubes import definition_check
    from pipelines.cli import run
    from pipelines.simulate import simulate

    simulate(tmp_path / "extracts", sites=2, days=1, seed=3)
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HAPPYCALL_KEYS", str(tmp_path / "keys"))
    landed = shutil.copytree(
        tmp_path / "extracts/network_sites", tmp_path / "home/landing/network_sites"
    )
    for path in landed.iterdir():
        os.utime(path, (1e9, 1e9))  # it lies still
    monkeypatch.setattr(cubes.definitions, "CUBES", (with_aggregate("f.score / 2.5::double"),))
    definition_check.check_shipped.cache_clear()
    left = run(["load"])
    definition_check.check_shipped.cache_clear()
    assert left == 2
    told = capsys.readouterr().err
    assert "sums a DOUBLE" in told
    assert "Traceback" not in told
