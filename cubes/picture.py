"""The lattice as a picture: one dot a cuboid, the facts above, lines from finer to coarser.

Height tells the rows, on a scale of powers of ten; an area the bytes. What is in use is filled,
what is to be added is ringed, what is to be dropped is grey and dashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import log10, sqrt

from cubes.advice import Advice, Line, State
from cubes.lattice import answers, covers

WIDTH, TOP, STEP, MARGIN = 700, 90, 92, 60
COLUMNS, GAP, LONGEST = 4, 18, 26  # of dots, between dots of a column, letters of a label
MARKS: Mapping[State, tuple[str, str, str]] = {
    "in use": ("#1f5f8b", "#1f5f8b", ""),
    "add": ("#ffffff", "#1f5f8b", ""),
    "sort anew": ("#9cc3dc", "#1f5f8b", ""),
    "drop": ("#ffffff", "#9a9a9a", "4 3"),
}
STYLE = (
    "text{font:12px 'Pretendard','Noto Sans KR',system-ui,sans-serif;fill:#333}"
    ".t{font-size:15px;font-weight:600}.s{fill:#777;font-size:11px}"
    "path{stroke:#c9c9c9;fill:none}line{stroke:#ececec}"
)


@dataclass(frozen=True, slots=True)
class _Dot:
    line: Line
    x: float
    y: float
    r: float


def picture(advice: Advice) -> str:
    """The advice as SVG, one panel a cube."""
    facts, cubes = advice.facts, tuple(advice.facts)
    most = max((log10(max(rows, 10)) for rows in facts.values()), default=1.0)
    deepest = max((len(advice.lines) // COLUMNS + 2) * GAP, STEP)
    height = TOP + STEP * most + deepest + MARGIN
    width = WIDTH * len(cubes) + MARGIN
    parts = [_scale(most, width)]
    for place, name in enumerate(cubes):
        lines = [line for line in advice.lines if line.cuboid.cube.name == name]
        parts.append(_panel(name, facts[name], lines, MARGIN + place * WIDTH, most))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="Cuboids at load {advice.load}">'
        f"<style>{STYLE}</style><rect width='100%' height='100%' fill='#fff'/>"
        f"{''.join(parts)}{_legend(height)}</svg>\n"
    )


def _scale(most: float, width: float) -> str:
    """Lines for the powers of ten, labelled in rows."""
    return "".join(
        f'<line x1="{MARGIN - 6}" x2="{width}" y1="{_height(10**power, most):.1f}" '
        f'y2="{_height(10**power, most):.1f}"/>'
        f'<text class="s" x="6" y="{_height(10**power, most) + 4:.1f}">{_rows(10**power)}</text>'
        for power in range(1, int(most) + 1)
    )


def _panel(name: str, facts: int, lines: Sequence[Line], left: float, most: float) -> str:
    dots = _placed(lines, left, most)
    roof = (left + WIDTH / 2, _height(facts, most))
    by_name = {dot.line.cuboid.name: dot for dot in dots}
    cuboids = [line.cuboid for line in lines]
    finest = [c for c in cuboids if not any(o.name != c.name and answers(o, c) for o in cuboids)]
    links = [(roof, (by_name[c.name].x, by_name[c.name].y)) for c in finest]
    links += [
        ((by_name[f.name].x, by_name[f.name].y), (by_name[c.name].x, by_name[c.name].y))
        for f, c in covers(cuboids)
    ]
    return (
        f'<g><text class="t" x="{left}" y="30">{escape(name)}</text>'
        + _links(links)
        + f'<rect x="{roof[0] - 7}" y="{roof[1] - 7:.1f}" width="14" height="14" fill="#333"/>'
        + f'<text x="{roof[0] + 12}" y="{roof[1] + 4:.1f}">facts, {_rows(facts)}</text>'
        + "".join(map(_dot, dots))
        + "</g>"
    )


def _placed(lines: Sequence[Line], left: float, most: float) -> tuple[_Dot, ...]:
    """The dots in columns, none on another: of two that are as large, one lies a little lower."""
    ordered = sorted(lines, key=lambda line: (-line.size.rows, line.cuboid.name))
    dots, floor = list[_Dot](), [0.0] * COLUMNS
    for number, line in enumerate(ordered):
        column = number % COLUMNS
        y = max(_height(line.size.rows, most), floor[column] + GAP)
        floor[column] = y
        x = left + 20 + column * (WIDTH - 40) / COLUMNS
        dots.append(_Dot(line, x, y, 4 + min(14.0, sqrt(line.bytes / 1_000_000))))
    return tuple(dots)


def _links(links: Iterable[tuple[tuple[float, float], tuple[float, float]]]) -> str:
    return "".join(
        f'<path d="M{x1:.1f} {y1:.1f} C{x1:.1f} {(y1 + y2) / 2:.1f} {x2:.1f} {(y1 + y2) / 2:.1f} '
        f'{x2:.1f} {y2:.1f}"/>'
        for (x1, y1), (x2, y2) in links
    )


def _dot(dot: _Dot) -> str:
    fill, edge, dash = MARKS[dot.line.state]
    cuboid, size = dot.line.cuboid, dot.line.size
    keys = ", ".join(key.removesuffix("_key").removesuffix("_version") for key in cuboid.keys)
    label = keys if len(keys) <= LONGEST else f"{keys[: LONGEST - 1]}…"
    about = f"±{size.error:.0%}" if size.low < size.high else "counted"
    told = f"{cuboid.name}: {size.rows:,} rows, {about}; {dot.line.state}; {dot.line.why}"
    return (
        f"<g><title>{escape(told)}</title>"
        f'<circle cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{dot.r:.1f}" '
        f'fill="{fill}" stroke="{edge}" stroke-width="2" stroke-dasharray="{dash}"/>'
        f'<text class="s" x="{dot.x + dot.r + 4:.1f}" y="{dot.y + 4:.1f}">{escape(label)}</text>'
        "</g>"
    )


def _legend(height: float) -> str:
    return "".join(
        f'<circle cx="{MARGIN + place * 110}" cy="{height - 22:.1f}" r="6" fill="{fill}" '
        f'stroke="{edge}" stroke-width="2" stroke-dasharray="{dash}"/>'
        f'<text class="s" x="{MARGIN + 12 + place * 110}" y="{height - 18:.1f}">{state}</text>'
        for place, (state, (fill, edge, dash)) in enumerate(MARKS.items())
    )


def _height(rows: float, most: float) -> float:
    return TOP + STEP * (most - log10(max(rows, 1)))


def _rows(rows: float) -> str:
    """Rows in short.

    >>> _rows(1_208_151), _rows(640)
    ('1.2 M rows', '640 rows')
    """
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if rows >= size:
            return f"{rows / size:.1f}".removesuffix(".0") + f"{unit} rows"
    return f"{rows:.0f} rows"
