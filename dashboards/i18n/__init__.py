"""The texts of the screens, a JSON file a language; both have the same keys."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=2)
def texts(lang: str) -> Mapping[str, str]:
    """The texts of a language by their keys, read once."""
    found: dict[str, str] = json.loads(
        Path(__file__).with_name(f"{lang}.json").read_text(encoding="utf-8")
    )
    return found
