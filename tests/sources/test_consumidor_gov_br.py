"""The nine real files of consumidor.gov.br, and what its definition does with odd records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.star_of import StarOf, real_files, star_of

FACTS = """
    select s.site, p.product, n.reason, c.local_date, c.resolved_date, c.verdict, c.attributes
    from fact_contact as c
    join dim_site as s using (site_key)
    join dim_product as p using (product_key)
    join dim_reason as n using (reason_key)
    order by all
"""


@pytest.fixture(scope="module")
def star() -> StarOf:
    return star_of("consumidor_gov_br", {"raw": real_files("consumidor_gov_br_2014", "*.csv")})


def test_every_record_is_accepted_once(star: StarOf) -> None:
    counts = star.row("select landed, distinct_records from landing where raw_table = 'raw'")
    assert counts == (45772, 45750)
    assert star.rows("select * from refused") == []
    assert star.one("select count(*) from fact_contact") == 45750


def test_one_answer_for_each_rated_complaint_with_its_score_as_landed(star: StarOf) -> None:
    scores = star.rows("select score, count(*) from fact_answer group by score order by score")
    assert scores == [(1, 10878), (2, 2078), (3, 4151), (4, 4836), (5, 10019)]
    unrated = star.one("""
        select count(*) from fact_contact as c
        where not exists (select 1 from fact_answer as a where a.contact_key = c.contact_key)
    """)
    assert unrated == 13788


def test_the_verdict_belongs_to_the_contact(star: StarOf) -> None:
    verdicts = star.rows("""
        select c.verdict, count(*), count(a.score)
        from fact_contact as c left join fact_answer as a using (contact_key)
        group by c.verdict order by c.verdict
    """)
    assert verdicts == [
        ("not_rated", 13788, 0), ("not_resolved", 12278, 12278), ("resolved", 19684, 19684),
    ]  # fmt: skip


def test_finalised_means_closed_by_the_platform(star: StarOf) -> None:
    assert star.one("select count(*) from fact_contact where is_final") == 45750
    assert star.one("select count(*) from fact_contact where resolved_date is null") == 0
    assert star.one("select count(*) from fact_contact where answered_date is null") == 221
    assert star.one("select count(*) from fact_contact where resolved_date < answered_date") == 0


def test_dates_are_never_shifted_and_have_no_time(star: StarOf) -> None:
    assert star.one("select count(at_utc) + count(local_minute) from fact_contact") == 0
    differing = star.one("""
        select count(*) from raw as r
        join fact_contact as c on c.contact_key = record_key('consumidor_gov_br', r._record_key)
        where strftime(c.local_date, '%d/%m/%Y') <> r.opened
            or strftime(c.resolved_date, '%d/%m/%Y') <> r.closed
    """)
    assert differing == 0


def test_how_it_was_bought_is_not_how_the_customer_came(star: StarOf) -> None:
    channels = star.rows(
        "select distinct h.channel from fact_contact as c join dim_channel as h using (channel_key)"
    )
    assert channels == [("web",)]
    bought = star.rows(
        "select purchase_channel, count(*) from fact_contact group by all order by all"
    )
    assert dict(bought) == {
        "at_home": 1401, "catalogue": 100, "fair": 376, "gift": 538, "internet": 11161,
        "not_bought": 8006, "phone": 13364, "shop": 10804,
    }  # fmt: skip


def test_all_205_spellings_are_of_179_companies(star: StarOf) -> None:
    assert star.one("select count(distinct company) from raw") == 205
    assert star.one("select count(distinct head_office) from dim_site where site_key > 0") == 179
    assert star.one("select count(*) from dim_site where is_damaged(head_office)") == 0


def test_of_237_damaged_city_spellings_210_are_decided(star: StarOf) -> None:
    """The query of docs/decisions/lost-letters.md that lists them."""
    decided = star.rows("""
        select attributes['city_spelling'] as state, count(distinct attributes['city_landed'])
        from fact_contact where attributes['city_spelling'] is not null
        group by all order by all
    """)
    assert decided == [("repaired", 210), ("undecided", 27)]
    left = star.one(
        "select count(distinct (province, district)) from dim_site where is_damaged(district)"
    )
    assert left == 27


def test_only_the_lost_letters_of_a_city_change(star: StarOf) -> None:
    wrong = star.one("""
        select count(*) from fact_contact as c join dim_site as s using (site_key)
        where attributes['city_spelling'] = 'repaired'
            and not fits(substr(attributes['city_landed'], 4), s.district)
    """)
    assert wrong == 0


def test_a_site_is_a_company_in_a_city(star: StarOf) -> None:
    assert star.one("select count(*) from dim_site where is_inferred and site_key > 0") == 0
    described = star.rows("""
        select site, site_name, province, district, head_office, region_office from dim_site
        where site = 'consumidor:Oi Fixo/SP/São Paulo'
    """)
    assert described == [
        ("consumidor:Oi Fixo/SP/São Paulo", "Oi Fixo, São Paulo/SP", "SP", "São Paulo", "Oi Fixo",
         "Oi Fixo, SE"),
    ]  # fmt: skip


def test_the_order_of_the_files_changes_nothing(star: StarOf) -> None:
    files = real_files("consumidor_gov_br_2014", "*.csv")
    assert star_of("consumidor_gov_br", {"raw": files[::-1]}).rows(FACTS) == star.rows(FACTS)


RECORD = {
    "region": "SE", "state": "SP", "city": "São Paulo", "sex": "F", "age": "até 20 anos",
    "year": "2014", "month": "7", "opened": "01/07/2014", "answered": "04/07/2014",
    "closed": "20/07/2014", "days": "3", "company": "Loja Um ", "segment": "Varejo",
    "area": "Demais Produtos", "subject": "Livros", "group": "Contrato / Oferta",
    "problem": "Outro", "bought": "Internet", "asked": "S", "has_answer": "S",
    "situation": "Finalizada avaliada", "verdict": "Resolvida", "score": "4",
}  # fmt: skip


def one_record(folder: Path, **changed: str) -> StarOf:
    path = folder / "one.csv"
    path.write_text(";".join({**RECORD, **changed}.values()) + "\r\n", encoding="utf-8")
    return star_of("consumidor_gov_br", {"raw": [path]})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"opened": "31/02/2014"}, "opened is not a date or time in the form %d/%m/%Y"),
        ({"opened": "2014-07-01"}, "opened is not a date or time in the form %d/%m/%Y"),
        ({"opened": ""}, "opened is empty"),
        ({"closed": "soon"}, "closed is not a date or time in the form %d/%m/%Y"),
        ({"closed": "30/06/2014"}, "resolved_date is null or resolved_date >= local_date"),
        ({"score": "four"}, "score is not a whole number"),
    ],
)
def test_a_record_that_cannot_be_true_is_refused_with_its_reason(
    tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    refused = one_record(tmp_path, **changed).rows("select distinct reason from refused")
    assert (reason,) in refused


def test_a_complaint_that_is_still_open_is_not_final(tmp_path: Path) -> None:
    star = one_record(
        tmp_path, situation="Respondida", verdict="", score="", closed="", answered=""
    )
    contact = star.row("select status, is_final, resolved_date, is_resolved from fact_contact")
    assert contact == ("Respondida", False, None, False)
    assert star.rows("select * from refused") == []


def test_a_word_outside_the_list_stays_as_landed(tmp_path: Path) -> None:
    star = one_record(tmp_path, bought=" Telegrama ", verdict="Talvez")
    assert star.row("select purchase_channel, verdict from fact_contact") == ("Telegrama", "Talvez")


def test_a_clean_spelling_that_lands_later_decides_an_earlier_one(tmp_path: Path) -> None:
    for name, city in (("early.csv", "Ja\ufffd"), ("late.csv", "Jaú")):
        record = ";".join({**RECORD, "city": city, "opened": "02/07/2014"}.values())
        (tmp_path / name).write_text(record + "\n", encoding="utf-8")
    early, late = tmp_path / "early.csv", tmp_path / "late.csv"
    query = """
        select s.district, c.attributes['city_spelling']
        from fact_contact as c join dim_site as s using (site_key) order by all
    """
    alone = star_of("consumidor_gov_br", {"raw": [early]}).rows(query)
    both = star_of("consumidor_gov_br", {"raw": [early, late]}).rows(query)
    assert alone == [("Ja\ufffd", "undecided")]
    assert both == [("Jaú", "repaired"), ("Jaú", None)]
