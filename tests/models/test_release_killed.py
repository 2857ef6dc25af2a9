"""Killed anywhere, the last manifest still stands, and the next writer completes."""

from __future__ import annotations

import copy
import errno
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from models import release
from models.compaction import compact
from models.errors import HomeError
from models.home import PROJECT, Home, open_home
from models.lock import writer_lock
from models.manifest import read_manifest
from models.reader import Reader
from models.release import verify
from tests.models.toy import Plain, assert_reads_as, commit_changes, some_changes


class Killed(BaseException):
    """What no clean-up code may catch, as a process that is killed runs none."""


def stop_at(number: int, error: BaseException, seen: list[str]) -> Callable[[str], None]:
    def step(name: str) -> None:
        seen.append(name)
        if len(seen) > number:
            raise error

    return step


Act = Callable[[Home, Plain, Callable[[str], None]], None]


def load_into_tail(home: Home, plain: Plain, step: Callable[[str], None]) -> None:
    commit_changes(home, plain, some_changes(plain.load + 1, 30), step=step)


def load_into_merged_tail(home: Home, plain: Plain, step: Callable[[str], None]) -> None:
    commit_changes(home, plain, some_changes(plain.load + 1, 200), step=step)


def load_into_base(home: Home, plain: Plain, step: Callable[[str], None]) -> None:
    with patch.object(release, "LARGE_LOAD", 0):
        commit_changes(home, plain, some_changes(plain.load + 1, 20), step=step)


def compact_all(home: Home, plain: Plain, step: Callable[[str], None]) -> None:
    compact(home, lock=lambda: writer_lock(home, "compact"), step=step)


ACTS: dict[str, tuple[Act, str]] = {
    "a load into a tail": (load_into_tail, "name tail"),
    "a load into a merged tail": (load_into_merged_tail, "merge tails"),
    "a load into a base": (load_into_base, "name keys"),
    "a compaction": (compact_all, "name keys"),
}


def prepared(root: Path) -> tuple[Home, Plain]:
    home = open_home(root)
    plain = Plain()
    load_into_base(home, plain, lambda name: None)
    for count in (150, 40):
        commit_changes(home, plain, some_changes(plain.load + 1, count))
    return home, plain


@pytest.mark.parametrize("what", ACTS)
def test_killed_at_any_step_the_old_release_stands_or_the_new_one_does(
    tmp_path: Path, what: str
) -> None:
    act, telling = ACTS[what]
    home, plain = prepared(tmp_path)
    for number in range(50):
        seen: list[str] = []
        tried = copy.deepcopy(plain)
        before = read_manifest(home)
        try:
            act(home, tried, stop_at(number, Killed(), seen))
        except Killed:
            now = read_manifest(home)
            assert (now != before) == (seen[-1] == "done")
            expected = tried if seen[-1] == "done" else plain
            assert_reads_as(Reader(home).snapshot(), expected)
            assert verify(home) == ()
            if seen[-1] == "done":
                break
        else:
            pytest.fail("every step is announced, so the last one can be stopped as well")
    assert telling in seen
    act(home, tried, lambda name: None)
    commit_changes(home, tried, some_changes(tried.load + 1, 5))
    assert_reads_as(Reader(home).snapshot(), tried)
    assert not list(home.releases.glob(".tmp-*"))


@pytest.mark.parametrize("what", ACTS)
def test_a_disk_that_fills_up_at_any_step_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, what: str
) -> None:
    act, _ = ACTS[what]
    home, plain = prepared(tmp_path)
    before = read_manifest(home)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    number, seen = 0, [""]
    while True:
        seen = []
        listed = {path.name for path in home.releases.iterdir()}
        with pytest.raises(HomeError) as caught:
            act(home, copy.deepcopy(plain), stop_at(number, full, seen))
        sentence = f"The disk that holds {home.root} is full; free some space and run again; load"
        assert str(caught.value).startswith(sentence)
        assert "\n" not in str(caught.value)
        if seen[-1] == "done":
            break
        assert {path.name for path in home.releases.iterdir()} <= listed
        assert read_manifest(home) == before
        number += 1
    assert number >= 5
    assert verify(home) == ()


def test_a_disk_that_is_really_full_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """On a file system of 6 MB of its own, in a namespace of its own, so that it harms nobody."""
    inside = (
        f"mount -t tmpfs -o size=6m tmpfs {tmp_path} || exit 77;"
        f" exec {sys.executable} -m tests.models.full_disk {tmp_path}"
    )
    try:
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", inside],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("no right to mount a file system here")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "held"


def test_kill_9_at_random_moments_leaves_a_whole_release(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    moments = random.Random(7)
    last = 0
    for _ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.models.endless_writer", str(tmp_path)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        time.sleep(moments.uniform(0.05, 1.2))
        assert writer.poll() is None, "the writer ended by itself"
        writer.kill()
        writer.wait()
        writer.stdout.close()
        manifest = read_manifest(home)
        assert verify(home) == ()
        if manifest is not None:
            plain = replayed(manifest.load)
            assert_reads_as(Reader(home).snapshot(), plain)
            assert manifest.load >= last
            last = manifest.load
    assert last > 3
    plain = replayed(last)
    commit_changes(home, plain, some_changes(last + 1, 7))
    assert_reads_as(Reader(home).snapshot(), plain)
    assert not list(home.releases.glob(".tmp-*"))


def replayed(load: int) -> Plain:
    plain = Plain()
    for number in range(1, load + 1):
        plain.change(some_changes(number, 7))
    return plain
