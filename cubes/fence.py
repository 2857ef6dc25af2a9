"""What DuckDB itself refuses to questions, should one ever pass the judge.

The configuration is not locked: each question's cursor sets its release and its time. The judge
admits no statement that could set anything (docs/decisions/reader-not-locked.md).
"""

from __future__ import annotations

import duckdb

from models.home import Home
from models.table import literal


def fence(cursor: duckdb.DuckDBPyConnection, home: Home | None) -> None:
    """Shut a reader's DuckDB in, for good: no file but its releases, no variable of the program."""
    (open_to_files,) = cursor.execute(
        "select current_setting('enable_external_access')"
    ).fetchone() or (True,)
    if not open_to_files:
        return
    inside = "" if home is None else literal(home.releases)
    cursor.execute(f"set global allowed_directories = [{inside}]")
    cursor.execute("set global enable_external_access = false")
    cursor.execute("set global python_enable_replacements = false")
