"""A simulated month, loaded as it comes: held to the truth, and to one load of everything."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from cubes.api import connect
from models.keys import open_keys
from models.reader import Reader
from models.release import verify
from tests.pipelines.acceptance.month import MOVED, MOVED_ON, Month, landed, load_month, said_by

Key = tuple[object, ...]

ACCOUNTS = """
select f.source, f.raw_table as "table", f.path as file, f.records as landed,
    coalesce(a.n, 0) as accepted, f.records - coalesce(a.n, 0) - coalesce(q.n, 0) as duplicate,
    coalesce(q.n, 0) as quarantined
from file as f
left join (select file_no, count(*) as n from record where state <> 'quarantined' group by all) as a
    on a.file_no = f.file_no
left join (select file_no, count(*) as n from quarantine group by all) as q on q.file_no = f.file_no
where not f.shipped
"""


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The month, loaded once for all tests of this file."""
    return load_month(tmp_path_factory.mktemp("month"))


def accepted(month: Month) -> pl.DataFrame:
    """The answers that count towards the index, from the truth."""
    return month.truth("answers").filter(pl.col("expect") == "accepted", pl.col("weight") > 0)


def index_by(answers: pl.DataFrame, *levels: str) -> dict[Key, tuple[float, int]]:
    """Index and number of answers by the formula of docs/decisions/index.md, computed apart."""
    grade = (pl.col("score") - pl.col("low")) / (pl.col("high") - pl.col("low"))
    graded = answers.with_columns(
        grade=pl.when(pl.col("direction") == 1).then(grade).otherwise(1 - grade)
    )
    found = graded.group_by(*levels).agg(
        index=100 * (pl.col("weight") * pl.col("grade")).sum() / pl.col("weight").sum(), n=pl.len()
    )
    return {row[: len(levels)]: row[len(levels) :] for row in found.iter_rows()}


def asked(month: Month, question: str) -> list[tuple[object, ...]]:
    with closing(connect(month.daily.home)) as connection:
        return connection.ask(question).rows()


def assert_same_index(rows: Iterable[Key], expected: dict[Key, tuple[float, int]]) -> None:
    said = {row[:-2]: row[-2:] for row in rows if row[-1]}
    assert said.keys() == expected.keys()
    for key, (index, n) in said.items():
        assert (pytest.approx(expected[key][0], rel=1e-12), expected[key][1]) == (index, n), key


def test_every_load_did_what_it_was_asked_to(month: Month) -> None:
    assert [said.status for said in month.loads] == [0] * len(month.loads)
    assert all(said.account["changed"] and not said.account["refused"] for said in month.loads)


def test_every_file_counts_as_the_truth_says(month: Month) -> None:
    truth = month.truth("files")
    columns = ("source", "table", "file", "landed", "accepted", "duplicate", "quarantined")
    expected = {row[:3]: row[3:] for row in truth.select(columns).iter_rows()}
    said = {row[:3]: row[3:] for row in month.daily.rows(ACCOUNTS)}
    same = {key: counts for key, counts in expected.items() if key not in said}
    assert said == {key: counts for key, counts in expected.items() if key not in same}
    assert len(same) == 2, "an agents' list and a master came again byte for byte"
    assert all(landed == duplicate for landed, _, duplicate, _ in same.values())
    assert min(truth[name].sum() for name in columns[3:]) > 50, "a month without defects"


def test_what_the_loads_said_adds_up_to_the_truth(month: Month) -> None:
    totals: Tally[str] = Tally()
    for said in month.loads:
        for name in ("landed", "accepted", "duplicate", "quarantined", "set_aside"):
            totals[name] += said.account[name]
    truth = month.truth("files")
    assert totals == {name: truth[name].sum() for name in totals}
    assert totals["landed"] == sum(totals[n] for n in ("accepted", "duplicate", "quarantined"))


def test_the_index_of_each_site_and_process_is_the_one_of_the_truth(month: Month) -> None:
    rows = asked(
        month, "select site, process, measure(index), n(index) from satisfaction group by all"
    )
    assert_same_index(rows, index_by(accepted(month), "site_code", "process"))


def test_the_index_by_day_question_and_channel_is_the_one_of_the_truth(month: Month) -> None:
    rows = asked(
        month,
        "select day, question, channel, measure(index), n(index) from satisfaction group by all",
    )
    assert_same_index(rows, index_by(accepted(month), "local_date", "question", "channel"))


def test_a_site_counts_where_it_belonged_on_the_day_as_known_in_the_end(month: Month) -> None:
    places = ["site_code", "valid_from", "province", "region_office"]
    versions = month.truth("site_versions").select(places).sort("valid_from")
    answers = accepted(month).sort("local_date").join_asof(
        versions, left_on="local_date", right_on="valid_from", by="site_code",
        check_sortedness=False,
    )  # fmt: skip
    assert answers.filter(site_code=MOVED)["province"].n_unique() == 2, "nothing was dated back"
    rows = asked(
        month,
        "select province, region_office, month, measure(index), n(index) from satisfaction"
        " group by all",
    )
    monthly = answers.with_columns(month=pl.col("local_date").dt.truncate("1mo"))
    assert_same_index(rows, index_by(monthly, "province", "region_office", "month"))
    (split,) = month.daily.rows(
        f"select count(distinct province) from dim_site where site = '{MOVED}'"
        f" and valid_to > date '{MOVED_ON}'"
    )
    assert split == (1,)


