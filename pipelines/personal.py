"""Where a mapping puts what is personal: columns of class `pii` and `free_text` are followed.

Releases hold no personal column, and a mapping is the one place where one could slip in under
another name: by an alias, within an expression, in a map of attributes, through a CTE or a star.
Each SELECT of the mapping is read from the inside out: a column carries the classes of all it is
made of. What only asks about a value (a comparison, the condition of a CASE) does not carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from models.catalog import shipped_models
from models.errors import SourceError
from pipelines.mapping import EntityMapping

VOUCHED = "impersonal"  # the macro by which a mapping says that what it takes out is nobody's
TELLS_NOT = ("bad_time", "bad_number")  # their first argument is looked at and not told
FOLLOWED = ("pii", "free_text")
Carried = frozenset[tuple[str, str]]  # (class, the column it began in)
NOTHING: Carried = frozenset()


@dataclass(frozen=True, slots=True)
class _Relation:
    """What the columns of one relation carry; what is not named carries `rest`."""

    columns: Mapping[str, Carried] = field(default_factory=dict)
    rest: Carried = NOTHING
    is_listed: bool = False  # `columns` are all there are, in their order

    @property
    def all(self) -> Carried:
        return self.rest.union(*self.columns.values())

    def of(self, column: str) -> Carried:
        return self.columns.get(column.casefold(), self.rest)


Relations = Mapping[str, _Relation]


def refuse_personal(
    where: str, mapping: EntityMapping, classes: Mapping[str, Mapping[str, str]]
) -> None:
    """`SourceError` when a column that is no place for it carries what is personal.

    `classes` has the classes of the columns of each table of the source.
    """
    raw = {
        table: _Relation({
            name.casefold(): frozenset([(kind, name)])
            for name, kind in given.items()
            if kind in FOLLOWED
        })
        for table, given in classes.items()
    }  # fmt: skip
    if not any(relation.columns for relation in raw.values()):
        return
    made = _relation(sqlglot.parse_one(mapping.sql, dialect="duckdb"), raw, {})
    allowed = _places(mapping.entity)
    for column, carried in {**made.columns, "*": made.rest}.items():
        for kind, name in sorted(carried):
            if column not in allowed[kind]:
                raise SourceError(_sentence(where, column, name, kind, allowed[kind]))


def _sentence(where: str, column: str, name: str, kind: str, allowed: tuple[str, ...]) -> str:
    into = f"{' or '.join(allowed)} only" if allowed else "no column of this entity"
    vouched = f", or through {VOUCHED}(…) what is nobody's in it" if kind == "pii" else ""
    return (
        f"{where}: '{column}' would hold '{name}', which is of class {kind}; it may go into "
        f"{into}{vouched}"
    )


def _places(entity: str) -> Mapping[str, tuple[str, ...]]:
    model = next(m for m in shipped_models() if m.name == f"canonical_{entity}")
    texts = tuple(column for column, kind in model.classes if kind == "text")
    persons = tuple(column for column, kind in model.classes if kind == "person")
    return {"pii": (*persons, *texts), "free_text": texts}


def _relation(query: exp.Expr, known: Relations, outer: Relations) -> _Relation:
    """What the columns of a query carry; `known` are relations by name, `outer` those around it."""
    known = dict(known)
    for cte in query.ctes if isinstance(query, exp.Query) else ():
        name = cte.alias.casefold()
        known[name] = _Relation()  # a recursive one reads itself: twice reaches all it carries
        for _ in range(2):
            known[name] = _renamed(_relation(cte.this, known, outer), cte)
    if isinstance(query, exp.SetOperation):
        return _union(_relation(query.left, known, outer), _relation(query.right, known, outer))
    if isinstance(query, exp.Subquery):
        return _relation(query.this, known, outer)
    if not isinstance(query, exp.Select):
        return _Relation(rest=_carried(query, known, outer))
    here = dict(outer)
    for source in _sources(query):
        here[source.alias_or_name.casefold()] = _source(source, known, here)
    made = _selected(query, known, here)
    return _selected(query, known, {**here, "": made})  # one column may be made of another's alias


def _union(left: _Relation, right: _Relation) -> _Relation:
    """Columns stand on each other by place; where a star hides that, all of the right in each."""
    if not right.all:
        return left
    if left.is_listed and right.is_listed and len(left.columns) == len(right.columns):
        pairs = zip(left.columns.items(), right.columns.values(), strict=True)
        return _Relation({name: a | b for (name, a), b in pairs}, is_listed=True)
    names = {name: carried | right.all for name, carried in left.columns.items()}
    return _Relation(names, left.rest | right.all)


def _sources(select: exp.Select) -> Iterable[exp.Expr]:
    first = select.args.get("from_") or select.args.get("from")
    if isinstance(first, exp.From):
        yield first.this
    for join in select.args.get("joins") or ():
        yield join.this
    yield from select.args.get("laterals") or ()


def _source(source: exp.Expr, known: Relations, here: Relations) -> _Relation:
    if isinstance(source, exp.Table) and not isinstance(source.this, exp.Func):
        found = known.get(source.name.casefold(), _Relation())
        for join in source.args.get("joins") or ():  # a join within brackets
            found = _Relation({**found.columns}, found.rest | _source(join.this, known, here).all)
        return _Relation(rest=found.all) if source.args.get("pivots") else _renamed(found, source)
    if isinstance(source, exp.Subquery):
        return _renamed(_relation(source.this, known, here), source)
    if isinstance(source, exp.Lateral) and isinstance(source.this, exp.Subquery):
        return _renamed(_relation(source.this.this, known, here), source)
    return _Relation(rest=_carried(source, known, here))  # rows made by a function, or by VALUES


def _renamed(relation: _Relation, source: exp.Expr) -> _Relation:
    """Columns renamed by `as name(a, b)` go by place, so each may be any of them."""
    alias = source.args.get("alias")
    is_renamed = isinstance(alias, exp.TableAlias) and alias.args.get("columns")
    return _Relation(rest=relation.all) if is_renamed else relation


def _selected(select: exp.Select, known: Relations, here: Relations) -> _Relation:
    columns: dict[str, Carried] = {}
    rest, stars = NOTHING, False
    for item in select.expressions:
        star = item if isinstance(item, exp.Star) else item.this
        if item.find(exp.Columns):  # COLUMNS(…): any column, under any name
            rest, stars = rest.union(*(relation.all for relation in here.values())), True
        elif isinstance(star, exp.Star):
            of, stars = item.table.casefold() if isinstance(item, exp.Column) else "", True
            for relation in [here[of]] if of and of in here else here.values():
                rest |= relation.rest
                for name, carried in _starred(star, relation, known, here).items():
                    columns[name] = columns.get(name, NOTHING) | carried
        else:
            name = item.alias_or_name.casefold()
            columns[name] = columns.get(name, NOTHING) | _carried(item, known, here)
    return _Relation(columns, rest, is_listed=len(columns) == len(select.expressions) and not stars)


def _starred(
    star: exp.Star, relation: _Relation, known: Relations, here: Relations
) -> Mapping[str, Carried]:
    left_out = {each.name.casefold() for each in star.args.get("except_") or ()}
    columns = {name: c for name, c in relation.columns.items() if name not in left_out}
    for each in star.args.get("rename") or ():
        columns[each.alias.casefold()] = columns.pop(each.this.name.casefold(), NOTHING)
    for each in star.args.get("replace") or ():
        columns[each.alias.casefold()] = _carried(each.this, known, here)
    return columns


def _carried(node: exp.Expr, known: Relations, here: Relations) -> Carried:
    """The classes that the value of an expression carries."""
    match node:
        case exp.Predicate() | exp.Connector() | exp.Not():
            return NOTHING
        case exp.Column():
            return _column(node, here)
        case exp.Anonymous() if node.name.casefold() == VOUCHED:
            return NOTHING
        case exp.Anonymous() if node.name.casefold() in TELLS_NOT:
            parts: Iterable[exp.Expr] = node.expressions[1:]
        case exp.Case():
            parts = [each.args["true"] for each in node.args["ifs"]]
            parts = [*parts, *filter(None, [node.args.get("default")])]
        case exp.If():
            parts = filter(None, [node.args.get("true"), node.args.get("false")])
        case exp.Query():
            return _relation(node, known, here).all
        case _:
            parts = node.iter_expressions()
    return NOTHING.union(*(_carried(part, known, here) for part in parts))


def _column(column: exp.Column, here: Relations) -> Carried:
    """A column, a field of one (`alias.column.field`), or a whole row under its alias."""
    parts = [part.name.casefold() for part in column.parts]
    if parts[0] in here:
        relation = here[parts[0]]
        return relation.of(parts[1]) if len(parts) > 1 else relation.all
    return NOTHING.union(*(relation.of(parts[0]) for relation in here.values()))
