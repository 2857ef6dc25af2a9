"""Whether the chain of the access log holds: the check that an auditor asks for."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cubes.access_log import START, files
from models.home import Home


@dataclass(frozen=True, slots=True)
class Chain:
    """The log as it was found: how many entries, the last hash, and where the chain is broken.

    Whoever writes the head down elsewhere can tell later that the log was neither cut nor rewritten
    as a whole, which no chain can tell of itself.
    """

    entries: int
    first: str
    last: str
    head: str
    by: Mapping[tuple[str, str, str], int]  # door, principal, outcome → entries
    breaks: tuple[str, ...]


def check(home: Home) -> Chain:
    """Walk the whole log; each break is told in a sentence."""
    before, number = "", 0
    found: Counter[tuple[str, str, str]] = Counter()
    first = last = ""
    breaks: list[str] = []
    for path, place, line in _lines(home.log):
        where = f"line {place} of {path.name}"
        read = _read(line)
        if read is None:
            breaks.append(f"The access log is broken at {where}: it is no entry")
            continue
        entry, body = read
        if not before:
            before, number = str(entry.get("after", START)), int(entry["no"]) - 1
        own = hashlib.sha256(f"{before}{body}".encode()).hexdigest()
        if own != entry["chain"]:
            breaks.append(
                f"The access log is broken at {where}: the entry there, or one before it, was "
                "changed or taken away"
            )
        elif entry["no"] != number + 1:
            breaks.append(f"The access log is broken at {where}: numbers are missing before it")
        before, number = str(entry["chain"]), int(entry["no"])
        found[entry["door"], entry["principal"], entry["outcome"]] += 1
        first, last = first or str(entry["at"]), str(entry["at"])
    return Chain(sum(found.values()), first, last, before or START, dict(found), tuple(breaks))


def _read(line: bytes) -> tuple[dict[str, Any], str] | None:
    """An entry, and the text its hash was taken of."""
    try:
        text = line.decode().rstrip("\n")
        entry = json.loads(text)
        body = text[: text.rindex(',"chain":"')] + "}"
        whole = {"no", "at", "door", "principal", "outcome", "chain"} <= entry.keys()
    except (ValueError, AttributeError):
        return None
    return (entry, body) if whole and isinstance(entry["no"], int) else None


def _lines(folder: Path) -> Iterator[tuple[Path, int, bytes]]:
    for path in files(folder):
        with path.open("rb") as lines:
            for place, line in enumerate(lines, start=1):
                yield path, place, line
