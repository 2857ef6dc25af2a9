-- Buckets of time: a coarser bucket is reached from a finer one that nests in it.

-- tables shop

-- cuboid daily
select day, site_key, count(*) as n, sum(amount) as s from sale group by day, site_key;

-- cuboid monthly
select date_trunc('month', day) as month, site_key, count(*) as n, sum(amount) as s from sale group by 1, 2;

-- cuboid monthly_dates
select date_trunc('month', day)::date as month, count(*) as n, sum(amount) as s from sale group by 1;

-- cuboid hourly
select date_trunc('hour', sold_at) as hour, count(*) as n, sum(amount) as s from sale group by 1;

-- cuboid days_of_instants
select sold_at::date as d, count(*) as n, sum(amount) as s from sale group by 1;

-- cuboid quarter_hours
select time_bucket(interval 15 minute, sold_at) as t, count(*) as n from sale group by 1;

-- cuboid year_and_month
select year(day) as y, month(day) as m, count(*) as n, sum(amount) as s from sale group by 1, 2;

-- cuboid quarterly
select date_trunc('quarter', day) as q, count(*) as n from sale group by 1;

-- cuboid weekdays
select dayofweek(day) as wd, month(day) as m, count(*) as n from sale group by 1, 2;

-- given daily
-- case days to months
--   uses daily
select date_trunc('month', day) as m, sum(amount) as s from sale group by m

-- case days to quarters and years
--   uses daily
select date_trunc('quarter', day) as q, date_trunc('year', day) as y, count(*) as n from sale group by q, y

-- case days to weeks
--   uses daily
select date_trunc('week', day) as w, count(*) as n from sale group by w

-- case the number of the month
--   uses daily
select month(day) as m, sum(amount) as s from sale group by m

-- case extract
--   uses daily
select extract(year from day) as y, extract(month from day) as m, count(*) as n from sale group by all

-- case date_part
--   uses daily
select date_part('quarter', day) as q, count(*) as n from sale group by q

-- case day of the week
--   uses daily
select dayofweek(day) as d, isodow(day) as i, count(*) as n from sale group by all

-- case the name of a month
--   uses daily
select monthname(day) as m, count(*) as n from sale group by m

-- case strftime
--   uses daily
select strftime(day, '%Y-%m') as ym, count(*) as n from sale group by ym

-- case a number of year and month
--   uses daily
select year(day) * 100 + month(day) as ym, count(*) as n from sale group by ym

-- case the last day of the month
--   uses daily
select last_day(day) as m, count(*) as n from sale group by m

-- case the first day made from parts
--   uses daily
select make_date(year(day), month(day), 1) as m, count(*) as n from sale group by m

-- case halves of a year
--   uses daily
select year(day) as y, (month(day) - 1) // 6 + 1 as half, count(*) as n from sale group by all

-- case a fiscal year that begins in April
--   uses daily
select year(day + interval 9 month) as fy, count(*) as n from sale group by fy

-- case an age in days
--   uses daily
select datediff('day', day, date '2024-05-01') as age, count(*) as n from sale group by age

-- case buckets of days
--   uses daily
select time_bucket(interval 10 day, day) as b, count(*) as n from sale group by b

-- case before and after
--   uses daily
select day < date '2024-02-01' as before, count(*) as n from sale group by before

-- case hours are finer than days
--   star level
select date_trunc('hour', sold_at) as h, count(*) from sale group by h

-- case the day of an instant is another column
--   star level
select sold_at::date as d, count(*) from sale group by d

-- given monthly
-- case months to months
--   uses monthly
select date_trunc('month', day) as m, count(*) as n from sale group by m

-- case months to quarters
--   uses monthly
select date_trunc('quarter', day) as q, sum(amount) as s from sale group by q

-- case months to years
--   uses monthly
select year(day) as y, sum(amount) as s from sale group by y

-- case the number of the month from its first day
--   uses monthly
select month(day) as m, count(*) as n from sale group by m

-- case months written out
--   uses monthly
select strftime(day, '%Y/%m') as ym, count(*) as n from sale group by ym

-- case months as dates
--   uses monthly
select date_trunc('month', day)::date as m, count(*) as n from sale group by m

-- case the last day of a month
--   uses monthly
select last_day(day) as m, count(*) as n from sale group by m

-- case a fiscal year that begins in April, from months
--   uses monthly
select date_trunc('year', day + interval 9 month) as fy, count(*) as n from sale group by fy

-- case months made from parts
--   uses monthly
select make_date(year(day), month(day), 1) as m, sum(amount) as s from sale group by m

-- case months to days
--   star level
select day, count(*) from sale group by day

