"""Delta cells of one load, and the checks that hold every release to its facts.

Cells add up, so a load adds what it asserted and takes away what it retracted. Where a dimension
row that cells depend on changed, the facts of its members are taken away as they were read before
and added as they are read now: exactly the cells concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import holidays

from cubes.cube import Cuboid
from cubes.lattice import answers
from cubes.refresh import Relations, cells_sql, delta_sql, dimension_columns
from cubes.rollup import looked_up, rolled_up_sql
from models.schema import Schema
from models.table import column_list, literal
from pipelines.result import Change
from pipelines.state import State

COUNTRY = "KR"
YEARS = range(1990, 2050)


def settings(state: State, *, is_renewed: bool = False) -> None:
    """The inputs of dim_date that no source delivers: public holidays and the fiscal year."""
    con = state.con
    con.execute("create temp table if not exists setting (name varchar, value varchar)")
    con.execute("create temp table if not exists holiday (day date, name varchar)")
    if state.count("holiday") or (state.count(state.old("dim_date")) and not is_renewed):
        return
    found = holidays.country_holidays(COUNTRY, years=YEARS)
    days = ", ".join(f"({literal(str(day))}, {literal(name)})" for day, name in found.items())
    con.execute(f"insert into holiday values {days}")


def cuboid_named(state: State, name: str) -> Cuboid:
    """The cuboid of that name."""
    return next(cuboid for cuboid in state.cuboids if cuboid.name == name)


def finer(state: State, name: str) -> tuple[str, ...]:
    """The kept cuboids whose cells add up to those of this one."""
    cuboid = cuboid_named(state, name)
    return tuple(c.name for c in state.cuboids if c.name != name and answers(c, cuboid))


def delta(state: State, schema: Schema, name: str, made: Sequence[str] = ()) -> None:
    """Writes `tail_<cuboid>`: the signed cells by which this load changes a cuboid.

    They come from those of the finer cuboid `made` before that has the fewest, unless this load
    changes the dimension rows that lead from one to the other: then from facts.
    """
    con, cuboid = state.con, cuboid_named(state, name)
    fact, moved = cuboid.cube.fact, _changed(state, cuboid)
    parents = [each for each in made if not looked_up(cuboid, cuboid_named(state, each)) & {*moved}]
    if parents:
        _roll_up(state, cuboid, "tail", parents)
        return
    concerned = _facts_of_changed_members(state, schema, cuboid)
    if not concerned and not state.count(f"plus_{fact}") and not state.count(f"minus_{fact}"):
        state.empty(name, f"tail_{name}")
        return
    con.execute(f"create or replace temp table tail_{name} as {_delta(state, cuboid, concerned)}")


def _roll_up(state: State, cuboid: Cuboid, kind: str, parents: Sequence[str]) -> None:
    """Writes `<kind>_<cuboid>` from the smallest of the finer cuboids' cells."""
    sizes = {name: state.count(f"{kind}_{name}") for name in parents}
    parent = min(sizes, key=lambda name: (sizes[name], name))
    into = f"{kind}_{cuboid.name}"
    if not sizes[parent]:
        state.empty(cuboid.name, into)
        return
    cells = rolled_up_sql(cuboid, cuboid_named(state, parent), f"{kind}_{parent}")
    state.con.execute(f"create or replace temp table {into} as {cells}")


def _delta(state: State, cuboid: Cuboid, concerned: bool) -> str:
    """The SELECT of the signed cells; only what a load changed is worth planning for."""
    con, fact = state.con, cuboid.cube.fact
    if not concerned and not state.count(f"minus_{fact}"):
        return cells_sql(cuboid, f"plus_{fact}", str)
    columns = column_list(state.specs[fact].columns)
    for sign in ("plus", "minus"):
        union = f" union all by name select {columns} from concerned" if concerned else ""
        con.execute(
            f"create or replace temp view {sign}_side as select {columns} from {sign}_{fact}{union}"
        )
    return delta_sql(
        cuboid,
        Relations(fact="plus_side", dims=str),
        Relations(fact="minus_side", dims=state.old if concerned else _before(state, cuboid)),
    )


