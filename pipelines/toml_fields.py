"""One table of a TOML file, read strictly.

A slip in a definition must not be a silent default: a key nobody knows, or a value of another
kind, is one sentence that names the place and what would work.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from models.errors import SourceError, did_you_mean


@dataclass(frozen=True, slots=True)
class Fields:
    """The keys of one TOML table, and how to name the place when one of them is wrong."""

    where: str
    values: Mapping[str, object]

    def only(self, *known: str) -> Fields:
        """Refuse any key outside `known`, because an ignored key looks like one that works."""
        for key in self.values:
            if key not in known:
                hint = did_you_mean(key, known) or f"; known are {', '.join(known)}"
                raise SourceError(f"{self.where} has an unknown key '{key}'{hint}")
        return self

    def text(self, key: str, default: str = "") -> str:
        """A string."""
        value = self.values.get(key, default)
        return value if isinstance(value, str) else self._wrong(key, 'a text, such as "name"')

    def needed(self, key: str) -> str:
        """A string that has no default."""
        if not self.text(key).strip():
            raise SourceError(f'{self.where} needs {key} = "…"')
        return self.text(key)

    def choice(self, key: str, known: tuple[str, ...], default: str) -> str:
        """One of a closed list of words."""
        value = self.text(key, default)
        if value not in known:
            hint = did_you_mean(value, known) or f"; known are {', '.join(known)}"
            raise SourceError(f"{self.where}: {key} cannot be '{value}'{hint}")
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of strings; a single one stands for a list of one."""
        value = self.values.get(key, default)
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return self._wrong(key, 'a list of texts, such as ["a", "b"]')

    def number(self, key: str, default: int, low: int = 0) -> int:
        """A whole number, not below `low`."""
        value = self.values.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= low:
            return value
        return self._wrong(key, f"a whole number of at least {low}")

    def share(self, key: str, default: float) -> float:
        """A number between 0 and 1."""
        value = self.values.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            return float(value)
        return self._wrong(key, "a share between 0.0 and 1.0")

    def flag(self, key: str) -> bool | None:
        """True, false, or not said."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        return self._wrong(key, "true or false")

    def table(self, key: str, where: str) -> Fields:
        """A table within this one; absent means empty."""
        value = self.values.get(key, {})
        if isinstance(value, dict):
            return Fields(where, value)
        return self._wrong(key, f"a table of its own, written as [table.{key}]")

    def tables(self, key: str) -> tuple[Fields, ...]:
        """A list of tables; absent means none."""
        value = self.values.get(key, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return tuple(
                Fields(f"{self.where}: [[{key}]] {number}", item)
                for number, item in enumerate(value, start=1)
            )
        return self._wrong(key, f"written as [[{key}]]")

    def _wrong(self, key: str, expected: str) -> NoReturn:
        raise SourceError(f"{self.where}: {key} must be {expected}, not {self.values[key]!r}")


def read_toml(path: Path) -> Fields:
    """A TOML file as fields; whatever stops it from being read is one sentence."""
    where = f"{path.parent.name}/{path.name}"
    try:
        return Fields(where, tomllib.loads(path.read_text("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise SourceError(f"{where} is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise SourceError(f"{where} cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{where} is not TOML: {error}") from error
