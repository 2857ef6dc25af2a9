"""The one place where screens meet the cubes: a reader a process, one load a run.

Answers are kept by load, so that a thousand screens of the nation ask for it once a release.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from cubes.access_log import Door
from cubes.answer import Answer
from cubes.api import Connection
from cubes.catalogue import RECORDS
from cubes.policy import Principal, parse_principal
from cubes.questions import questions
from dashboards.answers import Answers, Row
from models.home import Home, open_home
from models.reader import Reader

T = TypeVar("T")

TEXTS_KEPT_SECONDS = 60  # a person who is forgotten is gone from the screens within a minute


def home() -> Home:
    """The home that the environment of the server names."""
    return _home(os.environ.get("HAPPYCALL_HOME", ""))


@lru_cache(maxsize=8)
def _home(named: str) -> Home:
    return open_home(environ={"HAPPYCALL_HOME": named})


@lru_cache(maxsize=8)
def _reader(root: Path) -> Reader:
    return Reader(Home(root), without=RECORDS)


@lru_cache(maxsize=4096)
def _connection(root: Path, principal: Principal, door: Door) -> Connection:
    return Connection(_reader(root), principal, home=Home(root), door=door)


def reader() -> Reader:
    """The reader of this process."""
    return _reader(home().root)


def connection(principal: Principal, door: Door = "board") -> Connection:
    """A connection as somebody; all of them read through one reader, and so swap together."""
    return _connection(home().root, principal, door)


def principal_of(role: str, sites: str) -> Principal:
    """Who is looking, as the URL says while there is no sign-in."""
    return parse_principal(f"{role}:{sites}" if sites else role)


def refresh() -> bool:
    """Take the newest release, before anybody asks for it."""
    return reader().refresh()


@dataclass(frozen=True, slots=True)
class Desk:
    """One load, for one run of one screen."""

    pinned: Connection
    whose: str
    load: int
    as_of: datetime
    verified_at: datetime | None = None  # when cells were last found to be what the facts say

    def rows(self, name: str, **given: str | date) -> list[Row]:
        """The rows of a question of the shared list; those asked ahead are there already."""
        key = (self.whose, self.load, name, tuple(sorted(given.items())))
        return _answers().get(key, lambda: _rows(self.pinned, name, given))

    def one(self, name: str, **given: str | date) -> Row | None:
        """The only row of a question, or None."""
        rows = self.rows(name, **given)
        return rows[0] if rows else None

    def derived(self, what: str, make: Callable[[], T]) -> T:
        """What is made from answers alone, once a load for everybody who may see the same."""
        return _answers().get((self.whose, self.load, what, ()), make)

    def keep(self, name: str, rows: list[Row], **given: Any) -> None:
        """Keep the rows of a question that was asked for several sites at once."""
        _answers().keep((self.whose, self.load, name, tuple(sorted(given.items()))), rows)

    def answer(self, text: str, given: Mapping[str, Any]) -> Answer:
        """The answer to a question that a visitor has put together."""
        return self.pinned.answer(text, given)

    def texts(self, ids: Sequence[int]) -> Mapping[int, str]:
        """Verbatims by their id; those that were forgotten are absent."""
        return _texts(self.pinned, self.whose, tuple(ids)) if ids else {}


@lru_cache(maxsize=1)
def _answers() -> Answers:
    return Answers()


def _rows(pinned: Connection, name: str, given: Mapping[str, Any]) -> list[Row]:
    return list(pinned.ask(questions()[name].text, dict(given)).to_dicts())


@st.cache_data(show_spinner=False, max_entries=512, ttl=TEXTS_KEPT_SECONDS)
def _texts(_pinned: Connection, whose: str, ids: tuple[int, ...]) -> Mapping[int, str]:
    del whose
    return _pinned.texts(ids)


@contextmanager
def desk(principal: Principal) -> Iterator[Desk]:
    """Everything asked inside comes from one load; raises HomeError before the first release."""
    root = home().root
    with connection(principal).pinned() as pinned:
        whose = f"{root} {principal} {' '.join(pinned.quarantine)}"  # answers of wrong cells go
        yield Desk(pinned, whose, pinned.load, pinned.as_of, pinned.verified_at)
