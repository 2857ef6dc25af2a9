"""The questionnaires: what each of them asks, and how latent satisfaction becomes a score."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from pipelines.simulate.chance import Floats, Ints

CODEBOOK = Path(__file__).parents[1] / "sources" / "network_codebook"
PROCESSES = ("sales", "after_sales", "product", "contact_centre")
# Share of answers at or below each step of a scale for a customer of mean satisfaction.
_CUMULATED = {
    4: (0.02, 0.05, 0.15, 0.46),
    6: (0.01, 0.025, 0.06, 0.14, 0.33, 0.63),
    10: (0.005, 0.01, 0.018, 0.028, 0.045, 0.085, 0.135, 0.25, 0.46, 0.70),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the network's codebook."""

    code: str
    touchpoint: str
    stage: str
    process: str
    low: int
    high: int
    direction: int
    weight: int


@dataclass(frozen=True, slots=True)
class Item:
    """A question within a questionnaire: to whom it is put, as an interval of one draw."""

    code: str
    asked_from: float = 0.0
    asked_to: float = 1.0


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What is asked on one occasion; `main` carries the verbatim and decides on coming back."""

    name: str
    mode: str
    channel: str
    campaign: str
    process: str
    main: str
    items: tuple[Item, ...]


QUESTIONNAIRES = (
    Questionnaire(
        "sales_call", "phone", "voice", "HC-SALES", "sales", "SA3",
        (Item("SA1"), Item("SA2"), Item("SA3"), Item("PR1", 0.0, 0.5)),
    ),
    Questionnaire(
        "service_call", "phone", "voice", "HC-SERVICE", "after_sales", "AS3",
        (Item("AS1"), Item("AS2"), Item("AS3"), Item("CC1", 0.0, 0.45)),
    ),
    Questionnaire(
        "service_web", "web", "web", "WEB-SERVICE", "after_sales", "AS3",
        (Item("AS1"), Item("AS2"), Item("AS3"), Item("NP1", 0.0, 0.5), Item("PR2", 0.5, 0.8),
         Item("CC2", 0.8, 1.0)),
    ),
    Questionnaire(
        "store", "in_person", "in_person", "STORE-VISIT", "sales", "ST2",
        (Item("ST1"), Item("ST2"), Item("ST3", 0.0, 0.6), Item("NP2", 0.4, 1.0)),
    ),
)  # fmt: skip


def read_questions() -> dict[str, Question]:
    """The codebook that the sources ship, by question."""
    with (CODEBOOK / "touchpoints.csv").open(encoding="utf-8", newline="") as lines:
        places = {row["touchpoint"]: row for row in csv.DictReader(lines)}
    with (CODEBOOK / "questions.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["question"]: Question(
                row["question"], row["touchpoint"],
                places[row["touchpoint"]]["stage"], places[row["touchpoint"]]["process"],
                int(row["low"]), int(row["high"]), int(row["direction"]), int(row["weight"]),
            )
            for row in csv.DictReader(lines)
        }  # fmt: skip


def scores_of(question: Question, latent: Floats) -> Ints:
    """The score that a latent satisfaction leads to; reversed where low is good."""
    edges = ndtri(np.asarray(_CUMULATED[question.high - question.low]))
    grade = np.searchsorted(edges, latent)
    if question.direction < 0:
        return np.asarray(question.high - grade, dtype=np.int64)
    return np.asarray(question.low + grade, dtype=np.int64)
