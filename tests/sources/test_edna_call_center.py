"""The four real files of calls with their lists, and what happens when a list changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.star_of import StarOf, real_files, star_of

FOLDER = "edna_call_center"
HEADER = "CallTimestamp,Call Type,EmployeeID,CallDuration,WaitTime,CallAbandoned\n"
EMPLOYEES = "EmployeeID,EmployeeName,Site,ManagerName\n{code},First Person,{site},Second Person\n"


@pytest.fixture(scope="module")
def star() -> StarOf:
    return star_of(
        FOLDER,
        {
            "calls": real_files(FOLDER, "Data_*.csv"),
            "employees": real_files(FOLDER, "lookup_employees.csv"),
            "call_types": real_files(FOLDER, "lookup_call_types.csv"),
        },
    )


def test_every_call_becomes_one_contact(star: StarOf) -> None:
    assert star.rows("select * from refused") == []
    years = star.rows("""
        select year(local_date), count(*), count(distinct month(local_date)), count(at_utc)
        from fact_contact group by all order by all
    """)
    assert years == [
        (2018, 33057, 12, 33057), (2019, 32987, 12, 32987),
        (2020, 32931, 12, 32931), (2021, 32846, 12, 32846),
    ]  # fmt: skip


def test_no_day_is_read_as_a_month(star: StarOf) -> None:
    """Calls of a month spread over all its days; a misread file piles up on days 1 to 12."""
    uneven = star.one("""
        select count(*) from (
            select count(*) filter (day(local_date) <= 12) / count(*) as share
            from fact_contact group by year(local_date), month(local_date)
        ) where share not between 0.3 and 0.5
    """)
    assert uneven == 0


def test_a_call_is_timed_by_the_clock_of_its_site(star: StarOf) -> None:
    ahead = star.rows("""
        select s.site_name, month(c.local_date) as month,
            min(date_diff('hour', c.local_date + to_minutes(c.local_minute), c.at_utc)),
            max(date_diff('hour', c.local_date + to_minutes(c.local_minute), c.at_utc))
        from fact_contact as c join dim_site as s using (site_key)
        where month(c.local_date) in (1, 7) group by all order by all
    """)
    assert ahead == [
        ("Aurora", 1, 7, 7), ("Aurora", 7, 6, 6),
        ("Jacksonville", 1, 5, 5), ("Jacksonville", 7, 4, 4),
        ("Spokane", 1, 8, 8), ("Spokane", 7, 7, 7),
    ]  # fmt: skip
    outside = star.one(
        "select count(*) from fact_contact where local_minute not between 480 and 1200"
    )
    assert outside == 0


def test_an_abandoned_call_has_a_wait_and_no_talk(star: StarOf) -> None:
    abandoned = star.row("""
        select count(*), count(talk_seconds), count(answered_at_utc), count(wait_seconds)
        from fact_contact where is_abandoned
    """)
    assert abandoned == (7923, 0, 0, 7923)
    answered = star.row("""
        select count(*), count(talk_seconds), bool_and(answered_at_utc >= at_utc)
        from fact_contact where not is_abandoned
    """)
    assert answered == (123898, 123898, True)


def test_three_sites_and_64_agents_by_code(star: StarOf) -> None:
    sites = star.rows("""
        select site_name, province, region_office, zone from dim_site
        where site_key > 0 order by all
    """)
    assert sites == [
        ("Aurora", "Colorado", "West", "America/Denver"),
        ("Jacksonville", "Florida", "South", "America/New_York"),
        ("Spokane", "Washington", "West", "America/Los_Angeles"),
    ]
    assert star.one("select count(distinct agent_key) from fact_contact") == 64
    homeless = star.one("""
        select count(*) from dim_agent as a
        where agent_key > 0 and not exists (select 1 from dim_site as s where s.site = a.home_site)
    """)
    assert homeless == 0


def test_no_name_of_an_employee_or_a_manager_enters_the_star(star: StarOf) -> None:
    names = {
        name for row in star.rows("select EmployeeName, ManagerName from employees") for name in row
    }
    assert len(names) > 64
    for table in ("canonical_agent", "canonical_contact", "dim_agent", "fact_contact", "member"):
        text = " ".join(
            str(row) for row in star.rows(f"select * from {table} using sample 5000 rows")
        )
        assert not [name for name in names if str(name) in text]


def calls(folder: Path, name: str, *stamps: str) -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(f"{stamp},1,A1,60,5,0\n" for stamp in stamps), "utf-8-sig")
    return path


def employees(folder: Path, site: str, code: str = "A1") -> Path:
    path = folder / "lookup_employees.csv"
    path.write_text(EMPLOYEES.format(code=code, site=f'"{site}"'), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Data_2019.csv", "2019-03-04 16:00:00"),
        ("Data_2021_v2.csv", "2019-04-03 16:00:00"),
    ],
)
def test_the_name_of_a_file_says_how_it_writes_its_dates(
    tmp_path: Path, name: str, expected: str
) -> None:
    landed = {
        "calls": [calls(tmp_path, name, "03/04/2019 16:00")],
        "employees": [employees(tmp_path, "Spokane, WA")],
    }
    star = star_of(FOLDER, landed)
    assert (
        star.one("select (local_date + to_minutes(local_minute))::varchar from fact_contact")
        == expected
    )


def test_a_file_whose_form_nobody_declared_is_refused(tmp_path: Path) -> None:
    star = star_of(FOLDER, {"calls": [calls(tmp_path, "Data_2022.csv", "03/04/2022 16:00")]})
    assert star.rows("select reason from refused") == [
        ("the form of its dates is not known: date_forms.csv has no line for its file",)
    ]


def test_a_wrongly_declared_form_refuses_more_than_the_file_may_lose() -> None:
    """Day-first dates read month-first: three fifths of the real file do not parse."""
    (path,) = real_files(FOLDER, "Data_2021.csv")
    stamps = [line.split("/")[1] for line in path.read_text("utf-8").splitlines()[1:]]
    days = [line.split("/")[0] for line in path.read_text("utf-8").splitlines()[1:]]
    assert max(stamps) == "12"
    stop = star_of(FOLDER, {}).source.table("calls").expect.stop_at_quarantined
    assert sum(day > "12" for day in days) / len(days) > stop


def test_a_call_of_an_unknown_employee_waits_for_the_list(tmp_path: Path) -> None:
    landed = {"calls": [calls(tmp_path, "Data_2019.csv", "7/4/2019 16:00")]}
    query = """
        select s.site, c.local_date::varchar, c.at_utc::varchar from fact_contact as c
        join dim_site as s using (site_key)
    """
    other = star_of(FOLDER, {**landed, "employees": [employees(tmp_path, "Aurora, CO", "B2")]})
    assert other.rows(query) == [("unknown", "2019-07-04", None)]
    for site, hour in (("Spokane, WA", "23"), ("Jacksonville, FL", "20")):
        known = star_of(FOLDER, {**landed, "employees": [employees(tmp_path, site)]})
        assert known.rows(query) == [(f"edna:{site}", "2019-07-04", f"2019-07-04 {hour}:00:00")]
