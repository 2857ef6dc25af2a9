"""Forms as SQL: beside the cells of a block, one row per group with what the forms tell of it.

These rows are made of the cells that answer the block, under its conditions, and stand beside them
as columns that are constant within a group; the call becomes any_value() of its column. So HAVING,
ORDER BY and windows see a form as they see any measure, and there is no second way to the facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from cubes.blocks import Block, Condition
from cubes.cube import Way
from cubes.definitions import level_of
from cubes.form_check import Meant, is_timely
from cubes.formula import formula_of, names_in, over_columns
from cubes.periods import TIMES
from cubes.source import Source
from cubes.splice import Edit

#: Groups with fewer answers behind them are shown and not ranked; counts are ranked as they are.
RANKED_FROM = 30

_ATOM = re.compile(r"\b(sum|min|max)\(_r\.(\w+)\)")


@dataclass(frozen=True, slots=True)
class Beside:
    """What forms need of their block's planning."""

    block: Block
    sources: tuple[Source, ...]  # one for each cube of the block
    early: tuple[Condition, ...]  # conditions that all of them apply
    cells: Callable[[tuple[Source, ...]], str]  # sources as a relation
    text: Callable[[Condition, Callable[[str], str]], str]  # a condition over other columns


def columns_of_forms(forms: Sequence[Meant]) -> tuple[str, ...]:
    """The column of each form, in the same order."""
    return tuple(f"_form{number}" for number in range(1, len(forms) + 1))


def levels_of_forms(forms: Iterable[Meant]) -> frozenset[str]:
    """Levels that forms read beside those of their block."""
    return frozenset(m.call.form.since for m in forms if m.call.form and m.call.form.since)


def aggregates_of_forms(forms: Iterable[Meant], block: Block) -> frozenset[str]:
    """Aggregates that forms read beside those of their figures."""
    ranked = (m.call.measure for m in forms if m.call.kind == "rank")
    return frozenset().union(*(names_in(m.base, block.cube)[0] for m in ranked if m))


def with_forms(cells: str, forms: Sequence[Meant], beside: Beside) -> str:
    """The relation of a block, with the columns of its forms."""
    names = columns_of_forms(forms)
    keys = sorted(beside.block.keys)
    joins = []
    for name, form in zip(names, forms, strict=True):
        same = " and ".join(f"{name}.{key} is not distinct from _c.{key}" for key in keys)
        joins.append(f"left join (\n{_rows(form, name, beside)}\n) as {name} on {same or 'true'}")
    columns = ", ".join(("_c.*", *(f"{name}.{name}" for name in names)))
    return "\n".join((f"with _c as (\n{cells}\n)", f"select {columns}", "from _c", *joins))


def _rows(form: Meant, name: str, beside: Beside) -> str:
    """One row per group with what a form tells of it, in the column `name`."""
    if form.call.kind == "share":
        return _share(form, name, beside)
    if form.call.kind == "rank":
        return _rank(form, name, beside)
    if form.anytime:
        return _rolling(form, name, beside)
    sources = tuple(_moved(source, form, beside.block) for source in beside.sources)
    return _grouped((f"{_formula(form, beside)} as {name}",), beside.cells(sources), beside)


def _formula(form: Meant, beside: Beside) -> str:
    return over_columns(formula_of(form.call, beside.block), beside.block.cube, "_r")


def _grouped(
    outputs: Sequence[str],
    cells: str,
    beside: Beside,
    *,
    more: tuple[str, ...] = (),
    anytime: bool = False,
) -> str:
    """Cells grouped as the block groups them, under those conditions they do not yet obey."""
    keys = [f"_r.{key}" for key in (*sorted(beside.block.keys), *more)]
    late = [c for c in beside.block.conditions if c not in beside.early]
    where = [
        f"({beside.text(c, lambda name: f'_r.{name}')})"
        for c in late
        if not (anytime and is_timely(c))
    ]
    lines = [
        f"select {', '.join((*keys, *outputs))}",
        f"from (\n{cells}\n) as _r",
        *((f"where {' and '.join(where)}",) if where else ()),
        *((f"group by {', '.join(keys)}",) if keys else ()),
    ]
    return "\n".join(lines)


