"""The settings of a home's Dagster instance, written where Dagster looks for them."""

from __future__ import annotations

from pathlib import Path

from models.home import Home

SETTINGS = """\
# Written by happycall; changes here are overwritten.
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  runs: {max_concurrent_runs: 1}
  pools: {granularity: run, default_limit: 1}
run_retries: {enabled: true, max_retries: 0, retry_on_asset_or_op_failure: true}
run_monitoring: {enabled: true, start_timeout_seconds: 120}
freshness: {enabled: true}
retention:
  schedule: {purge_after_days: 90}
  sensor: {purge_after_days: {skipped: 1, success: 14, failure: 30}}
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def prepare_instance(home: Home) -> Path:
    """The instance's folder, with its settings in place; runs stay in it from start to start."""
    place = home.dagster / "dagster.yaml"
    if not place.is_file() or place.read_text(encoding="utf-8") != SETTINGS:
        place.write_text(SETTINGS, encoding="utf-8")
    return home.dagster
