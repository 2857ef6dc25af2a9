"""Loads on a disk with less and less room; run by the tests on a file system of its own."""

from __future__ import annotations

import os
import sys
from collections import Counter as Tally
from contextlib import closing
from pathlib import Path

from models.home import open_home
from models.reader import Reader
from models.release import verify
from tests.models.full_disk import fill
from tests.pipelines.acceptance.conftest import Counter, write_source
from tests.pipelines.load.conftest import QUESTIONS, answer

ROOM = (0, 40, 120, 240, 400)
ANSWERS = """
select response_key, question, score from fact_answer join dim_question using (question_key)
order by all
"""


def main(root: Path) -> None:
    """At each amount of room a load succeeds, or fails in a sentence and leaves what stood."""
    write_source(root / "home" / "sources" / "small")
    (root / "inbox").mkdir()
    counter = Counter(open_home(root / "home"), root / "inbox")
    counter.load(counter.write("question1", QUESTIONS), counter.write("survey1", [answer(1)]))
    outcomes: Tally[str] = Tally()
    for kilobytes in ROOM:
        landed = counter.land(counter.write("survey2", some_answers(kilobytes)))
        before, manifest, stood = answers(counter), counter.manifest(), listing(counter)
        fill(root, kilobytes * 1024)
        said = counter.run("load")
        (root / "filler").unlink()
        if said.status == 0:
            outcomes["done"] += 1
        else:
            sentence = said.sentence()
            print(kilobytes, sentence)  # noqa: T201
            assert "is full" in sentence or "No space left" in sentence, sentence
            outcomes["full"] += 1
            assert (counter.manifest(), answers(counter)) == (manifest, before)
            assert landed.exists()
            assert listing(counter) <= stood, "half-written files stay in the release"
            counter.load()
        assert len(answers(counter)) == len(before) + 2 * 50
        assert not landed.exists()
        assert verify(counter.home) == ()
    print(dict(outcomes))  # noqa: T201
    assert outcomes["full"] >= 3
    print("held")  # noqa: T201


def some_answers(first: int) -> list[tuple[object, ...]]:
    """Fifty answers that no other call gives."""
    return [answer(1000 + 100 * first + n, said="전화를 늦게 받았어요") for n in range(50)]


def answers(counter: Counter) -> list[tuple[object, ...]]:
    with closing(Reader(counter.home)) as reader:
        return reader.snapshot().cursor().execute(ANSWERS).fetchall()


def listing(counter: Counter) -> set[str]:
    return {path.name for path in counter.home.releases.iterdir()}


if __name__ == "__main__":
    os.environ.pop("HAPPYCALL_TRACEBACK", None)
    main(Path(sys.argv[1]))