def _moved(source: Source, form: Meant, block: Block) -> Source:
    """The cells as they would be had every fact happened later."""
    if form.back is None:
        return source
    by_day = "day" in source.cuboid.keys

    def finer(name: str, way: Way) -> Way:
        level = level_of(block.cube, name)
        assert level is not None
        if by_day and way.key == "month":
            return next(each for each in level.ways if each.key == "day")
        return way

    return replace(
        source,
        levels=tuple((name, finer(name, way)) for name, way in source.levels),
        moved=form.back.sql,
        same_day=form.time == "day" and form.back.months > 0 and not form.anytime,
    )


def _anytime(source: Source) -> Source:
    """The cells of all times."""
    return replace(source, early=tuple((c, w) for c, w in source.early if not is_timely(c)))


def _rolling(form: Meant, name: str, beside: Beside) -> str:
    """Sums over the periods before and including each group's own, then the formula of them."""
    said, block = form.call.form, beside.block
    assert said is not None
    sources = tuple(_anytime(_moved(source, form, block)) for source in beside.sources)
    formula = _formula(form, beside)
    atoms = tuple(dict.fromkeys(_ATOM.findall(formula)))
    since = (said.since,) if said.since and said.since not in block.keys else ()
    sums = tuple(f"{kind}(_r.{column}) as _{kind}{column}" for kind, column in atoms)
    whole = _grouped(sums, beside.cells(sources), beside, more=since, anytime=True)
    keys = (*sorted(block.keys), *since)
    if form.back is not None:  # a period without facts has those before it, too
        whole = _with_targets(whole, keys, atoms)
    members = [key for key in sorted(block.keys) if key not in TIMES]
    parts = ", ".join((*members, *((said.since,) if said.since else ())))
    first = f"{said.over.within} preceding" if said.over else "unbounded preceding"
    frame = (
        f"({f'partition by {parts} ' if parts else ''}order by {form.time}"
        f" range between {first} and current row)"
    )
    value = _ATOM.sub(lambda found: f"{found[1]}(_{found[1]}{found[2]}) over _w", formula)
    if form.back is not None:
        value = f"case when bool_or(_here) over _w then {value} end"
    groups = ", ".join(sorted(block.keys))
    return f"select {groups}, {value} as {name}\nfrom (\n{whole}\n)\nwindow _w as {frame}"


def _with_targets(rows: str, keys: tuple[str, ...], atoms: Iterable[tuple[str, str]]) -> str:
    """Sums by period, with a row for each group of the question also where it had no fact."""
    named = ", ".join(keys)
    again = ", ".join(f"{kind}(_{kind}{column}) as _{kind}{column}" for kind, column in atoms)
    both = (
        f"select *, true as _here from (\n{rows}\n)"
        f" union all by name (select distinct {named} from _c)"
    )
    return f"select {named}, {again}, bool_or(_here) as _here from (\n{both}\n) group by {named}"


def _share(form: Meant, name: str, beside: Beside) -> str:
    own = _grouped((f"{_formula(form, beside)} as _own",), "from _c", beside)
    groups = ", ".join((*sorted(beside.block.keys), ""))
    whole = f"sum(_own) over ({_partition(form.apart)})"
    share = f"100.0::double * _own / nullif({whole}, 0)"
    return f"select {groups}{share} as {name}\nfrom (\n{own}\n)"


def _rank(form: Meant, name: str, beside: Beside) -> str:
    """The place among those that may be ranked; who is as good shares the better place."""
    measure = form.call.measure
    counts = measure is None or measure.unit == "count" or form.call.kind == "n"
    base = "" if counts or measure is None else measure.base
    enough = f"{over_columns(base, beside.block.cube, '_r')} >= {RANKED_FROM}" if base else "true"
    outputs = (f"{_formula(form, beside)} as _own", f"({enough}) as _enough")
    rows = _grouped(outputs, "from _c", beside)
    groups = ", ".join((*sorted(beside.block.keys), ""))
    ranked = "_own is not null and coalesce(_enough, false)"
    order = "" if measure is not None and measure.direction < 0 else " desc"
    frame = " ".join((_partition((*form.apart, ranked)), f"order by _own{order}"))
    place = f"case when {ranked} then rank() over ({frame}) end"
    return f"select {groups}{place} as {name}\nfrom (\n{rows}\n)"


def _partition(levels: tuple[str, ...]) -> str:
    return f"partition by {', '.join(levels)}" if levels else ""


def form_edits(forms: Sequence[Meant], alias: str) -> tuple[Edit, ...]:
    """The calls, each as what its column says of the group."""
    return tuple(
        Edit(m.call.start, m.call.end, f"any_value({alias}.{name})")
        for m, name in zip(forms, columns_of_forms(forms), strict=True)
    )
