"""A place at three times: what a screen compares, read from one answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboards.answers import Row
from dashboards.compare import NOTHING, Reading, reading

Time = Literal["now", "before", "year"]
Cell = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Profile:
    """Readings by time, process and touchpoint; None stands for all of them."""

    readings: Mapping[Cell, Reading]

    def of(self, time: Time, process: str = "", touchpoint: str = "") -> Reading:
        """One reading; empty where there is no answer."""
        return self.readings.get((time, process or None, touchpoint or None), NOTHING)

    def processes(self) -> list[str]:
        """The processes with an answer now."""
        return [p for t, p, point in self.readings if t == "now" and p and not point]

    def touchpoints(self, process: str = "") -> list[tuple[str, str]]:
        """The touchpoints with an answer now, each with its process."""
        return [
            (p, point)
            for t, p, point in self.readings
            if t == "now" and p and point and process in {"", p}
        ]


def profile(rows: Sequence[Row]) -> Profile:
    """The profile in the rows of the question of that name; rows without an index are left out."""
    return Profile(
        {
            (row["span"], row["process"], row["touchpoint"]): reading(row)
            for row in rows
            if row["index"] is not None
        }
    )
