"""Dagster: the lineage reads like the architecture, and one run is one load."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from cubes.lattice import CUBOIDS
from models.catalog import shipped_models
from models.errors import HomeError
from models.home import Home, open_home
from models.lock import lock_holder
from models.manifest import read_manifest
from pipelines.assets import NIGHT, PULL, RELEASE, cuboid_key, model_key, source_key, touched_by
from pipelines.definitions import LOAD, NIGHTLY, define, defs
from pipelines.instance import prepare_instance
from pipelines.load import home_sources
from pipelines.nightly import CHORES, Chore, nightly
from pipelines.schedules import ZONE, prune_runs
from pipelines.session import LoadSession
from pipelines.simulate import simulate
from pipelines.source import SOURCES
from pipelines.worker import BY, Worker, open_worker, pause_after
from pipelines.worker_place import has_worker, only_worker

OLD = 1_000_000_000.0  # seconds since 1970: anything touched then stands still


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("extracts")
    simulate(out, sites=4, days=1, seed=3)
    return out


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(prepare_instance(home))) as found:
        yield found


def land(extracts: Path, home: Home, *names: str) -> None:
    """Put extracts into landing as files that have stood still for long."""
    import os

    for path in sorted(extracts.rglob("*")):
        source = path.parent.name
        if path.is_file() and (SOURCES / source).is_dir() and (not names or source in names):
            target = home.landing / source / path.name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
            os.utime(target, (OLD, OLD))


STORE = (cuboid_key("satisfaction_site_month"),)


def definitions(home: Home) -> dg.Definitions:
    sources = home_sources(home)
    return define(lambda: home, sources, lambda: LoadSession(home, sources, wait_seconds=0.2))


def run(
    home: Home, instance: dg.DagsterInstance, *selection: dg.AssetKey
) -> dg.ExecuteInProcessResult:
    return definitions(home).resolve_job_def(LOAD).execute_in_process(
        instance=instance, asset_selection=list(selection) or None, raise_on_error=False
    )  # fmt: skip


def below(key: dg.AssetKey) -> set[dg.AssetKey]:
    return set(dg.AssetSelection.assets(key).downstream().resolve(defs.resolve_asset_graph()))


def test_there_is_an_asset_for_every_source_model_in_use_and_cuboid() -> None:
    keys = defs.resolve_asset_graph().get_all_asset_keys()
    for source in home_sources(open_home()):
        assert source_key(source.name) in keys
    for model in shipped_models():
        if model.layer != "canonical":
            assert model_key(model) in keys
    for cuboid in CUBOIDS:
        assert cuboid_key(cuboid.name) in keys


def test_the_lineage_goes_from_source_to_release() -> None:
    models = {model.name: model_key(model) for model in shipped_models()}
    reached = below(source_key("consumidor_gov_br"))
    for name in (
        "canonical_answer",
        "fact_answer",
        "canonical_contact",
        "fact_contact",
        "dim_site",
    ):
        assert models[name] in reached
    assert cuboid_key(CUBOIDS[0].name) in below(models["fact_answer"])
    assert cuboid_key(CUBOIDS[0].name) not in below(models["fact_purchase"])
    for key in defs.resolve_asset_graph().get_all_asset_keys() - {PULL, *NIGHT}:
        assert RELEASE in below(key), f"{key} is released by nothing"
    assert below(RELEASE) == {RELEASE, *NIGHT}


def test_every_check_of_a_whole_load_blocks_what_comes_after() -> None:
    graph = defs.resolve_asset_graph()
    checks = [graph.get(key) for key in graph.asset_check_keys]
    assert {check.key.name for check in checks} == {"keys", "totals", "balance", "rows"}
    assert all(check.blocking is (check.key.name != "rows") for check in checks)


def test_the_night_begins_when_the_sites_sleep() -> None:
    schedule = defs.resolve_schedule_def("every_night")
    assert schedule.execution_timezone == ZONE == "Asia/Seoul"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == NIGHTLY


def test_only_the_night_does_the_chores_of_the_night() -> None:
    nightly, load = defs.resolve_job_def(NIGHTLY), defs.resolve_job_def(LOAD)
    assert nightly.asset_layer.executable_asset_keys >= {PULL, *NIGHT}
    assert not load.asset_layer.executable_asset_keys & {PULL, *NIGHT}


def test_the_schedule_and_the_command_take_their_chores_from_one_list(
    home: Home,
    instance: dg.DagsterInstance,
    extracts: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    def noting(chore: Chore) -> Chore:
        def work(place: Home) -> Mapping[str, int | str | None]:
            done.append(chore.name)
            return chore.work(place)

        return replace(chore, work=work)

    chores = tuple(map(noting, CHORES))
    monkeypatch.setattr("pipelines.nightly.CHORES", chores)
    monkeypatch.setattr("pipelines.assets.CHORES", chores)
    land(extracts, home, "network_sites")
    night = nightly(home, {})
    assert night.loaded.changed
    assert (by_command := list(done)) == [chore.name for chore in CHORES]

    done.clear()
    land(extracts, home, "network_purchases")
    job = definitions(home).resolve_job_def(NIGHTLY)
    assert job.execute_in_process(instance=instance).success
    assert done == by_command
    manifest = read_manifest(home)
    assert manifest is not None
    assert (manifest.load, manifest.tails) == (2, ()), "loaded, and compacted"


def test_a_night_of_dagster_takes_everything_that_landed(
    home: Home, instance: dg.DagsterInstance, extracts: Path
) -> None:
    sources = home_sources(home)
    land(extracts, home, "network_sites", "network_purchases")
    small = define(lambda: home, sources, lambda: LoadSession(home, sources, most_bytes=1))
    assert small.resolve_job_def(NIGHTLY).execute_in_process(instance=instance).success
    assert not [path for path in home.landing.glob("network_*/*") if path.is_file()]


def test_a_night_that_finds_a_damaged_file_fails(
    home: Home, instance: dg.DagsterInstance, extracts: Path
) -> None:
    land(extracts, home, "network_sites")
    nightly(home, {})
    (base,) = home.releases.glob("*.duckdb")
    damaged = bytearray(base.read_bytes())
    damaged[-1] ^= 1
    base.write_bytes(damaged)
    result = definitions(home).resolve_job_def(NIGHTLY).execute_in_process(
        instance=instance, raise_on_error=False
    )  # fmt: skip
    assert not result.success
    with pytest.raises(HomeError, match="damaged"):
        nightly(home, {})


def test_nothing_is_told_to_anybody_outside(instance: dg.DagsterInstance) -> None:
    assert instance.telemetry_enabled is False


def test_one_run_is_one_load(home: Home, instance: dg.DagsterInstance, extracts: Path) -> None:
    land(extracts, home)
    result = run(home, instance)
    assert result.success
    manifest = read_manifest(home)
    assert manifest is not None
    assert manifest.load == 1
    made = {event.asset_key for event in result.get_asset_materialization_events()}
    assert RELEASE in made
    told = next(
        event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key == RELEASE
    )
    assert told["load"].value == 1
    assert told["accepted"].value > 0
    assert all(check.passed for check in result.get_asset_check_evaluations())
    assert lock_holder(home) is None

    assert run(home, instance, RELEASE).success
    assert read_manifest(home) == manifest


def test_a_selection_without_release_is_widened_to_it(
    home: Home, instance: dg.DagsterInstance, extracts: Path
) -> None:
    land(extracts, home, "network_purchases")
    assert run(home, instance, source_key("network_purchases")).success
    manifest = read_manifest(home)
    assert manifest is not None
    assert manifest.load == 1


def test_a_check_that_fails_leaves_nothing_released_and_the_lock_free(
    home: Home, instance: dg.DagsterInstance, extracts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(extracts, home, "network_survey_store")
    with monkeypatch.context() as broken:
        broken.setattr(LoadSession, "check_totals", lambda self, name: f"{name} is one short")
        assert not run(home, instance, source_key("network_survey_store"), *STORE).success
    assert read_manifest(home) is None
    assert lock_holder(home) is None
    assert run(home, instance, source_key("network_survey_store")).success, "mended, it loads"


def test_a_failing_step_leaves_nothing_released_and_the_lock_free(
    home: Home, instance: dg.DagsterInstance, extracts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: LoadSession, name: str) -> None:
        raise RuntimeError("a fault")

    land(extracts, home, "network_purchases")
    monkeypatch.setattr(LoadSession, "model", broken)
    assert not run(home, instance).success
    assert read_manifest(home) is None
    assert lock_holder(home) is None


def test_what_a_source_touches_does_not_hold_what_it_cannot_touch() -> None:
    touched = touched_by(defs.resolve_asset_graph(), ["network_purchases"])
    names = {"/".join(key.path) for key in touched}
    assert {
        "sources/network_purchases",
        "canonical/purchase",
        "facts/fact_purchase",
        "release",
    } <= names
    assert "facts/fact_answer" not in names
    assert not {*NIGHT} & set(touched)


@pytest.fixture
def worker(home: Home) -> Iterator[Worker]:
    found = open_worker(home, lambda text: None, lambda: 4 * OLD)
    yield found
    found.close()


def test_a_worker_loads_what_landed_and_then_has_nothing_to_do(
    home: Home, worker: Worker, extracts: Path
) -> None:
    assert worker.turn() is False
    land(extracts, home, "network_sites")
    assert worker.turn() is True
    land(extracts, home, "network_purchases")
    assert worker.turn() is True
    assert worker.turn() is False
    manifest = read_manifest(home)
    assert manifest is not None
    assert manifest.load == 2
    runs = worker.instance.get_runs(dg.RunsFilter(tags={BY: "worker"}))
    assert [run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS] * 2


def test_a_worker_backs_off_from_a_fault_and_comes_back(
    home: Home, worker: Worker, extracts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    worker.say = said.append
    land(extracts, home, "network_purchases")
    with monkeypatch.context() as broken:
        broken.setattr(LoadSession, "check_accounting", lambda self, source: "three are missing")
        assert worker.turn() is False
        assert worker.turn() is False
    assert worker.failures == 2
    assert pause_after(worker.failures) == 2.0
    assert worker.turn() is True
    assert worker.failures == 0
    assert said[0].endswith("trying again in 1 s")


def test_one_worker_is_enough(home: Home) -> None:
    assert not has_worker(home)
    with only_worker(home):
        assert has_worker(home)
        with pytest.raises(Exception, match="already"), only_worker(home):
            pass
    assert not has_worker(home)


def test_the_sensor_covers_for_a_worker_that_is_not_there(
    home: Home, instance: dg.DagsterInstance, extracts: Path
) -> None:
    mine = definitions(home)
    sensor = mine.resolve_sensor_def("landed")

    def tick() -> object:
        with dg.build_sensor_context(
            instance=instance, repository_def=mine.get_repository_def()
        ) as context:
            return sensor(context)

    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert isinstance(tick(), dg.SkipReason)
    land(extracts, home, "network_purchases")
    with only_worker(home):
        assert isinstance(tick(), dg.SkipReason)
    wanted = tick()
    assert isinstance(wanted, dg.RunRequest)
    assert wanted.asset_selection is not None
    assert RELEASE in wanted.asset_selection


def test_old_runs_are_forgotten_and_the_newest_kept(
    home: Home, instance: dg.DagsterInstance
) -> None:
    @dg.job
    def nothing() -> None: ...

    kept = [nothing.execute_in_process(instance=instance).run_id for _ in range(4)][2:]
    assert prune_runs(instance, keep=2) == 2
    assert {run.run_id for run in instance.get_runs()} == set(kept)
