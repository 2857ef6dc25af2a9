"""A visitor's own question: what was chosen, where a click leads, and the table it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final
from urllib.parse import quote, unquote

from cubes.cube import Cube, Measure
from dashboards.figures import anchor
from dashboards.filters import Selection, href
from dashboards.wording import Words, count, figure

Row = Mapping[str, Any]
DIGITS: Final[Mapping[str, int]] = {
    "points": 1, "percent": 1, "score": 2, "seconds": 0, "hours": 1, "ratio": 2, "count": 0,
}  # fmt: skip
MOST_ROWS: Final = 400
MOST_COLUMNS: Final = 24
AFTER_SITE: Final = "process"  # where a drill goes on when a place has no finer level


@dataclass(frozen=True, slots=True)
class Wish:
    """Levels on both edges, measures in the cells, members that are meant."""

    cube: Cube
    rows: tuple[str, ...]
    column: str
    measures: tuple[str, ...]
    only: Mapping[str, tuple[str, ...]]

    @property
    def levels(self) -> tuple[str, ...]:
        """All levels grouped by."""
        return (*self.rows, *((self.column,) if self.column else ()))

    @property
    def time(self) -> str:
        """The first level of time among them, if there is one."""
        return next((x for x in self.levels if self.cube.levels[x].type == "DATE"), "")


def wish(selection: Selection, cube: Cube) -> Wish:
    """What the URL asks for; names the cube does not have are left out."""
    known, measures = cube.levels, {measure.name for measure in cube.measures}
    rows = tuple(dict.fromkeys(x for x in selection.rows.split(",") if x in known))
    column = selection.column if selection.column in known and selection.column not in rows else ""
    wanted = tuple(dict.fromkeys(x for x in selection.show.split(",") if x in measures))
    only = {k: v for k, v in read_only(selection.only).items() if k in known}
    return Wish(cube, rows, column, wanted or (cube.measures[0].name,), only)


def read_only(text: str) -> dict[str, tuple[str, ...]]:
    """The members that are meant, by level, out of the URL.

    >>> read_only("process:sales~month:2026-10-01~process:product")
    {'process': ('sales', 'product'), 'month': ('2026-10-01',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, text.split("~")):
        level, _, member = part.partition(":")
        found[level] = (*found.get(level, ()), unquote(member))
    return found


def write_only(only: Mapping[str, Sequence[str]]) -> str:
    """The same, as the URL keeps it."""
    return "~".join(
        f"{level}:{quote(member, safe='').replace('~', '%7E')}"
        for level, members in only.items()
        for member in members
    )


def finer(cube: Cube, level: str, used: Sequence[str]) -> str:
    """The level below: where a click leads. Empty where there is nothing finer."""
    for dimension in cube.dimensions:
        for hierarchy in dimension.hierarchies:
            if level in hierarchy.levels[:-1]:
                return hierarchy.levels[hierarchy.levels.index(level) + 1]
    return AFTER_SITE if level == "site" and AFTER_SITE not in used else ""


def drill(selection: Selection, asked: Wish, row: Row) -> str:
    """The link behind a row: its members become conditions, its last level the next finer one."""
    if not asked.rows:
        return ""
    only = {
        **asked.only,
        **{x: ("" if row[x] is None else str(row[x]),) for x in asked.rows},
    }
    last = asked.rows[-1]
    below = finer(asked.cube, last, (*asked.rows, *only)) or last
    changed = replace(selection, rows=below, only=write_only(only), by="")
    return "" if changed == selection else href(changed)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by columns; a cell is a row of the answer, or None where there is no group."""

    heads: tuple[Any, ...]
    body: tuple[tuple[Row, Mapping[Any, Row]], ...]
    cut: bool


def table(asked: Wish, rows: Sequence[Row], by: str = "") -> Table:
    """The answer as a table, sorted by a measure or a level; `-` before a name turns it round."""
    heads: dict[Any, None] = {}
    groups: dict[tuple[Any, ...], dict[Any, Row]] = {}
    for row in rows:
        head = row[asked.column] if asked.column else None
        heads[head] = None
        groups.setdefault(tuple(row[x] for x in asked.rows), {})[head] = row
    ordered = sorted(heads, key=lambda head: (head is None, str(head)))
    body = [(next(iter(cells.values())), cells) for cells in groups.values()]
    name, down = by.lstrip("-"), by.startswith("-")
    if name in (*asked.measures, *asked.rows):
        last = ordered[-1] if ordered else None
        known = [pair for pair in body if _value(pair, name, last) is not None]
        unknown = [pair for pair in body if _value(pair, name, last) is None]
        known.sort(key=lambda pair: _value(pair, name, last), reverse=down)
        body = known + unknown
    cut = len(body) > MOST_ROWS or len(ordered) > MOST_COLUMNS
    return Table(tuple(ordered[:MOST_COLUMNS]), tuple(body[:MOST_ROWS]), cut)


def _value(pair: tuple[Row, Mapping[Any, Row]], name: str, head: Any) -> Any:
    row = pair[1].get(head, pair[0])
    return row.get(name)


def number(measure: Measure, value: Any) -> str:
    """A value in the unit of its measure."""
    if value is None:
        return "–"
    if measure.unit == "count" and float(value).is_integer():
        return count(int(value))
    text = figure(float(value), DIGITS[measure.unit])
    return f"{text} %" if measure.unit == "percent" else text


def _cell(asked: Wish, row: Row | None, name: str) -> str:
    measure = asked.cube.measure(name)
    if row is None or measure is None:
        return "<td></td>"
    value, low, high = row[name], row.get(f"{name}_low"), row.get(f"{name}_high")
    small = []
    if value is not None and low is not None and high is not None:
        small.append(f"±{figure((high - low) / 2, DIGITS[measure.unit])}")
    n = row.get(f"{name}_n")
    if n is not None and measure.unit != "count":
        small.append(count(int(n)))
    beside = f"<small>{' · '.join(small)}</small>" if small else ""
    return f"<td><b>{number(measure, value)}</b>{beside}</td>"


def markup(
    words: Words,
    selection: Selection,
    asked: Wish,
    shown: Table,
    labels: Mapping[str, Mapping[str, str]],
) -> str:
    """The table as HTML: heads sort, rows drill, decimals stand under each other."""
    heads = "".join(
        f"<th>{_sorter(selection, level, words(f'level.{level}'))}</th>" for level in asked.rows
    )
    for head in shown.heads:
        over = f"{name_of(words, labels, asked.column, head)} · " if asked.column else ""
        for name in asked.measures:
            text = over + (measure_name(words, name) if len(asked.measures) > 1 or not over else "")
            sorter = _sorter(selection, name, text.removesuffix(" · "))
            heads += f'<th class="hc-num">{sorter}</th>'
    body = []
    for row, cells in shown.body:
        link = drill(selection, asked, row)
        names = "".join(
            f"<th>{anchor(link, escape(name_of(words, labels, x, row[x])))}</th>"
            for x in asked.rows
        )
        values = "".join(
            _cell(asked, cells.get(head), name) for head in shown.heads for name in asked.measures
        )
        body.append(f"<tr>{names}{values}</tr>")
    return (
        f'<div class="hc-scroll"><table class="hc-pivot"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _sorter(selection: Selection, name: str, text: str) -> str:
    turned = name if selection.by == f"-{name}" else f"-{name}"
    mark = {name: " ▴", f"-{name}": " ▾"}.get(selection.by, "")
    return anchor(href(selection, by=turned), escape(text) + mark)


def measure_name(words: Words, name: str) -> str:
    """A measure's name in the visitor's language; its own where there is none."""
    return words.or_else(f"measure.{name}", name)


def name_of(words: Words, labels: Mapping[str, Mapping[str, str]], level: str, member: Any) -> str:
    """A member's name: from the master records where they know one."""
    known = labels.get(level, {}).get(str(member))
    return known or words.member(level, member)