def _before(state: State, cuboid: Cuboid) -> Callable[[str], str]:
    """How to name the dimensions as they were: as they are now, where this load changes none."""
    return state.old if _changed(state, cuboid) else str


def whole(state: State, name: str, made: Sequence[str] = ()) -> None:
    """Writes `whole_<cuboid>`: all its cells, as this load leaves the facts.

    They come from the smallest finer cuboid `made` whole before, else from the facts.
    """
    con, cuboid = state.con, cuboid_named(state, name)
    fact = cuboid.cube.fact
    state.empty(name, f"tail_{name}")
    if made:
        _roll_up(state, cuboid, "whole", made)
        return
    columns = column_list(state.specs[fact].columns)
    key = " and ".join(f"m.{c} = f.{c}" for c in state.specs[fact].key)
    con.execute(f"""
        create or replace temp view all_facts as
        select {columns} from {state.old(fact)} as f
        where not exists (select 1 from minus_{fact} as m where {key})
        union all by name select {columns} from plus_{fact}
    """)
    con.execute(
        f"create or replace temp table whole_{name} as {cells_sql(cuboid, 'all_facts', str)}"
    )


def _facts_of_changed_members(state: State, schema: Schema, cuboid: Cuboid) -> bool:
    """Fills `concerned` with facts this load leaves alone whose members read otherwise now."""
    con, fact = state.con, cuboid.cube.fact
    model = schema.model(fact)
    tests = []
    for dimension, columns in _changed(state, cuboid).items():
        column = next(r.column for r in model.refers if r.dimension == dimension)
        con.execute(f"""
            create or replace temp table changed_{dimension} as
            select {column} as key from (
                (select {columns} from minus_{dimension}
                    except select {columns} from plus_{dimension})
                union
                (select {columns} from plus_{dimension}
                    except select {columns} from minus_{dimension})
            )
        """)
        if state.count(f"changed_{dimension}"):
            tests.append(f"f.{column} in (select key from changed_{dimension})")
    if not tests:
        return False
    key = " and ".join(f"m.{c} = f.{c}" for c in model.key)
    con.execute(f"""
        create or replace temp table concerned as
        select {column_list(state.specs[fact].columns)} from {state.old(fact)} as f
        where ({" or ".join(tests)}) and not exists (select 1 from minus_{fact} as m where {key})
    """)
    return state.count("concerned") > 0


def _changed(state: State, cuboid: Cuboid) -> Mapping[str, str]:
    """Dimensions of the cuboid that this load changes, with the columns its cells depend on."""
    return {
        dimension: ", ".join(sorted(columns))
        for dimension, columns in dimension_columns(cuboid).items()
        if dimension != "dim_date" and state.count(f"minus_{dimension}")
    }


def change(state: State, name: str) -> Change:
    """Cells that gain and cells that lose facts."""
    return Change(
        asserted=state.count(f"tail_{name}", "rows > 0"),
        retracted=state.count(f"tail_{name}", "rows < 0"),
    )


def check_totals(state: State, name: str, *, is_whole: bool = False) -> str:
    """One sentence when the delta cells do not count the facts asserted less those retracted.

    Else "". A whole cuboid counts all facts this load leaves.
    """
    fact = cuboid_named(state, name).cube.fact
    expected = state.count(f"plus_{fact}") - state.count(f"minus_{fact}")
    if is_whole:
        expected += state.count(state.old(fact))
    cells = f"{'whole' if is_whole else 'tail'}_{name}"
    row = state.con.execute(f"select coalesce(sum(rows), 0) from {cells}").fetchone()
    counted = int(row[0]) if row else 0
    if counted == expected:
        return ""
    return (
        f"{name}: its cells count {counted} facts more than before, but {fact} has {expected} more."
    )


def check_keys(state: State, name: str) -> str:
    """One sentence when a model's key is not unique or null in a row this load asserts, else ""."""
    key = state.specs[name].key
    empty = " or ".join(f'"{c}" is null' for c in key)
    twice = state.count(
        f"(select {', '.join(key)} from plus_{name} group by all having count(*) > 1)"
    )
    missing = state.count(f"plus_{name}", empty)
    if not twice and not missing:
        return ""
    return f"{name}: {twice} keys stand twice and {missing} rows have none, in {', '.join(key)}."
