"""The command line: every front door of happycall that is a word after `happycall`.

Each command is a thin call of a plain function. What a person can put right is said in one sentence
on stderr with status 2; heavy libraries are imported by the command that needs them.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import typer
from typer.exceptions import TyperException

from models.errors import HappycallError
from models.home import Home, open_home

Format = Literal["table", "json", "csv"]
PlanFormat = Literal["words", "json"]
StateFormat = Literal["table", "json"]
INTERRUPTED = 130  # the status of who was told to stop by the keyboard
SHOWN = 5  # refused files that a load names
ZONE = "Asia/Seoul"  # of the simulated network

app = typer.Typer(
    name="happycall",
    help="A satisfaction index for every business site, each number proved.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """The entry point: run the command and leave with its status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; errors become one sentence on stderr and a status, never a traceback."""
    try:
        status = app(list(arguments) or ["--help"], standalone_mode=False) or 0
        return _fail("interrupted", status) if status == INTERRUPTED else status
    except TyperException as error:
        return _fail(
            f"{error.format_message().rstrip('.')}; happycall --help tells what there is", 2
        )
    except HappycallError as error:
        return _fail(str(error), 2)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  (whoever read has gone)
            return 141
        return _fail(f"{error.filename or 'happycall'}: {error.strerror or error}", 2)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", INTERRUPTED)
    except Exception as error:  # noqa: BLE001  (the last door: a sentence, and a way to see more)
        if str(error) == "Query interrupted":  # so DuckDB says it
            return _fail("interrupted", INTERRUPTED)
        if os.environ.get("HAPPYCALL_TRACEBACK"):
            traceback.print_exc()
        kind = type(error).__name__
        return _fail(f"{kind}: {error} (HAPPYCALL_TRACEBACK=1 shows where; please report it)", 1)


def _fail(sentence: str, status: int) -> int:
    print(f"happycall: {sentence}", file=sys.stderr)
    return status


def _now() -> datetime:
    return datetime.now(UTC)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@app.command()
def load(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files; none: what landed.")] = None,
    source: Annotated[str | None, typer.Option(help="Whose files they are.")] = None,
) -> None:
    """One load of what landed, or of the given files; the last line is its account as JSON."""
    from pipelines.load import load as load_all

    home = open_home()
    said = list[str]()

    def progress(text: str) -> None:
        said.append(text)
        _progress(text)

    silent = not paths and _pull(home, source)
    result = load_all(home, named=source, paths=tuple(paths or ()), progress=progress)
    refused = [(file, why) for file, why in result.refused if why not in said]
    for file, why in refused[:SHOWN]:
        _progress(f"refused {file}: {why}")
    if len(refused) > SHOWN:
        _progress(f"refused {len(refused) - SHOWN} more files; happycall status lists them")
    for source_name, sentences in result.unusual.items():
        for sentence in sentences:
            _progress(f"unusual, but loaded ({source_name}): {sentence}")
    print(result.as_json())
    if (paths and result.refused) or silent:
        raise typer.Exit(2)


def _pull(home: Home, named: str | None) -> bool:
    """What changed in databases lands; whether the one that was named did not answer."""
    from pipelines.load import home_sources
    from pipelines.pull import pull

    pulled = pull(home, home_sources(home), os.environ, _now(), whole=False, named=named)
    for each in pulled:
        _progress(each.why or f"pulled {each.source}/{each.table}: {each.rows:,} rows")
    return named is not None and any(each.why for each in pulled)


@app.command()
def nightly() -> None:
    """The nightly job once: what landed, a new base, old runs forgotten, files verified."""
    from pipelines.nightly import nightly as run_night

    night = run_night(open_home(), os.environ, _progress)
    print(night.loaded.as_json())


@app.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="SQL")],
    form: Annotated[Format, typer.Option("--format")] = "table",
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")] = None,
    as_: Annotated[str, typer.Option("--as", metavar="ROLE[:SITE,…]")] = "analyst",
    as_is: Annotated[bool, typer.Option("--as-is", help="By today's trees.")] = False,
    as_known_at: Annotated[
        int | None, typer.Option(metavar="LOAD", help="As known at an earlier load.")
    ] = None,
    explained: Annotated[bool, typer.Option("--explain", help="The plan first.")] = False,
) -> None:
    """An answer through the planner, from the newest release."""
    from pipelines.answers import answer, plan

    home = open_home()
    if explained:
        _progress(plan(home, question, as_, "words", _now(), as_known_at=as_known_at))
    text, note = answer(
        home, question, tuple(param or ()), as_, form, as_is=as_is, as_known_at=as_known_at
    )
    print(text)
    _progress(note)


@app.command()
def explain(
    question: Annotated[str, typer.Argument(metavar="SQL")],
    form: Annotated[PlanFormat, typer.Option("--format")] = "words",
    as_: Annotated[str, typer.Option("--as", metavar="ROLE[:SITE,…]")] = "analyst",
) -> None:
    """The plan of a question: which cells answer it, and why not others."""
    from pipelines.answers import plan

    print(plan(open_home(), question, as_, form, _now()))


@app.command()
def drill(
    question: Annotated[str, typer.Argument(metavar="SQL")],
    cell: Annotated[list[str] | None, typer.Option(metavar="LEVEL=MEMBER")] = None,
    form: Annotated[Format, typer.Option("--format")] = "table",
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")] = None,
    as_: Annotated[str, typer.Option("--as", metavar="ROLE[:SITE,…]")] = "analyst",
    as_is: Annotated[bool, typer.Option("--as-is", help="By today's trees.")] = False,
    as_known_at: Annotated[
        int | None, typer.Option(metavar="LOAD", help="As known at an earlier load.")
    ] = None,
) -> None:
    """The rows behind one cell of an answer, which add up to it exactly or are not listed."""
    from pipelines.drill import drill as rows_behind

    text, note = rows_behind(
        open_home(), question, tuple(cell or ()), tuple(param or ()), as_, form,
        as_is=as_is, as_known_at=as_known_at,
    )  # fmt: skip
    print(text)
    _progress(note)


@app.command()
def diff(
    earlier: Annotated[int, typer.Argument(metavar="LOAD")],
    later: Annotated[int, typer.Argument(metavar="LOAD")],
    site: Annotated[str | None, typer.Option(help="Of this site only.")] = None,
    by: Annotated[str, typer.Option(help="site, province, region_office …")] = "site",
    rows: Annotated[bool, typer.Option("--rows", help="The answers instead.")] = False,
    form: Annotated[Format, typer.Option("--format")] = "table",
    as_: Annotated[str, typer.Option("--as", metavar="ROLE[:SITE,…]")] = "analyst",
) -> None:
    """What moved between two loads, split into mix and rate, and the answers that moved it."""
    from pipelines.diff import diff as compare

    text, note = compare(open_home(), (earlier, later), by, site, as_, form, rows=rows)
    print(text)
    _progress(note)


@app.command()
def status(form: Annotated[StateFormat, typer.Option("--format")] = "table") -> None:
    """What the release holds, how fresh each source is, what is refused, who writes."""
    from pipelines.answers import status as show

    print(show(open_home(), form))


@app.command()
def advise(
    budget: Annotated[
        str | None, typer.Option(help="Space for cuboids: 25% of the facts, or 500MB.")
    ] = None,
    form: Annotated[StateFormat, typer.Option("--format")] = "table",
    picture: Annotated[Path | None, typer.Option(help="Draw the lattice as SVG.")] = None,
) -> None:
    """Which cuboids to keep, add and drop for what is asked; the nightly job does it."""
    from pipelines.advise import advise_home, draw_picture, parse_budget, shown

    found = advise_home(open_home(), _now(), parse_budget(budget))
    if picture is not None:
        draw_picture(found, picture)
    print(shown(found, form))


@app.command()
def access(form: Annotated[StateFormat, typer.Option("--format")] = "table") -> None:
    """Who asked how often, and whether the chain of the access log holds; 2 where it does not."""
    from pipelines.access import access as look

    text, breaks = look(open_home(), form)
    print(text)
    for sentence in breaks[:SHOWN]:
        _progress(sentence)
    if breaks:
        raise typer.Exit(2)


@app.command()
def quarantine(
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with these words in the reason.")] = None,
    form: Annotated[Format, typer.Option("--format")] = "table",
) -> None:
    """The records that wait in quarantine: file, record number and reason of each."""
    from pipelines.answers import quarantined

    print(quarantined(open_home(), source, reason, form))


@app.command()
def replay(
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only refused for this reason.")] = None,
    file: Annotated[str | None, typer.Option(help="Only of this file.")] = None,
    key: Annotated[int | None, typer.Option(help="Only this record.")] = None,
) -> None:
    """A load of the quarantined records, each in its place by original landing order."""
    from pipelines.load import replay as try_again

    result = try_again(
        open_home(), reason=reason, source=source, file=file, key=key, progress=_progress
    )
    print(result.as_json())


@app.command()
def undo(load: Annotated[int, typer.Argument(help="The load to reverse.")]) -> None:
    """A new load that reverses one; what later loads said of the same records stays."""
    from pipelines.undo import undo as reverse

    print(reverse(open_home(), load, progress=_progress).as_json())


@app.command()
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
    result = write(out, sites=sites, days=days, seed=seed, end=last, progress=_progress)
    print(f"{result.records:,} records in {len(result.files)} files under {result.out}", flush=True)
    if live:
        emit_live(out, seed=seed, sites=sites, every_seconds=every, stop=Event().wait)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
) -> None:
    """Serve the board; this process becomes its server."""
    words = ("-m", "dashboards.serve", "--host", host, "--port", str(port))
    sys.stderr.flush()
    os.execv(sys.executable, (sys.executable, *words))


@app.command()
def worker() -> None:
    """Load whatever lands, within the second, until a signal comes."""
    from pipelines.worker import work

    work(open_home(), _progress)


@app.command()
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
    give(open_home(), wanted, Event().wait, _progress)


@app.command()
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
    raise typer.Exit(run_up(plan, os.environ, _progress))


if __name__ == "__main__":
    main()
