-- Functions of time that look constant on a bucket, and instants of other precision.

-- tables
create table event (
    id integer primary key,
    day date,
    taken timestamp,
    fine timestamp_ns,
    coarse timestamp_s,
    clock time,
    v integer
);
insert into event
select i, d, d + clocks[1 + i % 5]::time, (d + clocks[1 + i % 5]::time)::timestamp_ns, (d + clocks[1 + i % 5]::time)::timestamp_s,
    clocks[1 + i % 5]::time, i % 4
from (
    select i, (date '2023-12-20' + (i * 17 % 130)::integer) as d, ['00:00:00', '23:59:59.999999', '12:30:00', '23:59:59', '00:00:01'] as clocks
    from range(1, 70) as t (i)
);
insert into event values
    (100, 'infinity', 'infinity', null, null, null, 1), (101, '-infinity', '-infinity', null, null, null, 2), (102, null, null, null, null, null, 3),
    (103, '0044-03-15 (BC)', '0044-03-15 (BC) 12:00:00', null, null, null, 4), (104, '0001-01-01', '0001-01-01', null, null, null, 5),
    (105, '2024-02-29', '2024-02-29 23:59:59.999999', '2024-02-29 23:59:59.999999500', '2024-02-29 23:59:59', '23:59:59.999999', 6),
    (106, '2024-03-31', '2024-03-31 23:59:59.999999', '2024-03-31 23:59:59.999999999', '2024-03-31 23:59:59', '24:00:00', 7),
    (107, '1999-12-31', '2000-01-03', '2000-01-03', '2000-01-03', '00:00:00', 8);

-- cuboid monthly
select date_trunc('month', day) as m, count(*) as n, sum(v) as s from event group by 1;

-- cuboid weekly
select date_trunc('week', day) as w, count(*) as n, sum(v) as s from event group by 1;

-- cuboid daily
select day, count(*) as n, sum(v) as s from event group by 1;

-- cuboid fine_months
select date_trunc('month', fine) as m, count(*) as n from event group by 1;

-- cuboid fine_days
select fine::date as d, count(*) as n from event group by 1;

-- cuboid coarse_months
select date_trunc('month', coarse) as m, count(*) as n from event group by 1;

-- cuboid hourly
select date_trunc('hour', taken) as h, count(*) as n, sum(v) as s from event group by 1;

-- cuboid year_month
select year(day) as y, month(day) as m, count(*) as n, sum(v) as s from event group by 1, 2;

-- cuboid clock_hours
select hour(clock) as h, count(*) as n from event group by 1;

-- cuboid yearly
select date_trunc('year', day) as y, count(*) as n from event group by 1;

-- given monthly
-- case months since a day
--   uses monthly
select datediff('month', date '2023-01-15', day) as k, count(*) as n from event where day between '1900-01-01' and '2099-12-31' group by k

-- case whole months since a day hang on the day
--   star
select datesub('month', date '2023-01-15', day) as k, median(v) from event where day between '1900-01-01' and '2099-12-31' group by k

-- case the week of the month's number is not constant
--   star level
select weekofyear(day) as w, count(*) as n from event group by w

-- case decades, centuries, eras
--   uses monthly
select extract(decade from day) as a, extract(century from day) as b, extract(era from day) as c, count(*) as n from event group by all

-- case the ISO year is not constant on months
--   star level
select isoyear(day) as y, count(*) as n from event group by y

-- case a month in text, of many codes
--   uses monthly
select strftime(day, '%b %Y, %m/%y, %B') as t, count(*) as n from event where day between '1900-01-01' and '2099-12-31' group by t

-- case a week in text
--   star level
select strftime(day, '%G-%V') as t, count(*) as n from event group by t

-- case a day of the year in text
--   star level
select strftime(day, '%Y %j') as t, count(*) as n from event group by t

-- case seconds since 1970
--   star level
select epoch(day) as e, count(*) as n from event group by e

-- case buckets of one and of three months
--   uses monthly
select time_bucket(interval 1 month, day) as a, time_bucket(interval 3 month, day) as b, count(*) as n from event where day >= '1900-01-01' and day < '2100-01-01' group by all

-- case buckets of thirty days
--   star
select time_bucket(interval 30 day, day) as a, median(v) from event where day >= '1900-01-01' and day < '2100-01-01' group by all

-- case infinite days are in no year
--   uses monthly
select year(day) as y, count(*) as n from event group by y

-- case before all time
--   any
select count(*) as n from event where day = date '-infinity'

-- case to the end of all time
--   uses monthly with event
select count(*) as n from event where day >= date '2024-03-01' and day < date 'infinity'

-- case before Christ
--   uses monthly
select date_trunc('year', day) as y, count(*) as n from event group by y

-- given weekly
-- case ISO weeks in text
--   uses weekly
select strftime(day, '%G-W%V') as t, count(*) as n from event where day >= '1900-01-01' and day < '2100-01-04' group by t

