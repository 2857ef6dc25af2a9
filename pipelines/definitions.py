"""What Dagster loads: `dagster dev` in the project's folder finds this and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from cubes.cube import Cuboid
from cubes.in_use import cuboids_in_use
from cubes.lattice import CUBOIDS
from models.catalog import shipped_models
from models.errors import HomeError
from models.home import Home, open_home
from models.manifest import read_manifest
from pipelines import assets
from pipelines.asset_checks import nightly_row_checks
from pipelines.schedules import nightly_schedule
from pipelines.sensors import landing_sensor
from pipelines.source import SOURCES, Source, home_sources, read_sources

if TYPE_CHECKING:
    from pipelines.session import LoadSession

LOAD = "load"
NIGHTLY = "nightly"
RETRIED = {"dagster/max_retries": "2", "dagster/retry_strategy": "ALL_STEPS"}


def define(
    home: Callable[[], Home],
    sources: Sequence[Source],
    session: Callable[[], LoadSession],
    cuboids: Sequence[Cuboid] = CUBOIDS,
    *,
    with_row_checks: bool = False,
) -> dg.Definitions:
    """Assets, jobs, schedule and sensor of one home; the home itself is opened by what runs.

    The step of the row checks is for what Dagster shows and the night runs: a worker's definitions
    do without, because a selection of assets brings their checks along, and each costs events.
    """
    load_assets = assets.load_assets(sources, shipped_models(), cuboids)
    shown = assets.shown_models(sources, shipped_models())
    row_checks = [nightly_row_checks(shown, assets.model_key)] if with_row_checks else []
    loading = dg.AssetSelection.assets(*load_assets) - dg.AssetSelection.checks(*row_checks)
    load_job = dg.define_asset_job(LOAD, loading, tags=RETRIED)
    nightly_job = dg.define_asset_job(NIGHTLY, dg.AssetSelection.all(), tags=RETRIED)
    return dg.Definitions(
        assets=[*load_assets, *assets.chore_assets(home, os.environ)],
        asset_checks=row_checks,
        jobs=[load_job, nightly_job],
        schedules=[nightly_schedule(NIGHTLY)],
        sensors=[landing_sensor(LOAD, home, sources)],
        resources={"load": assets.load_resource(session)},
        executor=dg.in_process_executor,
    )


def _cuboids() -> tuple[Cuboid, ...]:
    """The cuboids the home keeps now; what its advice changes later shows at the next start."""
    try:
        return cuboids_in_use(read_manifest(open_home(writable=False)))
    except HomeError:
        return CUBOIDS


def _sources() -> tuple[Source, ...]:
    """The sources that come with happycall and, where a home stands already, its own."""
    try:
        return home_sources(open_home(writable=False))
    except HomeError:
        return read_sources((SOURCES,))


def _session() -> LoadSession:
    from pipelines.session import LoadSession

    return LoadSession(open_home(), SHIPPED)


SHIPPED = _sources()
defs = define(open_home, SHIPPED, _session, _cuboids(), with_row_checks=True)
