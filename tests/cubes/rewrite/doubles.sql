-- DOUBLE: sums and averages match stored sums; what would lose digits does not.

-- tables
create table probe (id integer primary key, kind integer not null, v double, w double not null, f float, i integer not null);
insert into probe
select k, k % 4, case when k % 6 <> 0 then k / 7.0 - 2 end, sqrt(k), k / 3.0, k from range(1, 40) as t (k);
insert into probe values (100, 1, 1.5, 0.0, 1, 1), (101, 1, 2.5, '-0.0'::double, 2, 2), (102, 2, 'nan'::double, 'inf'::double, 3, 3),
    (103, 2, 1, 'nan'::double, 4, 4);

create table twin (id integer primary key, v double, w double);
insert into twin values (1, '-0.0'::double, 0.0), (2, '-0.0'::double, 0.0), (3, 1.5, 1.5), (4, 1.5, 2.5), (5, 'nan'::double, 'nan'::double);

-- cuboid cells
select kind, i % 3 as m, count(*) as n, count(v) as c, sum(v) as s, sum(w) as ws, min(v) as low, max(w) as high, sum(v * v) as vv,
    sum(i) as si, sum(f) as sf, avg(w) as aw
from probe group by 1, 2;

-- cuboid by_value
select kind, w, count(*) as n from probe group by kind, w;

-- cuboid by_twin
select w, count(*) as n from twin where v = w group by w;

-- given by_twin
-- case equal and yet not the same: nought has two signs
--   star
select v, count(*) as n from twin where v = w group by v

-- given cells
-- case a stored sum of DOUBLE
--   uses cells
--   trap ClickHouse 99111
select kind, sum(v) as s from probe group by kind

-- case an average of DOUBLE
--   uses cells
select kind, avg(v) as a, avg(w) as b from probe group by kind

-- case extremes of DOUBLE are exact
--   uses cells
select min(v) as low, max(w) as high from probe

-- case a variance from sums of DOUBLE
--   star aggregate
select kind, var_samp(v) from probe group by kind

-- case a count of DOUBLE
--   uses cells
select kind, count(v) as c from probe group by kind

-- case an average of whole numbers is exact beside them
--   uses cells
select kind, avg(i) as a from probe group by kind

-- case a product of DOUBLE that is not stored
--   star aggregate
select kind, avg(w) as a, sum(v * w) from probe group by kind

-- case a sum under HAVING
--   uses cells
select kind, count(*) as n from probe group by kind having sum(i) > 100

-- case a condition on a sum of DOUBLE hangs on its last digit
--   any
select kind from probe group by kind having sum(w) > 10

-- case an order by a sum of DOUBLE
--   any
select kind, sum(w) as s from probe group by kind order by s

-- case grouped by a sum of DOUBLE hangs on its last digit
--   any
select s, count(*) as n from (select kind, sum(w) as s from probe group by kind) as t group by s

-- given by_value
-- case a sum of a level of DOUBLE is a sum of multiples
--   any
select kind, sum(w) as s from probe group by kind

-- case distinct values of DOUBLE
--   uses by_value
select kind, count(distinct w) as c from probe group by kind

-- case nought has two signs in one cell
--   star
select 1 / w as turned, count(*) from probe group by turned

-- case nought has two signs in text
--   star
select w::varchar as t, count(*) from probe group by t

-- case the double itself as a level
--   uses by_value
select w, count(*) as n from probe group by w having count(*) > 1

-- case a condition on a level of DOUBLE
--   uses by_value
select kind, count(*) as n from probe where w >= 2 and w < 5 group by kind

-- case a level that is NaN
--   uses by_value
select count(*) as n from probe where w = 'nan'::double

-- case a level that is not NaN
--   uses by_value
select kind, count(*) as n from probe where w <> 'nan'::double group by kind

-- case NaN is the greatest of all
--   uses by_value
select kind, count(*) as n from probe where w >= 'nan'::double group by kind

-- case nothing is greater than NaN
--   uses by_value
select count(*) as n from probe where w > 'nan'::double

-- case all that is less than NaN
--   uses by_value
select count(*) as n from probe where w < 'nan'::double and w <= 'infinity'::double

-- case NaN among others
--   uses by_value
select kind, count(*) as n from probe where w in ('nan'::double, 'inf'::double, 2.0) group by kind

-- case the same NaN twice
--   uses by_value
select count(*) as n from probe where w = 'nan'::double and w = '-nan'::double

-- case endless numbers
--   uses by_value
select kind, count(*) as n from probe where w > '-infinity'::double and w < 'inf'::double group by kind

-- given by_value, cells
-- case a block that asks for NaN beside one that does not
--   uses by_value, cells
select kind, count(*) as n from probe where w = 'nan'::double group by kind union all select kind, count(v) from probe group by kind

-- cuboid no_number
select kind, w, count(*) as n from probe where w >= 'nan'::double group by kind, w;

-- given no_number
-- case a cuboid of NaN answers for NaN
--   uses no_number
select kind, count(*) as n from probe where w = 'nan'::double group by kind

-- case a cuboid of NaN does not answer for the greatest number there is
--   star filter
select kind, count(*) as n from probe where w >= 'inf'::double group by kind
