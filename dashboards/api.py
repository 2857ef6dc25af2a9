"""The JSON door: health, status and questions over HTTP, the same as on the command line.

Without sign-in a question is asked as head office, which sees cubes and no single answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import JSONResponse, Response

from cubes.answer import Answer
from cubes.policy import Principal
from cubes.status import status as status_of
from cubes.wire import as_csv, as_json, read_params
from dashboards.warehouse import connection, reader
from models.errors import (
    Forbidden,
    HappycallError,
    HomeError,
    QuestionError,
    TooSlow,
    did_you_mean,
)
from models.home import Home

ASKED_AS: Final = Principal("hq_viewer")
FORMATS: Final = ("json", "csv", "arrow")
PARAMETER: Final = "param."
KNOWN: Final = ("sql", "format", "as_known_at")
ARROW: Final = "application/vnd.apache.arrow.stream"


def health(load: int, listeners: int) -> Response:
    """The server is up; which load it serves, and how many screens listen."""
    return JSONResponse({"ok": True, "load": load or None, "listeners": listeners})


def status(home: Home) -> Response:
    """How the home stands: load, sources, quarantine, cuboids, writer."""
    try:
        return JSONResponse(status_of(home, reader=reader()))
    except HomeError as error:
        return _nothing_yet(error)


def ask(given: Mapping[str, str]) -> Response:
    """Answer a question of the query string in JSON, CSV or Arrow."""
    try:
        sql, form, params = _read(given)
        known_at = _load(given.get("as_known_at"))
        asked = connection(ASKED_AS, "http").answer(sql, params, as_known_at=known_at)
        return _written(asked, form)
    except HomeError as error:
        return _nothing_yet(error)
    except Forbidden as error:
        return _refused(403, error)
    except HappycallError as error:
        return _refused(504 if isinstance(error, TooSlow) else 400, error)


def _read(given: Mapping[str, str]) -> tuple[str, str, Mapping[str, object]]:
    for name in given:
        if name not in KNOWN and not name.startswith(PARAMETER):
            raise QuestionError(
                f"The parameter {name} is not known here{did_you_mean(name, KNOWN)};"
                f" known are {', '.join(KNOWN)} and {PARAMETER}NAME"
            )
    sql, form = given.get("sql", "").strip(), given.get("format", "json")
    if not sql:
        raise QuestionError("There is no question; ask with ?sql=select …")
    if form not in FORMATS:
        raise QuestionError(f"The format {form} is not known; known are {', '.join(FORMATS)}")
    named = {k.removeprefix(PARAMETER): v for k, v in given.items() if k.startswith(PARAMETER)}
    return sql, form, read_params(named)


def _load(text: str | None) -> int | None:
    if text is None or text.isdecimal():
        return None if text is None else int(text)
    raise QuestionError(f"as_known_at is the number of a load, not {text!r}")


def _written(answer: Answer, form: str) -> Response:
    named = {"Happycall-Load": str(answer.load)}
    if form == "csv":
        return Response(as_csv(answer), media_type="text/csv; charset=utf-8", headers=named)
    if form == "arrow":
        import pyarrow as pa

        table = answer.frame.to_arrow()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return Response(sink.getvalue().to_pybytes(), media_type=ARROW, headers=named)
    return JSONResponse(as_json(answer), headers=named)


def _refused(code: int, error: HappycallError) -> Response:
    return JSONResponse({"error": str(error)}, status_code=code)


def _nothing_yet(error: HomeError) -> Response:
    return JSONResponse({"load": None, "error": str(error)}, status_code=503)
