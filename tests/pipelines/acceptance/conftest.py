"""A counter for the tests of the whole: a home, an inbox, and the command line in front of them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from models.home import PROJECT, Home, open_home
from models.manifest import NAME, read_manifest
from models.reader import Reader
from pipelines import cli
from tests.pipelines.load.conftest import ANSWER, COLUMNS, QUESTION, QUESTIONS, SITE, TOML, answer

STRICT = TOML.replace("[table.expect]\nstop_at_quarantined = 1.0\n", "")


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def account(self) -> dict[str, Any]:
        """The last line of stdout: what a load says of itself."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found

    def counts(self) -> tuple[int, int, int, int]:
        """Landed, accepted, duplicate, quarantined."""
        one, two, three, four = (
            self.account[name] for name in ("landed", "accepted", "duplicate", "quarantined")
        )
        return one, two, three, four

    def sentence(self) -> str:
        """The one sentence of a command that could not do what it was asked to."""
        said = [line for line in self.err.splitlines() if line.startswith("happycall: ")]
        assert (self.status, len(said), self.out) == (2, 1, ""), self
        assert self.err.rstrip().endswith(said[0])
        assert "Traceback" not in self.err
        return said[0].removeprefix("happycall: ")


@dataclass(frozen=True, slots=True)
class Counter:
    """A home with the small source in its own folder, and short words for what tests do."""

    home: Home
    inbox: Path

    @property
    def environ(self) -> Mapping[str, str]:
        """Where a command finds the home and its keys."""
        keys = str(self.home.root.parent / "keys")
        return {"HAPPYCALL_HOME": str(self.home.root), "HAPPYCALL_KEYS": keys}

    def run(self, *words: object) -> Said:
        """A command, run in this process through the same entry as from a shell."""
        out, err = io.StringIO(), io.StringIO()
        with patch.dict(os.environ, self.environ), redirect_stdout(out), redirect_stderr(err):
            status = cli.run([str(word) for word in words])
        return Said(status, out.getvalue(), err.getvalue())

    def start(self, *words: object) -> subprocess.Popen[str]:
        """A command as a process of its own, as people start it."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("happycall")), *map(str, words)],
            cwd=PROJECT,
            env={**os.environ, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def load(self, *words: object) -> Said:
        """A load that does what it was asked to."""
        said = self.run("load", *words)
        assert (said.status, "Traceback" in said.err) == (0, False), said
        return said

    def write(self, name: str, rows: Iterable[Iterable[object]]) -> Path:
        """A file of the small source in the inbox."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS[name.rstrip("0123456789_")])
        writer.writerows(rows)
        path = self.inbox / f"{name}.csv"
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        return path

    def land(self, path: Path, still: bool = True) -> Path:
        """The same file in landing, where it has stood still for a while."""
        place = self.home.landing / "small" / path.name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(path.read_bytes())
        if still:
            seen = place.stat().st_mtime - 60
            os.utime(place, (seen, seen))
        return place

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a reader of the newest release sees."""
        with closing(Reader(self.home)) as reader:
            return reader.snapshot().cursor().execute(sql).fetchall()

    def manifest(self) -> bytes:
        """The manifest as it stands, byte for byte; empty before the first release."""
        path = self.home.releases / NAME
        return path.read_bytes() if path.exists() else b""

    def load_number(self) -> int:
        """The newest load, 0 before the first."""
        found = read_manifest(self.home)
        return found.load if found else 0


def write_source(folder: Path, toml: str = STRICT) -> None:
    """The small source as a folder."""
    folder.mkdir(parents=True)
    for name, text in (
        ("source.toml", toml), ("answer.survey.sql", ANSWER), ("site.site.sql", SITE),
        ("question.question.sql", QUESTION),
    ):  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def new_counter(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Counter]:
    """Makes counters, each with a home and keys of its own."""

    def make() -> Counter:
        root = tmp_path_factory.mktemp("counter")
        write_source(root / "home" / "sources" / "small")
        (root / "inbox").mkdir()
        return Counter(open_home(root / "home"), root / "inbox")

    return make


@pytest.fixture
def counter(new_counter: Callable[[], Counter]) -> Counter:
    """One empty home."""
    return new_counter()


@pytest.fixture(scope="session")
def loaded_once(new_counter: Callable[[], Counter]) -> Counter:
    """A home with two answers in its first load, to be copied."""
    counter = new_counter()
    questions = counter.write("question1", QUESTIONS)
    counter.load(questions, counter.write("survey1", [answer(1), answer(2)]))
    return counter


@pytest.fixture
def opened(loaded_once: Counter, tmp_path: Path) -> Counter:
    """A home of its own with two answers in its first load."""
    root = tmp_path / "counter"
    shutil.copytree(loaded_once.home.root.parent, root)
    return Counter(open_home(root / "home"), root / "inbox")
