"""What truly happened, written beside the extracts so that tests can compare.

out/truth/ holds Parquet files: `sites`, `site_versions`, `files` (what each extract should count),
and one file a span in `answers/`, `defects/`, `contacts/` and `repurchases/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulate.clock import date_of
from pipelines.simulate.defects import written_site
from pipelines.simulate.extracts import WrittenFile
from pipelines.simulate.network import NEVER, SIZES
from pipelines.simulate.questionnaires import PROCESSES, QUESTIONNAIRES, read_questions
from pipelines.simulate.trade import comes_back_on
from pipelines.simulate.window import Span, Window


def write_network(out: Path, window: Window) -> None:
    """The sites with their true effects, and every version of them."""
    network = window.network
    closed = [date_of(day) if day < NEVER else None for day in network.closed.tolist()]
    effects = {
        f"quality_{name}": network.process_quality[:, place] for place, name in enumerate(PROCESSES)
    }
    sites = pl.DataFrame(
        {
            "site_code": list(network.codes),
            "type": ["sales_branch" if sales else "service_center" for sales in network.is_sales],
            "size": [SIZES[size] for size in network.size.tolist()],
            "opened_on": [date_of(day) for day in network.opened.tolist()],
            "closed_on": pl.Series(closed, dtype=pl.Date),
            "quality": network.quality,
            **effects,
            "drift": network.drift,
            "games": network.games,
            "response": network.response,
        }
    )
    _write(sites, out / "truth" / "sites.parquet")
    _write(window.versions, out / "truth" / "site_versions.parquet")


def write_answers(out: Path, span: Span, source: str, made: pl.DataFrame) -> None:
    """Every answer given in the span as it counts in the end, and what becomes of it.

    `expect` is accepted, withdrawn, set_aside or quarantined, `why` the defect; the site is the one
    that the record names.
    """
    final = made.filter(pl.col("_final") & pl.col("day").is_between(span.first, span.last))
    known = pl.DataFrame(
        [
            (q.code, q.process, q.stage, q.touchpoint, q.low, q.high, q.direction, q.weight)
            for q in read_questions().values()
        ],
        schema=["question", "process", "stage", "touchpoint", "low", "high", "direction", "weight"],
        orient="row",
    )
    channels = {form.name: form.channel for form in QUESTIONNAIRES}
    asked = [code for code in read_questions() if code in final.columns]
    answers = (
        final.with_columns(
            expect=pl.when(pl.col("_class") == "quarantined").then(pl.lit("quarantined"))
            .when("_aside").then(pl.lit("set_aside"))
            .when("_withdrawn").then(pl.lit("withdrawn"))
            .otherwise(pl.lit("accepted")),
            why=pl.col("_defect"),
            channel=pl.col("form").replace_strict(channels, return_dtype=pl.String),
            local_date=pl.col("day").cast(pl.Int32).cast(pl.Date),
            local_minute=(pl.col("second") // 60).cast(pl.Int16),
            site_code=written_site(pl.col("site_code")),
            has_text=pl.col("text").is_not_null(),
        )
        .unpivot(
            on=asked,
            index=["ref", "form", "site_code", "channel", "customer_no", "product_code",
                   "agent_code", "local_date", "local_minute", "has_text", "expect", "why"],
            variable_name="question", value_name="score",
        )
        .filter(pl.col("score").is_not_null())
        .join(known, on="question", how="left", maintain_order="left")
        .with_columns(pl.col("score").cast(pl.Int16))
    )  # fmt: skip
    _write(answers, out / "truth" / "answers" / f"{source}_{span.label(span.first)}.parquet")


def write_defects(out: Path, span: Span, table: str, arrived: pl.DataFrame) -> None:
    """The records of the span's files that have a defect, and how each should count."""
    wrong = arrived.filter(pl.col("_defect").is_not_null())
    ref = pl.col("ref") if "ref" in wrong.columns else pl.col("_key").cast(pl.String)
    listed = wrong.select(
        table=pl.lit(table), ref=ref, defect="_defect", version="_version", expect="_class",
        delivered_on=pl.col("_day").cast(pl.Int32).cast(pl.Date),
    )  # fmt: skip
    _write(listed, out / "truth" / "defects" / f"{table}_{span.label(span.first)}.parquet")


def write_contacts(out: Path, span: Span, table: str, contacts: pl.DataFrame) -> None:
    """The contacts of the span with their times, transfers and cycle."""
    _write(contacts, out / "truth" / "contacts" / f"{table}_{span.label(span.first)}.parquet")


def write_repurchases(
    out: Path, window: Window, span: Span, source: str, made: pl.DataFrame
) -> None:
    """Score of each happy call and web survey of the span, and when its customer bought again.

    `bought_on` is null where that never happens or happens after the window; `comes_back` tells.
    """
    answered = made.filter(
        pl.col("_final")
        & pl.col("day").is_between(span.first, span.last)
        & (pl.col("invitation") > 0)
    )
    number, day = answered["number"].to_numpy(), answered["day"].to_numpy()
    score = answered["_main"].to_numpy()
    bought = comes_back_on(window.network.seed, number, score, day)
    shown = pl.Series(np.where(bought <= window.last, bought, -1))
    listed = answered.select(
        "form", "ref", "site_code", "customer_no",
        answered_on=pl.col("day").cast(pl.Int32).cast(pl.Date),
        score=pl.Series(score),
        bought_on=pl.when(shown >= 0).then(shown).cast(pl.Int32).cast(pl.Date),
        comes_back=pl.Series(bought >= 0),
    )  # fmt: skip
    _write(listed, out / "truth" / "repurchases" / f"{source}_{span.label(span.first)}.parquet")


def write_files(out: Path, files: Sequence[WrittenFile]) -> None:
    """What a loader should count in each extract."""
    listed = pl.DataFrame(
        [
            (
                f.source, f.table, f.path.name, f.day,
                f.landed, f.accepted, f.duplicate, f.quarantined, f.set_aside,
            )
            for f in files
        ],
        schema={
            "source": pl.String, "table": pl.String, "file": pl.String, "day": pl.Date,
            "landed": pl.Int64, "accepted": pl.Int64, "duplicate": pl.Int64,
            "quarantined": pl.Int64, "set_aside": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
    _write(listed, out / "truth" / "files.parquet")


def _write(table: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(path, compression="zstd", statistics=False)
