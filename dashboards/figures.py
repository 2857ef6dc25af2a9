"""What is drawn as HTML: pure functions from readings to markup.

Figures, tiles and lines are text that people read, select and follow as links; they cost the
browser nothing and fit a phone. Every text from data is escaped here and nowhere else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from dashboards.compare import Difference, Reading, Verdict
from dashboards.wording import Words, count, figure, signed

CROWDED = 22  # percent of an axis that a name standing on it may need
ARROWS: dict[Verdict, str] = {"above": "▲", "below": "▼", "same": "", "unknown": ""}


@dataclass(frozen=True, slots=True)
class Mark:
    """A value shown on a line's track beside its own dot: peers, last year, a target."""

    value: float | None
    kind: Literal["tick", "ring", "diamond"]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of dot and interval."""

    label: str
    reading: Reading
    link: str = ""
    note: str = ""
    place: str = ""
    place_note: str = ""
    differences: tuple[Difference | None, ...] = ()
    marks: tuple[Mark, ...] = ()
    verdict: Verdict = "unknown"
    strong: bool = False


def anchor(link: str, inner: str, css: str = "", style: str = "", *, current: bool = False) -> str:
    """A link that changes the view without loading the page again; plain text without a target.

    >>> anchor("?lang=en", "English", "hc-tab")
    '<a class="hc-tab" href="?lang=en" data-go="1">English</a>'
    """
    klass = (f' class="{css}"' if css else "") + (f' style="{style}"' if style else "")
    if not link:
        return f"<span{klass}>{inner}</span>"
    now = ' aria-current="true"' if current else ""
    return f'<a{klass} href="{escape(link)}" data-go="1"{now}>{inner}</a>'


def tabs(choices: Iterable[tuple[str, str, bool]], label: str = "") -> str:
    """Choices side by side, of which one is current: (text, link, is current)."""
    items = "".join(
        anchor(link, escape(text), "hc-tab", current=current) for text, link, current in choices
    )
    return f'<nav class="hc-tabs" aria-label="{escape(label)}">{items}</nav>'


def crumbs(places: Sequence[tuple[str, str]]) -> str:
    """The way from the nation to here; the last place is where one stands."""
    *above, here = places
    way = "".join(
        anchor(link, escape(text), "hc-crumb") + '<span class="hc-sep">›</span>'
        for text, link in above
    )
    return f'<nav class="hc-crumbs">{way}<span class="hc-here">{escape(here[0])}</span></nav>'


def title(text: str, note: str = "", level: int = 2) -> str:
    """The question a section answers, and in small what it is about."""
    small = f'<span class="hc-note">{escape(note)}</span>' if note else ""
    return f'<div class="hc-title"><h{level}>{escape(text)}</h{level}>{small}</div>'


def base(words: Words, reading: Reading) -> str:
    """Interval and n, small, as they stand beside every figure."""
    half = f'<span class="hc-half">{words("interval", half=figure(reading.half))}</span>'
    n = f'<span class="hc-base">{escape(words("n", n=count(reading.n)))}</span>'
    warn = f'<span class="hc-low">{escape(words("low_base"))}</span>' if reading.is_low_base else ""
    return (half if reading.half is not None else "") + n + warn


def headline(words: Words, reading: Reading, about: str) -> str:
    """The figure of a screen: large, with its interval, its n and what it is of."""
    grey = " hc-grey" if reading.is_low_base else ""
    return (
        f'<div class="hc-headline"><div class="hc-figure{grey}">{figure(reading.index)}</div>'
        f'<div class="hc-beside"><strong>{escape(words("index"))}</strong>'
        f'<span class="hc-bases">{base(words, reading)}</span>'
        f'<span class="hc-note">{escape(about)}</span></div></div>'
    )


def delta(words: Words, difference: Difference | None) -> str:
    """A difference with its sign: coloured where it is sure, grey where it is not."""
    if difference is None:
        return "<span></span>"
    if difference.delta is None:
        return '<span class="hc-delta hc-unknown">–</span>'
    arrow = ARROWS[difference.verdict]
    hint = escape(words(f"verdict.{difference.verdict}"))
    return (
        f'<span class="hc-delta hc-{difference.verdict}" title="{hint}">'
        f"{signed(difference.delta)}<i>{arrow}</i></span>"
    )


def _percent(value: float, ends: tuple[float, float]) -> float:
    return round(min(100.0, max(0.0, 100 * (value - ends[0]) / (ends[1] - ends[0]))), 2)


def track(line: Line, ends: tuple[float, float], tick: float | None) -> str:
    """Interval, dot and marks on the common axis."""
    reading, parts = line.reading, []
    if tick is not None:
        parts.append(f'<i class="hc-rule" style="left:{_percent(tick, ends)}%"></i>')
    if reading.low is not None and reading.high is not None:
        left, right = _percent(reading.low, ends), _percent(reading.high, ends)
        at = f"left:{left}%;width:{right - left:.2f}%"
        parts.append(f'<i class="hc-bar hc-{line.verdict}" style="{at}"></i>')
    parts += [
        f'<i class="hc-{mark.kind}" style="left:{_percent(mark.value, ends)}%"></i>'
        for mark in line.marks
        if mark.value is not None
    ]
    if reading.index is not None:
        low = " hc-hollow" if reading.is_low_base else ""
        at = f"left:{_percent(reading.index, ends)}%"
        parts.append(f'<i class="hc-dot hc-{line.verdict}{low}" style="{at}"></i>')
    return f'<span class="hc-track">{"".join(parts)}</span>'


def lines(
    words: Words,
    rows: Sequence[Line],
    ends: tuple[float, float],
    *,
    heads: Sequence[str] = (),
    tick: tuple[str, float] | None = None,
    ranked: bool = False,
) -> str:
    """Rows of dot and interval on one axis: name, track, figure, interval, differences, n."""
    cells = [_heads(words, ends, heads, tick, ranked=ranked)]
    cells += [
        anchor(
            row.link,
            _line(words, row, ends, tick[1] if tick else None, ranked=ranked),
            f"hc-line{' hc-ranked' if ranked else ''}{' hc-strong' if row.strong else ''}"
            f"{' hc-thin' if row.reading.is_low_base else ''}",
            f"--extra:{len(heads)}",
        )
        for row in rows
    ]
    return f'<div class="hc-lines">{"".join(cells)}</div>'


def _heads(
    words: Words,
    ends: tuple[float, float],
    heads: Sequence[str],
    tick: tuple[str, float] | None,
    *,
    ranked: bool,
) -> str:
    """The head of the rows: the ends of the axis, what stands on it, the columns."""
    left, right, what = f"{ends[0]:.0f}", f"{ends[1]:.0f}", ""
    if tick:
        at = _percent(tick[1], ends)
        left, right = left if at > CROWDED else "", right if at < 100 - CROWDED else ""
        what = f'<em style="left:{at}%">{escape(tick[0])} {figure(tick[1])}</em>'
    return (
        f'<span class="hc-line hc-heads{" hc-ranked" if ranked else ""}" '
        f'style="--extra:{len(heads)}">'
        + ('<span class="hc-place"></span>' if ranked else "")
        + f'<span class="hc-name"></span><span class="hc-axis"><b>{left}</b>{what}<b>{right}</b>'
        + '</span><span class="hc-value"></span>'
        + "".join(f'<span class="hc-head">{escape(head)}</span>' for head in heads)
        + f'<span class="hc-n">{escape(words("n.column"))}</span></span>'
    )


def _line(
    words: Words, row: Line, ends: tuple[float, float], tick: float | None, *, ranked: bool
) -> str:
    half = f"<small>±{figure(row.reading.half)}</small>" if row.reading.half else "<small></small>"
    note = f"<small>{escape(row.note)}</small>" if row.note else ""
    return (
        (
            f'<span class="hc-place"><b>{escape(row.place)}</b>{escape(row.place_note)}</span>'
            if ranked
            else ""
        )
        + f'<span class="hc-name">{escape(row.label)}{note}</span>'
        + track(row, ends, tick)
        + f'<span class="hc-value">{figure(row.reading.index)}{half}</span>'
        + "".join(delta(words, difference) for difference in row.differences)
        + f'<span class="hc-n">{count(row.reading.n) if row.reading.n else ""}</span>'
    )


def marks_key(words: Words, about: str) -> str:
    """What ring and diamond mean beside a dot."""
    return (
        f'<p class="hc-legend hc-marks"><span class="hc-track"><i class="hc-tick"></i></span>'
        f'{escape(words("target"))}<span class="hc-track"><i class="hc-ring"></i></span>'
        f'{escape(about)}<span class="hc-track"><i class="hc-diamond"></i></span>'
        f"{escape(words('last_year'))}</p>"
    )


def state(head: str, hint: str = "", link: tuple[str, str] | None = None) -> str:
    """An empty, forbidden or waiting screen: what is so, and what to do."""
    more = f"<p>{escape(hint)}</p>" if hint else ""
    way = f"<p>{anchor(link[1], escape(link[0]))}</p>" if link else ""
    return f'<div class="hc-state"><h2>{escape(head)}</h2>{more}{way}</div>'
