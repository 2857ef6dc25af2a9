"""What customers say, put together from templates: some of them leave a telephone number."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Flags, Ints

TONES = ("high", "mid", "low")
_REQUESTS = 0.35  # share with a second sentence
_OTHER_PROCESS = 0.2  # share that speaks of the car itself


def verbatims(seed: int, process: str, things: Ints, tone: Ints, says: Flags) -> pl.Series:
    """A text for each thing that says something, null for the others."""
    number, about = things[says], tone[says]
    first = chance.uniform(seed, f"sentence {process}", number)
    second = chance.uniform(seed, f"second {process}", number)
    other = chance.uniform(seed, f"other {process}", number) < _OTHER_PROCESS
    phone = 10_000_000 + chance.whole(seed, f"phone said {process}", 89_999_999, number)
    texts = [
        _sentences(process, "product" if car else process, TONES[how], one, two, digits)
        for car, how, one, two, digits in zip(
            other.tolist(),
            about.tolist(),
            first.tolist(),
            second.tolist(),
            phone.tolist(),
            strict=True,
        )
    ]
    whole = np.full(len(things), None, dtype=object)
    whole[says] = texts
    return pl.Series("text", whole.tolist(), dtype=pl.String)


def _sentences(process: str, about: str, tone: str, one: float, two: float, digits: int) -> str:
    said = _templates(about, tone)
    text = said[int(one * len(said))]
    if two >= _REQUESTS:
        return text
    more = _templates("request", tone)
    spoken = f"010-{digits // 10_000:04d}-{digits % 10_000:04d}"
    joint = "\n" if process == "after_sales" and two < 0.04 else " "
    return text + joint + more[int(two / _REQUESTS * len(more))].format(phone=spoken)


@lru_cache(maxsize=64)
def _templates(process: str, tone: str) -> tuple[str, ...]:
    path = Path(__file__).parent / "verbatims.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            row["text"]
            for row in csv.DictReader(lines)
            if (row["process"], row["tone"]) == (process, tone)
        )
