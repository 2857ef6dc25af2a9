# ruff: noqa: E501  (tables of SQL read better whole)
"""What moved between two loads: figures, effects that add up, and the answers that moved them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubes.api import Connection
from cubes.difference import BYS, in_words
from cubes.policy import Principal
from models.errors import Forbidden, QuestionError
from tests.cubes.chronicle import Chronicle, written_down
from tests.cubes.star import FakeReader, Star, answer_row

Group = tuple[Any, date]
Strata = Mapping[Any, tuple[int, int]]  # weight, weighted points


def connected(chronicle: Chronicle, principal: Principal | None = None) -> Connection:
    return Connection(FakeReader(chronicle.released(())), principal or Principal())


def member_of(star: Star, row: Mapping[str, Any], by: str) -> Any:
    if by == "network":
        return by
    return next(
        (
            site.get(by)
            for site in star.tables["dim_site"]
            if site["site_key"] == row["site_key"]
            and site["valid_from"] <= row["local_date"] < site["valid_to"]
        ),
        None,
    )


def strata_of(star: Star, by: str) -> dict[Group, dict[Any, tuple[int, int]]]:
    """Weight and points by member and month, then by what makes its mix; plain Python."""
    found: dict[Group, dict[Any, tuple[int, int]]] = defaultdict(dict)
    for row in star.tables["fact_answer"]:
        if row["weight"]:
            group = member_of(star, row, by), row["local_date"].replace(day=1)
            stratum = (row["question_key"], row["channel_key"]) if by == "site" else row["site_key"]
            weight, points = found[group].get(stratum, (0, 0))
            found[group][stratum] = weight + row["weight"], points + row["weight"] * row["points"]
    return found


def index_of(strata: Strata) -> Fraction | None:
    weight = sum(w for w, _ in strata.values())
    return Fraction(sum(p for _, p in strata.values()), 126 * weight) if weight else None


def effects(before: Strata, after: Strata) -> tuple[Fraction, Fraction]:
    """Mix and rate by their formulas, each stratum on its own, in exact fractions."""
    all_before, all_after = (sum(w for w, _ in side.values()) for side in (before, after))
    mix = rate = Fraction(0)
    for stratum in {*before, *after}:
        (w1, p1), (w2, p2) = before.get(stratum, (0, 0)), after.get(stratum, (0, 0))
        s1, s2 = Fraction(w1, all_before), Fraction(w2, all_after)
        r1 = Fraction(p1, 126 * w1) if w1 else Fraction(p2, 126 * w2)
        r2 = Fraction(p2, 126 * w2) if w2 else r1
        mix += (s2 - s1) * (r1 + r2) / 2
        rate += (r2 - r1) * (s1 + s2) / 2
    return mix, rate


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), by=st.sampled_from(BYS))
def test_what_is_listed_is_what_moved_and_its_effects_add_up(seed: int, by: str) -> None:
    chronicle = written_down(seed, 3)
    con = connected(chronicle)
    for earlier, later in combinations(range(1, 4), 2):
        one, other = (strata_of(chronicle.plain[n - 1], by) for n in (earlier, later))
        found = con.diff(earlier, later, by=by)
        listed = {(row[by], row["month"]): row for row in found.moved.to_dicts()}
        for group in {*one, *other}:
            before, after = one.get(group, {}), other.get(group, {})
            if before != after:
                assert group in listed
            elif group not in listed:
                continue
            row = listed[group]
            was, now = index_of(before), index_of(after)
            assert row["index_before"] == pytest.approx(was, abs=6e-5)
            assert row["index_after"] == pytest.approx(now, abs=6e-5)
            if was is None or now is None:
                assert row["moved"] is row["mix"] is row["rate"] is None
                continue
            mix, rate = effects(before, after)
            assert mix + rate == now - was
            assert row["rate"] == pytest.approx(float(rate), abs=6e-5)
            assert row["mix"] == pytest.approx(float(mix), abs=2e-4)
            shown = [
                round(row[name] * 10_000) for name in ("index_after", "index_before", "mix", "rate")
            ]
            assert shown[0] - shown[1] == shown[2] + shown[3]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_every_answer_that_moved_anything_is_a_row_and_no_other(seed: int) -> None:
    chronicle = written_down(seed, 3)
    found = connected(chronicle).diff(1, 3)
    read = ("site_key", "question_key", "channel_key", "local_date", "score", "weight", "points")
    one, other = (
        {row["answer_key"]: tuple(row[c] for c in read) for row in star.tables["fact_answer"]}
        for star in (chronicle.plain[0], chronicle.plain[2])
    )
    day = chronicle.as_of(1).date()
    expected = {
        key: "withdrawn" if key not in other else "corrected" if key in one
        else "late" if other[key][3] < day else "new"
        for key in {*one, *other} if one.get(key) != other.get(key)
    }  # fmt: skip
    assert dict(found.rows.select("answer_key", "kind").iter_rows()) == expected
    counted = found.moved.select("late", "new", "withdrawn").sum().row(0)
    kinds = Counter(expected.values())
    assert counted == (kinds["late"], kinds["new"], kinds["withdrawn"])


def small() -> Chronicle:
    """September of one site: 14 late answers, 3 withdrawn; then the site moves to another province."""
    shared = {
        "site_key": 1,
        "channel_key": 1,
        "product_key": 0,
        "campaign_key": 0,
        "agent_key": 0,
        "profile_key": 0,
    }
    chronicle = Chronicle()
    first = written_down(1, 1).plain[0]
    sites = [
        {
            "site_version": 1024,
            "site_key": 1,
            "site": "S1",
            "province": "서울",
            "valid_from": date(1, 1, 1),
            "valid_to": date(9999, 12, 31),
            "is_current": True,
        }
    ]
    answers = [
        answer_row(
            n, 1, 5 if n < 40 else 1, local_date=date(2026, 3, 1) + timedelta(days=n % 20), **shared
        )
        for n in range(54)
    ]
    tables = {**first.tables, "dim_site": sites, "fact_contact": []}
    chronicle.load(Star({**tables, "fact_answer": answers[:40]}))
    chronicle.load(Star({**tables, "fact_answer": answers[3:]}))
    chronicle.load(
        Star({**tables, "fact_answer": answers[3:], "dim_site": [{**sites[0], "province": "부산"}]})
    )
    return chronicle


def test_a_difference_is_told_in_a_sentence() -> None:
    con = connected(small())
    found = con.diff(1, 2)
    assert in_words(found) == [
        "S1 2026-03 100.0 → 72.5: 14 late answers, 3 withdrawn (mix +0.00, rate -27.45)"
    ]
    assert found.rows["load"].to_list() == [2] * 17
    again = con.diff(2, 3, by="province")
    assert in_words(again) == [
        "부산 2026-03 – → 72.5: 1 site re-coded",
        "서울 2026-03 72.5 → –: 1 site re-coded",
    ]
    assert again.recoded.rows() == [("S1", date(1, 1, 1), "province 서울 → 부산", 3)]
    assert again.rows.is_empty()
    assert con.diff(1, 1).moved.is_empty()


def test_what_cannot_be_compared_is_told_in_a_sentence() -> None:
    con = connected(small())
    with pytest.raises(QuestionError, match="Load 3 came after load 1; ask from 1 to 3"):
        con.diff(3, 1)
    with pytest.raises(QuestionError, match="no load 4; loads 1"):
        con.diff(1, 4)
    with pytest.raises(QuestionError, match=r"There is no site 'S11' \(did you mean 'S1'\?\)"):
        con.diff(1, 2, site="S11")
    with pytest.raises(QuestionError, match="did you mean 'province'"):
        con.diff(1, 2, by="provinc")


def test_who_reads_no_rows_sees_no_difference_and_a_site_its_own() -> None:
    chronicle = written_down(4, 2, answers=150)
    with pytest.raises(Forbidden, match="not offered to hq_viewer"):
        connected(chronicle, Principal("hq_viewer")).diff(1, 2)
    own = connected(chronicle, Principal("site_manager", ("S1",)))
    found = own.diff(1, 2)
    assert set(found.moved["site"]) == {"S1"}
    assert set(found.rows["site"]) == {"S1"}
    with pytest.raises(QuestionError, match="no site 'S2'"):
        own.diff(1, 2, site="S2")
