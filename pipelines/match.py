"""Whose file is this? Exactly one table of one source must say yes.

Asked are, in this order: the source that was named; the source whose folder in landing it lies
in; the [match] of every source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from models.errors import SourceError, did_you_mean
from pipelines.looks import Look, look_at, why_not
from pipelines.source import Source
from pipelines.source_table import SourceTable

Owner = tuple[Source, SourceTable]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one table says to a file: its reason to say no, or nothing."""

    source: Source
    table: SourceTable
    fits_path: bool
    why_not: str

    @property
    def yes(self) -> bool:
        return self.fits_path and not self.why_not


def match_file(path: Path, sources: Sequence[Source], *, named: str | None, landing: Path) -> Owner:
    """The one table of one source whose file this is, else `SourceError` with the candidates."""
    owners = match_tables(path, sources, named=named, landing=landing)
    if len(owners) > 1:
        raise SourceError(_several(path, owners))
    return owners[0]


def match_tables(
    path: Path, sources: Sequence[Source], *, named: str | None, landing: Path
) -> tuple[Owner, ...]:
    """As `match_file`, but a database or workbook may feed several tables of one source."""
    asked, known = _asked(path, sources, named, landing)
    tables = [(source, table) for source in asked for table in source.tables if not table.shipped]
    if known and not tables:
        raise SourceError(f"source '{asked[0].name}' takes no files: its tables all ship with it")
    if known and len(tables) == 1:
        return (tables[0],)
    look = look_at(path)
    answers = [_Answer(s, t, _fits_path(path, t), why_not(look, t)) for s, t in tables]
    yes = [answer for answer in answers if answer.yes]
    if not yes and known:  # whose file it is was said, so its name need not tell
        yes = [answer for answer in answers if not answer.why_not]
    owners = tuple((answer.source, answer.table) for answer in yes)
    if not owners:
        raise SourceError(_none(path, answers, asked[0].name if known else ""))
    if len(owners) > 1 and not _parts_of_one(owners, look):
        raise SourceError(_several(path, owners))
    return owners


def known_source(named: str, sources: Sequence[Source]) -> Source:
    """The source of that name, else `SourceError` with the nearest."""
    for source in sources:
        if source.name == named:
            return source
    known = [source.name for source in sources]
    hint = did_you_mean(named, known) or f"; known are {', '.join(known) or 'none'}"
    raise SourceError(f"there is no source '{named}'{hint}")


def _asked(
    path: Path, sources: Sequence[Source], named: str | None, landing: Path
) -> tuple[Sequence[Source], bool]:
    """The sources to ask, and whether it was said whose file this is."""
    if named is not None:
        return (known_source(named, sources),), True
    if path.is_relative_to(landing):
        folder = path.relative_to(landing).parts[0]
        own = [source for source in sources if source.name == folder]
        if own:
            return own, True
    return sources, False


def _fits_path(path: Path, table: SourceTable) -> bool:
    pattern = table.match.path.casefold()
    return not pattern or PurePosixPath(path.as_posix().casefold()).match(pattern)


def _parts_of_one(owners: Sequence[Owner], look: Look) -> bool:
    """Whether each of several tables reads another part of one database or workbook."""
    parts = {look.part_of(table) for _, table in owners}
    return len({source.name for source, _ in owners}) == 1 and len(parts) == len(owners)


def _none(path: Path, answers: Sequence[_Answer], source: str) -> str:
    near = sorted(answers, key=lambda answer: not answer.fits_path)
    said = [f"{_title(a.source, a.table)} ({_reason(a)})" for a in near[:4]]
    more = f" and {len(near) - 4} more" if len(near) > 4 else ""
    if source:
        return f"{path.name} is of no table of '{source}': {', '.join(said)}{more}"
    return (
        f"{path.name} belongs to no source: {', '.join(said) or 'there is none'}{more}; name its "
        "source with --source, or put it into landing/<source>/"
    )


def _reason(answer: _Answer) -> str:
    if answer.fits_path:
        return answer.why_not
    return f"its name is not {answer.table.match.path}"


def _several(path: Path, owners: Iterable[Owner]) -> str:
    titles = [_title(source, table) for source, table in owners]
    names = {source.name for source, _ in owners}
    cure = (
        "name its source with --source, or put it into landing/<source>/"
        if len(names) > 1
        else "let [table.match] of its source tell them apart"
    )
    return f"{path.name} could be of {' or '.join(titles)}; {cure}"


def _title(source: Source, table: SourceTable) -> str:
    return f"{source.name}/{table.name}"
