"""The sensor that covers for the worker: slower, but it does not forget."""

import time
from collections.abc import Callable, Sequence

import dagster as dg

from models.home import Home
from pipelines.assets import touched_by
from pipelines.source import Source
from pipelines.worker_place import has_worker

EVERY_SECONDS = 30
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def landing_sensor(
    job_name: str,
    open_home: Callable[[], Home],
    sources: Sequence[Source],
) -> dg.SensorDefinition:
    """Asks for a run when files wait and no worker is there to take them."""

    @dg.sensor(
        name="landed",
        job_name=job_name,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Loads what landed while no worker runs.",
    )
    def landed(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        from pipelines.load import landed_sources

        home = open_home()
        if has_worker(home):
            return dg.SkipReason("a worker refreshes this home")
        waiting = landed_sources(home, sources, now=time.time())
        if not waiting:
            return dg.SkipReason("nothing landed")
        running = dg.RunsFilter(job_name=job_name, statuses=UNFINISHED)
        if context.instance.get_runs_count(running) or context.repository_def is None:
            return dg.SkipReason("a load is already under way")
        graph = context.repository_def.asset_graph
        return dg.RunRequest(asset_selection=list(touched_by(graph, waiting)))

    return landed
