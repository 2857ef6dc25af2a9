"""The board in a real browser: down to one process, in two languages, live, on a phone.

Pictures are written only where HAPPYCALL_PICTURES names a folder (docs/img).
"""

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cubes import connect
from models.home import Home
from models.manifest import NAME
from pipelines.load import load
from tests.dashboards.conftest import LAST
from tests.dashboards.serving import board

CHROMIUM = Path("/usr/bin/chromium")
HEAD = (
    "id;submitdate;lastpage;startlanguage;seed;token;startdate;datestamp;AS1;AS2;AS3;NP1;PR2;CC2;"
    "comment;site;customer;product;segment;tenure;ageband;party;province;state"
)
SAID = "새벽에 들어온 응답입니다. 친절했습니다."
PICTURES = os.environ.get("HAPPYCALL_PICTURES", "")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must drive a browser, and {CHROMIUM} is not there")
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


def open_page(browser: Browser, width: int = 1280, **more: str) -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        locale="ko-KR",
        timezone_id="Asia/Seoul",
        color_scheme=more.get("color_scheme", "light"),  # type: ignore[arg-type]
        device_scale_factor=2 if width < 500 else 1,
    )
    page.set_default_timeout(30_000)
    return page


def picture(page: Page, name: str) -> None:
    if not PICTURES:
        return
    page.wait_for_timeout(800)
    whole = "document.querySelector('.stMainBlockContainer').scrollHeight"
    view = page.viewport_size or {"width": 1280, "height": 900}
    page.set_viewport_size({**view, "height": min(1500, page.evaluate(whole) + 20)})
    page.wait_for_timeout(500)
    page.screenshot(path=Path(PICTURES) / f"{name}.png")
    page.set_viewport_size(view)  # type: ignore[arg-type]


def params(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def mark(page: Page) -> None:
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    """The page was never loaded again since `mark`."""
    return bool(page.evaluate("window.stayed === true"))


def one_answer(folder: Path, site: str) -> Path:
    at = datetime.combine(LAST, datetime.min.time()) + timedelta(hours=23, minutes=50)
    row = [
        "99912345",
        at,
        2,
        "ko",
        1,
        "77712345",
        at - timedelta(minutes=3),
        at,
        5,
        5,
        5,
        10,
        "",
        "",
    ]
    row += [SAID, site, "", "V10", "family", "5+", "30s", "person", "", "valid"]
    text = HEAD + "\n" + ";".join(f'"{value}"' for value in row) + "\n"
    path = folder / "survey_late.csv"
    path.write_text("\ufeff" + text, encoding="utf-8")
    return path


def busiest(root: Path) -> list[str]:
    frame = connect(root).ask(
        "select site, n(index) as n from satisfaction where site_type = 'service_center'"
        " group by site order by n desc limit 2"
    )
    return frame["site"].to_list()


def test_a_newcomer_goes_from_the_nation_down_to_one_process_and_watches_it_live(
    own_home: Path, built: Path, tmp_path: Path, browser: Browser
) -> None:
    site, other = busiest(own_home)
    with board(own_home, built / "keys") as (address, process):
        page = open_page(browser)
        page.goto(f"http://{address}/")
        expect(page.locator(".hc-figure")).to_be_visible()
        expect(page.locator(".hc-tile")).not_to_have_count(0)
        picture(page, "board")
        mark(page)
        down_to_a_process(page)
        in_both_languages(page)
        a_new_answer_appears(page, browser, address, own_home, tmp_path, site, other)
        explore_by_clicking(page, address)
        clocks_tick_and_a_lost_server_is_said(page, address, process)


def down_to_a_process(page: Page) -> None:
    page.locator(".hc-map a.hc-tile").first.click()
    expect(page.locator(".hc-here")).not_to_have_text("전국")
    picture(page, "province")
    page.locator("a.hc-line[href*='district=']").first.click()
    page.wait_for_url(re.compile("district="))
    page.locator("a.hc-line[href^='/?'][href*='&site=']").first.click()
    page.wait_for_url(re.compile("&site="))
    expect(page.locator(".hc-crumbs a")).to_have_count(3)
    page.locator("a.hc-line[href*='&site='][href*='process=']").first.click()
    page.wait_for_url(re.compile("process="))
    expect(page.locator(".hc-bar-top .hc-tab[aria-current]").first).not_to_have_text("모든 과정")
    deep = params(page)
    assert {"province", "district", "site", "process"} <= set(deep)
    page.go_back()
    expect(page.locator(".hc-bar-top .hc-tab[aria-current]").first).to_have_text("모든 과정")
    page.go_forward()
    page.wait_for_url(re.compile("process="))
    assert params(page) == deep
    assert stayed(page)


def in_both_languages(page: Page) -> None:
    page.locator(".hc-mast a", has_text="English").click()
    expect(page.locator("h1")).to_contain_text("how satisfied are customers now?")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".hc-mast a", has_text="한국어").click()
    expect(page.locator("h1")).to_contain_text("얼마나 만족하고 있나요?")
    assert stayed(page)


