"""The commands that ask and tell: answers, plans, what moved, how a home stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.home import open_home
from pipelines.cli_words import (
    SHOWN,
    AsIs,
    AskedAs,
    AsKnownAt,
    Format,
    Parameters,
    PlanFormat,
    StateFormat,
    now,
    progress,
)


def ask(
    question: Annotated[str, typer.Argument(metavar="SQL")],
    form: Format = "table",
    param: Parameters = None,
    as_: AskedAs = "analyst",
    as_is: AsIs = False,
    as_known_at: AsKnownAt = None,
    explained: Annotated[bool, typer.Option("--explain", help="The plan first.")] = False,
) -> None:
    """An answer through the planner, from the newest release."""
    from pipelines.answers import answer, plan

    home = open_home()
    if explained:
        progress(plan(home, question, as_, "words", now(), as_known_at=as_known_at))
    text, note = answer(
        home, question, tuple(param or ()), as_, form, as_is=as_is, as_known_at=as_known_at
    )
    print(text)
    progress(note)


def explain(
    question: Annotated[str, typer.Argument(metavar="SQL")],
    form: PlanFormat = "words",
    as_: AskedAs = "analyst",
) -> None:
    """The plan of a question: which cells answer it, and why not others."""
    from pipelines.answers import plan

    print(plan(open_home(), question, as_, form, now()))


def drill(
    question: Annotated[str, typer.Argument(metavar="SQL")],
    cell: Annotated[list[str] | None, typer.Option(metavar="LEVEL=MEMBER")] = None,
    form: Format = "table",
    param: Parameters = None,
    as_: AskedAs = "analyst",
    as_is: AsIs = False,
    as_known_at: AsKnownAt = None,
) -> None:
    """The rows behind one cell of an answer, which add up to it exactly or are not listed."""
    from pipelines.drill import drill as rows_behind

    text, note = rows_behind(
        open_home(), question, tuple(cell or ()), tuple(param or ()), as_, form,
        as_is=as_is, as_known_at=as_known_at,
    )  # fmt: skip
    print(text)
    progress(note)


def diff(
    earlier: Annotated[int, typer.Argument(metavar="LOAD")],
    later: Annotated[int, typer.Argument(metavar="LOAD")],
    site: Annotated[str | None, typer.Option(help="Of this site only.")] = None,
    by: Annotated[str, typer.Option(help="site, province, region_office …")] = "site",
    rows: Annotated[bool, typer.Option("--rows", help="The answers instead.")] = False,
    form: Format = "table",
    as_: AskedAs = "analyst",
) -> None:
    """What moved between two loads, split into mix and rate, and the answers that moved it."""
    from pipelines.diff import diff as compare

    text, note = compare(open_home(), (earlier, later), by, site, as_, form, rows=rows)
    print(text)
    progress(note)


def status(form: StateFormat = "table") -> None:
    """What the release holds, how fresh each source is, what is refused, who writes."""
    from pipelines.answers import status as show

    print(show(open_home(), form))


def advise(
    budget: Annotated[
        str | None, typer.Option(help="Space for cuboids: 25% of the facts, or 500MB.")
    ] = None,
    form: StateFormat = "table",
    picture: Annotated[Path | None, typer.Option(help="Draw the lattice as SVG.")] = None,
) -> None:
    """Which cuboids to keep, add and drop for what is asked; the nightly job does it."""
    from pipelines.advise import advise_home, draw_picture, parse_budget, shown

    found = advise_home(open_home(), now(), parse_budget(budget))
    if picture is not None:
        draw_picture(found, picture)
    print(shown(found, form))


def access(form: StateFormat = "table") -> None:
    """Who asked how often, and whether the chain of the access log holds; 2 where it does not."""
    from pipelines.access import access as look

    text, breaks = look(open_home(), form)
    print(text)
    for sentence in breaks[:SHOWN]:
        progress(sentence)
    if breaks:
        raise typer.Exit(2)


def quarantine(
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with these words in the reason.")] = None,
    form: Format = "table",
) -> None:
    """The records that wait in quarantine: file, record number and reason of each."""
    from pipelines.answers import quarantined

    print(quarantined(open_home(), source, reason, form))
