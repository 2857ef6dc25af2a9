"""The commands that go on until a signal, and the simulated network they begin with."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from models.home import open_home
from pipelines.cli_words import progress

ZONE = "Asia/Seoul"  # of the simulated network


def simulate(
    out: Annotated[Path, typer.Option(help="Where the extracts go; the truth beside them.")],
    sites: Annotated[int, typer.Option(min=1)] = 1300,
    days: Annotated[int, typer.Option(min=1, max=1830)] = 90,
    seed: int = 7,
    end: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    live: Annotated[bool, typer.Option("--live", help="Then go on, until a signal.")] = False,
    every: Annotated[float, typer.Option(min=1.0, help="Seconds, when live.")] = 5.0,
) -> None:
    """Extracts of a simulated network in the formats of real systems; same seed, same bytes."""
    from pipelines.simulate import emit_live
    from pipelines.simulate import simulate as write

    last = end.date() if end else None
    result = write(out, sites=sites, days=days, seed=seed, end=last, progress=progress)
    print(f"{result.records:,} records in {len(result.files)} files under {result.out}", flush=True)
    if live:
        emit_live(out, seed=seed, sites=sites, every_seconds=every, stop=Event().wait)


def serve(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
) -> None:
    """Serve the board; this process becomes its server."""
    words = ("-m", "dashboards.serve", "--host", host, "--port", str(port))
    sys.stderr.flush()
    os.execv(sys.executable, (sys.executable, *words))


def worker() -> None:
    """Load whatever lands, within the second, until a signal comes."""
    from pipelines.worker import work

    work(open_home(), progress)


def feed(
    sites: Annotated[int, typer.Option(min=1)] = 1300,
    seed: int = 7,
    first_days: Annotated[int, typer.Option(min=1)] = 14,
    months: Annotated[int, typer.Option(min=0, max=59)] = 12,
) -> None:
    """Feed an empty home from a simulated network: the last days, older months, then live."""
    from pipelines.feed import Feed
    from pipelines.feed import feed as give

    yesterday = datetime.now(ZoneInfo(ZONE)).date() - timedelta(days=1)
    wanted = Feed(sites=sites, seed=seed, end=yesterday, first_days=first_days, months=months)
    give(open_home(), wanted, Event().wait, progress)


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the board.")] = 8501,
    dagster_port: Annotated[int, typer.Option(min=1, max=65535)] = 3000,
    sites: Annotated[int, typer.Option(min=1, help="Of the network for an empty home.")] = 1300,
    months: Annotated[int, typer.Option(min=0, max=59, help="Before the first days.")] = 12,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Everything at once: simulate if the home is empty, load, serve, keep refreshing."""
    from pipelines.up import Plan
    from pipelines.up import up as run_up

    plan = Plan(
        open_home(), board_port=port, dagster_port=dagster_port, sites=sites, older_months=months,
        parent=parent,
    )  # fmt: skip
    raise typer.Exit(run_up(plan, os.environ, progress))