def a_new_answer_appears(
    page: Page, browser: Browser, address: str, root: Path, folder: Path, site: str, other: str
) -> None:
    page.goto(f"http://{address}/site?lang=ko&site={site}")
    expect(page.locator(".hc-fresh")).to_contain_text("1차 반영")
    before = page.locator(".hc-bases").inner_text()
    picture(page, "my_site")
    mark(page)
    neighbour = open_page(browser)
    neighbour.goto(f"http://{address}/site?lang=ko&site={other}")
    expect(neighbour.locator(".hc-fresh")).to_contain_text("1차 반영")
    result = load(Home(root), paths=[one_answer(folder, site)], named="network_survey_web")
    assert result.counts.accepted == 1
    expect(page.locator(".hc-fresh")).to_contain_text("2차 반영")
    expect(page.locator(".hc-voice").first).to_contain_text(SAID)
    assert page.locator(".hc-bases").inner_text() != before
    assert stayed(page)
    time.sleep(1)
    expect(neighbour.locator(".hc-fresh")).to_contain_text("1차 반영")
    neighbour.close()


def explore_by_clicking(page: Page, address: str) -> None:
    page.goto(f"http://{address}/explore?lang=en")
    expect(page.locator(".hc-pivot")).to_be_visible()
    picture(page, "explore")
    mark(page)
    page.locator(".hc-pivot tbody a", has_text="Seoul").click()
    page.wait_for_url(re.compile("rows=district"))
    expect(page.locator(".hc-chips")).to_contain_text("Province: Seoul")
    page.locator(".hc-chips a").click()
    expect(page.locator(".hc-chips a")).to_have_count(0)
    assert stayed(page)
    with page.expect_download() as download:
        page.get_by_text("Download CSV").click()
    assert download.value.suggested_filename == "happycall_load_2.csv"
    page.goto(f"http://{address}/explore?lang=en&rows=process")
    dot = page.locator("[data-testid=stVegaLiteChart] path[aria-roledescription=point]").first
    dot.click(force=True)
    page.wait_for_url(re.compile("rows=stage"))
    page.goto(f"http://{address}/rankings?lang=en")
    expect(page.locator("a.hc-line").first).to_be_visible()
    picture(page, "rankings")


def clocks_tick_and_a_lost_server_is_said(page: Page, address: str, process: object) -> None:
    page.goto(f"http://{address}/?lang=en")
    age = page.locator(".hc-fresh [data-since]")
    expect(age).not_to_be_empty()
    first = age.inner_text()
    page.wait_for_function("before => document.querySelector('.hc-fresh [data-since]')"
                           ".textContent !== before", arg=first)  # fmt: skip
    expect(page.locator("[data-warn=lost]")).to_be_hidden()
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)  # type: ignore[attr-defined]
    process.wait(10)  # type: ignore[attr-defined]
    assert time.monotonic() - started < 4
    expect(page.locator("[data-warn=lost]")).to_be_visible()


def test_a_screen_that_waits_for_the_first_load_fills_itself(
    empty_home: Path, built: Path, browser: Browser
) -> None:
    with board(empty_home, built / "keys") as (address, _):
        page = open_page(browser)
        page.goto(f"http://{address}/?lang=en")
        expect(page.locator(".hc-state")).to_contain_text("The first load is on its way.")
        mark(page)
        release = built / "home" / "releases"
        for path in release.iterdir():
            target = empty_home / "releases" / path.name
            if path.is_dir():
                shutil.copytree(path, target)
            elif path.name != NAME:
                shutil.copy(path, target)
        shutil.copy(release / NAME, empty_home / "releases" / "manifest.new")
        (empty_home / "releases" / "manifest.new").rename(empty_home / "releases" / NAME)
        expect(page.locator(".hc-figure")).to_be_visible()
        assert stayed(page)
        page.close()


@pytest.mark.parametrize("path", ["/", "/site?site={site}", "/rankings", "/explore"])
def test_a_phone_shows_every_screen_without_scrolling_sideways(
    phone: tuple[Browser, str, str], path: str
) -> None:
    browser, address, site = phone
    page = open_page(browser, width=390)
    page.goto(f"http://{address}{path.format(site=site)}")
    expect(page.locator(".hc-nav")).to_be_visible()
    expect(page.locator(".hc-lines, .hc-pivot").first).to_be_visible()
    page.wait_for_timeout(500)
    too_wide = page.evaluate(
        "[...document.querySelectorAll('.stMain *')].filter(e => e.getBoundingClientRect().right"
        " > innerWidth + 1 && !e.closest('.hc-scroll, [data-testid=stVegaLiteChart]')).length"
    )
    assert too_wide == 0
    for figure in page.locator("a.hc-line .hc-n").all()[:5]:
        expect(figure).to_be_visible()
    if path == "/":
        picture(page, "phone")
    page.close()


@pytest.fixture(scope="module")
def phone(built: Path, browser: Browser) -> Iterator[tuple[Browser, str, str]]:
    with board(built / "home", built / "keys") as (address, _):
        os.environ["HAPPYCALL_KEYS"] = str(built / "keys")
        yield browser, address, busiest(built / "home")[0]


def test_night_readers_get_dark_paper(phone: tuple[Browser, str, str]) -> None:
    browser, address, _ = phone
    page = open_page(browser, color_scheme="dark")
    page.goto(f"http://{address}/?lang=en")
    expect(page.locator(".hc-figure")).to_be_visible()
    ink = page.locator(".hc-figure").evaluate("e => getComputedStyle(e).color")
    assert min(int(x) for x in re.findall(r"\d+", ink)[:3]) > 180
    picture(page, "board_dark")
    page.close()


def test_the_folder_for_pictures_is_there() -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
    assert shutil.which("chromium") or not CHROMIUM.exists()