-- case months to weeks: weeks do not nest in months, nor months in weeks
--   star level
--   trap StarRocks 75081
select date_trunc('week', day) as w, count(*) from sale group by w

-- case the day of the month
--   star level
select day(day) as d, count(*) from sale group by d

-- case a date written out with its day
--   star level
select strftime(day, '%Y-%m-%d') as d, count(*) from sale group by d

-- case a shift by days is not constant on months
--   star level
select date_trunc('month', day + interval 1 day) as m, count(*) from sale group by m

-- case a shift by months is
--   uses monthly
select date_trunc('month', day - interval 1 month) as m, count(*) as n from sale group by m

-- case months through the calendar, which nobody said are months
--   star
select k.month, count(*) from sale as f join calendar as k on k.day = f.day group by k.month

-- given monthly_dates
-- case months that are stored as dates
--   uses monthly_dates
select date_trunc('month', day) as m, sum(amount) as s from sale group by m

-- case years of months that are stored as dates
--   uses monthly_dates
select date_trunc('year', day)::date as y, sum(amount) as s from sale group by y

-- given hourly
-- case hours to days
--   uses hourly
select date_trunc('day', sold_at) as d, sum(amount) as s from sale group by d

-- case hours to dates
--   uses hourly
select sold_at::date as d, count(*) as n from sale group by d

-- case hours to months
--   uses hourly
--   trap Druid 18215
select date_trunc('month', sold_at) as m, count(*) as n from sale group by m

-- case the hour of the day
--   uses hourly
select hour(sold_at) as h, count(*) as n from sale group by h

-- case the day of the week of an instant
--   uses hourly
select dayname(sold_at) as d, count(*) as n from sale group by d

-- case buckets of six hours
--   uses hourly
--   trap Druid 18403
select time_bucket(interval 6 hour, sold_at) as b, count(*) as n from sale group by b

-- case minutes of the hour
--   star level
select minute(sold_at) as m, count(*) from sale group by m

-- case buckets of ninety minutes cut hours
--   star level
select time_bucket(interval 90 minute, sold_at) as b, count(*) from sale group by b

-- case a shift of half an hour cuts hours
--   star level
select date_trunc('day', sold_at + interval 30 minute) as d, count(*) from sale group by d

-- case a shift of whole hours does not
--   uses hourly
select date_trunc('day', sold_at + interval 9 hour) as d, count(*) as n from sale group by d

-- given days_of_instants
-- case a day cast and a day truncated
--   uses days_of_instants
select date_trunc('day', sold_at) as d, sum(amount) as s from sale group by d

-- case months of instants
--   uses days_of_instants
select date_trunc('month', sold_at) as m, sum(amount) as s from sale group by m

-- case years of instants
--   uses days_of_instants
select year(sold_at) as y, sum(amount) as s from sale group by y

-- case a day in text
--   uses days_of_instants
select strftime(sold_at, '%d.%m.%Y') as d, count(*) as n from sale group by d

-- case an hour in text
--   star level
select strftime(sold_at, '%Y-%m-%d %H') as h, count(*) from sale group by h

-- given quarter_hours
-- case quarters of an hour to hours
--   uses quarter_hours
select date_trunc('hour', sold_at) as h, count(*) as n from sale group by h

-- case quarters of an hour to halves
--   uses quarter_hours
select time_bucket(interval 30 minute, sold_at) as h, count(*) as n from sale group by h

-- case quarters of an hour to tens of minutes
--   star level
select time_bucket(interval 10 minute, sold_at) as h, count(*) from sale group by h

-- case quarters of an hour to minutes
--   star level
select date_trunc('minute', sold_at) as m, count(*) from sale group by m

-- given year_and_month
-- case year and month are the month
--   uses year_and_month
select year(day) * 12 + month(day) as ym, sum(amount) as s from sale group by ym

-- case the year alone
--   uses year_and_month
select extract(year from day) as y, sum(amount) as s from sale group by y

-- case a quarter from the month's number
--   uses year_and_month
select month(day) as m, count(*) as n from sale where year(day) = 2024 group by m

-- case days are lost
--   star level
select date_trunc('week', day) as w, count(*) from sale group by w

-- given quarterly
-- case quarters to years
--   uses quarterly
select date_trunc('year', day) as y, count(*) as n from sale group by y

-- case quarters to months
--   star level
select date_trunc('month', day) as m, count(*) from sale group by m

-- given weekdays
-- case weekdays
--   uses weekdays
select dayofweek(day) as d, count(*) as n from sale group by d

-- case a month's number without the year is no month
--   star level
select date_trunc('month', day) as m, count(*) from sale group by m

-- case weekends
--   uses weekdays
select dayofweek(day) in (0, 6) as weekend, count(*) as n from sale group by weekend
