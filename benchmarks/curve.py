"""A curve as an SVG that needs no program but a browser: the measured points and the goal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 132, 48, 44
INK, FAINT, ACCENT, OTHER = "#1f2933", "#9aa5b1", "#0b6e99", "#b9770e"


@dataclass(frozen=True, slots=True)
class Line:
    """One named curve: points from left to right."""

    name: str
    points: Sequence[tuple[float, float]]


def draw(title: str, across: str, lines: Sequence[Line], goal: float) -> str:
    """The curves over one axis that begins at 0, with the goal as a dashed line."""
    most_x = max(x for line in lines for x, _ in line.points) or 1.0
    most_y = max(goal, *(y for line in lines for _, y in line.points)) * 1.1
    parts = [_head(title)]
    parts += [_grid(value, most_y) for value in _steps(most_y)]
    parts += [_mark(value, most_x) for value in _steps(most_x)]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, FAINT, "middle"))
    parts.append(_goal(goal, most_y))
    ends = [(_y(goal, most_y), f"goal {goal:g}×", INK)]
    for line, color in zip(lines, (ACCENT, OTHER, INK), strict=False):
        places = [(_x(x, most_x), _y(y, most_y)) for x, y in line.points]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{color}"/>' for x, y in places]
        ends.append((places[-1][1], line.name, color))
    return "\n".join((*parts, *_names(ends), "</svg>\n"))


def _head(title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="system-ui, sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        + _text(LEFT, 24, title, INK, size=14)
    )


def _grid(value: float, most: float) -> str:
    y = _y(value, most)
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e4e7eb"/>'
        + _text(LEFT - 8, y + 4, f"{value:g}×", FAINT, "end")
    )


def _mark(value: float, most: float) -> str:
    return _text(_x(value, most), HEIGHT - BOTTOM + 18, f"{value:,g}", FAINT, "middle")


def _goal(goal: float, most: float) -> str:
    y = _y(goal, most)
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{INK}"'
        ' stroke-dasharray="5 4"/>'
    )


def _names(ends: Sequence[tuple[float, str, str]]) -> list[str]:
    """Names at the right ends of their lines, moved down where they would cover each other."""
    names, free = list[str](), 0.0
    for y, name, color in sorted(ends):
        place = max(y, free)
        names.append(_text(WIDTH - RIGHT + 8, place + 4, name, color))
        free = place + 14
    return names


def _steps(most: float) -> tuple[float, ...]:
    """Round values from 0 up to `most`, four to eight of them.

    >>> _steps(2.2), _steps(1000)
    ((0.0, 0.5, 1.0, 1.5, 2.0), (0.0, 200.0, 400.0, 600.0, 800.0, 1000.0))
    """
    unit = 10.0 ** math.floor(math.log10(most / 4))
    size = max(unit * times for times in (1, 2, 5) if unit * times <= most / 4)
    return tuple(round(size * nth, 9) for nth in range(int(most / size + 1e-9) + 1))


def _x(value: float, most: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / most


def _y(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / most


def _text(x: float, y: float, text: str, color: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" text-anchor="{anchor}"'
        f' font-size="{size}">{escape(text)}</text>'
    )
