"""What to say of a name that a cube does not know: where it is known, or what is near."""

from __future__ import annotations

from cubes.cube import Cube
from cubes.definitions import CUBES, level_of
from models.errors import did_you_mean


def unknown_level(cube: Cube, spelt: str) -> str:
    """The sentence for a name that is no level of a cube."""
    name = spelt.casefold()
    if cube.sides:
        having = [side.name for side in cube.sides if level_of(side, name)]
        if having:
            return (
                f"{name} is a level of {having[0]} alone, so {cube.name} cannot meet on it; "
                f"they share {', '.join(cube.levels)}"
            )
    known = (*cube.levels, *(measure.name for measure in cube.measures))
    hint = _elsewhere(cube, name) or did_you_mean(spelt, known) or _near_elsewhere(cube, spelt)
    return f"{cube.name} has no level '{spelt}'{hint or f'; its levels are {_levels(cube)}'}"


def unknown_measure(cube: Cube, spelt: str) -> str:
    """The sentence for a name that is no measure of a cube."""
    known = [measure.name for measure in cube.measures]
    near = did_you_mean(spelt, known)
    if level_of(cube, spelt.casefold()):
        near = f" ({spelt} is a level: name it as it is, and group by it)"
    hint = _elsewhere(cube, spelt.casefold()) or near or _near_elsewhere(cube, spelt)
    return f"{cube.name} has no measure '{spelt}'{hint}; it has {', '.join(known)}"


def _elsewhere(cube: Cube, name: str) -> str:
    others = [other for other in CUBES if other not in (cube, *cube.sides)]
    for other in others:
        if other.measure(name):
            return f" ({name} is a measure of {other.name}: from {cube.name}, {other.name})"
        if level_of(other, name):
            return f" ({name} is a level of {other.name})"
    return ""


def _near_elsewhere(cube: Cube, spelt: str) -> str:
    """A slip of the finger in a name that another cube knows."""
    for other in CUBES:
        names = (*other.levels, *(measure.name for measure in other.measures))
        near = did_you_mean(spelt, names) if other not in (cube, *cube.sides) else ""
        if near:
            return f"{near[:-1]} That is of {other.name})"
    return ""


def _levels(cube: Cube) -> str:
    return ", ".join(cube.levels)
