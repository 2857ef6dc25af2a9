"""What `happycall access` prints: who asked how often, and whether the log's chain holds."""

from __future__ import annotations

import json

from cubes.access_check import Chain, check
from models.home import Home
from pipelines.answers import table


def access(home: Home, form: str) -> tuple[str, tuple[str, ...]]:
    """The log in short, for people or as JSON, and a sentence for each place where it is broken."""
    found = check(home)
    return (_json(found) if form == "json" else _words(found)), found.breaks


def _json(found: Chain) -> str:
    by = [
        {"door": door, "principal": who, "outcome": outcome, "entries": entries}
        for (door, who, outcome), entries in sorted(found.by.items())
    ]
    told = {
        "entries": found.entries,
        "first": found.first or None,
        "last": found.last or None,
        "head": found.head,
        "by": by,
        "broken": list(found.breaks),
    }
    return json.dumps(told, ensure_ascii=False)


def _words(found: Chain) -> str:
    if not found.entries:
        return "The access log is empty."
    rows = [(*who, entries) for who, entries in sorted(found.by.items())]
    state = "is broken" if found.breaks else "holds"
    return (
        f"{found.entries:,} entries from {found.first} to {found.last}; the chain {state}\n"
        f"head {found.head}\n\n" + table(["door", "principal", "outcome", "entries"], rows)
    )
