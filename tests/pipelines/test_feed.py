"""The feed: the first days at once, older files one by one, live ones in between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from models.home import Home, open_home
from pipelines.feed import Feed, feed, has_fed, is_fed
from pipelines.worker_place import only_worker

WANTED = Feed(sites=4, seed=3, end=date(2026, 11, 20), first_days=2, months=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def landed(home: Home) -> set[Path]:
    return {p for p in home.landing.rglob("*") if p.is_file() and ".taken" not in p.parts}


def turns(count: int, each: Callable[[], None] = lambda: None) -> Callable[[float], bool]:
    """A `stop` that ends after so many turns, doing something at each."""
    left = [count]

    def stop(seconds: float) -> bool:
        each()
        left[0] -= 1
        return left[0] < 0

    return stop


def quiet(text: str) -> None:
    """Say nothing."""


def test_an_untouched_home_is_fed_and_one_with_extracts_is_not(home: Home) -> None:
    assert is_fed(home)
    (home.landing / "own").mkdir()
    (home.landing / "own" / "extract.csv").write_text("a,b\n")
    assert not is_fed(home)


def test_the_first_days_land_at_once_and_nothing_more_before_a_worker_is_there(home: Home) -> None:
    feed(home, WANTED, turns(3), quiet)
    assert has_fed(home)
    assert len({path.parent.name for path in landed(home)}) > 5
    assert (home.root / "simulated" / "truth").is_dir()
    first = landed(home)
    feed(home, WANTED, turns(3), quiet)
    assert landed(home) == first, "what was given is not given again"


def test_an_older_file_comes_when_the_one_before_it_was_taken(home: Home) -> None:
    feed(home, WANTED, turns(0), quiet)
    for path in landed(home):
        path.unlink()
    seen: list[set[Path]] = []
    with only_worker(home):
        feed(home, WANTED, turns(3, lambda: seen.append(landed(home))), quiet)
        assert [len(found) for found in seen] == [1, 1, 1, 1]

        def take() -> None:
            seen.append(landed(home))
            for path in landed(home):
                path.unlink()

        seen.clear()
        feed(home, WANTED, turns(12, take), quiet)
    assert max(len(found) for found in seen) == 1
    assert len(set.union(*seen)) > 8


def test_a_feed_goes_on_as_it_began(home: Home) -> None:
    feed(home, WANTED, turns(0), quiet)
    told = (home.root / "simulated" / "feed.json").read_text()
    feed(home, replace(WANTED, sites=9), turns(0), quiet)
    assert (home.root / "simulated" / "feed.json").read_text() == told
