-- The 29th of February, and what a year and a month before it are.

-- tables
create table reading (reading_key integer primary key, day date not null, taken timestamp not null, v integer);
insert into reading
select i, d, d + (i % 24) * interval 1 hour, i % 5
from (select i, (date '2020-01-30' + (i * 31 % 1600)::integer) as d from range(1, 90) as t (i));
insert into reading values (100, '2020-02-29', '2020-02-29 23:59:59', 1), (101, '2024-02-29', '2024-02-29', 2), (102, '2021-02-28', '2021-02-28', 3),
    (103, '2021-03-01', '2021-03-01', 4), (104, '2024-02-28', '2024-02-28 23:59:59.999999', null), (105, '2024-03-01', '2024-03-01', 6);

-- cuboid monthly
select date_trunc('month', day) as m, count(*) as n, sum(v) as s from reading group by 1;

-- cuboid daily
select day, count(*) as n, sum(v) as s from reading group by 1;

-- cuboid yearly
select year(day) as y, count(*) as n, sum(v) as s from reading group by 1;

-- given monthly
-- case February of a leap year, to its end
--   uses monthly
select sum(v) as s from reading where day between '2024-02-01' and '2024-02-29'

-- case February of a common year, to its end
--   uses monthly
select sum(v) as s from reading where day between '2021-02-01' and '2021-02-28'

-- case February of a leap year, but for its last day
--   star
select median(v) from reading where day between '2024-02-01' and '2024-02-28'

-- case up to a leap day less a year
--   uses monthly
select sum(v) as s from reading where day <= date '2024-02-29' - interval 1 year

-- case from a leap day plus a year: the 28th, amid the month
--   uses monthly and reading
select sum(v) as s from reading where day >= date '2020-02-29' + interval 1 year

-- case months before
--   uses monthly
select date_trunc('month', day - interval 12 month) as m, sum(v) as s from reading group by m

-- given daily
-- case the same day of the year before meets twice at a leap day
--   uses daily
select day - interval 1 year as d, sum(v) as s from reading group by d

-- case the day of the year
--   uses daily
select dayofyear(day) as d, sum(v) as s from reading group by d

-- case leap days alone
--   uses daily
select year(day) as y, count(*) as n from reading where month(day) = 2 and day(day) = 29 group by y

-- case the last days of months
--   uses daily
select count(*) as n from reading where day = last_day(day)

-- given yearly
-- case a year by its ends
--   uses yearly
select sum(v) as s from reading where day >= '2024-01-01' and day <= '2024-12-31'

-- case a year of 365 days after a leap day is not a year
--   star
select median(v) from reading where day >= '2024-01-01' and day < date '2024-01-01' + 365

-- case years as days, unless a day is infinite
--   uses yearly
select date_trunc('year', day) as y, sum(v) as s from reading where day >= '1900-01-01' and day < '2100-01-01' group by y

-- case years as days, where a day may be infinite: its year is no number
--   star level
select date_trunc('year', day) as y, sum(v) as s from reading group by y

-- case decades
--   uses yearly
select date_trunc('decade', day) as d, sum(v) as s from reading where day between '1900-01-01' and '2099-12-31' group by d

-- case centuries begin in the year 1
--   uses yearly
select extract(century from day) as c, sum(v) as s from reading group by c

-- case months of years
--   star level
select date_trunc('month', day) as m, sum(v) from reading group by m
