"""A plan in plain words: which cells answer, how large they are, and why not others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from cubes.catalogue import Catalogue
from cubes.cube import Cuboid
from cubes.plan import BlockPlan, Plan

_BYTES = {"INTEGER": 4, "SMALLINT": 2, "BIGINT": 8, "DATE": 4, "VARCHAR": 8, "DECIMAL(38,0)": 16}


def explained(plan: Plan, catalogue: Catalogue) -> pl.DataFrame:
    """One row per candidate of each block, the chosen ones first."""
    rows = [
        {
            "block": number,
            "cube": block.cube,
            "candidate": each.name,
            "chosen": each.used,
            "rows": each.rows,
            "reason": each.reason,
        }
        for number, block in enumerate(plan.blocks, start=1)
        for each in (*block.considered, *_foreign(block, catalogue))
    ]
    schema = {"block": pl.Int64, "cube": pl.String, "candidate": pl.String, "chosen": pl.Boolean,
              "rows": pl.Int64, "reason": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def _foreign(block: BlockPlan, catalogue: Catalogue) -> tuple[Any, ...]:
    from cubes.choice import Considered

    return tuple(
        Considered(
            name,
            used=False,
            reason="this load has no cells of it at hand, or by another definition",
        )
        for name in catalogue.foreign
        if name.startswith(f"{block.cube}_")
    )


def in_words(plan: Plan, catalogue: Catalogue, load: int, as_of: datetime, now: datetime) -> str:
    """The plan as a person reads it."""
    lines = [
        f"Load {load}, as of {as_of:%Y-%m-%d %H:%M} UTC, {_age((now - as_of).total_seconds())} old."
    ]
    if not plan.blocks:
        lines.append(
            "No cube is asked: DuckDB runs the question as it stands over "
            f"{', '.join(plan.reads) or 'no table'}."
        )
    for number, block in enumerate(plan.blocks, start=1):
        chosen = block.considered[0]
        kind = "cuboid" if block.stored else "facts"
        size = (
            ""
            if chosen.rows is None
            else f" ({chosen.rows:,} rows, about {_size(block, catalogue):,} bytes)"
        )
        levels = ", ".join(block.levels) or "no level"
        lines.append(
            f"Block {number}, {block.cube} by {levels}: read from the {kind} {block.source}{size}: "
            f"{chosen.reason}."
        )
        lines += [
            f"  not {c.name}: {c.reason}."
            for c in (*block.considered[1:], *_foreign(block, catalogue))
        ]
    return "\n".join(lines)


def as_json(
    plan: Plan, catalogue: Catalogue, load: int, as_of: datetime, now: datetime
) -> dict[str, Any]:
    """The plan for programs."""
    return {
        "load": load,
        "as_of": as_of.isoformat().replace("+00:00", "Z"),
        "age_s": round((now - as_of).total_seconds()),
        "reads": list(plan.reads),
        "parameters": list(plan.parameters),
        "sql": plan.sql,
        "blocks": [
            {
                "cube": block.cube,
                "levels": list(block.levels),
                "measures": list(block.measures),
                "source": block.source,
                "stored": block.stored,
                "rows": block.considered[0].rows,
                "bytes": _size(block, catalogue),
                "reason": block.considered[0].reason,
                "considered": [
                    {"name": c.name, "used": c.used, "rows": c.rows, "reason": c.reason}
                    for c in (*block.considered, *_foreign(block, catalogue))
                ],
            }
            for block in plan.blocks
        ],
    }


def cell_bytes(cuboid: Cuboid) -> int:
    """Bytes of one cell before compression."""
    keys = (cuboid.cube.key(name).type for name in cuboid.keys)
    return sum(_BYTES[type_] for type_ in (*keys, *(a.type for a in cuboid.cube.aggregates)))


def _size(block: BlockPlan, catalogue: Catalogue) -> int:
    rows = catalogue.sizes.get(block.source, 0)
    cuboid = next((c for c in catalogue.cuboids if c.name == block.source), None)
    return rows * (cell_bytes(cuboid) if cuboid else 100)


def _age(seconds: float) -> str:
    if seconds < 120:
        return f"{max(seconds, 0):.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
