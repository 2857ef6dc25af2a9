"""The colours, light and dark: ink, one accent, and a pair for below and above that colour-blind
people can tell apart (burnt orange and teal, never red and green).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme's colours; `above2` and `below2` are the strong ends of the diverging scale."""

    paper: str
    ink: str
    muted: str
    rule: str
    hair: str
    soft: str
    accent: str
    above: str
    below: str
    above1: str
    above2: str
    same: str
    below1: str
    below2: str
    on2: str


LIGHT: Final = Palette(
    paper="#fdfcf9", ink="#1b1d21", muted="#6b6e75", rule="#d9d6cc", hair="#e9e6de",
    soft="#f3f1ea", accent="#1f5fbf", above="#0b6b63", below="#ab4d07", above1="#cfe6e1",
    above2="#74bdb2", same="#eeebe3", below1="#f8e0c6", below2="#e9a468", on2="#1b1d21",
)  # fmt: skip
DARK: Final = Palette(
    paper="#14161a", ink="#ece9e2", muted="#9a9ea6", rule="#3a3e45", hair="#2a2d33",
    soft="#1e2126", accent="#7fb0ff", above="#58c4b5", below="#f0a15c", above1="#1d4d47",
    above2="#3bb3a3", same="#2a2d33", below1="#593a1d", below2="#e8954a", on2="#0d0f12",
)  # fmt: skip
PALETTES: Final[Mapping[str, Palette]] = {"light": LIGHT, "dark": DARK}
FONT: Final = (
    "Pretendard, 'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic',"
    " system-ui, sans-serif"
)


def sheet(palette: Palette) -> str:
    """The style sheet of all screens in one theme."""
    variables = "".join(
        f"--hc-{field.name}:{getattr(palette, field.name)};" for field in fields(palette)
    )
    rules = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    return f"<style>:root{{{variables}}}\n{rules}</style>"
