"""The advice on cuboids for a home: asked of its newest release, shown, and made true at night."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from cubes.access_log import entries
from cubes.advice import DEFAULT, Advice, Budget, Line, advise, with_orders
from cubes.cube import Cuboid
from cubes.definitions import CUBES
from cubes.demand import DAYS, free_demand, log_demand, members, merged, screen_demand
from cubes.in_use import announced
from cubes.judge import read_functions
from cubes.lattice import order_of
from cubes.picture import picture
from cubes.refresh import cuboid_specs, definition_hashes
from cubes.rollup import builds
from models.compaction import compact
from models.errors import HappycallError
from models.home import Home
from models.lock import writer_lock
from models.manifest import Manifest, read_manifest
from models.publish import Step, no_step
from models.reader import Reader
from models.reshape import Shape, reshape
from pipelines.answers import table

#: More loads a day than these weigh no heavier: small ones cost less each.
MOST_LOADS = 288.0

_TRIES = 3
_UNITS = {"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}
_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*|%)\s*", re.IGNORECASE)


def parse_budget(text: str | None) -> Budget:
    """A budget as people write it: a share of the facts' bytes, or bytes.

    >>> parse_budget("10%"), parse_budget("1.5 GB")
    (Budget(share=0.1, at_least=0.0), Budget(share=0.0, at_least=1500000000.0))
    """
    if text is None:
        return DEFAULT
    found = _SIZE.fullmatch(text)
    unit = found.group(2).lower() if found else "?"
    if found is None or (unit != "%" and unit not in _UNITS):
        raise HappycallError(
            f"The budget '{text}' is no size; write a share of the facts (25%) or bytes (500MB)"
        )
    number = float(found.group(1))
    return Budget(number / 100, 0.0) if unit == "%" else Budget(0.0, number * _UNITS[unit])


def advise_home(home: Home, now: datetime, budget: Budget = DEFAULT) -> Advice:
    """The best cuboids for what this home's access log and its screens ask."""
    with closing(Reader(home, role="build")) as reader:
        snapshot = reader.snapshot()
        cursor = snapshot.cursor()
        logged = log_demand(entries(home), read_functions(cursor).aggregates, now)
        screens = screen_demand(cursor, members(cursor, CUBES))
        return advise(
            snapshot,
            cursor,
            merged((*screens, *free_demand(CUBES), *logged)),
            budget=budget,
            loads_a_day=loads_a_day(cursor),
            counted=bool(logged),
        )


def follow(home: Home, now: datetime, step: Step = no_step) -> Mapping[str, int | str | None]:
    """Make the advice true: new cuboids are built, others are left out of the next base.

    A cuboid comes from the smallest that is there already, or is made before it; what no other one
    answers comes from the facts. Loads go on meanwhile.
    """
    manifest = read_manifest(home)
    if manifest is None:
        return {"load": None}
    advice = advise_home(home, now)
    if not any(advice.facts.values()) or not (advice.changes or announced(manifest)):
        return {"load": advice.load, "changed": 0}
    sizes = {line.cuboid.name: line.size.rows for line in advice.lines}
    for _ in range(_TRIES):
        done = keep(home, with_orders(advice), sizes, step)
        if done is not None:
            break
        compact(home, lock=lambda: writer_lock(home, "compact"))
    states = [line.state for line in advice.lines]
    return {
        "load": done.load if done else None,
        "added": states.count("add"),
        "dropped": states.count("drop"),
        "sorted anew": states.count("sort anew"),
    }


def keep(
    home: Home, wanted: tuple[Cuboid, ...], sizes: Mapping[str, int], step: Step = no_step
) -> Manifest | None:
    """Keep these cuboids and no others; None where the home has no room for it just now.

    Those that the release does not serve as they are wanted are built; `sizes` are rows by name.
    """
    manifest = read_manifest(home)
    if manifest is None:
        return None
    specs, ours = cuboid_specs(wanted), definition_hashes(wanted)
    there = {spec.name: spec for spec in manifest.tables}
    made = [
        cuboid
        for cuboid, spec in zip(wanted, specs, strict=True)
        if there.get(spec.name) != spec or manifest.definitions.get(spec.name) != ours[spec.name]
    ]
    built = [cuboid for cuboid in wanted if cuboid not in made]
    steps = builds(made, built, sizes, "newer.main.{}".format)
    shape = Shape(
        specs=specs,
        made=tuple((build.cuboid.name, build.sql) for build in steps),
        definitions={cuboid.name: ours[cuboid.name] for cuboid in made},
    )
    return reshape(home, shape, lock=lambda: writer_lock(home, "advise"), step=step)


