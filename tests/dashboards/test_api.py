"""The JSON door says the same as the command line, and refuses in a sentence."""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pytest
import requests

from cubes import connect
from cubes.access_log import entries
from cubes.policy import parse_principal
from dashboards import warehouse
from dashboards.app import routes
from dashboards.push import Hub
from models.home import Home
from pipelines.cli import run
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


def test_head_office_is_shown_cells_but_no_rows_no_agents_and_every_visit_is_written_down(
    own_home: Path,
) -> None:
    before = len(list(entries(Home(own_home))))
    assert ask(own_home, INDEX).status_code == 200
    assert ask(own_home, "select score from fact_answer").status_code == 403
    assert ask(own_home, "select agent, n() from voice group by all").status_code == 403
    assert ask(own_home, "select * from dim_agent").status_code == 403
    published = ask(
        own_home, "select month, benchmark(index, 'network') from satisfaction group by 1"
    )
    assert published.json()["rows"][0][1] > 0
    told = [(e["door"], e["principal"], e["outcome"]) for e in entries(Home(own_home))][before:]
    seen, refused = ("http", "hq_viewer", "answered"), ("http", "hq_viewer", "refused")
    assert told == [seen, refused, refused, refused, seen]


def test_the_command_line_and_the_board_are_the_same_door(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = (
        connect(own_home)
        .ask("select site from satisfaction group by site order by site limit 1")
        .item()
    )
    sql = "select count(*) as n from fact_answer"
    rows = connect(own_home).ask(
        f"{sql} as a join dim_site as s using (site_key) where s.is_current and s.site = $s",
        {"s": site},
    )
    as_manager = f"site_manager:{site}"
    assert run(["ask", sql, "--as", as_manager, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [[rows.item()]]
    with warehouse.desk(parse_principal(as_manager)) as desk:
        assert desk.answer(sql, {}).frame.item() == rows.item()
    assert run(["ask", sql, "--as", "hq_viewer"]) == 2
    assert run(["explain", sql, "--as", "agent"]) == 2
    doors = [(e["door"], e["outcome"]) for e in entries(Home(own_home))][-4:]
    assert doors == [
        ("cli", "answered"),
        ("board", "answered"),
        ("cli", "refused"),
        ("cli", "refused"),
    ]


def test_a_question_that_takes_too_long_is_504_by_its_kind(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cubes.answer.SECONDS", 0.05)
    slow = "select count(*) from range(100000000) as a(i), range(1000) as b(j) where i * j % 7 = 3"
    answer = ask(own_home, slow)
    assert (answer.status_code, list(answer.json())) == (504, ["error"])
