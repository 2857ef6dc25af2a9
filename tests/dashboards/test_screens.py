"""Each view, run as Streamlit runs it, against what the cubes say."""

import re
from datetime import date, timedelta
from html import escape, unescape
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from cubes import connect
from cubes.policy import Role, parse_principal
from cubes.questions import questions
from dashboards.compare import RANKED_FROM
from dashboards.filters import ROLES, Selection
from dashboards.i18n import texts
from dashboards.masthead import masthead
from dashboards.wording import Words, count, figure
from tests.dashboards.conftest import LAST

NOW = {"first": LAST - timedelta(days=27), "until": LAST + timedelta(days=1)}


def draw(view: str) -> None:
    from dashboards.screen import screen

    screen(view)  # type: ignore[arg-type]


def run(view: str = "board", **params: str) -> AppTest:
    screen = AppTest.from_function(draw, args=(view,), default_timeout=60)
    for name, value in {"lang": "en", **params}.items():
        screen.query_params[name] = value
    return screen.run()


def markup(screen: AppTest) -> str:
    assert not screen.exception, screen.exception
    return "\n".join(element.proto.body for element in screen.get("html"))


def text(screen: AppTest) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", markup(screen)))


def asked(home: Path, name: str, **given: Any) -> pl.DataFrame:
    return connect(home).ask(questions()[name].text, {**NOW, **given})


@pytest.fixture
def busiest(home: Path) -> str:
    site: str = asked(home, "site").sort("n", descending=True)["site"][0]
    return site


def test_the_board_shows_the_nations_index_with_interval_n_and_load(home: Path) -> None:
    row = asked(home, "total").row(0, named=True)
    said = text(run())
    assert figure(row["index"]) in said
    assert f"± {figure(row['index'] - row['low'])}" in said
    assert f"n {count(row['n'])}" in said
    assert "load 1 , as of" in said
    assert texts("en")["title.board"] in said


def test_every_province_is_a_tile_with_its_n_and_leads_into_it(home: Path) -> None:
    said = markup(run())
    provinces = asked(home, "province").filter(pl.col("province").is_not_null())
    assert said.count('class="hc-tile') >= provinces.height
    for row in provinces.iter_rows(named=True):
        assert f"n {count(row['n'])}" in said
    assert said.count("?lang=en&amp;province=") >= provinces.height


def test_one_click_leads_from_province_to_district_to_site_to_process(
    home: Path, busiest: str
) -> None:
    site = connect(home).ask(
        "select province, district, site_name from dim_site where site = $s and is_current",
        {"s": busiest},
    )
    province, district, name = site.row(0)
    in_province = markup(run(province=province))
    assert f"district={_quoted(district)}" in in_province
    in_district = markup(run(province=province, district=district))
    assert f"site={busiest}" in in_district
    at_site = run(province=province, district=district, site=busiest)
    assert name in text(at_site)
    assert f"site={busiest}&amp;process=" in markup(at_site)
    row = asked(home, "total | site, process", site=busiest, process="after_sales").row(0)
    assert figure(row[0]) in text(run(site=busiest, process="after_sales"))


def _quoted(member: str) -> str:
    from urllib.parse import quote

    return quote(member)


def test_a_period_is_what_the_url_says(home: Path) -> None:
    week = asked(home, "total", first=LAST - timedelta(days=6)).row(0, named=True)
    said = text(run(period="7d"))
    assert figure(week["index"]) in said
    assert f"n {count(week['n'])}" in said


def test_the_board_speaks_korean_and_english(home: Path) -> None:
    assert texts("ko")["title.board"] in text(run(lang="ko"))
    assert texts("en")["title.board"] in text(run(lang="en"))
    assert "서울" in text(run(lang="ko"))
    assert "Seoul" in text(run(lang="en"))


def test_my_site_stands_against_target_peers_and_the_period_before(
    home: Path, busiest: str
) -> None:
    said = text(run("site", site=busiest))
    row = asked(home, "total | site", site=busiest).row(0, named=True)
    by_process = asked(home, "target | site", site=busiest)
    target = (by_process["target"] * by_process["n"]).sum() / by_process["n"].sum()
    assert figure(row["index"]) in said
    for part in ("Target", "Peers", "Nation", "28 days before", figure(target)):
        assert part in said
    assert re.search(r"Rank \d+ of \d+ (service centres|sales branches)", said)


def test_open_complaints_run_a_clock_from_the_moment_they_came(home: Path) -> None:
    open_ = connect(home).ask(
        "select s.site, count(*) as n from fact_contact as c join dim_site as s"
        " on s.site_key = c.site_key and s.is_current where not c.is_resolved"
        " and c.purpose = 'complaint' and c.at_utc is not null group by all order by n desc"
    )
    said = markup(run("site", site=open_["site"][0]))
    assert len(re.findall(r'hc-clock" data-since="\d{13}"', said)) == open_["n"][0]


def test_my_site_asks_which_one_it_is_and_takes_the_answer(home: Path, busiest: str) -> None:
    screen = run("site")
    assert texts("en")["title.site.none"] in text(screen)
    screen.selectbox[0].select(busiest).run()
    assert screen.query_params["site"] == busiest


def test_rankings_rank_only_sites_with_enough_answers(home: Path) -> None:
    week = asked(home, "site | site_type", site_type="sales_branch", first=LAST - timedelta(6))
    few = week.filter(pl.col("n") < RANKED_FROM).height
    assert few, "a week must leave some sites below the minimum"
    said = text(run("rankings", site_type="sales_branch", period="7d"))
    assert f"of {week.height - few} sites" in said
    assert f"with fewer than {RANKED_FROM} answers: {few}." in said
    assert said.count("not ranked") == few


