"""Places as tiles: a map that says at a glance who stands apart, and who cannot be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from dashboards.compare import Difference, Reading
from dashboards.figures import anchor
from dashboards.wording import Words, count, figure, signed


@dataclass(frozen=True, slots=True)
class Tile:
    """One place on the map of tiles."""

    label: str
    reading: Reading
    difference: Difference
    link: str
    cell: tuple[int, int] | None


def shade(difference: Difference) -> str:
    """The colour class of a tile: grey unless the difference is sure, darker from two points on."""
    if difference.verdict in {"same", "unknown"} or difference.delta is None:
        return "hc-same"
    return f"hc-{difference.verdict}{2 if abs(difference.delta) >= 2 else 1}"


def tiles(words: Words, places: Sequence[Tile], whole: Reading) -> str:
    """Places as tiles: where a tile has a cell it keeps its neighbours, else they flow."""
    mapped = any(tile.cell for tile in places)
    drawn = []
    for tile in places:
        at = f"grid-row:{tile.cell[0]};grid-column:{tile.cell[1]}" if mapped and tile.cell else ""
        inner = (
            f'<span class="hc-where">{escape(tile.label)}</span>'
            f"<b>{figure(tile.reading.index)}</b>"
            f"<small><span>{signed(tile.difference.delta)}</span> "
            f"<span>{escape(words('n', n=count(tile.reading.n)))}</span></small>"
        )
        drawn.append(anchor(tile.link, inner, f"hc-tile {shade(tile.difference)}", at))
    key = (
        '<p class="hc-keys">'
        + "".join(
            f'<i class="hc-key hc-{c}"></i>'
            for c in ("below2", "below1", "same", "above1", "above2")
        )
        + f" {escape(words('legend.tiles', index=figure(whole.index)))}</p>"
    )
    return f'<div class="hc-tiles{" hc-map" if mapped else ""}">{"".join(drawn)}{key}</div>'
