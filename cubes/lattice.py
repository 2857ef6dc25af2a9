"""The cuboids in use: which cells are kept, and in which order they lie.

Chosen from what was measured of the question mix: two fine parents (question by month, touchpoint
by day), then what screens read. Question, channel and day together would be as large as the facts.
Cells of sites lie by site, then period; site by month lies by month, for rankings.
"""

from __future__ import annotations

from cubes.cube import Cube, Cuboid
from cubes.definitions import SATISFACTION, VOICE

CUBOIDS: tuple[Cuboid, ...] = (
    Cuboid(
        SATISFACTION,
        ("site_version", "question_key", "channel_key", "month"),
        ("site_version", "month"),
    ),
    Cuboid(SATISFACTION, ("site_version", "touchpoint_key", "day"), ("site_version", "day")),
    Cuboid(SATISFACTION, ("site_version", "touchpoint_key", "month"), ("site_version", "month")),
    Cuboid(SATISFACTION, ("site_version", "channel_key", "month"), ("site_version", "month")),
    Cuboid(SATISFACTION, ("site_version", "day"), ("site_version", "day")),
    Cuboid(SATISFACTION, ("site_version", "month"), ("month", "site_version")),
    Cuboid(
        SATISFACTION,
        ("province", "touchpoint_key", "channel_key", "month"),
        ("month", "province"),
    ),
    Cuboid(SATISFACTION, ("province", "touchpoint_key", "day"), ("day", "province")),
    Cuboid(SATISFACTION, ("touchpoint_key", "day"), ("day", "touchpoint_key")),
    Cuboid(
        VOICE,
        ("site_version", "touchpoint_key", "channel_key", "purpose", "month"),
        ("site_version", "month"),
    ),
    Cuboid(VOICE, ("site_version", "purpose", "day"), ("site_version", "day")),
    Cuboid(VOICE, ("site_version", "reason_key", "month"), ("site_version", "month")),
    Cuboid(VOICE, ("site_version", "month"), ("month", "site_version")),
    Cuboid(
        VOICE,
        ("province", "touchpoint_key", "channel_key", "purpose", "month"),
        ("month", "province"),
    ),
    Cuboid(VOICE, ("touchpoint_key", "channel_key", "purpose", "day"), ("day", "touchpoint_key")),
    Cuboid(VOICE, ("channel_key", "purpose", "day", "hour"), ("day", "hour")),
)


def cuboids_of(cube: Cube) -> tuple[Cuboid, ...]:
    """The cuboids of one cube."""
    return tuple(cuboid for cuboid in CUBOIDS if cuboid.cube.name == cube.name)
