"""A home: the one folder that holds everything a happycall installation knows.

Only `releases/` is ever copied to a read server; what is personal lies beside it.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import HomeError

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of a home, by name, so that no path is spelt twice."""

    root: Path

    @property
    def landing(self) -> Path:
        """Where extracts arrive, one folder per source."""
        return self.root / "landing"

    @property
    def taken(self) -> Path:
        """Accepted files, encrypted, named by their content."""
        return self.landing / ".taken"

    @property
    def quarantine(self) -> Path:
        """Refused records in their raw form, encrypted."""
        return self.root / "quarantine"

    @property
    def vault(self) -> Path:
        """Who is who; never part of a release."""
        return self.root / "vault"

    @property
    def texts(self) -> Path:
        """Verbatims, encrypted with their person's key."""
        return self.root / "texts"

    @property
    def log(self) -> Path:
        """What the long-running parts wrote down."""
        return self.root / "log"

    @property
    def dagster(self) -> Path:
        """The Dagster instance of this home."""
        return self.root / "dagster"

    @property
    def releases(self) -> Path:
        """The warehouse: base, tails and manifest."""
        return self.root / "releases"

    @property
    def spill(self) -> Path:
        """Where DuckDB may put what outgrows its memory; empty when nothing runs."""
        return self.root / "spill"

    @property
    def lock(self) -> Path:
        """The file every writer locks."""
        return self.root / "writer.lock"

    @property
    def id(self) -> str:
        """The name under which the keys of this home are kept apart from it."""
        return (self.root / "home.id").read_text(encoding="ascii").strip()


def open_home(
    root: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    *,
    writable: bool = True,
) -> Home:
    """The home at `root`, else at HAPPYCALL_HOME, else at data/home, made when it is not there.

    With `writable=False` nothing is made: enough to read a copied release.
    """
    given = environ.get("HAPPYCALL_HOME", "").strip()
    place = root or (Path(given).expanduser() if given else PROJECT / "data" / "home")
    home = Home(Path(os.path.abspath(place)))  # noqa: PTH100  (resolve() would follow a link away)
    if not writable:
        if not home.releases.is_dir():
            raise HomeError(f"There is no happycall home at {home.root}: it has no releases folder")
        return home
    try:
        _make(home)
    except OSError as error:
        raise HomeError(
            f"The home {home.root} cannot be used ({error.strerror or error}); "
            "name a folder that can be written in HAPPYCALL_HOME"
        ) from error
    return home


def _make(home: Home) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    for folder in (home.landing, home.log, home.dagster, home.releases):
        folder.mkdir(exist_ok=True)
    for folder in (home.taken, home.quarantine, home.vault, home.texts, home.spill):
        folder.mkdir(exist_ok=True, mode=0o700)
    for folder in (home.root, home.releases):
        with tempfile.TemporaryFile(dir=folder):
            pass
    _name(home.root / "home.id")


def _name(place: Path) -> None:
    """Name a new home by chance, and only once although several processes may open it at once."""
    if place.exists():
        return
    mine = place.with_name(f".home.id-{os.getpid()}-{secrets.token_hex(4)}")
    mine.write_text(secrets.token_hex(8) + "\n", encoding="ascii")
    try:
        os.link(mine, place)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
