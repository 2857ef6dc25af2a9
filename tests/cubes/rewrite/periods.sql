-- A year with a month is one month, however it is written.

-- tables shop

-- cuboid by_month
select date_trunc('month', day) as month, channel, count(distinct product_key) as products, count(*) as n from sale group by all;

-- cuboid due_month
select date_trunc('month', due) as month, median(amount) as m from sale group by all;

-- cuboid late
select day, count(*) as n, sum(amount) as s from sale where day >= date '2024-02-01' group by day;

-- cuboid late_due
select due, count(*) as n from sale where due >= date '2024-02-01' group by due;

-- cuboid february
select site_key, count(*) as n from sale where day between date '2024-02-01' and date '2024-02-29' group by site_key;

-- cuboid from_noon
select sold_at, count(*) as n from sale where sold_at >= timestamp '2024-02-01 12:00:00' group by sold_at;

-- given by_month
-- case year and month are one cell
--   uses by_month
select channel, count(distinct product_key) as p from sale where year(day) = 2024 and month(day) = 2 group by channel

-- case a month as text is one cell
--   uses by_month
select channel, count(distinct product_key) as p from sale where strftime(day, '%Y-%m') = '2024-02' group by channel

-- case year and quarter are three cells
--   star grain
select channel, count(distinct product_key) as p from sale where year(day) = 2024 and quarter(day) = 1 group by channel

-- case a month of any year is several cells
--   star grain
select channel, count(distinct product_key) as p from sale where month(day) = 2 group by channel

-- case two years and a month are two cells
--   star grain
select channel, count(distinct product_key) as p from sale where year(day) in (2023, 2024) and month(day) = 12 group by channel

-- case a month as text in two digits of the year is several cells
--   star grain
select channel, count(distinct product_key) as p from sale where strftime(day, '%y-%m') = '24-02' group by channel

-- case no month at all
--   any
select channel, count(distinct product_key) as p from sale where year(day) = 2024 and month(day) = 13 group by channel

-- given due_month
-- case one cell of a day that may be NULL
--   uses due_month
select median(amount) as m from sale where year(due) = 2024 and month(due) = 2

-- given late
-- case year and month lie in a range
--   uses late
select count(*) as n from sale where year(day) = 2024 and month(day) = 2

-- case a year from some month on
--   uses late
select sum(amount) as s from sale where year(day) = 2024 and month(day) >= 2

-- case a year but for its first quarter
--   uses late
select sum(amount) as s from sale where year(day) = 2024 and quarter(day) > 1

-- case a month within a quarter
--   uses late
select sum(amount) as s from sale where year(day) = 2024 and quarter(day) = 1 and month(day) between 2 and 7

-- case a day of a month
--   uses late
select count(*) as n from sale where year(day) = 2024 and month(day) = 2 and day(day) >= 28

-- case a month as text
--   uses late
select count(*) as n from sale where strftime(day, '%Y-%m') = '2024-02'

-- case a day as text
--   uses late
select count(*) as n from sale where strftime(day, '%Y%m%d') = '20240229'

-- case an instant from which days begin
--   uses late
select count(*) as n from sale where day::timestamp >= '2024-02-01'

-- case an instant within the first day
--   uses late
select count(*) as n from sale where day::timestamp > timestamp '2024-01-31 12:00:00'

-- case an instant before
--   star filter
select count(*) as n from sale where day::timestamp >= '2024-01-31'

-- case year and month before
--   star filter
select count(*) as n from sale where year(day) = 2024 and month(day) >= 1

-- case a month of any year
--   star filter
select count(*) as n from sale where month(day) >= 2

-- case later months of either year
--   star filter
select count(*) as n from sale where year(day) >= 2023 and month(day) >= 2

-- case the month of one year or any
--   star filter
select count(*) as n from sale where (year(day) = 2024 or month(day) = 2)

-- case a text that is in order only for years of four digits
--   star filter
select count(*) as n from sale where strftime(day, '%Y-%m') >= '2024-02'

-- given late_due
-- case year and month of a day that may be NULL
--   uses late_due
select count(*) as n, count(due) as c from sale where year(due) = 2024 and month(due) = 2

-- case or NULL
--   star filter
select count(*) as n from sale where (year(due) = 2024 and month(due) = 2) or due is null

-- given february
-- case all of a month and no more
--   uses february
select count(*) as n from sale where year(day) = 2024 and month(day) = 2

-- case two months
--   star filter
select count(*) as n from sale where year(day) = 2024 and month(day) in (2, 3)

-- given from_noon
-- case a month that begins before
--   star filter
select count(*) as n from sale where year(sold_at) = 2024 and month(sold_at) = 2

-- case a month after
--   uses from_noon
select count(*) as n from sale where year(sold_at) = 2024 and month(sold_at) = 3
