"""The cubes this installation offers."""

from __future__ import annotations

from cubes.cube import Cube, Level
from cubes.definitions.dimensions import SYNONYMS
from cubes.definitions.satisfaction import SATISFACTION
from cubes.definitions.voice import VOICE

__all__ = ["CUBES", "SATISFACTION", "VOICE", "cube_named", "level_of"]

CUBES: tuple[Cube, ...] = (SATISFACTION, VOICE)


def cube_named(name: str) -> Cube | None:
    """The cube of that name, upper or lower case."""
    return next((cube for cube in CUBES if cube.name == name.casefold()), None)


def level_of(cube: Cube, name: str) -> Level | None:
    """The level of a cube under that name or a synonym of it."""
    return cube.levels.get(SYNONYMS.get(name, name))
