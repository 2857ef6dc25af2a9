"""What commands have in common: words they take, and how they speak beside their answer."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

Format = Annotated[Literal["table", "json", "csv"], typer.Option("--format")]
PlanFormat = Annotated[Literal["words", "json"], typer.Option("--format")]
StateFormat = Annotated[Literal["table", "json"], typer.Option("--format")]
Parameters = Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")]
AskedAs = Annotated[str, typer.Option("--as", metavar="ROLE[:SITE,…]")]
AsIs = Annotated[bool, typer.Option("--as-is", help="By today's trees.")]
AsKnownAt = Annotated[int | None, typer.Option(metavar="LOAD", help="As known at an earlier load.")]
SHOWN = 5  # sentences of many that are said


def now() -> datetime:
    """The clock of the command line."""
    return datetime.now(UTC)


def progress(text: str) -> None:
    """Say something on stderr at once, so that stdout holds nothing but the answer."""
    print(text, file=sys.stderr, flush=True)