def loads_a_day(cursor: duckdb.DuckDBPyConnection) -> float:
    """How often a day this home was loaded of late, at least once."""
    row = cursor.execute(
        "select count(*), max(as_of) - min(as_of) from load"
        f" where as_of > (select max(as_of) from load) - interval {DAYS} day"
    ).fetchone()
    loads, span = row or (0, None)
    days = max(span.total_seconds() / 86_400, 1.0) if span else 1.0
    return float(min(max(loads / days, 1.0), MOST_LOADS))


def shown(advice: Advice, form: str) -> str:
    """The advice as a table for people, or as JSON."""
    return json.dumps(as_json(advice), ensure_ascii=False) if form == "json" else in_words(advice)


def as_json(advice: Advice) -> dict[str, Any]:
    """The advice for programs."""
    return {
        "load": advice.load,
        "facts": dict(advice.facts),
        "budget": advice.budget,
        "bytes": advice.bytes,
        "cost": {
            "advised": round(advice.cost),
            "best": round(advice.best),
            "greedy": round(advice.greedy),
            "in_use": round(advice.present),
            "no_cuboids": round(advice.nothing),
        },
        "gap": advice.gap,
        "seconds": round(advice.seconds, 3),
        "demands": advice.demands,
        "candidates": advice.candidates,
        "from_log": advice.counted,
        "changes": advice.changes,
        "cuboids": [_as_json(line) for line in advice.lines],
    }


def _as_json(line: Line) -> dict[str, Any]:
    return {
        "name": line.cuboid.name,
        "cube": line.cuboid.cube.name,
        "keys": list(line.cuboid.keys),
        "order": list(order_of(line.cuboid)),
        "rows": line.size.rows,
        "rows_low": line.size.low,
        "rows_high": line.size.high,
        "bytes": line.bytes,
        "benefit": round(line.benefit),
        "demands": line.demands,
        "state": line.state,
        "why": line.why,
    }


def in_words(advice: Advice) -> str:
    """The advice as a person reads it."""
    facts = ", ".join(f"{cube} {rows:,}" for cube, rows in advice.facts.items())
    asked = "access log and screens" if advice.counted else "screens; no access log yet"
    kept = "" if advice.cost == advice.best else " (kept: hardly worse than the best)"
    head = f"""\
Load {advice.load}; facts: {facts}.
Asked: {advice.demands} shapes of questions ({asked}); {advice.candidates} cuboids looked at.
Space: {_size(advice.bytes)} of {_size(advice.budget)}.
Rows read a day: {_many(advice.cost)} as advised{kept}, {_many(advice.present)} with those in use,
  {_many(advice.greedy)} chosen greedily, {_many(advice.nothing)} without cuboids.
No choice is more than {advice.gap:.1%} better ({advice.seconds:.1f} s)."""
    names = ("cuboid", "rows", "error", "bytes", "benefit", "state", "why")
    rows = [
        (
            line.cuboid.name,
            f"{line.size.rows:,}",
            "" if line.size.low == line.size.high else f"±{line.size.error:.0%}",
            _size(line.bytes),
            _many(line.benefit),
            line.state,
            line.why,
        )
        for line in advice.lines
    ]
    return head + "\n\n" + (table(names, rows) if rows else "No cuboid is worth keeping.")


def draw_picture(advice: Advice, path: Path) -> None:
    """The lattice as an SVG file."""
    path.write_text(picture(advice), encoding="utf-8")


def _size(count: float) -> str:
    return next(
        (
            f"{count / size:.1f} {unit}"
            for size, unit in ((1e9, "GB"), (1e6, "MB"))
            if count >= size
        ),
        f"{count / 1e3:.0f} kB",
    )


def _many(count: float) -> str:
    """A number of rows in short.

    >>> _many(1_376_286_185), _many(-1200)
    ('1.4 G', '-1.2 k')
    """
    for size, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(count) >= size:
            return f"{count / size:.1f}{unit}"
    return f"{count:.0f}"
