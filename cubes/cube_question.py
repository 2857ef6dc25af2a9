"""A question over cubes as values, for programs that would otherwise put text together.

It is turned into the text that a person would write and passes the same door, so that Python,
screens and SQL cannot differ. What is compared with is a parameter, and never becomes text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from models.errors import QuestionError

_NAME = re.compile(r"[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)?", re.IGNORECASE)
_COMPARED = re.compile(r"\s*(.*?)\s*(<=|>=|<>|=|<|>|\bnot in|\bin|\blike)?\s*", re.DOTALL)
_ORDERED = re.compile(r"\s*(.*?)((\s+(asc|desc))?(\s+nulls\s+(first|last))?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CubeQuestion:
    """One question over one or several cubes.

    A measure is a name (`index`, `voice.complaints`) or a call as in SQL, also with a name of its
    own (`low(index, 0.90) as low`). `where` and `having` map what is compared to a value: `site`
    or `site =` to one, to None for none, to a list for any of several (None among them for none
    too); `day >=` to a bound.

    >>> CubeQuestion("satisfaction", ("index",), by=("month",), where={"site": "SB001"}).text
    'select month, measure(index) from satisfaction where site = $where_1 group by month'
    """

    cube: str | tuple[str, ...]
    measures: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    having: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    limit: int | None = None

    @property
    def text(self) -> str:
        """The question as SQL, with $parameters."""
        cubes = (self.cube,) if isinstance(self.cube, str) else self.cube
        outputs = (*map(_plain, self.by), *map(_figure, self.measures))
        if not outputs or not cubes:
            raise QuestionError("A question names a cube, and measures or levels to group by")
        parts = [f"select {', '.join(outputs)} from {', '.join(map(_plain, cubes))}"]
        for word, asked in (("where", self.where), ("having", self.having)):
            said = [_condition(key, v, f"{word}_{i}") for i, (key, v) in _numbered(asked)]
            if said and word == "where":
                parts.append(f"where {' and '.join(said)}")
            if word == "where" and self.by:
                parts.append(f"group by {', '.join(map(_plain, self.by))}")
            if said and word == "having":
                parts.append(f"having {' and '.join(said)}")
        if self.order:
            parts.append(f"order by {', '.join(map(_ordered, self.order))}")
        if self.limit is not None:
            if isinstance(self.limit, bool) or not isinstance(self.limit, int) or self.limit < 0:
                raise QuestionError("limit is a number of rows, such as limit=10")
            parts.append(f"limit {self.limit}")
        return " ".join(parts)

    @property
    def given(self) -> Mapping[str, Any]:
        """The values of its parameters."""
        return {
            f"{word}_{number}": _value(value)
            for word, asked in (("where", self.where), ("having", self.having))
            for number, (_, value) in _numbered(asked)
            if not (value is None or (_is_list(value) and not _members(value)))
        }


def cube_question(
    cube: str | Sequence[str],
    measures: str | Sequence[str] = (),
    by: str | Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    having: Mapping[str, Any] | None = None,
    order: str | Sequence[str] = (),
    limit: int | None = None,
) -> CubeQuestion:
    """A question as people call it: one name or several."""
    return CubeQuestion(
        cube if isinstance(cube, str) else tuple(cube),
        _several(measures),
        _several(by),
        dict(where or {}),
        dict(having or {}),
        _several(order),
        limit,
    )


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _numbered(asked: Mapping[str, Any]) -> list[tuple[int, tuple[str, Any]]]:
    return list(enumerate(asked.items(), start=1))


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise QuestionError(
            f"'{name}' is no name of a cube or level; such as month, site, province"
        )
    return name


def _figure(said: str) -> str:
    return f"measure({said})" if _NAME.fullmatch(said) else _expression(said)


def _expression(said: str) -> str:
    """A call or level, if it is one expression and no more."""
    try:
        tree = sqlglot.parse_one(f"select {said}", dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        raise QuestionError(f"'{said}' cannot be read as a measure or call") from error
    alone = isinstance(tree, exp.Select) and set(_said(tree)) == {"expressions"}
    if not alone or len(tree.expressions) != 1 or tree.expressions[0].find(exp.Query):
        raise QuestionError(f"'{said}' is more than one measure or call; give each by itself")
    return said.strip()


def _said(tree: exp.Expression) -> list[str]:
    return [name for name, value in tree.args.items() if value]


def _ordered(said: str) -> str:
    found = _ORDERED.fullmatch(said)
    assert found is not None
    return f"{_expression(found[1])}{found[2]}"


def _condition(key: str, value: Any, parameter: str) -> str:
    found = _COMPARED.fullmatch(key)
    assert found is not None
    left, compared = _expression(found[1]), found[2] or ("in" if _is_list(value) else "=")
    if value is None and compared in ("=", "<>"):
        return f"{left} is {'not ' if compared == '<>' else ''}null"
    if compared in ("in", "not in"):
        if not _is_list(value):
            raise QuestionError(f"'{key}' is compared with a list of values")
        return _among(left, value, parameter, is_in=compared == "in")
    if _is_list(value) or value is None:
        raise QuestionError(f"'{key}' is compared with one value, and given {value!r}")
    return f"{left} {compared} ${parameter}"


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset)


def _members(value: Any) -> list[Any]:
    """A list without None, in one order where it had none, so that the same is asked the same."""
    found = [each for each in value if each is not None]
    return found if isinstance(value, list) else sorted(found, key=str)


def _among(left: str, value: Any, parameter: str, *, is_in: bool) -> str:
    known = [f"list_contains(${parameter}, {left})"] if _members(value) else []
    if None in value:
        known.append(f"{left} is null")
    if not is_in:
        return " and ".join(f"not {each}" for each in known) or "true"
    return f"({' or '.join(known)})" if len(known) > 1 else "".join(known) or "false"


def _value(value: Any) -> Any:
    return _members(value) if _is_list(value) else value
