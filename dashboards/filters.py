"""What a visitor has chosen, read from the URL and written back into it.

The URL is the only state: a link is a view, Back works, and two people who share a link see the
same screen. Unknown values fall back to the default in silence, since a mistyped link should
still show something.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

from cubes.policy import RIGHTS

View = Literal["board", "site", "rankings", "explore"]
Scope = Literal["nation", "province", "district", "site"]

PATHS: Final[Mapping[View, str]] = {
    "board": "/",
    "site": "/site",
    "rankings": "/rankings",
    "explore": "/explore",
}
PERIODS: Final[Mapping[str, int]] = {"7d": 7, "28d": 28, "13w": 91, "52w": 364}
ROLES: Final = (
    "analyst", "supervisor", "hq_viewer", "region_manager", "site_manager", "agent", "dpo",
    "data_engineer",
)  # fmt: skip
BOUND: Final = frozenset(role for role, rights in RIGHTS.items() if rights.cubes == "own")
PUBLISHED: Final = frozenset(role for role, rights in RIGHTS.items() if rights.cubes != "all")
LANGUAGES: Final = ("ko", "en")
ORDERS: Final = ("rank", "n", "name", "change")
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "lang": LANGUAGES,
    "role": ROLES,
    "period": tuple(PERIODS),
    "order": ORDERS,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything a link can say; a field is a parameter of the URL, except the view, its path."""

    view: View = "board"
    lang: str = "ko"
    role: str = "analyst"
    me: str = ""
    province: str = ""
    district: str = ""
    site: str = ""
    process: str = ""
    period: str = "28d"
    site_type: str = ""
    order: str = "rank"
    page: str = ""
    cube: str = "satisfaction"
    rows: str = "province"
    column: str = ""
    show: str = ""
    only: str = ""
    by: str = ""

    @property
    def scope(self) -> Scope:
        """The deepest place chosen: the numbers of a screen belong to it."""
        if self.site:
            return "site"
        if self.district:
            return "district"
        return "province" if self.province else "nation"

    @property
    def days(self) -> int:
        """Length of the period; multiples of seven, so that weekdays weigh alike."""
        return PERIODS[self.period]


def read(view: View, params: Mapping[str, str], lang: str = "ko") -> Selection:
    """The selection a URL stands for; `lang` is the browser's, used where the URL names none.

    >>> read("board", {"province": "경기도", "period": "a week"}).period
    '28d'
    """
    known = {field.name for field in fields(Selection)} - {"view"}
    given = {name: value.strip() for name, value in params.items() if name in known}
    kept = {name: value for name, value in given.items() if value in CHOICES.get(name, (value,))}
    return changed(Selection(view=view, lang=lang), kept)


def href(selection: Selection, view: View | None = None, **changes: str) -> str:
    """The link that shows `selection` with `changes`; the language is always in it.

    >>> href(Selection(lang="en", province="경기도"), district="수원시", view="rankings")
    '/rankings?lang=en&province=%EA%B2%BD%EA%B8%B0%EB%8F%84&district=%EC%88%98%EC%9B%90%EC%8B%9C'
    """
    wanted = changed(selection, changes)
    default = Selection()
    said = {
        field.name: getattr(wanted, field.name)
        for field in fields(Selection)
        if field.name != "view"
        and (field.name == "lang" or getattr(wanted, field.name) != getattr(default, field.name))
    }
    return f"{PATHS[view or wanted.view]}?{urlencode(said)}"


def changed(selection: Selection, changes: Mapping[str, str]) -> Selection:
    """The selection with these fields changed, by name."""
    fields_: Mapping[str, Any] = changes
    return replace(selection, **fields_)


def nation(selection: Selection) -> Selection:
    """The same selection without a place."""
    return replace(selection, province="", district="", site="", page="")