-- case weeks of the year by Mondays begin anew on the first of January
--   star level
select strftime(day, '%Y-%W') as t, count(*) as n from event group by t

-- case weeks of the year by Sundays
--   star level
select strftime(day, '%U') as t, count(*) as n from event group by t

-- case weeks since a day are seven days each, from whatever weekday
--   star level
select datediff('week', date '2023-01-04', day) as k, count(*) as n from event where day >= '1900-01-01' and day < '2100-01-04' group by k

-- case buckets of a week begin on Monday
--   uses weekly
select time_bucket(interval 7 day, day) as k, count(*) as n from event where day >= '1900-01-01' and day < '2100-01-04' group by k

-- case buckets of two weeks
--   uses weekly
select time_bucket(interval 14 day, day) as k, count(*) as n from event where day >= '1900-01-01' and day < '2100-01-04' group by k

-- case buckets of a week that begin on another day
--   star
select time_bucket(interval 7 day, day, date '2024-01-04') as k, median(v) from event where day >= '1900-01-01' and day < '2100-01-04' group by k

-- case days of weeks
--   star level
select isodow(day) as d, count(*) as n from event group by d

-- given daily
-- case all that hangs on the day
--   uses daily
select isodow(day) as a, dayofyear(day) as b, epoch(day) as c, julian(day) as d, strftime(day, '%Y-%W %U %j') as e, count(*) as n
from event where day between '1900-01-01' and '2099-12-31' group by all

-- given fine_months
-- case the last microsecond is not the last nanosecond
--   any
select count(*) as n from event where fine <= '2024-02-29 23:59:59.999999'

-- case half open needs no precision
--   any
select count(*) as n from event where fine < '2024-03-01'

-- case the last nanosecond
--   any
select count(*) as n from event where fine <= '2024-02-29 23:59:59.999999999'

-- given fine_days
-- case days of nanoseconds
--   uses fine_days
select date_trunc('month', fine::date) as m, count(*) as n from event group by m

-- given coarse_months
-- case the last second of seconds
--   any
select count(*) as n from event where coarse <= '2024-02-29 23:59:59'

-- case half open seconds
--   any
select count(*) as n from event where coarse >= '2024-02-01' and coarse < '2024-03-01'

-- given hourly
-- case hours to minutes of hours
--   star level
select minute(taken) as m, count(*) as n from event group by m

-- case the half of the day
--   uses hourly
select hour(taken) < 12 as morning, sum(v) as s from event group by morning

-- case hours in text
--   uses hourly
select strftime(taken, '%Y-%m-%d %H:00 %p') as h, count(*) as n from event where taken >= '1900-01-01' and taken < '2100-01-01' group by h

-- case seconds in text
--   star level
select strftime(taken, '%H:%M:%S') as h, count(*) as n from event group by h

-- case the time of day
--   star level
select taken::time as t, count(*) as n from event where taken >= '1900-01-01' and taken < '2100-01-01' group by t

-- case hours since
--   uses hourly
select datediff('hour', timestamp '2024-01-01 00:30:00', taken) as k, count(*) as n from event where taken >= '1900-01-01' and taken < '2100-01-01' group by k

-- case an hour later is still an hour
--   uses hourly
select date_trunc('day', taken - interval 5 hour) as d, count(*) as n from event group by d

-- case a month later is not the same hour of all months, yet the same in each
--   uses hourly
select date_trunc('hour', taken + interval 1 month) as h, count(*) as n from event group by h

-- given year_month
-- case a year and a month as a day
--   uses year_month
select make_date(year(day), month(day), 1) as m, count(*) as n from event where day between '1900-01-01' and '2099-12-31' group by m

-- case year and month are lost where the day is infinite
--   any
select date_trunc('month', day) as m, count(*) as n from event group by m

-- case a range of months through year and month
--   any
select sum(v) as s from event where day >= '2024-01-01' and day < '2024-03-01'

-- given clock_hours
-- case hours of a clock
--   uses clock_hours
select hour(clock) // 6 as q, count(*) as n from event group by q

-- case the clock itself
--   star level
select clock, count(*) as n from event group by clock

-- given yearly
-- case a range of years
--   uses yearly
select count(*) as n from event where day >= '2024-01-01'

-- case years as numbers, and infinite ones
--   uses yearly
select extract(year from day) as y, count(*) as n from event group by y

-- case the number of the quarter
--   star level
select quarter(day) as q, count(*) as n from event group by q

-- cuboid since_2024
select day, count(*) as n from event where year(day) >= 2024 group by day;

-- given since_2024
-- case days from a year on, of which an infinite one has no year
--   star filter
select count(*) as n from event where day >= date '2024-01-01'

-- case days of one year have it
--   uses since_2024
select count(*) as n from event where day >= date '2024-01-01' and day < date '2025-01-01'

-- case years from one on
--   uses since_2024
select day, count(*) as n from event where year(day) > 2024 group by day
