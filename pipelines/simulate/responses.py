"""Completed questionnaires: how satisfied each customer is, and what it says.

The latent satisfaction of an answer is the site's quality, its quality in the process, its drift,
the season, a trend over the years, the mode of asking, the customer's mood and chance.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Floats, Ints
from pipelines.simulate.invitations import invitations
from pipelines.simulate.network import ORIGIN, Network, drift_at, is_gaming
from pipelines.simulate.questionnaires import (
    PROCESSES,
    Item,
    Question,
    Questionnaire,
    read_questions,
    scores_of,
)  # fmt: skip
from pipelines.simulate.verbatims import verbatims
from pipelines.simulate.visits import Keep, visits

MODE_EFFECT = {"phone": 0.30, "web": -0.35, "in_person": 0.10}
TREND_A_YEAR = 0.075
_MOOD = 0.45  # share of an answer's variance that belongs to the customer
_SKIPPED = 0.03
_SAYS = {"phone": 0.12, "web": 0.30, "in_person": 0.10}


def responses(network: Network, form: Questionnaire, first: int, last: int) -> pl.DataFrame:
    """Completed questionnaires of one kind, answered on the given days, with what was said.

    Columns: number, day, second, site, customer, product, invitation (0: none), attempt, text, and
    one Int64 column for each question, null where it was not put or was skipped.
    """
    return with_texts(network, form, scored(network, form, first, last))


def scored(
    network: Network, form: Questionnaire, first: int, last: int, keep: Keep | None = None
) -> pl.DataFrame:
    """Completed questionnaires without texts; `keep` leaves visits out early."""
    return answered(network, form, _occasions(network, form, first, last, keep))


def answered(network: Network, form: Questionnaire, base: pl.DataFrame) -> pl.DataFrame:
    """Occasions to answer (number, day, site, …) with a score for every question."""
    number, site, day = (base[name].to_numpy() for name in ("number", "site", "day"))
    questions = read_questions()
    mood = chance.normal(network.seed, f"mood {form.name}", number)
    put = chance.uniform(network.seed, f"put {form.name}", number)
    gaming = is_gaming(network, site, day) & (form.mode != "web")
    columns = {}
    for item in form.items:
        question = questions[item.code]
        latent = _latent(network, form, question, site, day) + np.sqrt(_MOOD) * mood
        own = chance.normal(network.seed, f"answer {item.code}", number)
        latent = np.where(gaming, 9.0, latent + np.sqrt(1 - _MOOD) * own)
        columns[item.code] = _where_put(
            network, form, item, scores_of(question, latent), number, put
        )
    return base.with_columns(**columns)


def with_texts(network: Network, form: Questionnaire, scores: pl.DataFrame) -> pl.DataFrame:
    """The same with what was said: those who are unhappy say more."""
    main = read_questions()[form.main]
    number = scores["number"].to_numpy()
    grade = (scores[main.code].to_numpy() - main.low) / (main.high - main.low)
    likely = _SAYS[form.mode] * np.where(grade < 0.6, 1.8, 1.0)
    says = chance.uniform(network.seed, f"says {form.name}", number) < likely
    tone = np.where(grade > 0.9, 0, np.where(grade > 0.6, 1, 2))
    text = verbatims(network.seed, form.process, number, tone, says)
    return scores.with_columns(text=text)


def _occasions(
    network: Network, form: Questionnaire, first: int, last: int, keep: Keep | None
) -> pl.DataFrame:
    if form.mode == "in_person":
        found = visits(network, "showroom", first, last, keep)
        return found.with_columns(invitation=pl.lit(0, pl.Int64), attempt=pl.lit(0, pl.Int64))
    kind = "web" if form.mode == "web" else "sale" if form.process == "sales" else "service"
    made = invitations(network, kind, first - (4 if kind == "web" else 0), last, keep)
    return (
        made.filter(pl.col("answered_day").is_between(first, last))
        .with_columns(day=pl.col("answered_day"), second=pl.col("answered_second"))
        .select("number", "day", "site", "customer", "second", "product", "invitation", "attempt")
        .sort("day", "second", "number")
    )


def _latent(
    network: Network, form: Questionnaire, question: Question, site: Ints, day: Ints
) -> Floats:
    process = PROCESSES.index(question.process)
    year = (day - ORIGIN) / 365.25
    season = 0.05 * np.cos(2 * np.pi * (year - 0.4))
    return np.asarray(
        network.quality[site] + network.process_quality[site, process]
        + drift_at(network, site, day) + season + TREND_A_YEAR * (year - 8.0)
        + MODE_EFFECT[form.mode],
        dtype=np.float64,
    )  # fmt: skip


def _where_put(
    network: Network, form: Questionnaire, item: Item, score: Ints, number: Ints, put: Floats
) -> pl.Series:
    asked = (put >= item.asked_from) & (put < item.asked_to)
    if item.code != form.main:
        asked &= chance.uniform(network.seed, f"skipped {item.code}", number) >= _SKIPPED
    kept = pl.select(pl.when(pl.Series(asked)).then(pl.Series(score)).alias(item.code))
    return kept[item.code]
