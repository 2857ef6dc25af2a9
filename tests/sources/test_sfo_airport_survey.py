"""The nine real waves of the airport survey, whose columns change each year."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.connection import open_connection
from tests.sources.star_of import StarOf, real_files, star_of

FOLDER = "sfo_airport_survey"


@pytest.fixture(scope="module")
def star() -> StarOf:
    return star_of(FOLDER, {"raw": real_files(FOLDER, "*.csv")})


def test_every_respondent_lands_once_and_none_is_refused(star: StarOf) -> None:
    counts = star.row("select landed, distinct_records from landing where raw_table = 'raw'")
    assert counts == (28665, 28665)
    assert star.rows("select * from refused") == []
    responses = star.rows("""
        select c.campaign, count(distinct a.response_key)
        from fact_answer as a join dim_campaign as c using (campaign_key) group by all order by all
    """)
    assert [count for _, count in responses] == [
        3233, 3858, 3521, 3531, 2818, 2956, 3083, 2828, 2804,
    ]  # fmt: skip
    assert responses[0][0] == "sfo:survey/2010"


def test_respondent_numbers_start_again_each_year(star: StarOf) -> None:
    assert star.one("select count(distinct respnum) from raw") < 28665
    assert star.one("select count(distinct response_key) from fact_answer") == 28632


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("sfo:food", range(2010, 2019)), ("sfo:art", range(2010, 2019)),
        ("sfo:signs", range(2010, 2019)), ("sfo:screens", range(2010, 2019)),
        ("sfo:overall", range(2010, 2019)), ("sfo:clean_boarding", range(2010, 2019)),
        ("sfo:clean_restrooms", range(2010, 2019)), ("sfo:safety", range(2010, 2019)),
        ("sfo:finding_way", range(2010, 2019)), ("sfo:security", range(2010, 2019)),
        ("sfo:getting_there", range(2012, 2019)), ("sfo:wifi", range(2013, 2019)),
        ("sfo:clean_overall", range(2013, 2019)), ("sfo:clean_parking", range(2010, 2013)),
        ("sfo:website", range(2010, 2013)), ("sfo:precheck", range(2014, 2019)),
        ("sfo:recommend", range(2017, 2019)),
    ],
)  # fmt: skip
def test_one_question_whatever_its_number_that_year(
    star: StarOf, question: str, years: range
) -> None:
    asked = star.rows(f"""
        select distinct year(a.local_date) from fact_answer as a
        join dim_question as q using (question_key) where q.question = '{question}' order by all
    """)
    assert [year for (year,) in asked] == list(years)


def test_no_question_jumps_from_one_wave_to_the_next(star: StarOf) -> None:
    """Two questions taken for each other would show as a jump; the largest real one is 0.32."""
    jumps = star.rows("""
        select question, year from (
            select q.question, year(a.local_date) as year, avg(a.score) as mean
            from fact_answer as a join dim_question as q using (question_key) group by all
        )
        qualify abs(mean - lag(mean) over (partition by question order by year)) > 0.35
    """)
    assert jumps == []


@pytest.mark.parametrize(
    ("year", "column", "question"),
    [
        ("2010", "Q6A", "sfo:art"), ("2010", "Q8A", "sfo:clean_boarding"),
        ("2010", "Q9", "sfo:safety"), ("2010", "Q11", "sfo:website"), ("2011", "Q8A", "sfo:art"),
        ("2011", "Q10A", "sfo:clean_boarding"), ("2011", "Q11", "sfo:safety"),
        ("2011", "Q13", "sfo:website"), ("2011", "Q15A", "sfo:finding_way"),
        ("2014", "Q7ALL", "sfo:overall"), ("2018", "Q14FIND", "sfo:finding_way"),
        ("2018", "Q9Food", "sfo:clean_food"), ("2017", "Q7ALL", "sfo:overall"),
        ("2018", "NETPRO", "sfo:recommend"), ("2016", "Q12PRECHECKRATE", "sfo:precheck"),
    ],
)  # fmt: skip
def test_the_scores_are_those_of_the_file(
    star: StarOf, year: str, column: str, question: str
) -> None:
    (path,) = real_files(FOLDER, f"{year}_*.csv")
    high = "10" if question == "sfo:recommend" else "5"
    low = "0" if question == "sfo:recommend" else "1"
    counted = star.con.execute(f"""
        select try_cast("{column}" as integer) as score, count(*)
        from read_csv('{path}', all_varchar = true)
        where try_cast("{column}" as integer) between {low} and {high} group by all order by all
    """).fetchall()
    assert counted == star.rows(f"""
        select a.score, count(*) from fact_answer as a join dim_question as q using (question_key)
        where q.question = '{question}' and year(a.local_date) = {year} and a.score is not null
        group by all order by all
    """)


def test_never_used_is_an_answer_without_a_score_and_blank_is_none(star: StarOf) -> None:
    wifi = star.row("""
        select count(*), count(a.score) from fact_answer as a
        join dim_question as q using (question_key)
        where q.question = 'sfo:wifi' and year(a.local_date) = 2013
    """)
    assert wifi == (3388, 2227)  # 147 blank, 1,161 never used


def test_a_wave_knows_its_days_or_counts_on_its_first(star: StarOf) -> None:
    days = star.rows("""
        select year(local_date), min(local_date)::varchar, max(local_date)::varchar
        from fact_answer group by all order by all
    """)
    assert days[:6] == [(y, f"{y}-05-01", f"{y}-05-01") for y in range(2010, 2016)]
    assert days[6:] == [
        (2016, "2016-05-06", "2016-05-24"),
        (2017, "2017-05-05", "2017-05-30"),
        (2018, "2018-05-01", "2018-05-31"),
    ]


def test_the_day_of_may_agrees_with_the_weekday_that_two_waves_give() -> None:
    names = ["SUN", "MON", "TUE", "WED", "THUR", "FRI", "SAT"]
    for year in (2017, 2018):
        (path,) = real_files(FOLDER, f"{year}_*.csv")
        wrong = (
            open_connection("reader")
            .execute(
                f"""
            select count(*) from (
                select coalesce(try_cast(DAY as integer), list_position($names, DAY)) as weekday,
                    make_date({year}, 5, INTDATE::integer) as day
                from read_csv('{path}', all_varchar = true)
            ) where weekday - 1 <> dayofweek(day)
            """,
                {"names": names},
            )
            .fetchone()
        )
        assert wrong is not None
        assert wrong[0] <= 2


def test_a_site_is_a_boarding_area_by_its_letter_or_its_gate(star: StarOf) -> None:
    assert star.rows("select site from dim_site where site_key > 0 order by all") == [
        ("sfo:A",), ("sfo:B",), ("sfo:C",), ("sfo:D",), ("sfo:E",), ("sfo:F",), ("sfo:G",),
        ("sfo:airport",),
    ]  # fmt: skip
    assert star.one("select count(*) from fact_answer where site_key = 0") == 0
    by_year = star.one("""
        select min(areas) from (
            select count(distinct site_key) as areas from fact_answer group by year(local_date)
        )
    """)
    assert by_year == 6  # 2010: terminal 2 was closed


def test_a_rating_that_is_none_refuses_the_respondent(tmp_path: Path) -> None:
    path = tmp_path / "2014_SFO_Customer_Survey.csv"
    path.write_text("RESPNUM,INTDATE,GATE,SAQ,Q7ART,Q7FOOD\n1,4,54,1,seven,5\n2,4,54,1,Blank,5\n")
    star = star_of(FOLDER, {"raw": [path]})
    assert star.rows("select distinct _record, reason from refused") == [
        (1, "rate_art is no rating: SEVEN")
    ]
    kept = star.rows("""
        select score from fact_answer
        where response_key = record_key('sfo_airport_survey', '2014-2')
    """)
    assert kept == [(5,)]
