"""What goes wrong on the way: each record has at most one defect, and each defect a stated rate."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Ints

MARK = "\x1a"  # stands for a byte that no encoding knows, until the file is written
LATE_DAYS = 14
LAG_DAYS = 19  # no survey record is delivered later than this after its event
QUARANTINED = ("impossible_date", "broken_encoding")
REPEATED = ("corrected", "withdrawn", "out_of_order")


@dataclass(frozen=True, slots=True)
class Rates:
    """Share of the records with each defect."""

    duplicate: float = 0.004
    late: float = 0.010
    corrected: float = 0.005
    withdrawn: float = 0.002
    out_of_order: float = 0.0005  # corrected, and the older version arrives after the newer
    unknown_site: float = 0.001
    impossible_date: float = 0.0008
    broken_encoding: float = 0.0005
    set_aside: float = 0.001  # previews, test calls, unfinished questionnaires


NO_DEFECTS = Rates(*(0.0 for _ in fields(Rates)))


def defect_of(seed: int, table: str, key: Ints, rates: Rates, kinds: tuple[str, ...]) -> pl.Series:
    """The defect of each record, null for most of them."""
    edges = np.cumsum([getattr(rates, kind) for kind in kinds])
    place = np.searchsorted(edges, chance.uniform(seed, f"defect {table}", key), side="right")
    names = np.asarray([*kinds, None], dtype=object)
    return pl.Series("_defect", names[place].tolist(), dtype=pl.String)


def delivered(
    frame: pl.DataFrame, seed: int, table: str, rates: Rates, kinds: tuple[str, ...], last: int
) -> pl.DataFrame:
    """The records that a frame of events leads to.

    The frame has `_key` (whole number), `day`, `second` and perhaps `_replaced`: a later record
    takes its place, so that nobody may ever look whether it can be read. Added are `_defect`,
    `_version` (1, or 2 for the second version of a record), `_day` of delivery, `_class` as which
    it should be counted, and `_final`: whether it is the version that counts in the end. Nothing is
    delivered after `last`.
    """
    key, born = frame["_key"].to_numpy(), frame["day"].to_numpy()
    lag = 1 + chance.whole(seed, f"lag {table}", 5, key)
    late = 1 + chance.whole(seed, f"late {table}", LATE_DAYS, key)
    drawn = frame.with_columns(defect_of(seed, table, key, rates, kinds))
    if "_replaced" in frame.columns:
        hidden = pl.col("_replaced") & pl.col("_defect").is_in(QUARANTINED)
        drawn = drawn.with_columns(_defect=pl.when(~hidden.fill_null(value=False)).then("_defect"))
    all_ = drawn.with_columns(
        _second=pl.Series(born + lag),
        _late=pl.Series(np.minimum(born + late, last)),
    )
    defect = pl.col("_defect")
    comes_again = defect.is_in(REPEATED).fill_null(value=False) & (pl.col("_second") <= last)
    turned = (defect == "out_of_order").fill_null(value=False) & (pl.col("_second") < last)
    first = all_.with_columns(
        _version=pl.lit(1, pl.Int8),
        _day=pl.when(defect == "late").then(pl.col("_late"))
        .when(turned).then(pl.min_horizontal(pl.col("_second") + 1, pl.lit(last)))
        .otherwise(pl.col("day")),
        _class=pl.when(defect.is_in(QUARANTINED)).then(pl.lit("quarantined")).otherwise(pl.lit("accepted")),
        _final=~comes_again,
    )  # fmt: skip
    again = first.filter(defect == "duplicate").with_columns(
        _day=pl.min_horizontal(pl.col("day") + pl.col("_second") % 3, pl.lit(last)),
        _class=pl.lit("duplicate"),
        _final=pl.lit(value=False),
    )
    second = all_.filter(comes_again).with_columns(
        _version=pl.lit(2, pl.Int8),
        _day=pl.col("_second"),
        _class=pl.lit("accepted"),
        _final=pl.lit(value=True),
    )
    order = ["_day", "day", "second", "_key", "_version", "_final"]
    rows = pl.concat([first, second, again], how="diagonal")
    return rows.sort(*order, descending=[False] * 5 + [True], maintain_order=True).drop("_late")


def stamps(days: pl.Expr, seconds: pl.Expr, form: str = "%Y-%m-%d %H:%M:%S") -> pl.Expr:
    """Local date and time as text."""
    at = days.cast(pl.Int64) * 86_400 + seconds.cast(pl.Int64)
    return pl.from_epoch(at, time_unit="s").dt.strftime(form)


def impossible(text: pl.Expr) -> pl.Expr:
    """The text with a date that never was, where the record's defect says so."""
    month = pl.when(pl.col("_key") % 3 == 0).then(pl.lit("13")).otherwise(pl.lit("02"))
    day = pl.when(pl.col("_key") % 3 == 0).then(pl.lit("01")).otherwise(pl.lit("30"))
    wrong = text.str.slice(0, 5) + month + text.str.slice(4, 1) + day + text.str.slice(10)
    return pl.when(pl.col("_defect") == "impossible_date").then(wrong).otherwise(text)


def broken(text: pl.Expr) -> pl.Expr:
    """The text with a byte no encoding knows, where the record's defect says so."""
    marked = text.fill_null("").str.slice(0, 2) + MARK
    return pl.when(pl.col("_defect") == "broken_encoding").then(marked).otherwise(text)


def site_codes(codes: tuple[str, ...], site: pl.Series) -> pl.Series:
    """Codes of sites by their position; -1 has none."""
    all_codes = pl.Series([*codes, ""])
    return all_codes[site.to_numpy()]


def written_site(code: pl.Expr) -> pl.Expr:
    """The site's code, or one that no master names, where the record's defect says so."""
    unknown = pl.lit("X") + (pl.col("_key") % 7).cast(pl.String).str.zfill(4)
    return pl.when(pl.col("_defect") == "unknown_site").then(unknown).otherwise(code)
