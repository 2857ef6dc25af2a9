"""The models: one SELECT a file, read with its head comment, its columns and what it reads.

A model is plain DuckDB SQL. What a file cannot say in SQL it says in its head comment with tags
from a closed list, so that a slip is an error that names the file and not a check that never runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import sqlglot
from sqlglot import exp

from models.errors import SourceError, did_you_mean

Layer = Literal["canonical", "dimension", "fact"]
FOLDERS: tuple[tuple[Layer, str], ...] = (
    ("canonical", "canonical"),
    ("dimension", "dimensions"),
    ("fact", "facts"),
)
TAGS = ("grain", "key", "check", "refers", "class")
ROOT = Path(__file__).parent

_TAG = re.compile(r"^([a-z_]+): (.+)$")
_COLUMN = re.compile(r"(?:\bas\s+)?\b(\w+),?\s+-- (.+)$")


@dataclass(frozen=True, slots=True)
class Refer:
    """A column that holds the key of a member of a dimension."""

    column: str
    dimension: str


@dataclass(frozen=True, slots=True)
class Model:
    """One SELECT with what its head comment declares."""

    name: str
    layer: Layer
    sql: str
    doc: str
    grain: tuple[str, ...]
    key: tuple[str, ...]
    checks: tuple[str, ...]
    refers: tuple[Refer, ...]
    classes: tuple[tuple[str, str], ...]
    reads: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]

    @property
    def entity(self) -> str:
        """The canonical entity's bare name: `answer` for `canonical_answer`."""
        return self.name.removeprefix("canonical_")

    @property
    def unit(self) -> str:
        """The key whose rows are computed together: windows stay within it, changes touch it."""
        return f"{self.grain[0]}_key"


def read_models(root: Path = ROOT) -> tuple[Model, ...]:
    """All models under a folder, those that are read before those that read them."""
    found = [
        read_model(path, layer)
        for layer, folder in FOLDERS
        for path in sorted((root / folder).glob("*.sql"))
    ]
    return _in_order(found)


@cache
def shipped_models() -> tuple[Model, ...]:
    """The models of this installation, read once."""
    return read_models()


def read_model(path: Path, layer: Layer) -> Model:
    """One model from its file; the file's name is the model's name."""
    sql = path.read_text(encoding="utf-8")
    doc, tags = _head(path, sql)
    name = f"canonical_{path.stem}" if layer == "canonical" else path.stem
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except sqlglot.errors.ParseError as error:
        raise SourceError(
            f"{path.name} is not one SELECT: {error.errors[0]['description']}."
        ) from error
    for needed in ("grain", "key"):
        if needed not in tags:
            raise SourceError(
                f"{path.name} has no '{needed}' in its head comment; add '-- {needed}: …'."
            )
    return Model(
        name=name,
        layer=layer,
        sql=sql,
        doc=doc,
        grain=_words(tags["grain"][0]),
        key=_words(tags["key"][0]),
        checks=tuple(tags.get("check", ())),
        refers=tuple(
            _refer(path, text) for line in tags.get("refers", ()) for text in _words(line)
        ),
        classes=tuple(_pair(path, text) for line in tags.get("class", ()) for text in _words(line)),
        reads=_reads(tree),
        columns=_documented(sql, tree),
    )


def _head(path: Path, sql: str) -> tuple[str, dict[str, list[str]]]:
    doc: list[str] = []
    tags: dict[str, list[str]] = {}
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        text = line.removeprefix("--").strip()
        tag = _TAG.match(text)
        if tag is None:
            doc.append(text)
        elif tag[1] in TAGS:
            tags.setdefault(tag[1], []).append(tag[2])
        else:
            hint = did_you_mean(tag[1], TAGS)
            raise SourceError(
                f"{path.name} has an unknown tag '{tag[1]}'{hint}; known are {', '.join(TAGS)}."
            )
    return " ".join(doc), tags


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _refer(path: Path, text: str) -> Refer:
    column, arrow, dimension = (part.strip() for part in text.partition("->"))
    if not arrow or not column or not dimension:
        raise SourceError(
            f"{path.name}: '{text}' in refers is not of the form 'column -> dimension'."
        )
    return Refer(column, dimension)


def _pair(path: Path, text: str) -> tuple[str, str]:
    column, _, kind = text.partition(" ")
    if kind not in ("person", "text", "quasi"):
        raise SourceError(
            f"{path.name}: class of {column} is '{kind}'; known are person, text, quasi."
        )
    return column, kind


def _reads(tree: exp.Expr) -> tuple[str, ...]:
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    return tuple(sorted({t.name for t in tree.find_all(exp.Table) if t.name and t.name not in own}))


def _documented(sql: str, tree: exp.Expr) -> tuple[tuple[str, str], ...]:
    words = {m[1]: m[2] for line in sql.splitlines() if (m := _COLUMN.search(line.rstrip()))}
    return tuple((name, words.get(name, "")) for name in tree.named_selects)  # type: ignore[attr-defined]


def _in_order(models: list[Model]) -> tuple[Model, ...]:
    names = {model.name for model in models}
    waiting, done, ordered = list(models), set[str](), list[Model]()
    while waiting:
        ready = [m for m in waiting if all(r in done or r not in names for r in m.reads)]
        if not ready:
            raise SourceError(
                f"models read each other in a circle: {', '.join(m.name for m in waiting)}."
            )
        ordered += ready
        done |= {m.name for m in ready}
        waiting = [m for m in waiting if m.name not in done]
    return tuple(ordered)
