"""A plan in plain words: which cells answer, how large they are, and why not others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from cubes.catalogue import Catalogue
from cubes.cube import Cuboid
from cubes.plan import BlockPlan, Plan
from cubes.source import Considered

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
    return tuple(
        Considered(
            name,
            used=False,
            reason="this load has no cells of it at hand, or by another definition",
        )
        for name in catalogue.foreign
        if name.startswith(f"{block.cube}_")
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """The load a plan is for, and the moment at which it is told."""

    load: int
    as_of: datetime
    now: datetime
    verified_at: datetime | None

    @property
    def age(self) -> float:
        """Seconds since the instant up to which the load knows."""
        return (self.now - self.as_of).total_seconds()


def in_words(plan: Plan, catalogue: Catalogue, setting: Setting) -> str:
    """The plan as a person reads it."""
    moment = setting.verified_at
    proved = f"last verified {moment:%Y-%m-%d %H:%M} UTC" if moment else "never verified yet"
    at = f"as of {setting.as_of:%Y-%m-%d %H:%M} UTC, {_age(setting.age)} old"
    lines = [f"Load {setting.load}, {at}; {proved}."]
    if not plan.blocks:
        rows, size = _read(plan, catalogue)
        lines.append(
            "No cube is asked: DuckDB runs the question as it stands over "
            f"{', '.join(plan.reads) or 'no table'} (at most {rows:,} rows, about {size:,} bytes)."
        )
    for number, block in enumerate(plan.blocks, start=1):
        chosen = block.considered[0]
        kind = "cuboid" if block.stored else "facts"
        levels = ", ".join(block.levels) or "no level"
        lines.append(
            f"Block {number}, {block.cube} by {levels}: read from the {kind} "
            f"{block.source}{_amount(block, catalogue)}: {chosen.reason}."
        )
        lines += [f"  and {c.name}: {c.reason}." for c in block.considered[1:] if c.used]
        lines += [
            f"  not {c.name}: {c.reason}."
            for c in (*block.considered[1:], *_foreign(block, catalogue))
            if not c.used
        ]
    return "\n".join(lines)


def as_json(plan: Plan, catalogue: Catalogue, setting: Setting) -> dict[str, Any]:
    """The plan for programs."""
    rows, size = _read(plan, catalogue)
    return {
        "load": setting.load,
        "as_of": _moment(setting.as_of),
        "age_s": round(setting.age),
        "verified_at": _moment(setting.verified_at) if setting.verified_at else None,
        "reads": list(plan.reads),
        "rows_read": rows,
        "bytes_read": size,
        "parameters": list(plan.parameters),
        "sql": plan.sql,
        "blocks": [
            {
                "cube": block.cube,
                "levels": list(block.levels),
                "measures": list(block.measures),
                "source": block.source,
                "ends": block.ends or None,
                "stored": block.stored,
                "rows": block.considered[0].rows,
                "bytes": _size(block, catalogue),
                "rows_read": block.considered[0].read,
                "bytes_read": (block.considered[0].read or 0) * _width(block.source, catalogue),
                "reason": block.considered[0].reason,
                "considered": [
                    {"name": c.name, "used": c.used, "rows": c.rows, "reason": c.reason}
                    for c in (*block.considered, *_foreign(block, catalogue))
                ],
            }
            for block in plan.blocks
        ],
    }


def _amount(block: BlockPlan, catalogue: Catalogue) -> str:
    """How much of a source is read, of how much."""
    chosen = block.considered[0]
    if chosen.rows is None or chosen.read is None:
        return ""
    size = chosen.read * _width(block.source, catalogue)
    part = "all" if chosen.read >= chosen.rows else f"about {chosen.read:,}"
    return f" ({part} of {chosen.rows:,} rows, at most {size:,} bytes)"


def _read(plan: Plan, catalogue: Catalogue) -> tuple[int, int]:
    """About how many rows the whole plan reads, and at most how many bytes."""
    blocks = {c.name: c.read for block in plan.blocks for c in block.considered if c.used}
    found = {name: blocks.get(name) or catalogue.sizes.get(name, 0) for name in plan.reads}
    size = sum(rows * _width(name, catalogue) for name, rows in found.items())
    return sum(found.values()), size


def cell_bytes(cuboid: Cuboid) -> int:
    """Bytes of one cell before compression."""
    keys = (cuboid.cube.key(name).type for name in cuboid.keys)
    return sum(_BYTES[type_] for type_ in (*keys, *(a.type for a in cuboid.cube.aggregates)))


def _size(block: BlockPlan, catalogue: Catalogue) -> int:
    return catalogue.sizes.get(block.source, 0) * _width(block.source, catalogue)


def _width(source: str, catalogue: Catalogue) -> int:
    """Bytes of a row before compression: of a cell exactly, of any other row roughly."""
    cuboid = next((c for c in catalogue.cuboids if c.name == source), None)
    return cell_bytes(cuboid) if cuboid else 100


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _age(seconds: float) -> str:
    if seconds < 120:
        return f"{max(seconds, 0):.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
