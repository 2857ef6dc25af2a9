"""Dagster's SQLite storage with connections that stay open, for a process that stays.

Dagster's own opens an engine, a connection and a compiled statement anew for each of the thousand
statements of a run: more than half the time of an intraday refresh. Files and tables are the same,
so that web server and daemon read them with the storage they know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from models.home import Home

KEPT_RUNS = 2  # files of runs held open: the one under way, and the one before


def overrides(home: Home) -> Mapping[str, Any]:
    """The settings that give an instance of this process alone these storages."""
    history = home.dagster / "history"
    return {
        "run_storage": _setting(KeptRunStorage, str(history)),
        "event_log_storage": _setting(KeptEventLogStorage, str(history / "runs")),
    }


class KeptEventLogStorage(SqliteEventLogStorage):
    """Events of runs, a file a run and one index; the newest files stay open.

    A class because Dagster asks for one: it is named in the instance's settings.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> KeptEventLogStorage:
        """As Dagster makes it from the settings."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._kept.pop(shard, None) or kept_open(self.conn_string_for_shard(shard))
            self._kept[shard] = engine  # the newest last
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection
            self._let_go(KEPT_RUNS)

    def _let_go(self, most: int) -> None:
        runs = [shard for shard in self._kept if shard != INDEX_SHARD_NAME]
        for shard in runs[: max(0, len(runs) - most)]:
            self._kept.pop(shard).dispose()

    def dispose(self) -> None:
        """Closes every file."""
        super().dispose()
        for engine in self._kept.values():
            engine.dispose()
        self._kept.clear()


class KeptRunStorage(SqliteRunStorage):
    """The list of runs, in one file that stays open."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(conn_string, inst_data)
        self._engine = kept_open(conn_string)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> KeptRunStorage:
        """As Dagster makes it from the settings."""
        return cls.from_local(inst_data=inst_data, **config_value)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """One transaction."""
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Closes the file."""
        self._engine.dispose()


def kept_open(conn_string: str) -> Engine:
    """An engine whose connections stay; syncs to the disk are left to SQLite's checkpoints.

    With a write-ahead log that can lose the last rows of a run's story in a power cut, never
    damage it; the releases themselves do not depend on it.
    """
    engine = create_engine(
        conn_string,
        poolclass=QueuePool,
        pool_size=1,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _relax)
    return engine


def _relax(connection: Any, _record: object) -> None:
    connection.execute("pragma synchronous = normal")


def _setting(storage: type, base_dir: str) -> Mapping[str, Any]:
    return {
        "module": storage.__module__,
        "class": storage.__name__,
        "config": {"base_dir": base_dir},
    }
