"""Whose published figure a benchmark may be: the scopes, and the levels whose members they are."""

from __future__ import annotations

import re
from typing import Final

from cubes.cube import Cube, Grid
from models.errors import QuestionError, did_you_mean

SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "network": (),
    "region": ("province",),
    "type": ("site_type",),
    "peers": ("site_type", "size_band"),
    "site": ("site",),
}
PUBLISHED: Final = "published_"
NAMED: Final = re.compile(r"site:(.+)", re.DOTALL)


def check_scope(scope: str) -> str:
    """A scope as it may be named; QuestionError for any other."""
    if scope in SCOPES or NAMED.fullmatch(scope):
        return scope
    raise QuestionError(
        f"There is no scope '{scope}'{did_you_mean(scope, SCOPES)}; benchmark() compares with "
        "'network', 'region', 'type', 'peers', 'site' or 'site:…' with the name of one"
    )


def table_of(cube: Cube, grid: Grid) -> str:
    """The table of a grid's published cells; no question can name it."""
    return f"{PUBLISHED}{cube.name}_{grid.name}"
