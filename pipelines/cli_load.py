"""The commands that load: what landed, once more, or taken back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from models.home import Home, open_home
from pipelines.cli_words import SHOWN, now, progress


def load(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files; none: what landed.")] = None,
    source: Annotated[str | None, typer.Option(help="Whose files they are.")] = None,
) -> None:
    """One load of what landed, or of the given files; the last line is its account as JSON."""
    from pipelines.load import load as load_all

    home = open_home()
    said = list[str]()

    def say(text: str) -> None:
        said.append(text)
        progress(text)

    silent = not paths and _pull(home, source)
    result = load_all(home, named=source, paths=tuple(paths or ()), progress=say)
    refused = [(file, why) for file, why in result.refused if why not in said]
    for file, why in refused[:SHOWN]:
        progress(f"refused {file}: {why}")
    if len(refused) > SHOWN:
        progress(f"refused {len(refused) - SHOWN} more files; happycall status lists them")
    for source_name, sentences in result.unusual.items():
        for sentence in sentences:
            progress(f"unusual, but loaded ({source_name}): {sentence}")
    print(result.as_json())
    if (paths and result.refused) or silent:
        raise typer.Exit(2)


def _pull(home: Home, named: str | None) -> bool:
    """What changed in databases lands; whether the one that was named did not answer."""
    from pipelines.load import home_sources
    from pipelines.pull import pull

    pulled = pull(home, home_sources(home), os.environ, now(), whole=False, named=named)
    for each in pulled:
        progress(each.why or f"pulled {each.source}/{each.table}: {each.rows:,} rows")
    return named is not None and any(each.why for each in pulled)


def nightly() -> None:
    """The nightly job once: what landed, a new base, old runs forgotten, files verified."""
    from pipelines.nightly import nightly as run_night

    night = run_night(open_home(), os.environ, progress)
    print(night.loaded.as_json())


def replay(
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only refused for this reason.")] = None,
    file: Annotated[str | None, typer.Option(help="Only of this file.")] = None,
    key: Annotated[int | None, typer.Option(help="Only this record.")] = None,
) -> None:
    """A load of the quarantined records, each in its place by original landing order."""
    from pipelines.load import replay as try_again

    result = try_again(
        open_home(), reason=reason, source=source, file=file, key=key, progress=progress
    )
    print(result.as_json())


def undo(load: Annotated[int, typer.Argument(help="The load to reverse.")]) -> None:
    """A new load that reverses one; what later loads said of the same records stays."""
    from pipelines.undo import undo as reverse

    print(reverse(open_home(), load, progress=progress).as_json())
