"""The real extracts through the command line: each record accounted for, as published."""

from __future__ import annotations

import json

import pytest

from models.home import PROJECT
from tests.pipelines.acceptance.conftest import Counter

DATA = PROJECT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real extracts are not beside the project (../shared/data)"
)


def files(folder: str, pattern: str) -> list[str]:
    return [str(path) for path in sorted((DATA / folder).glob(pattern))]


def asked(counter: Counter, sql: str) -> list[list[object]]:
    rows: list[list[object]] = json.loads(counter.run("ask", sql, "--format", "json").out)["rows"]
    return rows


def test_nine_files_of_complaints_are_loaded_once_and_counted_to_the_record(
    counter: Counter,
) -> None:
    named = ("load", "--source", "consumidor_gov_br", *files("consumidor_gov_br_2014", "*.csv"))
    first = counter.run(*named)
    assert first.counts() == (45_772, 45_750, 22, 0)
    scores = asked(counter, "select score, count(*) from fact_answer group by score order by score")
    assert scores == [[1, 10_878], [2, 2_078], [3, 4_151], [4, 4_836], [5, 10_019]]
    without = asked(
        counter,
        """select count(*) filter (where answered_date is null),
            count(*) - (select count(distinct contact_key) from fact_answer) from fact_contact""",
    )
    assert without == [[221, 13_788]]
    again = counter.run(*named)
    assert again.counts() == (45_772, 0, 45_772, 0)
    assert (again.account["changed"], again.account["load"]) == (False, first.account["load"])


@pytest.mark.parametrize(
    ("source", "pattern", "landed"),
    [("edna_call_center", "*.csv", 131_821), ("sfo_airport_survey", "*_SFO_*.csv", 28_665)],
)
def test_other_real_extracts_are_accepted_whole(
    counter: Counter, source: str, pattern: str, landed: int
) -> None:
    account = counter.run("load", "--source", source, *files(source, pattern)).account
    assert account["quarantined"] == 0
    assert account["landed"] >= landed
    assert account["landed"] == account["accepted"] + account["duplicate"]
