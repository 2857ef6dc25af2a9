"""Questionnaires completed this moment, or corrected and withdrawn after an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Ints
from pipelines.simulate.clock import KOREA_SECONDS, date_of
from pipelines.simulate.defects import Rates, delivered
from pipelines.simulate.network import Network, is_open
from pipelines.simulate.people import FRESH, POOL
from pipelines.simulate.questionnaires import QUESTIONNAIRES, Questionnaire
from pipelines.simulate.responses import answered, with_texts
from pipelines.simulate.surveys import DEFECTS, as_stated
from pipelines.simulate.visits import PRODUCTS

LIVE_RATES = Rates(late=0.0, out_of_order=0.0, set_aside=0.0, corrected=0.02, withdrawn=0.01)
DAY_SECONDS = 86_400
_SHARES = {"sales_call": 0.22, "service_call": 0.46, "service_web": 0.17, "store": 0.15}
_NUMBERED_FROM, _SINCE, _A_SECOND = 500_000_000_000, 1_577_836_800, 1000  # 1 January 2020
_CALM_SECONDS = 20  # until an answer is corrected or withdrawn


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as the network sees it."""

    network: Network
    at: int  # seconds since 1970, UTC
    responses: int

    @property
    def local(self) -> int:
        """Korean time in seconds since 1970."""
        return self.at + KOREA_SECONDS

    @property
    def label(self) -> str:
        """For names of files: local date and time."""
        day, second = divmod(self.local, DAY_SECONDS)
        clock = f"{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}"
        return f"{date_of(day):%Y%m%d}T{clock}"

    def numbers(self, count: int, kind: int) -> Ints:
        """Numbers that no other moment gives: a thousand a second, a tenth for each kind."""
        start = _NUMBERED_FROM + (self.at - _SINCE) * _A_SECOND + kind * (_A_SECOND // 10)
        return start + np.arange(count, dtype=np.int64)


def answers_at(moment: Moment, form: Questionnaire) -> pl.DataFrame:
    """A few questionnaires of one kind that were completed just now."""
    network, seed = moment.network, moment.network.seed
    kind = QUESTIONNAIRES.index(form)
    mean = moment.responses * _SHARES[form.name]
    count = int(chance.generator(seed, f"live {form.name}", moment.at).poisson(mean))
    number = moment.numbers(min(count, _A_SECOND // 10), kind)
    day, second = divmod(moment.local, DAY_SECONDS)
    sales = form.process == "sales"
    weight = network.traffic * ((network.is_sales == sales) & is_open(network, day))
    site = chance.pick(seed, "live site", np.maximum(weight, 1e-12), number)
    regular = site * POOL + chance.whole(seed, "regular", POOL, number)
    fresh = FRESH + (number % 1_000_000) * network.sites + site
    base = pl.DataFrame(
        {
            "number": number,
            "day": np.full(len(number), day),
            "second": np.full(len(number), second),
            "site": site,
            "customer": fresh if sales else regular,
            "product": chance.whole(seed, "live product", len(PRODUCTS), number),
            "invitation": np.zeros(len(number), dtype=np.int64),
            "attempt": np.zeros(len(number), dtype=np.int64),
        }
    )
    found = with_texts(network, form, answered(network, form, base)).with_columns(
        _key=pl.col("number") * 4, form=pl.lit(form.name)
    )
    made = delivered(found, seed, form.name, LIVE_RATES, DEFECTS, day)
    return as_stated(network, form, made)


def due_at(
    moment: Moment, changing: Sequence[pl.DataFrame]
) -> tuple[list[pl.DataFrame], list[pl.DataFrame]]:
    """Second versions of answers that are corrected or withdrawn now, and those still to come."""
    day, second = divmod(moment.local, DAY_SECONDS)
    due, later = [], []
    for each in changing:
        age = moment.local - (each["day"][0] * DAY_SECONDS + each["second"][0])
        if age < _CALM_SECONDS:
            later.append(each)
            continue
        form = next(form for form in QUESTIONNAIRES if form.name == each["form"][0])
        due.append(
            each.with_columns(
                pl.col("_main").alias(form.main),
                _changed=pl.lit(day, pl.Int64),
                _changed_second=pl.lit(second, pl.Int64),
                _withdrawn=pl.col("_defect") == "withdrawn",
            )
        )
    return due, later
