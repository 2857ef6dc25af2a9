"""A home is one folder; one writer at a time holds it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from models.connection import LIMITS, give_room, open_connection
from models.errors import HomeError, LockHeld, did_you_mean
from models.home import PROJECT, open_home
from models.lock import lock_holder, writer_lock

HOLD = """
import sys
from pathlib import Path
from models.home import Home
from models.lock import writer_lock
with writer_lock(Home(Path(sys.argv[1])), "happycall load"):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(root: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_home_is_made_where_it_is_asked_for_and_keeps_its_name(tmp_path: Path) -> None:
    home = open_home(tmp_path / "a")
    assert home.releases.is_dir()
    assert home.taken.is_dir()
    assert home.vault.stat().st_mode & 0o077 == 0
    assert len(home.id) == 16
    assert open_home(tmp_path / "a").id == home.id
    assert open_home(tmp_path / "b").id != home.id


def test_the_argument_comes_before_the_environment_and_that_before_the_project(
    tmp_path: Path,
) -> None:
    environ = {"HAPPYCALL_HOME": str(tmp_path / "env")}
    assert open_home(tmp_path / "given", environ).root == tmp_path / "given"
    assert open_home(None, environ).root == tmp_path / "env"
    assert not (tmp_path / "env" / "given").exists()


def test_a_home_that_is_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="HAPPYCALL_HOME"):
        open_home(tmp_path / "file")
    with pytest.raises(HomeError, match="no happycall home"):
        open_home(tmp_path / "nowhere", writable=False)
    assert not (tmp_path / "nowhere").exists()


def test_processes_that_make_one_home_at_once_agree_on_its_name(tmp_path: Path) -> None:
    names: list[str] = []
    threads = [
        threading.Thread(target=lambda: names.append(open_home(tmp_path / "h").id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 1
    assert not list((tmp_path / "h").glob(".home.id*"))


def test_who_waits_too_long_is_told_who_holds_the_home(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    holder = hold(tmp_path)
    try:
        assert lock_holder(home) is not None
        assert lock_holder(home)["pid"] == holder.pid  # type: ignore[index]
        with (
            pytest.raises(LockHeld, match=rf"'happycall load' \(process {holder.pid}\)"),
            writer_lock(home, "happycall nightly", wait_seconds=0.1),
        ):
            pytest.fail("two writers at once")
    finally:
        holder.communicate("")
    assert lock_holder(home) is None


def test_who_waits_long_enough_gets_the_lock(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    holder = hold(tmp_path)
    assert holder.stdin is not None
    threading.Timer(0.3, holder.stdin.close).start()
    with writer_lock(home, "happycall load", wait_seconds=20):
        assert lock_holder(home)["pid"] == os.getpid()  # type: ignore[index]
    holder.wait()


def test_the_lock_falls_with_a_killed_holder(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    holder = hold(tmp_path)
    holder.kill()
    holder.wait()
    assert lock_holder(home) is None
    with writer_lock(home, "happycall load", wait_seconds=1):
        assert lock_holder(home)["command"] == "happycall load"  # type: ignore[index]


def test_the_lock_falls_with_an_error(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with pytest.raises(ZeroDivisionError), writer_lock(home, "happycall load"):
        raise ZeroDivisionError
    assert lock_holder(home) is None


def test_every_connection_runs_in_utc_within_limits_and_knows_the_macros() -> None:
    for role, limits in LIMITS.items():
        con = open_connection(role)
        cursor = con.cursor()
        row = cursor.execute(
            "select current_setting('timezone'), current_setting('threads'),"
            " current_setting('temp_directory'), record_key('network', '17') is not null"
        ).fetchone()
        assert row == ("UTC", limits.threads, "", True)


def test_a_connection_spills_where_it_is_told(tmp_path: Path) -> None:
    con = open_connection("build", spill=tmp_path / "spill")
    assert con.execute("select current_setting('temp_directory')").fetchone() == (
        str(tmp_path / "spill"),
    )


def test_a_slip_of_the_finger_is_answered_with_the_nearest_word() -> None:
    assert did_you_mean("Sitename", ["site", "site_name"]) == " (did you mean 'site_name'?)"
    assert did_you_mean("x", []) == ""


def test_a_reader_has_room_for_its_base_and_no_less_than_usual() -> None:
    def room(base_bytes: int) -> float:
        con = open_connection("reader")
        give_room(con, base_bytes)
        row = con.execute("select current_setting('memory_limit')").fetchone()
        con.close()
        assert row is not None
        number, unit = str(row[0]).split()
        return float(number) * {"MiB": 1, "GiB": 1024}[unit]

    usual = float(LIMITS["reader"].memory.removesuffix("MB")) * 1e6 / 2**20
    assert room(0) == pytest.approx(usual, rel=0.01)
    assert room(300 * 2**20) == pytest.approx(300, rel=0.01)
    assert 512 <= room(10**15) < 10**6
