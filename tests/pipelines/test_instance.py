"""Dagster's settings are the same wherever it is started from."""

from __future__ import annotations

import yaml

from models.home import PROJECT
from pipelines.instance import SETTINGS


def test_dagster_started_by_hand_in_the_project_has_the_settings_of_a_home() -> None:
    by_hand = yaml.safe_load((PROJECT / "dagster.yaml").read_text(encoding="utf-8"))
    assert by_hand == yaml.safe_load(SETTINGS)
    assert by_hand["telemetry"] == {"enabled": False}
