"""Every question of the screens is answered by the one door, and no view holds SQL of its own."""

import ast
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cubes import connect
from cubes.questions import questions

DASHBOARDS = Path(__file__).parents[2] / "dashboards"
GIVEN: dict[str, Any] = {
    "before": date(2026, 9, 28),
    "year_first": date(2025, 10, 27),
    "year_until": date(2025, 11, 24),
    "first": date(2026, 10, 26),
    "until": date(2026, 11, 23),
    "province": "경기도",
    "district": "수원시",
    "site": "C0028",
    "site_type": "service_center",
    "size_band": "large",
    "sites": ["C0028", "C0030"],
    "process": "after_sales",
}


def test_names_are_unique_and_say_what_is_given() -> None:
    for name, question in questions().items():
        assert question.name == name
        given = name.partition(" | ")[2]
        assert all(level in question.parameters for level in filter(None, given.split(", ")))
        assert set(re.findall(r"\$(\w+)", question.text)) == set(question.parameters)


def test_every_question_is_answered(home: Path) -> None:
    asked = connect(home)
    with asked.pinned() as pinned:
        for name, question in questions().items():
            frame = pinned.ask(question.text, {p: GIVEN[p] for p in question.parameters})
            assert frame.columns, name
            if name.startswith("total"):
                assert frame.height == 1, name


def test_the_parts_of_the_nation_add_up_to_it(home: Path) -> None:
    asked = connect(home)
    span = {"first": GIVEN["first"], "until": GIVEN["until"]}
    whole = asked.ask(questions()["total"].text, span)["n"][0]
    assert whole > 1000
    for group in ("province", "process", "touchpoint", "site", "day", "week", "month"):
        assert asked.ask(questions()[group].text, span)["n"].sum() == whole, group


def test_a_target_is_the_mean_of_what_the_sites_are_to_reach(home: Path) -> None:
    asked = connect(home)
    span = {"first": GIVEN["first"], "until": GIVEN["until"]}
    low, high = asked.ask("select min(target_value), max(target_value) from fact_target").row(0)
    for target in asked.ask(questions()["target"].text, span)["target"]:
        assert float(low) <= target <= float(high)
    busiest = max(asked.ask(questions()["site"].text, span).rows(), key=lambda row: row[-1])[0]
    own = asked.ask(questions()["target | site"].text, span | {"site": busiest})
    told = asked.ask(
        "select t.process, avg(t.target_value)::double as aim from fact_target as t"
        " join dim_site as s on s.site_key = t.site_key and s.is_current"
        " where s.site = $site and t.period_from < $until and t.period_to > $first group by all",
        span | {"site": busiest},
    )
    assert own.height
    assert dict(own.select("process", "target").rows()).items() <= dict(told.rows()).items()


def test_a_profile_says_what_its_parts_say_when_asked_alone(home: Path) -> None:
    asked = connect(home)
    now, year = timedelta(weeks=4), timedelta(weeks=52)
    first, until = GIVEN["first"], GIVEN["until"]
    spans = {"now": (first, until), "before": (first - now, first)}
    times = {"before": first - now, "year_first": first - year, "year_until": until - year}
    rows = asked.ask(questions()["profile"].text, {"first": first, "until": until, **times})
    found = {(r["span"], r["process"], r["touchpoint"]): r for r in rows.to_dicts()}
    assert {time for time, _, _ in found} == {"now", "before"}
    for time, (start, end) in spans.items():
        span = {"first": start, "until": end}
        alone = asked.ask(questions()["total"].text, span).to_dicts()
        alone += asked.ask(questions()["touchpoint"].text, span).to_dicts()
        for row in alone:
            same = found[time, row.get("process"), row.get("touchpoint")]
            assert [same[k] for k in ("index", "low", "n")] == pytest.approx(
                [row[k] for k in ("index", "low", "n")]
            )


@pytest.mark.parametrize("path", sorted(DASHBOARDS.rglob("*.py")), ids=lambda p: p.stem)
def test_no_screen_holds_sql(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    sql = re.compile(r"^\s*(select|with)\b.+\bfrom\b", re.IGNORECASE | re.DOTALL)
    assert not [text for text in said if sql.search(text)]
