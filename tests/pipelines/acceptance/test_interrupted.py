"""Killed at any moment, or made to wait: the release stays whole and the next run completes."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.lock import lock_holder, writer_lock
from models.release import verify
from tests.pipelines.acceptance.conftest import Counter
from tests.pipelines.load.conftest import QUESTIONS, answer
from tests.pipelines.load.test_histories import STAR

KILLS = 20
EACH = 40  # answers of a file

TOTALS = """
select
    (select count(*) from record where state <> 'quarantined'),
    (select count(*) from quarantine where state = 'open'),
    (select count(*) from fact_answer),
    (select sum(rows) from satisfaction_site_month),
    (select count(distinct customer_key) from fact_answer),
    (select count(distinct text_id) from fact_answer)
"""


def some_answers(number: int) -> list[tuple[object, ...]]:
    """Answers of a file, one of them with a date that never was."""
    first = 1000 * number
    good = [answer(first + n, said=f"의견 {first + n}", q1=1 + n % 5) for n in range(EACH - 1)]
    return [*good, answer(first + EACH, day="2026-02-30")]


def test_kill_9_at_random_moments_leaves_a_whole_release_and_the_next_run_completes(
    new_counter: Callable[[], Counter],
) -> None:
    """Every second kill hits what the one before it left behind."""
    counter, moments = new_counter(), random.Random(20)
    counter.load(counter.write("question1", QUESTIONS), counter.write("survey0", some_answers(0)))
    longest = seconds_of_a_load(counter)
    before, hit = counter.rows(STAR), 0
    for number in range(2, KILLS + 2):
        file = counter.land(counter.write(f"survey{number}", some_answers(number)))
        moment = moments.uniform(0, 1.1) * longest
        hit += killed_after(counter, moment)
        assert verify(counter.home) == ()
        seen = counter.rows(STAR)
        assert [row for row in before if row not in set(seen)] == []
        assert (len(seen) - len(before)) % (2 * (EACH - 1)) == 0, "a file is visible in part"
        assert file.exists() or len(seen) > len(before)
        if number % 2:
            counter.load()
            before = counter.rows(STAR)
            assert len(before) == 2 * (EACH - 1) * (number + 1)
            assert not file.exists()
            assert not list(counter.home.releases.glob(".tmp-*"))
    assert hit >= KILLS // 4, "most loads were over before they were killed"
    assert_as_if_never_killed(counter, new_counter())


def assert_as_if_never_killed(killed: Counter, whole: Counter) -> None:
    """The totals are those of one load of the same files."""
    names = ["question1", *(f"survey{number}" for number in range(KILLS + 2))]
    whole.load(*(killed.inbox / f"{name}.csv" for name in names))
    assert killed.rows(TOTALS) == whole.rows(TOTALS)
    assert sorted(killed.rows(STAR), key=repr) == sorted(whole.rows(STAR), key=repr)
    shas = {sha for (sha,) in killed.rows("select sha256 from file")}
    assert {path.name for path in killed.home.taken.iterdir()} == shas


def seconds_of_a_load(counter: Counter) -> float:
    """How long a process goes on after it said that it lands something."""
    counter.land(counter.write("survey1", some_answers(1)))
    process = counter.start("load")
    with process:
        assert process.stderr is not None
        assert process.stderr.readline() == "landing small\n"
        start = time.monotonic()
        process.communicate()
    assert process.returncode == 0
    return time.monotonic() - start


def killed_after(counter: Counter, seconds: float) -> bool:
    """Whether a load was still at work so long after it had begun, when it was killed."""
    process = counter.start("load")
    with process:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(seconds)
        process.kill()
        process.communicate()
    return process.returncode != 0


@contextmanager
def held(counter: Counter, seconds: float) -> Iterator[None]:
    """Another writer holds the home for a while."""
    taken = threading.Event()

    def hold() -> None:
        with writer_lock(counter.home, "worker"):
            taken.set()
            time.sleep(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait()
    yield
    holder.join()


def test_a_load_beside_a_held_lock_waits_and_succeeds(opened: Counter) -> None:
    path = opened.write("survey2", [answer(3)])
    with held(opened, 1.0):
        assert (lock_holder(opened.home) or {})["command"] == "worker"
        assert opened.run("status", "--format", "json").account["writer"]["pid"] == os.getpid()
        start = time.monotonic()
        said = opened.load(path)
        assert time.monotonic() - start > 0.5
    assert said.counts() == (1, 1, 0, 0)
    assert lock_holder(opened.home) is None


def test_readers_do_not_wait_for_a_writer(opened: Counter) -> None:
    with held(opened, 1.0):
        said = opened.run("ask", "select count(*) as n from fact_answer", "--format", "csv")
    assert (said.status, said.out.split()) == (0, ["n", "4"])


def test_a_load_beside_a_running_worker_waits_and_succeeds(opened: Counter) -> None:
    """Both are processes; each file is loaded once, by one of them."""
    worker = opened.start("worker")
    with worker:
        try:
            assert worker.stderr is not None
            for line in worker.stderr:
                if line.startswith("watching"):
                    break
            landed = [
                opened.land(opened.write(f"survey{number}", some_answers(number)))
                for number in range(2, 5)
            ]
            named = opened.write("survey5", some_answers(5))
            said = opened.load(named)
            wait_for(landed)
        finally:
            worker.terminate()
            try:
                worker.wait(timeout=20)
            finally:
                worker.kill()
    assert worker.returncode == 0
    assert said.counts() == (EACH, EACH - 1, 0, 1)
    assert opened.rows("select count(*), count(distinct answer_key) from fact_answer") == [
        (2 * (2 + 4 * (EACH - 1)),) * 2
    ]
    assert opened.rows("select sum(landed) from load_source") == [(4 + 4 * EACH,)]
    assert verify(opened.home) == ()


def wait_for(gone: list[Path], seconds: float = 60.0) -> None:
    """Until the files are gone from landing."""
    deadline = time.monotonic() + seconds
    while any(path.exists() for path in gone):
        assert time.monotonic() < deadline, "the worker did not load what landed"
        time.sleep(0.1)


def test_an_interrupted_load_says_so_and_leaves_everything(opened: Counter) -> None:
    before = opened.manifest()
    long = [answer(100_000 + n) for n in range(5000)]  # so that a signal does not come too late
    place = opened.land(opened.write("survey2", long))
    process = opened.start("load")
    with process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()
    assert (process.returncode, err.splitlines()[-1]) == (130, "happycall: interrupted")
    assert "Traceback" not in err
    assert opened.manifest() == before
    assert place.exists()
    assert opened.load().account["load"] == 2
    assert not place.exists()
