"""How texts, numbers and times are written: the same everywhere, in the visitor's language."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from dashboards.i18n import texts
from dashboards.i18n.members import NAMES

ZONE: Final = ZoneInfo("Asia/Seoul")
WEEKDAYS: Final = "월화수목금토일"
MINUS: Final = "−"  # as wide as a plus sign, so that columns align


@dataclass(frozen=True, slots=True)
class Words:
    """One language: its texts, and how it writes numbers, days and members."""

    lang: str

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with its gaps filled."""
        return texts(self.lang)[key].format(**values)

    def or_else(self, key: str, other: str) -> str:
        """The text of a key, or `other` where the language has none."""
        return texts(self.lang).get(key, other)

    def member(self, level: str, value: object) -> str:
        """The name of a member; what the source calls it where there is no better one.

        >>> Words("en").member("province", "경기도")
        'Gyeonggi'
        """
        if value is None or value == "":
            return "–"
        if isinstance(value, date):
            return value.isoformat() if level != "month" else f"{value:%Y-%m}"
        names = NAMES.get(level, {}).get(str(value))
        return str(value) if names is None else names[0 if self.lang == "ko" else 1]

    def in_text(self, level: str, value: object) -> str:
        """The name of a member inside a sentence, where English writes our own names small."""
        name = self.member(level, value)
        ours = self.lang == "en" and str(value) in NAMES.get(level, {})
        return name[:1].lower() + name[1:] if ours else name

    def day(self, value: date) -> str:
        """A day with its weekday, as people write it.

        >>> Words("ko").day(date(2026, 11, 22)), Words("en").day(date(2026, 11, 22))
        ('2026-11-22 (일)', 'Sun 22 Nov 2026')
        """
        if self.lang == "ko":
            return f"{value:%Y-%m-%d} ({WEEKDAYS[value.weekday()]})"
        return f"{value:%a} {value.day} {value:%b %Y}"

    def span(self, first: date, last: date) -> str:
        """Two days as a span, without saying the year twice."""
        if self.lang == "ko":
            end = f"{last.month}월 {last.day}일"
            year = "" if first.year == last.year else f"{last.year}년 "
            return self(
                "span", first=f"{first.year}년 {first.month}월 {first.day}일", last=year + end
            )
        year = "" if first.year == last.year else f" {first.year}"
        return self("span", first=f"{first.day} {first:%b}{year}", last=f"{last.day} {last:%b %Y}")

    def age(self, seconds: float) -> str:
        """A length of time in its two largest units.

        >>> Words("en").age(93_784), Words("ko").age(125)
        ('1 d 2 h', '2분 5초')
        """
        days, rest = divmod(max(0, int(seconds)), 86_400)
        hours, rest = divmod(rest, 3_600)
        minutes, left = divmod(rest, 60)
        units = (("days", days), ("hours", hours), ("minutes", minutes), ("seconds", left))
        first = next((i for i, (_, value) in enumerate(units) if value), 3)
        shown = [pair for pair in units[first : first + 2] if pair[1]] or [units[3]]
        gap = "" if self.lang == "ko" else " "
        return " ".join(f"{value}{gap}{self(f'unit.{unit}')}" for unit, value in shown)


def figure(value: float | None, digits: int = 1) -> str:
    """A number of the index with one digit; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", MINUS)


def signed(value: float | None, digits: int = 1) -> str:
    """A difference, always with its sign.

    >>> signed(-0.04), signed(1.25)
    ('±0.0', '+1.2')
    """
    if value is None:
        return "–"
    text = f"{value:+.{digits}f}"
    if float(text) == 0:
        return f"±{abs(value):.{digits}f}"
    return text.replace("-", MINUS)


def count(value: int) -> str:
    """A whole number with groups of three."""
    return f"{value:,}"


def local(moment: datetime) -> datetime:
    """An instant as the clock on the sites' wall shows it; without a zone it is UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(ZONE)


def clock(moment: datetime) -> str:
    """The time of day to the second."""
    return f"{local(moment):%H:%M:%S}"


def epoch(moment: datetime) -> int:
    """Milliseconds since 1970, as the browser counts."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)
