"""The 17 provinces (시도) and their districts (시군구), as they were on a day.

Populations are rounded thousands and serve as weights only. Incheon redrew three of its districts
on 1 July 2026; both states are in the list.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from pipelines.simulate.clock import day_of

_FOLDER = Path(__file__).parent
SUCCESSORS = {"중구": ("제물포구", "영종구"), "동구": ("제물포구",), "서구": ("서구", "검단구")}
REDRAWN_PROVINCE = "인천광역시"
REDRAWN_ON = day_of(date(2026, 7, 1))


@dataclass(frozen=True, slots=True)
class District:
    """One district, with the company's regional office that looks after it."""

    province: str
    district: str
    population: int
    region_office: str


@lru_cache(maxsize=2)
def districts(redrawn: bool = False) -> tuple[District, ...]:
    """All districts before (229), or after, the change of 1 July 2026."""
    with (_FOLDER / "regions.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            District(row["province"], row["district"], int(row["population"]), row["region_office"])
            for row in csv.DictReader(lines)
            if not (row["valid_to"] if redrawn else row["valid_from"])
        )


def provinces() -> dict[str, tuple[str, str]]:
    """Short Korean and English name of each province.

    >>> provinces()["서울특별시"]
    ('서울', 'Seoul')
    """
    with (_FOLDER / "provinces.csv").open(encoding="utf-8", newline="") as lines:
        return {row["province"]: (row["short"], row["name_en"]) for row in csv.DictReader(lines)}
