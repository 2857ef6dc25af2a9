"""No mapping puts what is personal where releases keep it, whatever the way it takes."""

from pathlib import Path

import pytest

from models.errors import SourceError
from pipelines.source import SOURCES, Source, read_source, read_sources

TOML = """
[[table]]
name = "calls"
[table.class]
phone = "pii"
Name = "pii"
said = "free_text"
district = "quasi"
[[table]]
name = "staff"
[table.change]
mode = "snapshot"
key = ["id"]
[table.class]
full_name = "pii"
"""


def a_source(tmp_path: Path, sql: str, entity: str = "contact") -> Source:
    folder = tmp_path / "desk"
    folder.mkdir(exist_ok=True)
    (folder / "source.toml").write_text(TOML, encoding="utf-8")
    (folder / f"{entity}.calls.sql").write_text(sql, encoding="utf-8")
    return read_source(folder)


def test_every_source_that_ships_passes() -> None:
    assert len(read_sources((SOURCES,))) >= 14


def test_only_the_queue_log_vouches_for_what_it_takes_out() -> None:
    vouching = {
        path.name for path in SOURCES.glob("*/*.sql") if "impersonal(" in path.read_text("utf-8")
    }
    assert vouching == {"contact_event.queue_log.sql"}


@pytest.mark.parametrize(
    "sql",
    [
        "select r._record, r.phone, r.name as customer_name, r.said as verbatim from calls as r",
        "select r._record, r.phone as customer_ref, r.name as verbatim from calls as r",
        "select r._record, r.district as queue from calls as r",
        "select r._record, case when r.phone is null then 'hidden' end as status from calls as r",
        "select r._record, bad_number(r.phone, 'phone') as _reject from calls as r",
        "select r._record, r.said like '%!%' as is_final from calls as r",
        "select r._record, s.team as queue from calls as r join staff as s on s.full_name = r.name",
        "with c as (select r.* exclude (phone, name, said) from calls as r) select c.* from c",
        "with c as (select r.* from calls as r) select c._record, c.line as queue from c",
        "select r._record, impersonal(left(r.phone, 3)) as queue from calls as r",
        (
            "select r._record, case r.phone when '0' then 'none' else 'some' end as status"
            " from calls as r"
        ),
        "select r._record, r.phone from calls as r union all select _record, phone from calls",
    ],
)
def test_what_is_personal_may_go_to_the_vault_and_be_asked_about(tmp_path: Path, sql: str) -> None:
    a_source(tmp_path, sql)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select r._record, r.phone as contact_ref from calls as r", "'contact_ref' would hold"),
        ("select _record, PHONE as queue from calls", "'queue' would hold 'phone'"),
        ("select r._record, upper(r.name) as queue from calls as r", "'queue' would hold 'Name'"),
        ("select r._record, map {'who': r.name} as attributes from calls as r", "'attributes'"),
        ("select r._record, attribute_map([{k: 'p', v: r.phone}]) as attributes from calls as r",
         "'attributes' would hold 'phone', which is of class pii"),
        (("with a as (select r.*, 1 as one from calls as r), b as (select a.* from a) "
         "select b._record, b.phone as status from b"), "'status' would hold 'phone'"),
        (("select r._record, x.one.v as status from (select [{v: phone}][1] as one, _record "
         "from calls) as x, calls as r"), "'status'"),
        ("select r._record, u.one as status from calls as r, unnest([r.phone]) as u(one)",
         "'status'"),
        (("select r._record, c.b as status from (select _record, phone from calls) as c(a, b), "
         "calls as r"), "'status'"),
        ("select r._record, (select max(o.phone) from calls as o) as status from calls as r",
         "'status'"),
        ("select r._record, r.phone as p1, p1 || '!' as status from calls as r", "would hold"),
        ("select r._record, to_json(r) as queue from calls as r", "'queue' would hold"),
        ("select r._record, columns('pho.*') as queue from calls as r", "would hold"),
        ("select r._record, coalesce(r.queue, r.phone) as queue from calls as r", "'queue'"),
        ("select r._record, if(r.a = 'b', r.phone, '') as queue from calls as r", "'queue'"),
        ("select r._record, 'bad: ' || r.phone as _reject from calls as r", "'_reject'"),
        ("select r._record, r.said as phone from calls as r",
         "which is of class free_text; it may go into verbatim only"),
        (("select r._record, r.a as queue from calls as r union all "
         "select r._record, r.phone from calls as r"), "would hold"),
        ("select r._record, s.full_name as agent_ref from calls as r join staff as s on true",
         "'agent_ref' would hold 'full_name'"),
        ("select r.* exclude (name, said) replace (r.phone as a) from calls as r", "would hold"),
        (("with recursive n as (select _record, phone as p from calls union all "
         "select _record, p from n) select n._record, n.p as queue from n"), "'queue'"),
        ("from calls", "would hold"),
        ("select r._record, list_transform([r.phone], lambda p: p) as queue from calls as r",
         "'queue'"),
        ("select r._record, max(r.phone) over () as queue from calls as r", "'queue'"),
    ],
)  # fmt: skip
def test_what_is_personal_is_refused_elsewhere(tmp_path: Path, sql: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        a_source(tmp_path, sql)
    assert says in str(caught.value)
    assert str(caught.value).startswith("desk/contact.calls.sql: ")
    assert "\n" not in str(caught.value)


def test_the_sentence_says_what_would_work(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        a_source(tmp_path, "select r._record, r.phone as queue from calls as r")
    assert str(caught.value) == (
        "desk/contact.calls.sql: 'queue' would hold 'phone', which is of class pii; it may go into "
        "customer_ref or phone or email or customer_name or birth_date or vin or plate or verbatim "
        "only, or through impersonal(…) what is nobody's in it"
    )


def test_free_text_has_no_place_in_an_entity_without_texts(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="it may go into no column"):
        a_source(tmp_path, "select r._record, r.said as name from calls as r", entity="product")
