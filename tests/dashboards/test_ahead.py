"""What is asked ahead of the screens is what they would have been answered."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cubes import connect
from cubes.policy import ANALYST
from cubes.questions import questions
from dashboards import warehouse
from dashboards.ahead import ask_ahead, asked_of_a_site
from dashboards.answers import Row
from dashboards.warehouse import desk
from tests.dashboards.test_screens import draw


@pytest.fixture
def sites(home: Path) -> dict[str, str]:
    rows = connect(home).ask(questions()["sites"].text).to_dicts()
    return {str(row["site_key"]): row["site"] for row in rows}


def comparable(rows: list[Row]) -> list[tuple[tuple[str, str], ...]]:
    """Rows without the site, in any order; numbers as they are shown, as sums may round apart."""

    def text(value: object) -> str:
        return f"{value:.9f}" if isinstance(value, float) else str(value)

    return sorted(tuple(sorted((k, text(v)) for k, v in r.items() if k != "site")) for r in rows)


def test_every_site_gets_its_own_rows_as_if_asked_alone(sites: dict[str, str]) -> None:
    assert ask_ahead(sites) == len(sites)
    with desk(ANALYST) as asked:
        for group, given in asked_of_a_site(asked.rows("days")):
            name = f"{group} | site"
            for site in sites.values():
                alone = asked.pinned.ask(questions()[name].text, {**given, "site": site})
                ahead = asked.rows(name, **given, site=site)
                assert comparable(ahead) == comparable(alone.to_dicts()), (name, site)


def test_a_screen_of_a_prepared_site_asks_nothing_about_it(
    sites: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, site = next(iter(sites.items()))
    ask_ahead([key])
    asked: list[str] = []
    plain = warehouse._rows

    def counted(pinned: object, name: str, given: object) -> object:
        asked.append(name)
        return plain(pinned, name, given)  # type: ignore[arg-type]

    monkeypatch.setattr(warehouse, "_rows", counted)
    screen = AppTest.from_function(draw, args=("site",), default_timeout=60)
    screen.query_params["site"] = site
    screen.run()
    assert not screen.exception
    assert asked
    assert not [name for name in asked if name.endswith("| site")]


def test_nobody_who_watches_costs_nothing(home: Path) -> None:
    assert ask_ahead([]) == 0
    assert ask_ahead(["no such key"]) == 0
