"""The assets: every source, model and cuboid, the release they end in, and the chores of a night.

One load is one run. All steps of a run share one session, which takes the writer lock with the
first step; each asset asks the session for its own part of the work, and only `release` commits.
Dagster shows what happens and when; what happens stands in the session.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from cubes.cube import Cuboid
from cubes.refresh import dimension_columns
from models.catalog import Model
from models.home import Home
from pipelines.asset_checks import refusals
from pipelines.nightly import CHORES, Chore, pulling
from pipelines.source import Source
from pipelines.unusual import unusual

if TYPE_CHECKING:
    from pipelines.session import LoadSession

ACCOUNTS = dg.AssetKey(["accounts"])
RELEASE = dg.AssetKey(["release"])
PULL = dg.AssetKey(["pull"])
NIGHT = tuple(dg.AssetKey([chore.name]) for chore in CHORES)
POOL = "writer"
FOLDERS: Mapping[str, str] = {"canonical": "canonical", "dimension": "dimensions", "fact": "facts"}
DAILY = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=25), fail_window=timedelta(hours=49)
)
PATIENT = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL)
Metadata = Mapping[str, int | str | bool | None]
Work = Callable[["LoadSession"], Metadata]
Tell = Callable[["LoadSession"], Sequence[dg.AssetCheckEvaluation]]


@dataclass(slots=True)
class RunLoad:
    """The load of one run, and which of its planned assets are done."""

    session: "LoadSession"
    planned: frozenset[dg.AssetKey]
    done: set[dg.AssetKey] = field(default_factory=set)
    has_work: bool | None = None
    has_told: bool = False  # how every row check went

    def begin(self) -> bool:
        """Take the lock with the first step that asks; False when nothing landed."""
        if self.has_work is None:
            self.has_work = self.session.begin()
        return self.has_work

    def finish(self, key: dg.AssetKey) -> None:
        """Release with the last planned step: a selection without `release` is widened to it."""
        self.done.add(key)
        if self.has_work and self.planned and RELEASE not in self.planned <= self.done:
            self.session.release()


@dataclass(frozen=True, slots=True)
class Check:
    """A check that blocks everything after its asset; it holds when it returns no sentence."""

    name: str
    doc: str
    sentence: Callable[["LoadSession"], str]


def load_resource(open_session: Callable[[], "LoadSession"]) -> dg.ResourceDefinition:
    """The session of a run; whatever becomes of the run, its lock and its half-made tail go."""

    @dg.resource(description="One load: the writer lock, its phases, its release.")
    def load(context: dg.InitResourceContext) -> Iterator[RunLoad]:
        session = open_session()
        selected = context.run.asset_selection if context.run else None
        try:
            yield RunLoad(session, frozenset(selected or ()))
        finally:
            session.abort()
            session.note_refusals()
            session.close()

    return load


def source_key(name: str) -> dg.AssetKey:
    """The asset of a source."""
    return dg.AssetKey(["sources", name])


def model_key(model: Model) -> dg.AssetKey:
    """The asset of a model, under the folder the model lies in."""
    return dg.AssetKey([FOLDERS[model.layer], model.entity])


def cuboid_key(name: str) -> dg.AssetKey:
    """The asset of a cuboid."""
    return dg.AssetKey(["cuboids", name])


def touched_by(graph: Any, names: Sequence[str]) -> tuple[dg.AssetKey, ...]:
    """The assets that change when these sources bring something: they, and what follows."""
    below = dg.AssetSelection.assets(*map(source_key, names)).downstream().resolve(graph)
    return tuple(sorted(below - {*NIGHT}, key=lambda key: tuple(key.path)))


def _asset(
    key: dg.AssetKey,
    deps: Sequence[dg.AssetKey],
    doc: str,
    work: Work,
    check: Check | None = None,
    retry: dg.RetryPolicy | None = None,
    fresh: dg.FreshnessPolicy | None = None,
    tell: Tell = lambda session: (),
) -> dg.AssetsDefinition:
    """One asset over one piece of work of the run's load."""

    @dg.asset(
        key=key,
        deps=deps,
        description=doc,
        group_name=key.path[0],
        check_specs=[_spec(check, key)] if check else [],
        retry_policy=retry,
        freshness_policy=fresh,
        required_resource_keys={"load"},
        pool=POOL,
    )
    def asset(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        load: RunLoad = context.resources.load
        has_work = load.begin()
        metadata = work(load.session) if has_work else {}
        broken = check.sentence(load.session) if check and has_work else ""
        if not broken:
            load.finish(key)
        for event in tell(load.session) if has_work and not load.has_told else ():
            context.log_event(event)
        yield dg.MaterializeResult(
            metadata=metadata, check_results=[_checked(check, broken)] if check else []
        )

    return asset


def _spec(check: Check, key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(check.name, asset=key, description=check.doc, blocking=True)


def _checked(check: Check, broken: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not broken, check_name=check.name, metadata={"why": broken} if broken else {}
    )


def load_assets(
    sources: Sequence[Source], models: Sequence[Model], cuboids: Sequence[Cuboid]
) -> tuple[dg.AssetsDefinition, ...]:
    """The lineage of a load, from the sources to the release."""
    shown = shown_models(sources, models)
    keys = {model.name: model_key(model) for model in shown}
    facts = [keys[model.name] for model in shown if model.layer == "fact"]
    made = [
        *(_source_asset(source) for source in sources),
        *(_model_asset(model, keys, _feeds(model, sources)) for model in shown),
        *(_cuboid_asset(cuboid, _known(keys, _reads(cuboid))) for cuboid in cuboids),
        _accounts_asset(sources, facts),
    ]
    return (*made, _release_asset(_leaves(made), shown))


def shown_models(sources: Sequence[Source], models: Sequence[Model]) -> tuple[Model, ...]:
    """The models in the picture: no canonical entity that no source feeds and no model reads."""
    read = {name for model in models for name in model.reads}
    return tuple(
        m for m in models if m.layer != "canonical" or m.name in read or _feeds(m, sources)
    )


def _leaves(made: Sequence[dg.AssetsDefinition]) -> list[dg.AssetKey]:
    """What nothing else reads: a release that waits for these waits for everything."""
    read = {key for asset in made for key in asset.dependency_keys}
    return [asset.key for asset in made if asset.key not in read]


def _model_asset(
    model: Model, keys: Mapping[str, dg.AssetKey], feeds: Sequence[str]
) -> dg.AssetsDefinition:
    if model.layer == "canonical":
        return _canonical_asset(model, feeds)
    return _star_asset(model, _known(keys, model.reads))


def _feeds(model: Model, sources: Sequence[Source]) -> tuple[str, ...]:
    return tuple(s.name for s in sources if any(m.entity == model.entity for m in s.mappings))


def _reads(cuboid: Cuboid) -> tuple[str, ...]:
    return (cuboid.cube.fact, *dimension_columns(cuboid))


def _known(keys: Mapping[str, dg.AssetKey], names: Sequence[str]) -> list[dg.AssetKey]:
    return [keys[name] for name in names if name in keys]


def _source_asset(source: Source) -> dg.AssetsDefinition:
    def land(session: "LoadSession") -> Metadata:
        waiting = source.name in session.source_names
        if not waiting:
            return {}
        told: dict[str, int | str] = asdict(session.land(source.name))
        odd = unusual(session.state, (source,)).get(source.name, ())
        return {**told, "unusual": "; ".join(odd)} if odd else told

    deps = (PULL,) if source.kind == "database" else ()
    return _asset(source_key(source.name), deps, source.title, land, retry=PATIENT)


def _canonical_asset(model: Model, feeds: Sequence[str]) -> dg.AssetsDefinition:
    def map_sources(session: "LoadSession") -> Metadata:
        waiting = [name for name in feeds if name in session.source_names]
        return {"rows": sum(session.map(name).get(model.entity, 0) for name in waiting)}

    deps = [source_key(name) for name in feeds]
    return _asset(model_key(model), deps, model.doc, map_sources)


def _star_asset(model: Model, deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    def change(session: "LoadSession") -> Metadata:
        return asdict(session.model(model.name))

    check = Check("keys", "The key is unique and never null.", lambda s: s.check_keys(model.name))
    return _asset(model_key(model), deps, model.doc, change, check)


def _cuboid_asset(cuboid: Cuboid, deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    def change(session: "LoadSession") -> Metadata:
        return asdict(session.cuboid(cuboid.name))

    doc = f"Cells of {cuboid.cube.name} by {', '.join(cuboid.keys)}."
    check = Check(
        "totals", "The cells count exactly the facts.", lambda s: s.check_totals(cuboid.name)
    )
    return _asset(cuboid_key(cuboid.name), deps, doc, change, check)


def _accounts_asset(sources: Sequence[Source], facts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    def balanced(session: "LoadSession") -> str:
        return next(filter(None, map(session.check_accounting, session.source_names)), "")

    doc = "What became of every record: accepted, duplicate or quarantined."
    check = Check("balance", "landed = accepted + duplicate + quarantined.", balanced)
    deps = [*(source_key(source.name) for source in sources), *facts]
    return _asset(ACCOUNTS, deps, doc, lambda session: {}, check)


def _release_asset(deps: Sequence[dg.AssetKey], models: Sequence[Model]) -> dg.AssetsDefinition:
    def commit(session: "LoadSession") -> Metadata:
        result = session.release()
        return {"load": result.load, "changed": result.changed, **asdict(result.counts)}

    doc = "The commit: the manifest is replaced, readers follow, nothing before it changes."
    tell: Tell = lambda session: refusals(session, models, model_key)  # noqa: E731
    return _asset(RELEASE, deps, doc, commit, fresh=DAILY, tell=tell)


def chore_assets(
    home: Callable[[], Home], environ: Mapping[str, str]
) -> tuple[dg.AssetsDefinition, ...]:
    """What the night does before and after its load, from the list of the command."""
    before = ([RELEASE], *([key] for key in NIGHT))
    chores = zip(CHORES, NIGHT, before, strict=False)
    pull = _chore_asset(home, pulling(environ), PULL, [])
    return (pull, *(_chore_asset(home, *each) for each in chores))


def _chore_asset(
    home: Callable[[], Home], chore: Chore, key: dg.AssetKey, after: Sequence[dg.AssetKey]
) -> dg.AssetsDefinition:
    @dg.asset(key=key, deps=after, group_name="night", description=chore.doc)
    def asset() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=dict(chore.work(home())))

    return asset
