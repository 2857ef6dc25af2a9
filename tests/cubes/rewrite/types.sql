-- The type of each output stays, and so does each value at the edge of its type.

-- tables
create table money (
    id integer primary key,
    kind tinyint not null,
    small smallint,
    big bigint,
    huge hugeint,
    exact decimal(18, 3),
    unsigned uinteger,
    flag boolean,
    at_time time,
    code char(3),
    mood enum ('sad', 'ok', 'happy'),
    key_ uuid,
    span interval,
    raw blob
);
insert into money values
    (1, 1, 32767, 9223372036854775806, 10000000000000000000000, 123456789012345.678, 4294967295, true, '23:59:59', 'abc', 'ok',
     '00000000-0000-0000-0000-000000000001', interval 1 day, 'a'),
    (2, 1, 32767, 9223372036854775806, 3, 999999999999999.999, 1, false, '00:00', 'x', 'happy', null, interval 1 month, 'b'),
    (3, 2, -32768, -9223372036854775807, -4, -0.001, 0, null, null, null, null, null, null, null),
    (4, 2, null, null, null, null, null, null, '12:00', 'abc', 'sad', '00000000-0000-0000-0000-000000000001', interval 30 day, 'a'),
    (5, 3, 1, 1, 1, 0.5, 5, true, '12:00', 'ABC', 'sad', '00000000-0000-0000-0000-000000000002', interval 24 hour, 'c');

-- cuboid cells
select kind, flag, mood, code, count(*) as n, count(small) as cs, sum(small) as s, sum(big) as b, sum(exact) as e, count(exact) as ce,
    sum(unsigned) as u, min(at_time) as t, max(mood) as m, max(key_) as k, sum(huge) as h, count(big) as cb, max(small) as ms
from money group by kind, flag, mood, code;

-- cuboid by_span
select span, raw, at_time, count(*) as n from money group by span, raw, at_time;

-- given by_span
-- case a span of time, as DuckDB compares it
--   uses by_span
select span, count(*) as n from money group by span having span is null

-- case 30 days and a month are equal, and are not the same text
--   star
select span::varchar as t, count(*) from money group by t

-- case 30 days and a month are equal, and are not the same step
--   star
select date '2024-02-01' + span as d, count(*) from money group by d

-- case bytes
--   uses by_span
select raw, at_time, count(*) as n from money group by raw, at_time

-- given cells
-- case counts stay BIGINT
--   uses cells
select kind, count(*) as n, count(small) as c, count_if(flag) as f from money group by kind

-- case sums stay HUGEINT, over the edge of BIGINT
--   uses cells
select kind, sum(small) as s, sum(big) as b, sum(huge) as h, sum(unsigned) as u from money group by kind

-- case sums stay DECIMAL
--   uses cells
select kind, sum(exact) as e from money group by kind

-- case averages stay DOUBLE
--   uses cells
select kind, avg(small) as a, avg(exact) as b, avg(big) as c from money group by kind

-- case least and greatest keep their types
--   uses cells
select kind, min(at_time) as t, max(mood) as m, max(key_) as k, max(small) as s from money group by kind

-- case a sum in arithmetic
--   uses cells
select kind, sum(exact) / 3 as a, sum(small) // 2 as b, sum(big) % 7 as c from money group by kind

-- case a sum of a truth value
--   uses cells
select kind, sum(flag::int) as a, sum(flag::tinyint) as b from money group by kind

-- case a number of rows in arithmetic
--   uses cells
select kind, count(*) / 2 as a, count(*) // 2 as b, count(*) * 0.1 as c, -count(*) as d from money group by kind

-- case a level of few values, in its own order
--   uses cells
select mood, count(*) as n from money group by mood order by mood nulls first

-- case a level of few values, compared
--   uses cells
select count(*) as n from money where mood > 'sad'

-- case text of fixed length
--   uses cells
select code, count(*) as n from money where code = 'abc' group by code

-- case a number compared with a fraction
--   uses cells
select count(*) as n from money where kind < 1.5

-- case a level cast to text and back
--   uses cells
select kind::varchar::integer as k, count(*) as n from money group by k

-- case a level summed in its own type
--   uses cells
select sum(kind) as s, avg(kind) as a from money

-- case a level times a number that leaves its type
--   uses cells
select sum(kind::bigint * 4000000000) as s from money

-- case a measure cast before it is summed
--   any
select kind, sum(small::bigint) as s from money group by kind

-- case a measure cast to fewer digits before it is summed
--   star aggregate
select kind, sum(exact::decimal(18, 0)) from money group by kind

-- case a measure cast to DOUBLE before it is summed
--   any
select kind, sum(small::double) as s from money group by kind

-- case a sum cast after
--   uses cells
select kind, sum(small)::bigint as s, sum(exact)::double as e from money group by kind
