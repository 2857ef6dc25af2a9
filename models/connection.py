"""Every DuckDB connection comes from here, so that all agree on time, limits and macros."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from models.errors import HomeError

Role = Literal["reader", "writer", "build"]

MACROS = Path(__file__).with_name("macros.sql")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may take of the machine; DuckDB spills or refuses beyond it."""

    memory: str
    threads: int


#: The one place where memory and threads are given out. `reader` answers questions, `writer` maps
#: and loads, `build` sorts whole tables into a new base. They are small because one machine runs
#: all of it in 1.5 GB; more was measured to make no load faster, and what is beyond is spilled.
LIMITS: Mapping[Role, Limits] = {
    "reader": Limits(memory="160MB", threads=2),
    "writer": Limits(memory="128MB", threads=1),
    "build": Limits(memory="96MB", threads=2),
}


def open_connection(role: Role, *, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB in UTC, within the limits of its role, with the macros of the models.

    The zone is set globally because cursors do not inherit a session's zone. Without `spill` a
    question that outgrows its memory fails instead of writing rows to a folder nobody chose.
    Extensions are never fetched: all that is needed is built in.
    """
    limits = LIMITS[role]
    con = duckdb.connect(
        config={
            "memory_limit": limits.memory,
            "threads": str(limits.threads),
            "temp_directory": "" if spill is None else str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    con.execute("set global timezone = 'UTC'")
    con.execute(_macros())
    return con


#: Up to so many bytes of extracts a writer keeps its usual limits; beyond, it gets so many times
#: their size, as what a load has staged must lie in memory where DuckDB cannot spill it.
USUAL_BYTES = 10 * 2**20
TIMES = 32


def give_memory(con: duckdb.DuckDBPyConnection, landed: int | None) -> None:
    """Gives a writer the memory and threads for so many landed bytes; None: for any number.

    Never more than a quarter of the machine, so that a large load by command leaves room for what
    else runs; a worker beside a board takes small loads only.
    """
    usual = LIMITS["writer"]
    memory, threads = usual.memory, usual.threads
    if landed is None or landed > USUAL_BYTES:
        wanted = _most() if landed is None else min(_most(), TIMES * landed)
        memory, threads = f"{wanted // 2**20}MiB", LIMITS["build"].threads
    con.execute(f"set global memory_limit = '{memory}'; set global threads = {threads}")


def build_memory(changed: int) -> tuple[int, ...]:
    """The memory in MiB a build is given for so many bytes of changes: little first, then more.

    Most of a build is spilled where it does not fit, but not all of a sort can be; so what did not
    suffice is tried again with four times as much, up to a quarter of the machine.
    """
    usual = round(float(LIMITS["build"].memory.removesuffix("MB")) * 1e6 / 2**20)
    most = _most() // 2**20
    first = min(max(usual, changed // 2**20), max(most, usual))
    steps = [first]
    while steps[-1] < most:
        steps.append(min(most, steps[-1] * 4))
    return tuple(steps)


def give_room(con: duckdb.DuckDBPyConnection, base_bytes: int) -> None:
    """Lets a reader take the size of its base, up to a quarter of the machine.

    What is read often then stays in memory, and a question has room beside it that grows with what
    can be asked; a small home keeps the usual limit.
    """
    usual = float(LIMITS["reader"].memory.removesuffix("MB")) * 1e6
    con.execute(f"set global memory_limit = '{max(usual, min(_most(), base_bytes)) / 1e6:.0f}MB'")


def _most() -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(512 * 2**20, machine // 4)


def _macros() -> str:
    try:
        return MACROS.read_text(encoding="utf-8")
    except OSError as error:
        raise HomeError(
            f"The macros at {MACROS} cannot be read ({error.strerror}); install happycall again"
        ) from error
