"""The page for people who ask lists exactly what the cubes offer."""

from __future__ import annotations

import re
from pathlib import Path

from cubes.answer import ROWS, SECONDS
from cubes.definitions import CUBES

PAGE = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")


def test_every_measure_and_level_stands_on_the_page_as_it_is() -> None:
    for cube in CUBES:
        part = PAGE.split(f"## {cube.name}: ")[1].split("\n## ")[0]
        measures = [f"| `{m.name}` | {m.unit} | {m.description} |" for m in cube.measures]
        levels = [f"| `{level.name}` | {level.description} |" for level in cube.levels.values()]
        assert re.findall(r"^\| `.*$", part, re.MULTILINE) == measures + levels


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    assert f"{SECONDS} s, {ROWS:,} rows" in PAGE
