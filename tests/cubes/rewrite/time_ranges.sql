-- Ranges of time whose ends are ends of buckets.

-- tables shop

-- cuboid monthly
select date_trunc('month', day) as month, site_key, count(*) as n, sum(amount) as s, median(amount) as m
from sale group by 1, 2;

-- cuboid monthly_instants
select date_trunc('month', sold_at) as month, count(*) as n, sum(amount) as s from sale group by 1;

-- cuboid daily_instants
select sold_at::date as d, count(*) as n, sum(amount) as s from sale group by 1;

-- cuboid weekly
select date_trunc('week', day) as week, count(*) as n, sum(amount) as s from sale group by 1;

-- given monthly
-- case half open
--   uses monthly
select sum(amount) as s from sale where day >= date '2024-02-01' and day < date '2024-04-01'

-- case closed, on the last day
--   uses monthly
--   trap StarRocks 58577
select sum(amount) as s from sale where day >= date '2024-02-01' and day <= date '2024-03-31'

-- case between
--   uses monthly
select site_key, count(*) as n from sale where day between '2024-02-01' and '2024-02-29' group by site_key

-- case after the last day of a month
--   uses monthly
select count(*) as n from sale where day > date '2024-01-31'

-- case up to a leap day
--   uses monthly
select count(*) as n from sale where day <= date '2024-02-29'

-- case open on one side
--   uses monthly
select count(*) as n from sale where day < '2024-03-01'

-- case one bucket, by its first day
--   uses monthly
select count(*) as n from sale where date_trunc('month', day) = date '2024-02-01'

-- case several buckets, by their first days
--   uses monthly
select count(*) as n from sale where date_trunc('month', day) in ('2024-02-01', '2024-03-01')

-- case a year
--   uses monthly
select site_key, sum(amount) as s from sale where year(day) = 2024 group by site_key

-- case a year and some months
--   uses monthly
select sum(amount) as s from sale where year(day) = 2024 and month(day) in (1, 2)

-- case a year by text
--   uses monthly
select sum(amount) as s from sale where strftime(day, '%Y') = '2024'

-- case a quarter
--   uses monthly
select sum(amount) as s from sale where date_trunc('quarter', day) = date '2024-01-01'

-- case not in a range
--   uses monthly
select sum(amount) as s from sale where not (day >= date '2024-02-01' and day < date '2024-03-01')

-- case two ranges
--   uses monthly
select sum(amount) as s from sale where day < date '2024-01-01' or day >= date '2024-03-01'

-- case ends computed from a date
--   uses monthly
select sum(amount) as s from sale where day >= date '2024-03-01' - interval 1 month and day < date '2024-03-01'

-- case ends that hang on today, cut to months
--   uses monthly
select sum(amount) as s from sale
where day >= date_trunc('month', current_date) - interval 36 month and day < date_trunc('month', current_date)

-- case an instant that is the first of a month
--   uses monthly
select sum(amount) as s from sale where day >= timestamp '2024-02-01 00:00:00'

-- case a range beside groups of months
--   uses monthly
select date_trunc('month', day) as m, sum(amount) as s from sale where day >= '2024-01-01' group by m

-- case a range that leaves one cell, whose median may be read
--   uses monthly
select site_key, median(amount) as m from sale where day >= '2024-02-01' and day < '2024-03-01' group by site_key

-- case a range that leaves two cells
--   star
select site_key, median(amount) from sale where day >= '2024-02-01' and day < '2024-04-01' group by site_key

-- case an end amid a month, and what does not merge
--   star
select site_key, median(amount) from sale where day >= '2024-02-02' and day < '2024-03-01' group by site_key

-- case a day amid a month
--   star
--   trap StarRocks 75150
select site_key, count(*) from sale where day = date '2024-02-01' group by site_key

-- case the last day of each month is not constant on months
--   star
select count(*) from sale where day = last_day(day)

-- case an end that hangs on today, amid a month; and the whole is unknown
--   star
select median(amount) from sale where day < current_date

-- given monthly_instants
-- case half open instants
--   uses monthly_instants
select sum(amount) as s from sale where sold_at >= timestamp '2024-02-01' and sold_at < timestamp '2024-03-01'

-- case instants and dates
--   uses monthly_instants
select sum(amount) as s from sale where sold_at >= date '2024-02-01' and sold_at < date '2024-03-01'

-- case the last microsecond
--   uses monthly_instants
--   trap Cube 6762
select count(*) as n from sale where sold_at >= '2024-02-01' and sold_at <= '2024-02-29 23:59:59.999999'

-- case the date of the instant, up to the last day
--   uses monthly_instants
select count(*) as n from sale where sold_at::date <= date '2024-02-29'

-- case the date of the instant, between
--   uses monthly_instants
select count(*) as n from sale where sold_at::date between '2024-02-01' and '2024-03-31'

-- case up to midnight of the last day cuts that day
--   uses monthly_instants and sale
select count(*) as n from sale where sold_at <= timestamp '2024-02-29'

-- case up to the first midnight: one instant of the next month
--   uses monthly_instants and sale
select count(*) as n from sale where sold_at <= timestamp '2024-03-01'

-- case after the first midnight
--   uses monthly_instants and sale
select count(*) as n from sale where sold_at > timestamp '2024-02-01'

-- case before the last microsecond
--   uses monthly_instants and sale
select count(*) as n from sale where sold_at < timestamp '2024-02-29 23:59:59.999999'

-- given daily_instants
-- case a day of instants
--   uses daily_instants
--   trap Doris 44948
select count(*) as n from sale where sold_at >= '2024-02-29' and sold_at < '2024-03-01'

-- case the date of the instant
--   uses daily_instants
select sum(amount) as s from sale where sold_at::date = date '2024-02-29'

-- case the instant of a date is not its day
--   star
--   trap StarRocks 75150
select count(*) from sale where sold_at = timestamp '2024-02-29'

-- case a list of days
--   uses daily_instants
select count(*) as n from sale where sold_at::date in ('2024-02-29', '2024-03-01')

-- case a month of days
--   uses daily_instants
select count(*) as n from sale where date_trunc('month', sold_at) = timestamp '2024-02-01'

-- given weekly
-- case whole weeks
--   uses weekly
select count(*) as n from sale where day >= date '2024-02-26' and day < date '2024-03-04'

-- case whole weeks, Sunday included
--   uses weekly
select count(*) as n from sale where day between '2024-02-26' and '2024-03-03'

-- case a week by its Monday
--   uses weekly
select count(*) as n from sale where date_trunc('week', day) = date '2024-02-26'

-- case a week by another of its days: none begins then
--   uses weekly
select count(*) as n from sale where date_trunc('week', day) = date '2024-02-27'
