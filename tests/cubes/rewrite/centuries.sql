-- Years that are counted in two ways: a century begins in 2001 and is truncated to 2000, and there was no year nought.

-- tables
create table event (id integer primary key, day date, at_ timestamp, v integer);
insert into event
select row_number() over (), d::date, d::timestamp + interval 90 minute, (row_number() over ()) % 5
from (values ('1899-12-31'), ('1900-01-01'), ('1900-12-31'), ('1901-01-01'), ('1999-12-31'), ('2000-01-01'), ('2000-05-01'), ('2000-12-31'),
    ('2001-01-01'), ('2001-05-01'), ('2009-12-31'), ('2010-01-01'), ('2024-02-29'), ('1000-12-31'), ('1001-01-01'), ('0001-01-01'),
    ('0001-12-31 (BC)'), ('0002-01-01 (BC)'), ('0001-02-03 (BC)'), ('0044-03-15 (BC)'), ('0100-05-06 (BC)'), ('0101-11-11 (BC)'), ('1001-07-08 (BC)')) as t (d)
union all select 90, 'infinity', 'infinity', 2 union all select 91, '-infinity', '-infinity', 2 union all select 92, null, null, 2;

-- cuboid quarterly
select date_trunc('quarter', day) as q, count(*) as n, sum(v) as s from event group by 1;

-- cuboid monthly
select date_trunc('month', day) as m, count(*) as n, sum(v) as s from event group by 1;

-- cuboid yearly
select date_trunc('year', day) as y, count(*) as n, sum(v) as s from event group by 1;

-- cuboid decades
select date_trunc('decade', day) as d, count(*) as n, sum(v) as s from event group by 1;

-- cuboid centuries
select date_trunc('century', day) as c, count(*) as n, sum(v) as s from event group by 1;

-- cuboid millennia
select date_trunc('millennium', day) as c, count(*) as n, sum(v) as s from event group by 1;

-- given decades
-- case the number of a century from decades
--   star level
select date_part('century', day) as c, count(*) as n from event group by 1

-- case one century from decades
--   star predicate
select count(*) as n from event where century(day) = 20

-- case the number of a millennium from decades
--   star level
select millennium(day) as c, sum(v) as s from event group by 1

-- case the start of a century from decades
--   uses decades
select date_trunc('century', day) as c, count(*) as n from event group by 1

-- case the number of a decade from decades
--   uses decades
select decade(day) as c, count(*) as n, sum(v) as s from event group by 1

-- given centuries
-- case the number of a century from centuries
--   star level
select date_part('century', day) as c, count(*) as n from event group by 1

-- case the start of a millennium from centuries
--   uses centuries
select date_trunc('millennium', day) as c, count(*) as n from event group by 1

-- given millennia
-- case the number of a millennium from millennia
--   star level
select date_part('millennium', day) as c, count(*) as n from event group by 1

-- given yearly
-- case the number of a century from years
--   uses yearly
select date_part('century', day) as c, count(*) as n from event group by 1

-- case one century from years
--   uses yearly
select count(*) as n, sum(v) as s from event where century(day) = 20

-- case the number of a millennium from years
--   uses yearly
select millennium(day) as c, sum(v) as s from event group by 1

-- case before and after Christ from years
--   uses yearly
select era(day) as e, count(*) as n from event group by 1

-- case years since a day
--   uses yearly
select date_diff('year', date '1999-12-31', day) as k, count(*) as n from event group by 1

-- given quarterly
-- case quarters since a day, which are cut at other months before Christ
--   star level
select date_diff('quarter', date '1999-12-31', day) as k, count(*) as n from event group by 1

-- case the number of a quarter
--   uses quarterly
select quarter(day) as q, year(day) as y, count(*) as n from event group by all

-- given monthly
-- case quarters since a day from months
--   uses monthly
select date_diff('quarter', date '1999-12-31', day) as k, count(*) as n, sum(v) as s from event group by 1

-- case months since a day from months
--   uses monthly
select date_diff('month', date '1999-12-31', day) as k, count(*) as n from event group by 1

-- case the number of a century from months
--   uses monthly
select date_part('century', day) as c, count(*) as n from event group by 1
