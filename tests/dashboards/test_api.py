"""The JSON door says the same as the command line, and refuses in a sentence."""

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
import requests

from cubes import connect
from dashboards.app import routes
from dashboards.push import Hub
from models.home import Home
from tests.dashboards.serving import served

INDEX = "select province, measure(index), n(index) as n from satisfaction group by all order by all"


def get(root: Path, path: str, **params: str) -> requests.Response:
    with served(*routes(Home(root), Hub())) as address:
        return requests.get(f"http://{address}{path}", params=params, timeout=30)


def ask(root: Path, sql: str, **more: str) -> requests.Response:
    named = {name.replace("__", "."): value for name, value in more.items()}
    return get(root, "/api/ask", sql=sql, **named)


def test_an_answer_carries_its_load_and_what_it_read(home: Path) -> None:
    answer = ask(home, INDEX)
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["load", "as_of", "verified_at", "columns", "rows", "truncated", "reads"]
    assert body["load"] == 1
    assert [c["name"] for c in body["columns"]] == ["province", "index", "n"]
    assert [tuple(row) for row in body["rows"]] == connect(home).ask(INDEX).rows()


def test_csv_and_arrow_say_the_same(home: Path) -> None:
    rows = connect(home).ask(INDEX)
    as_csv = ask(home, INDEX, format="csv")
    assert as_csv.headers["Happycall-Load"] == "1"
    assert as_csv.headers["content-type"].startswith("text/csv")
    read = list(csv.reader(io.StringIO(as_csv.text, newline="")))
    assert read[0] == rows.columns
    assert [float(row[1]) for row in read[1:]] == pytest.approx(rows["index"].to_list())
    table = pa.ipc.open_stream(ask(home, INDEX, format="arrow").content).read_all()
    assert table.num_rows == rows.height


def test_parameters_are_typed_by_how_they_are_written(home: Path) -> None:
    sql = "select n(index) as n from satisfaction where day >= $since and province = $place"
    body = ask(home, sql, param__since="2026-11-01", param__place="경기도").json()
    assert body["rows"][0][0] > 0


@pytest.mark.parametrize(
    ("sql", "status", "sentence"),
    [
        ("select * from fact_answer", 403, "fact_answer"),
        ("copy satisfaction to 'x.csv'", 403, "one SELECT"),
        ("select * from read_text('/etc/hostname')", 403, "read_text"),
        ("select provnce, n(index) from satisfaction group by all", 400, "provnce"),
        ("select", 400, ""),
        ("", 400, "?sql="),
        ("select n(index) from satisfaction where province = $place", 400, "$place"),
    ],
)
def test_what_is_no_question_is_refused_in_a_sentence(
    home: Path, sql: str, status: int, sentence: str
) -> None:
    answer = ask(home, sql)
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [({"format": "xml"}, "json, csv, arrow"), ({"fromat": "csv"}, "did you mean 'format'")],
)
def test_unknown_words_of_the_address_are_named(
    home: Path, more: dict[str, str], sentence: str
) -> None:
    answer = ask(home, INDEX, **more)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_before_the_first_release_there_is_no_load(empty_home: Path) -> None:
    for answer in (ask(empty_home, "select 1"), get(empty_home, "/api/status")):
        assert answer.status_code == 503
        assert answer.json()["load"] is None
    health = get(empty_home, "/api/health")
    assert health.status_code == 200
    assert health.json()["load"] is None


def test_status_is_the_commands_status(home: Path) -> None:
    body = get(home, "/api/status").json()
    assert body["load"] == 1
    assert {"sources", "quarantine", "cuboids", "shadow", "writer"} <= set(body)
