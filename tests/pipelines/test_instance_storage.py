"""The worker's storage writes what Dagster's own reads."""

from pathlib import Path

import dagster as dg
import pytest

from models.home import Home, open_home
from pipelines.instance import prepare_instance
from pipelines.worker import open_instance


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@dg.asset
def cells() -> None:
    """Something to materialize."""


def materialized(instance: dg.DagsterInstance) -> int:
    records = instance.fetch_materializations(cells.key, limit=100).records
    return len(records)


def test_runs_of_the_worker_are_seen_by_everybody_else(home: Home) -> None:
    kept = open_instance(home)
    for _ in range(4):  # more runs than files are held open
        assert dg.materialize([cells], instance=kept).success
    with dg.DagsterInstance.from_config(str(prepare_instance(home))) as plain:
        assert materialized(plain) == materialized(kept) == 4
        runs = plain.get_runs()
        assert [run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS] * 4
        assert all(plain.all_logs(run.run_id) for run in runs)
    kept.dispose()


def test_what_others_write_is_seen_by_the_worker(home: Home) -> None:
    kept = open_instance(home)
    assert dg.materialize([cells], instance=kept).success
    with dg.DagsterInstance.from_config(str(prepare_instance(home))) as plain:
        assert dg.materialize([cells], instance=plain).success
        assert materialized(kept) == 2
        plain.delete_run(plain.get_runs()[-1].run_id)
    assert len(kept.get_runs()) == 1
    kept.dispose()


def test_after_dispose_no_file_is_held(home: Home) -> None:
    kept = open_instance(home)
    assert dg.materialize([cells], instance=kept).success
    kept.dispose()
    assert not list(home.dagster.rglob("*.db-wal"))
