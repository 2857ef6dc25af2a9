"""Both languages say everything, and nothing is said that no screen asks for."""

import ast
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from dashboards.i18n import texts
from dashboards.i18n.members import NAMES, TILES
from dashboards.masthead import freshness
from dashboards.warehouse import Desk
from dashboards.wording import Words, clock, count, figure, signed

CODE = Path(__file__).parents[2] / "dashboards"
GAP = re.compile(r"{(\w+)}")


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(texts("ko")) == list(texts("en"))


def test_both_languages_leave_the_same_gaps() -> None:
    for key, english in texts("en").items():
        assert set(GAP.findall(english)) == set(GAP.findall(texts("ko")[key])), key


def test_korean_is_written_in_korean() -> None:
    foreign = [k for k, t in texts("ko").items() if re.search(r"[a-zA-Z]{2,}", GAP.sub("", t))]
    assert foreign == ["explore.download", "measure.nps"]  # CSV and NPS are Korean words by now


def asked_keys() -> tuple[set[str], list[re.Pattern[str]]]:
    """Keys that the code asks for: as written, or with gaps as patterns."""
    plain: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                plain.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(v.value)) if isinstance(v, ast.Constant) else r"\w+"
                    for v in node.values
                ]
                patterns.append(re.compile("".join(parts)))
    return plain, [p for p in patterns if re.match(r"[a-z]+\\\.", p.pattern)]


def test_every_text_is_used() -> None:
    plain, patterns = asked_keys()
    unused = [
        key
        for key in texts("en")
        if key not in plain and not any(p.fullmatch(key) for p in patterns)
    ]
    assert not unused


def test_every_key_that_is_asked_for_is_there() -> None:
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_words = isinstance(node, ast.Call) and (
                getattr(node.func, "id", "") == "words" or getattr(node.func, "attr", "") == "words"
            )
            if is_words and node.args and isinstance(node.args[0], ast.Constant):
                assert node.args[0].value in texts("en"), (path.name, node.lineno)


def test_every_level_and_measure_of_the_cubes_has_a_name() -> None:
    from cubes.definitions import CUBES

    for cube in CUBES:
        for level in cube.levels:
            assert f"level.{level}" in texts("en"), level
        for measure in cube.measures:
            assert f"measure.{measure.name}" in texts("en"), measure.name


def test_the_tiles_are_the_seventeen_provinces_each_in_its_own_place() -> None:
    named = [province for province in TILES if province]
    assert sorted(named) == sorted(NAMES["province"])
    assert len(named) == 17
    assert len(set(TILES.values())) == len(TILES)


@pytest.mark.parametrize(
    ("value", "written"), [(0.0, "±0.0"), (-0.04, "±0.0"), (1.25, "+1.2"), (-3.0, "−3.0")]
)
def test_a_difference_always_has_its_sign(value: float, written: str) -> None:
    assert signed(value) == written


def test_numbers_days_and_ages_are_written_as_people_write_them() -> None:
    ko, en = Words("ko"), Words("en")
    assert figure(None) == "–"
    assert count(12345) == "12,345"
    assert clock(datetime(2026, 11, 22, 5, 5, 7, tzinfo=UTC)) == "14:05:07"
    assert clock(datetime(2026, 11, 22, 15, 0)) == "00:00:00"  # noqa: DTZ001  (as cubes give it)
    assert ko.day(date(2026, 11, 22)) == "2026-11-22 (일)"
    assert ko.age(93_784) == "1일 2시간"
    assert en.age(59) == "59 s"
    assert en.age(3_600) == "1 h"
    assert en.span(date(2025, 12, 20), date(2026, 1, 3)) == "20 Dec 2025 – 3 Jan 2026"
    assert ko.span(date(2026, 10, 26), date(2026, 11, 22)) == "2026년 10월 26일 ~ 11월 22일"
    assert en.in_text("site_type", "service_center") == "service centres"
    assert ko.member("process", "no such process") == "no such process"


@pytest.mark.parametrize(
    ("lang", "today", "earlier"),
    [
        ("en", "verified 06:12", "verified 2026-11-20 06:12"),
        ("ko", "확인 06:12", "확인 2026-11-20 06:12"),
    ],
)
def test_the_masthead_says_when_figures_were_verified(lang: str, today: str, earlier: str) -> None:
    as_of = datetime(2026, 11, 22, 5, 4, tzinfo=UTC)
    verified = datetime(2026, 11, 21, 21, 12, tzinfo=UTC)  # the 22nd in Korea
    desk = Desk(cast(Any, None), "", 7, as_of, verified)
    assert today in freshness(Words(lang), desk)
    before = replace(desk, verified_at=verified - timedelta(days=2))
    assert earlier in freshness(Words(lang), before)
    never = freshness(Words(lang), replace(desk, verified_at=None))
    assert not {"verified", "확인"} & set(never.split())
