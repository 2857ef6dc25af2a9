"""Row checks in Dagster: what a load refused is told of its models, and costs a clean load nothing.

A survey of one question, scale 1 … 5; a score of 9 fails the check of fact_answer, a date of 1970
one of the canonical answer.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg
import pytest

from models.catalog import shipped_models
from models.home import Home, open_home
from models.manifest import read_manifest
from pipelines.asset_checks import ROWS, checked
from pipelines.assets import model_key
from pipelines.definitions import LOAD, NIGHTLY, define, defs
from pipelines.instance import prepare_instance
from pipelines.row_checks import reason_of
from pipelines.session import LoadSession
from pipelines.source import Source, read_sources

OLD = 1_000_000_000.0
SCORE = "score between dim_question.low and dim_question.high"
DATE = "local_date between date '1990-01-01' and date '2049-12-31'"
MODELS = {model.name: model for model in shipped_models()}
ANSWER, CANONICAL = model_key(MODELS["fact_answer"]), model_key(MODELS["canonical_answer"])
FILES = {
    "source.toml": """
timezone = "Asia/Seoul"
[[table]]
name = "survey"
[table.match]
path = "survey*.csv"
[table.change]
mode = "append"
key = ["id"]
[[table]]
name = "scale"
[table.match]
path = "scale*.csv"
[table.change]
mode = "snapshot"
key = ["code"]
""",
    "answer.survey.sql": """
select s._record, s.id as response_ref, 'q' as question_ref, s.score, s.day as local_date
from survey as s
""",
    "question.scale.sql": """
select s._record, s.code as question_ref, s.low, s.high, 1 as direction, 100 as weight
from scale as s
""",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Source, ...]:
    folder = tmp_path / "sources" / "tiny"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_sources((folder.parent,))


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(prepare_instance(home))) as found:
        yield found


def land(home: Home, name: str, text: str) -> None:
    path = home.landing / "tiny" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (OLD, OLD))


def run(
    home: Home, sources: tuple[Source, ...], instance: dg.DagsterInstance, job: str
) -> Mapping[dg.AssetKey, dg.AssetCheckEvaluation]:
    """One run; what it says of the row checks of each asset."""
    by_night = job == NIGHTLY
    session = lambda: LoadSession(home, sources)  # noqa: E731
    mine = define(lambda: home, sources, session, with_row_checks=by_night)
    result = mine.resolve_job_def(job).execute_in_process(instance=instance)
    assert result.success
    told = [each for each in result.get_asset_check_evaluations() if each.check_name == ROWS]
    return {each.asset_key: each for each in told}


def counts(evaluation: dg.AssetCheckEvaluation) -> dict[str, object]:
    return {name: value.value for name, value in evaluation.metadata.items()}


def test_every_model_with_checks_has_one_asset_check_that_blocks_nothing() -> None:
    graph = defs.resolve_asset_graph()
    listed = {key.asset_key for key in graph.asset_check_keys if key.name == ROWS}
    shown = graph.get_all_asset_keys()
    assert listed == {model_key(m) for m in checked(shipped_models())} & shown
    assert ANSWER in listed
    assert CANONICAL in listed
    assert model_key(MODELS["dim_site"]) in listed
    for key in graph.asset_check_keys:
        if key.name == ROWS:
            assert not graph.get(key).blocking
    spec = graph.get(dg.AssetCheckKey(ANSWER, ROWS))
    assert SCORE in (spec.description or ""), "its tags are told"


def test_the_words_of_the_quarantine_are_those_of_the_check() -> None:
    assert reason_of(MODELS["fact_answer"], SCORE) == f"fact_answer: {SCORE}"
    assert reason_of(MODELS["canonical_answer"], DATE) == f"answer: {DATE}"


def test_a_load_tells_what_its_checks_refused_and_is_released(
    home: Home, sources: tuple[Source, ...], instance: dg.DagsterInstance
) -> None:
    land(home, "scale.csv", "code,low,high\nq,1,5\n")
    land(home, "survey.csv", "id,score,day\n1,5,2026-11-02\n2,9,2026-11-02\n3,4,1970-01-01\n")
    told = run(home, sources, instance, LOAD)
    assert set(told) == {ANSWER, CANONICAL}
    assert counts(told[ANSWER]) == {SCORE: 1, "load": 1}
    assert counts(told[CANONICAL]) == {DATE: 1, "load": 1}
    for evaluation in told.values():
        assert not evaluation.passed
        assert evaluation.severity is dg.AssetCheckSeverity.WARN
    manifest = read_manifest(home)
    assert manifest is not None
    assert manifest.load == 1

    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [dg.AssetCheckKey(ANSWER, ROWS)]
    )
    assert len(latest) == 1, "Dagster's own pages list it"


def test_a_load_that_refuses_nothing_spends_no_event_on_row_checks(
    home: Home, sources: tuple[Source, ...], instance: dg.DagsterInstance
) -> None:
    land(home, "survey.csv", "id,score,day\n1,5,2026-11-02\n")
    assert run(home, sources, instance, LOAD) == {}
    events = instance.all_logs(instance.get_runs()[0].run_id)
    planned = [e for e in events if ROWS in str(getattr(e.dagster_event, "asset_check_key", ""))]
    assert planned == []


def test_a_record_recalled_by_a_later_master_counts_too(
    home: Home, sources: tuple[Source, ...], instance: dg.DagsterInstance
) -> None:
    land(home, "survey.csv", "id,score,day\n1,9,2026-11-02\n2,4,2026-11-02\n")
    assert run(home, sources, instance, LOAD) == {}, "no scale yet, nothing to hold against it"
    land(home, "scale.csv", "code,low,high\nq,1,5\n")
    told = run(home, sources, instance, LOAD)
    assert counts(told[ANSWER]) == {SCORE: 1, "load": 2}


def test_the_night_says_of_every_model_how_it_stands(
    home: Home, sources: tuple[Source, ...], instance: dg.DagsterInstance
) -> None:
    land(home, "scale.csv", "code,low,high\nq,1,5\n")
    land(home, "survey.csv", "id,score,day\n1,5,2026-11-02\n2,9,2026-11-02\n")
    told = run(home, sources, instance, NIGHTLY)
    assert counts(told[ANSWER])[SCORE] == 1
    assert counts(told[CANONICAL]) == {"refused": 0}
    assert told[CANONICAL].passed
    assert told[model_key(MODELS["dim_site"])].passed

    quiet = run(home, sources, instance, NIGHTLY)
    assert quiet[ANSWER].passed, "a night in which nothing landed refused nothing"
