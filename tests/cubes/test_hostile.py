# ruff: noqa: E501  (tables of SQL read better whole)
"""What a question may not be: every line here is refused in a sentence, before anything runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import pytest
import sqlglot

from cubes.api import Connection
from cubes.calls import Calls
from cubes.definitions import SATISFACTION
from cubes.judge import read_functions
from cubes.splice import read_text
from models.errors import Forbidden, HappycallError, QuestionError
from tests.cubes.star import FakeReader, random_star, released


@cache
def connection() -> Connection:
    snapshot = released(random_star(0))
    snapshot.con.execute(
        "create table record (secret integer); create table vault as select 1 as k"
    )
    return Connection(FakeReader(snapshot))


STATEMENTS = """
copy fact_answer to 'x.csv'
copy (select * from fact_answer) to 'x.parquet'
attach 'other.duckdb' as other
attach ':memory:' as other
detach memory
insert into fact_answer select * from fact_answer
update fact_answer set score = 5
delete from fact_answer
drop table fact_answer
create table mine as select 1
create view mine as select 1
create macro mine() as 1
alter table fact_answer add column x integer
truncate fact_answer
pragma database_list
pragma show_tables
set memory_limit = '100GB'
set search_path = 'main'
reset memory_limit
call pragma_version()
install httpfs
load httpfs
checkpoint
vacuum
begin
explain select * from fact_answer
explain analyze select 1
prepare p as select 1
execute p
use main
export database 'x'
import database 'x'
select 1; select 2
select 1; drop table fact_answer
create secret (type s3)
grant all on fact_answer to me
merge into fact_answer using dim_site on true when matched then delete
with gone as (delete from fact_answer returning *) select * from gone
with more as (insert into dim_site select * from dim_site returning *) select * from more
with moved as materialized (update fact_answer set score = 1 returning *) select * from moved
pivot fact_answer on score using count(*)
comment on table fact_answer is 'x'
"""

REACHING = """
select * from 'x.csv'
select * from '/etc/passwd'
select * from "/etc/passwd"
from 'x.parquet'
select * from read_csv('/etc/passwd')
select * from read_csv_auto('/etc/passwd')
select * from read_text('/etc/passwd')
select * from read_blob('/etc/*')
select * from read_json('x.json')
select * from read_parquet('*.parquet')
select * from parquet_metadata('x.parquet')
select * from parquet_scan('x.parquet')
select * from glob('/**')
select * from sniff_csv('x.csv')
select * from sqlite_scan('x.db', 't')
select * from postgres_scan('', '', '')
select * from duckdb_tables()
select * from duckdb_settings()
select * from duckdb_secrets()
select * from duckdb_functions()
select * from pragma_table_info('fact_answer')
select * from pragma_storage_info('fact_answer')
select * from which_secret('x', 's3')
select * from information_schema.tables
select * from pg_catalog.pg_class
select * from pg_tables
select * from sqlite_master
select * from duckdb_tables
select * from system.information_schema.columns
select * from memory.main.fact_answer
select * from main.fact_answer
select * from g1.fact_answer
select * from record
select * from vault
select * from satisfaction_site_month
select * from fact_answer_all
select * from query('select * from vault')
select * from query_table('vault')
select * from json_execute_serialized_sql('{}')
select * from test_all_types()
select * from python_map_function()
select * from repeat_row(1, num_rows = 3)
select * from seq_scan('vault')
select * from arrow_scan(1, 2, 3)
select * from (describe fact_answer)
select * from (show tables)
select * from (summarize fact_answer)
from (show all tables)
describe fact_answer
summarize fact_answer
show tables
select (select count(*) from vault)
select 1 where exists (from vault)
select * from fact_answer where score in (select k from vault)
with vault2 as (select * from vault) select * from vault2
with record as (select * from record) select * from record
with vault as (select 1) select * from (select * from vault) union all select * from (with x as (select 1) select * from record)
select * from (with record as (select 1) select * from record), record
select * from dim_site join lateral (select * from record) on true
select * from fact_answer positional join vault
with recursive r as (select 1 as n union all select k from vault) select * from r
select current_setting('memory_limit')
select getenv('HOME')
select getvariable('x')
select current_user
select session_user
select current_database()
select current_schema()
select current_schemas(true)
select current_query()
select version()
select txid_current()
select nextval('s')
select setseed(0.5)
select sleep_ms(1000)
select pg_sleep(1)
select write_log('x')
select pg_get_viewdef(1)
select has_table_privilege('x', 'y')
select inet_server_addr()
select in_search_path('a', 'b')
select main.record_key('a', 'b')
select system.main.version()
select "read_text"('/etc/passwd')
select stats(score) from fact_answer
select list_transform([1], lambda x: sleep_ms(x))
select error('boom')
select measure(index) from satisfaction where site = current_setting('x')
select count(*) filter (where getenv('x') = 'y') from fact_answer
select 1 order by getvariable('x')
select age(at_utc) from fact_answer
select nextval('s') over () from dim_site
select sum(nextval('s')) over (order by sleep_ms(1)) from dim_site
select try(sleep_ms(1))
select 1 group by sleep_ms(1)
select 1 limit (select k from vault)
select distinct on (sleep_ms(1)) 1
select * replace (sleep_ms(1) as site) from dim_site
select columns(c -> sleep_ms(1) = 0) from dim_site
select {'a': version()}.a
select case when true then version() end
select cast(version() as varchar)
select [version()]
select version() between 'a' and 'b'
select sum(score) filter (where version() = '') from fact_answer
select * from dim_site join fact_answer on version() = ''
select * from dim_site pivot (max(version()) for site in ('a'))
select * from range(sleep_ms(1))
select /* harmless */ read_text/**/('/etc/passwd')
select * from /* */ "duckdb_tables"()
select ago(interval 1 day)
values (current_setting('x'))
table vault
from vault
"""


def lines(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if line]


@pytest.mark.parametrize("sql", lines(STATEMENTS))
def test_anything_but_one_select_is_refused(sql: str) -> None:
    with pytest.raises(HappycallError) as refused:
        connection().ask(sql)
    assert isinstance(refused.value, Forbidden | QuestionError)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("sql", lines(REACHING))
def test_nothing_but_what_is_offered_can_be_reached(sql: str) -> None:
    with pytest.raises((Forbidden, QuestionError)) as refused:
        connection().ask(sql)
    assert "\n" not in str(refused.value)
    assert str(Path(__file__).parents[2]) not in str(refused.value)


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from fact_answer",
        "select 'read_text(''x'')' as harmless, $$drop table x$$ as quoted",
        "select /* attach 'x' */ 1 -- pragma",
        "/* a /* nested */ comment */ select 1",
        "select * from range(3)",
        "select unnest([1, 2])",
        "select g from generate_series(1, 3) as t(g)",
        "values (1), (2)",
        "table dim_site",
        "from dim_site",
        "from dim_site pivot (count(*) for province in ('서울'))",
        "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select * from r",
        "select site, list_transform([1, 2], lambda x: x + 1), md5(site), random() >= 0 from dim_site",
        "select json_extract('{\"a\": 1}', '$.a'), list_sum([1, 2]), nullif(1, 2)",
        "select row_number() over (order by site) from dim_site window w as (order by site)",
        'select "Site".site from dim_site as "Site"',
        "select * from dim_site where site ~ 'S.' and site not like 'x%' and site <> ''",
        "select 1 ;",
        "select d.site from dim_site as d, lateral (select 1 as one) as l",
        "select columns('site.*') from dim_site",
        "(select 1) union all (select 2) order by 1",
    ],
)
def test_what_people_write_is_admitted(sql: str) -> None:
    connection().ask(sql)


def test_ten_thousand_parentheses_are_a_sentence_and_no_crash() -> None:
    with pytest.raises(QuestionError):
        connection().ask("select " + "(" * 10_000 + "1" + ")" * 10_000)
    with pytest.raises(QuestionError):
        connection().ask("select 1 + " * 40_000 + "1")


def test_an_empty_question_is_a_sentence() -> None:
    for sql in ("", " ", "-- nothing", ";"):
        with pytest.raises((QuestionError, Forbidden)):
            connection().ask(sql)


def test_a_variable_of_the_program_is_no_table() -> None:
    import polars as pl

    secret_frame = pl.DataFrame({"a": [1]})
    with pytest.raises(Forbidden):
        connection().ask("select * from secret_frame")
    assert secret_frame.height == 1


def test_every_aggregate_of_duckdb_is_known_as_one() -> None:
    con = duckdb.connect()
    functions = read_functions(con)
    for name in sorted(functions.aggregates):
        if not name[0].isalpha():
            continue
        sql = f"select {name}(site, 1) from satisfaction group by month"
        try:
            tree = sqlglot.parse_one(sql, dialect="duckdb")
        except sqlglot.errors.SqlglotError:
            continue
        calls = Calls(SATISFACTION, False, read_text(sql), functions.aggregates)
        assert any(calls.is_aggregate(node) for node in tree.walk()), name


def test_no_function_that_looks_at_the_server_is_allowed() -> None:
    allowed = read_functions(duckdb.connect()).allowed
    for part in (
        "read_",
        "duckdb_",
        "pragma",
        "current_s",
        "getenv",
        "getvariable",
        "sleep",
        "secret",
        "pg_",
        "inet_",
        "privilege",
    ):
        assert not [name for name in allowed if name.startswith(part)], part


def test_duckdb_itself_refuses_files_to_a_reader_that_answers_questions(tmp_path: Path) -> None:
    con = connection()
    con.ask("select 1")
    cursor = con._snapshot().cursor()
    (tmp_path / "x.csv").write_text("a\n1\n")
    for sql in (
        f"select * from '{tmp_path / 'x.csv'}'",
        f"select * from read_text('{tmp_path / 'x.csv'}')",
        f"select * from glob('{tmp_path}/*')",
        f"copy (select 1) to '{tmp_path / 'y.csv'}'",
        f"attach '{tmp_path / 'z.duckdb'}'",
        "set enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            cursor.execute(sql).fetchall()
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
