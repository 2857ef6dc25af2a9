"""When the night begins, in the zone of the sites, and how long old runs are remembered."""

from datetime import timedelta

import dagster as dg

from models.home import Home
from pipelines.instance import prepare_instance

ZONE = "Asia/Seoul"
NIGHTLY = "30 3 * * *"
KEEP_RUNS = 500
KEEP_DAYS = 14


def nightly_schedule(job_name: str) -> dg.ScheduleDefinition:
    """The nightly job, when the sites sleep."""

    @dg.schedule(
        name="every_night",
        cron_schedule=NIGHTLY,
        execution_timezone=ZONE,
        job_name=job_name,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Everything that landed, then the chores of the night.",
    )
    def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=context.scheduled_execution_time.date().isoformat())

    return every_night


def prune_home(home: Home) -> int:
    """As `prune_runs`, on the instance of a home."""
    with dg.DagsterInstance.from_config(str(prepare_instance(home))) as instance:
        return prune_runs(instance)


def prune_runs(instance: dg.DagsterInstance, keep: int = KEEP_RUNS, days: int = KEEP_DAYS) -> int:
    """Forget finished runs beyond the newest `keep` or older than `days`; returns how many.

    A worker makes a run for every extract, so that without this the instance outgrows the data.
    """
    finished = dg.RunsFilter(
        statuses=[
            dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED
        ]
    )  # fmt: skip
    records = instance.get_run_records(finished, order_by="create_timestamp")
    if not records:
        return 0
    oldest = records[0].create_timestamp - timedelta(days=days)
    old = [r for n, r in enumerate(records) if n >= keep or r.create_timestamp < oldest]
    for record in old:
        instance.delete_run(record.dagster_run.run_id)
    return len(old)
