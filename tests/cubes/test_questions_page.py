"""The page for people who ask lists exactly what the cubes offer."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cubes.answer import ROWS, SECONDS
from cubes.api import Connection
from cubes.definitions import CUBES
from tests.cubes.star import FakeReader, random_star, released

PAGE = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")


def test_every_measure_and_level_stands_on_the_page_as_it_is() -> None:
    for cube in CUBES:
        part = PAGE.split(f"## {cube.name}: ")[1].split("\n## ")[0]
        measures = [f"| `{m.name}` | {m.unit} | {m.description} |" for m in cube.measures]
        levels = [f"| `{level.name}` | {level.description} |" for level in cube.levels.values()]
        assert re.findall(r"^\| `.*$", part, re.MULTILINE) == measures + levels


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    assert f"{SECONDS} s, {ROWS:,} rows" in PAGE


@pytest.mark.parametrize("sql", re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL))
def test_every_example_on_the_page_is_answered(sql: str) -> None:
    frame = Connection(FakeReader(released(random_star(0)))).ask(sql)
    assert frame.width > 1


def test_the_example_in_python_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
    here = Connection(FakeReader(released(random_star(0))))
    monkeypatch.setattr("cubes.api.connect", lambda: here)
    found: dict[str, Any] = {"date": date}
    exec(code.replace("connect().question", "answer = connect().question"), found)
    assert found["answer"].columns[:4] == ["month", "site", "index", "low"]