def test_the_contacts_of_each_site_and_purpose_are_those_of_the_truth(month: Month) -> None:
    truth = month.truth("contacts").filter(pl.col("expect") == "accepted")
    named = truth.with_columns(
        pl.col("site_code").replace("", "unknown"), pl.col("channel").replace("phone", "voice")
    )
    expected = {
        row[:-1]: row[-1]
        for row in named.group_by("site_code", "purpose", "channel").len().iter_rows()
    }
    rows = asked(month, "select site, purpose, channel, measure(contacts) from voice group by all")
    assert {row[:-1]: row[-1] for row in rows} == expected


def test_loaded_by_and_by_or_at_once_everything_is_the_same(month: Month) -> None:
    by_and_by, at_once = dict(said_by(month.daily.home)), dict(said_by(month.whole.home))
    assert by_and_by.keys() == at_once.keys()
    for name, rows in by_and_by.items():
        left, right = Tally(map(repr, rows)), Tally(map(repr, at_once[name]))
        only, missing = list((left - right).elements()), list((right - left).elements())
        assert (only[:3], missing[:3]) == ([], []), f"{name}: {len(only)} and {len(missing)} rows"
    assert sum(map(len, by_and_by.values())) > 50_000


def test_no_file_of_a_release_is_written_after_its_rename(month: Month) -> None:
    seen: dict[str, tuple[int, int, str]] = {}
    for look in month.looks:
        assert {name: seen[name] for name in look if name in seen} == {
            name: look[name] for name in look if name in seen
        }
        seen |= look
    assert len({name.split("/")[0] for name in seen if name.startswith("base-")}) >= 2
    assert len({name.split("/")[0] for name in seen if name.startswith("tail-")}) >= 8
    writable = [
        path
        for path in month.daily.home.releases.rglob("*")
        if path.is_file() and path.stat().st_mode & 0o222 and path.name != "manifest.json"
    ]
    assert writable == []
    assert verify(month.daily.home) == ()


def test_plain_files_are_gone_once_a_release_holds_their_records(month: Month) -> None:
    for counter in (month.daily, month.whole):
        assert landed(counter.home) == []
        files = counter.rows("select distinct sha256 from file")
        taken = {path.name for path in counter.home.taken.iterdir()}
        assert taken == {sha for (sha,) in files}


# -- persons -------------------------------------------------------------------------------------

SYLLABLES = re.compile(r"[가-힣]+")
DIGITS = re.compile(rb"01\d[- ]?\d{3,4}[- ]?\d{4}")


def identifiers(month: Month) -> tuple[set[str], set[bytes], set[bytes]]:
    """Names, telephone numbers and e-mail addresses that the extracts gave away."""
    names, phones = set[str](), set[bytes]()
    for file in (month.out / "network_customers").glob("*.csv"):
        customers = pl.read_csv(file, infer_schema=False)
        names |= set(customers.filter(party_type="person")["name"])
        phones |= {number.encode() for number in customers["mobile"]}
    mails = set[bytes]()
    for file in month.out.glob("network_*/*"):
        content = file.read_bytes()
        phones |= {re.sub(rb"[- ]", b"", found) for found in DIGITS.findall(content)}
        mails |= set(re.findall(rb"[\w.+-]{3,}@[\w-]+\.[\w.-]+", content))
    return names, phones, mails


def given_away(
    content: bytes, names: set[str], phones: set[bytes], mails: set[bytes]
) -> set[object]:
    """The identifiers that stand in some bytes as they are."""
    found: set[object] = {re.sub(rb"[- ]", b"", each) for each in DIGITS.findall(content)} & phones
    for run in SYLLABLES.findall(content.decode("utf-8", "ignore")):
        found |= {run[at : at + 3] for at in range(len(run) - 2)} & names
    return found | {mail for mail in mails if mail in content}


def test_no_file_of_the_home_gives_a_customer_away(month: Month) -> None:
    names, phones, mails = identifiers(month)
    assert len(names) > 500
    assert len(phones) > 1_000
    home = month.daily.home
    for path in home.root.rglob("*"):
        if path.is_file():
            assert given_away(path.read_bytes(), names, phones, mails) == set(), path
    inside = given_away(customers_file(month), names, phones, mails)
    assert len(inside) > 100, "the search finds what is there"


def verbatims(month: Month) -> set[str]:
    """What customers wrote into the web surveys."""
    said = set[str]()
    for file in (month.out / "network_survey_web").iterdir():
        survey = pl.read_csv(file, separator=";", infer_schema=False, encoding="utf8-lossy")
        said |= {text for text in survey["comment"] if text and len(text) > 8}
    return said


def test_no_value_of_a_release_gives_a_customer_away(month: Month) -> None:
    """The same behind compression: every text of every row that ever was."""
    names, phones, mails = identifiers(month)
    said = verbatims(month)
    assert len(said) > 20
    with closing(Reader(month.daily.home)) as reader:
        cursor = reader.snapshot().cursor()
        for name, spec in reader.snapshot().tables.items():
            every = f"{name}_all" if spec.kind == "ledger" else name
            rows = cursor.execute(f"select distinct t::varchar from {every} as t").fetchall()
            text = "\n".join(row[0] for row in rows)
            assert given_away(text.encode(), names, phones, mails) == set(), name
            assert {words for words in said if words in text} == set(), name


def test_the_keys_are_not_in_the_home(month: Month) -> None:
    home = month.daily.home
    keys = open_keys(home, month.daily.environ)
    for path in home.root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert keys.master not in content
            assert keys.hmac not in content


def customers_file(month: Month) -> bytes:
    return max(
        (path.read_bytes() for path in Path(month.out, "network_customers").iterdir()), key=len
    )
