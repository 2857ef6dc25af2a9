"""Answers and parameters as text: what the command line and HTTP say and hear is the same."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from cubes.answer import Answer
from models.errors import QuestionError

_NAME = re.compile(r"[A-Za-z_]\w*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?(\d+\.\d*|\.\d+)([eE][+-]?\d+)?")


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as JSON knows it: instants and dates in ISO 8601, exact numbers as numbers."""
    return {
        "load": answer.load,
        "as_of": _moment(answer.as_of),
        "verified_at": _moment(answer.verified_at) if answer.verified_at else None,
        "columns": [{"name": column.name, "type": column.type} for column in answer.columns],
        "rows": [[json_value(value) for value in row] for row in answer.frame.iter_rows()],
        "truncated": answer.truncated,
        "reads": list(answer.reads),
    }


def as_csv(answer: Answer) -> str:
    """A header, then rows, as RFC 4180 has them; null is empty."""
    return csv_text([column.name for column in answer.columns], answer.frame.iter_rows())


def csv_text(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Rows under their names, as RFC 4180 has them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([as_text(value) for value in row] for row in rows)
    return text.getvalue()


def as_text(value: Any) -> str:
    """One value as text; null is empty."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime() if value.tzinfo:
            return _moment(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            return str(value)


def read_params(given: Mapping[str, str]) -> dict[str, Any]:
    """Parameters from their texts; `'…'` around a value says that it is a text.

    >>> read_params({"site": "SB001", "n": "30", "since": "2026-09-01", "code": "'007'"})
    {'site': 'SB001', 'n': 30, 'since': datetime.date(2026, 9, 1), 'code': '007'}
    """
    return {_param_name(name): _param_value(text) for name, text in given.items()}


def split_param(text: str) -> tuple[str, str]:
    """Name and value of `name=value`.

    >>> split_param("site=SB001")
    ('site', 'SB001')
    """
    name, sign, value = text.partition("=")
    if not sign:
        raise QuestionError(f"The parameter '{text}' has no value; write it as name=value")
    return name, value


def _param_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise QuestionError(f"'{name}' is no name of a parameter; $name in the question names one")
    return name


def _param_value(text: str) -> Any:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if text in ("true", "false"):
        return text == "true"
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise QuestionError(f"'{text}' is no date of the calendar") from error
    return text


def json_value(value: Any) -> Any:
    """A value as JSON knows it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if isfinite(value) else None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {str(key): json_value(each) for key, each in value.items()}
        case list() | tuple():
            return [json_value(each) for each in value]
        case _:
            return as_text(value)


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
