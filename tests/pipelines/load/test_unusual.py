"""Files that are shorter or longer than usual: loaded, and told of until the next usual ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from cubes.status import status
from pipelines.source import Source
from pipelines.source_table import Expect
from tests.pipelines.load.conftest import Bench, answer


def usual(source: Source, least: int, most: int) -> Source:
    tables = tuple(
        replace(table, expect=Expect((least, most), 1.0)) if table.name == "survey" else table
        for table in source.tables
    )
    return replace(source, tables=tables)


@pytest.fixture
def strict(new_bench: Callable[[], Bench]) -> Bench:
    bench = new_bench()
    (source,) = bench.sources
    return replace(bench, sources=(usual(source, 2, 3),))


def test_a_file_of_unusual_size_is_loaded_and_told_of(strict: Bench) -> None:
    done = strict.load(strict.write("survey1", [answer(1)]))
    (sentence,) = done.unusual["small"]
    assert sentence == "survey1.csv has 1 records; usual are 2 to 3"
    assert json.loads(done.as_json())["sources"]["small"]["unusual"] == [sentence]
    assert done.counts.accepted == 1
    assert status(strict.home)["unusual"] == [{"source": "small", "why": sentence}]


def test_the_next_usual_file_ends_the_warning(strict: Bench) -> None:
    strict.load(strict.write("survey1", [answer(n) for n in range(4)]))
    assert status(strict.home)["unusual"]
    done = strict.load(strict.write("survey2", [answer(n) for n in range(4, 6)]))
    assert "unusual" not in json.loads(done.as_json())["sources"]["small"]
    assert status(strict.home)["unusual"] == []