def test_rankings_show_each_site_once_with_its_n(home: Path) -> None:
    league = asked(home, "site | site_type", site_type="sales_branch")
    said = markup(run("rankings", site_type="sales_branch"))
    for row in league.iter_rows(named=True):
        assert said.count(f"site={row['site']}&amp;") == 1
        assert f'hc-n">{count(row["n"])}<' in said


@pytest.mark.parametrize("order", ["rank", "n", "name", "change"])
def test_rankings_are_sorted_as_asked(home: Path, order: str) -> None:
    said = markup(run("rankings", site_type="service_center", order=order))
    n = [int(x.replace(",", "")) for x in re.findall(r'hc-n">([\d,]+)<', said)]
    assert (n == sorted(n, reverse=True)) == (order == "n")


def test_explore_answers_what_is_put_together(home: Path) -> None:
    screen = run("explore", rows="process", show="index,top2_box")
    for row in asked(home, "process").iter_rows(named=True):
        assert f"<b>{figure(row['index'])}</b>" in markup(screen)
        assert count(row["n"]) in markup(screen)
    assert screen.get("download_button")


def test_explore_keeps_in_the_url_what_is_chosen(home: Path) -> None:
    screen = run("explore")
    screen.multiselect[0].select("month").run()
    assert screen.query_params["rows"] == "province,month"
    assert "2026-11" in text(screen)


def test_explore_means_only_the_members_of_the_url(home: Path) -> None:
    said = text(run("explore", rows="province", show="index", only="province:서울특별시"))
    assert "Seoul" in said
    assert "Busan" not in said


def test_head_office_sees_cells_and_no_single_comment(home: Path) -> None:
    said = text(run(role="hq_viewer"))
    assert "Not shown to the role “Head office”." in said
    assert figure(asked(home, "total")["index"][0]) in said


def test_a_site_manager_sees_complaints_of_the_own_site_alone(home: Path, busiest: str) -> None:
    own = text(run("site", role="site_manager", me=busiest))
    assert "Not shown to the role" not in own
    name = connect(home).ask("select site_name from dim_site where site = $s", {"s": busiest})
    assert name["site_name"][0] in own
    unnamed = run("site", role="site_manager")
    unnamed.selectbox[0].select(busiest).run()
    assert unnamed.query_params["me"] == busiest


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_switch_of_roles_has_all_of_them_by_name(lang: str) -> None:
    words = Words(lang)
    drawn = masthead(words, Selection(lang=lang, role="agent", site="SB001"), "")
    assert set(ROLES) == set(get_args(Role))
    for role in ROLES:
        assert f">{escape(words(f'role.{role}'))}<" in drawn
    assert "role.agent" not in drawn


@pytest.mark.parametrize("role", get_args(Role))
def test_every_role_sees_a_board_with_and_without_a_site_of_its_own(
    home: Path, busiest: str, role: str
) -> None:
    for choice in ({"role": role}, {"role": role, "me": busiest}):
        screen = run(**choice)
        assert not screen.exception
        assert texts("en")[f"role.{role}"] in text(screen)


@pytest.mark.parametrize("view", ["board", "site", "rankings", "explore"])
def test_before_the_first_load_every_screen_says_so_and_listens(
    empty_home: Path, view: str
) -> None:
    screen = run(view)
    assert texts("en")["state.first"] in text(screen)


def test_a_site_that_does_not_exist_is_named_and_leads_back(home: Path) -> None:
    screen = run("board", site="nowhere")
    assert "There is no site nowhere." in text(screen)
    assert texts("en")["state.back"] in text(screen)


def test_a_place_without_answers_says_so(home: Path) -> None:
    said = text(run("rankings", province="없는도"))
    assert texts("en")["state.empty"] in said


def test_hostile_addresses_are_shown_as_text(home: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    for view in ("board", "site", "rankings", "explore"):
        said = markup(run(view, province=hostile, district=hostile, process=hostile, only=hostile))
        assert "<img" not in said


def test_days_are_the_sites_own(home: Path) -> None:
    assert connect(home).ask("select max(day) as d from satisfaction")["d"][0] == date(2026, 11, 22)


@pytest.mark.parametrize("view", ["board", "site", "rankings", "explore"])
@pytest.mark.parametrize(
    "role", ["site_manager", "region_manager", "agent", "dpo", "data_engineer"]
)
def test_every_role_has_every_screen(home: Path, busiest: str, role: str, view: str) -> None:
    assert not run(view, role=role, me=busiest).exception


def test_a_site_manager_is_ranked_among_what_is_published(home: Path, busiest: str) -> None:
    con = connect(home, principal=parse_principal(f"site_manager:{busiest}"))
    kind = con.ask(
        "select site_type from dim_site where site = $s and is_current", {"s": busiest}
    ).item()
    said = text(run("rankings", role="site_manager", me=busiest, site_type=kind))
    shown = con.ask(
        "select site, benchmark(index, 'site') as b from satisfaction"
        " where month = date '2026-11-01' and site_type = $t group by site",
        {"t": kind},
    ).drop_nulls()
    assert shown.height > 3
    names = connect(home).ask("select site, site_name from dim_site where is_current")
    found = dict(names.iter_rows())
    assert all(found[site] in said for site in shown["site"])
    assert texts("en")["published"] in said
    assert "My sites" in text(run("board", role="site_manager", me=busiest))
