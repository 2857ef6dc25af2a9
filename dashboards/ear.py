"""The invisible component that hears of new loads and reruns only the screen it stands in.

It also keeps the clocks ticking and follows links without loading the page again: whatever a
screen needs in the browser is here, in one small script.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from streamlit.components.v2 import component

from dashboards.wording import Words, epoch

STALE_AFTER_MS: Final = 15 * 60_000  # no new load for longer: the board says that it is stale
AGING_AFTER_MS: Final = 2 * 60_000


def ear_data(
    words: Words, *, load: int, as_of: datetime | None, now: datetime, site: str
) -> Mapping[str, Any]:
    """What the script is told: what is shown, whose releases to listen for, how to write ages."""
    return {
        "load": load,
        "site": site,
        "now": epoch(now),
        "asOf": epoch(as_of or now),
        "staleAfter": STALE_AFTER_MS,
        "agingAfter": AGING_AFTER_MS,
        "lang": words.lang,
        "units": {u: words(f"unit.{u}") for u in ("days", "hours", "minutes", "seconds")},
        "gap": "" if words.lang == "ko" else " ",
        "justNow": words("age.just_now"),
    }


def listen(data: Mapping[str, Any]) -> None:
    """Put the ear into the screen that is being drawn; it must stand inside the fragment.

    The data go as the only member of a list, because Streamlit looks at each value of a dictionary
    for a data frame, which costs more than all the rest of it.
    """
    component("happycall_ear", js=_script())(
        key="ear", data=[dict(data)], height=1, on_load_change=lambda: None
    )


@cache
def _script() -> str:
    return Path(__file__).with_name("ear.js").read_text(encoding="utf-8")
