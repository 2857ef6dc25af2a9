-- ISO weeks begin on Monday, people's weeks often on Sunday; neither nests in months or years.

-- tables shop

-- cuboid weekly
select date_trunc('week', day) as week, count(*) as n, sum(amount) as s from sale group by 1;

-- cuboid iso
select isoyear(day) as iy, weekofyear(day) as iw, count(*) as n from sale group by 1, 2;

-- cuboid daily
select day, count(*) as n, sum(amount) as s from sale group by day;

-- cuboid monthly
select date_trunc('month', day) as month, count(*) as n from sale group by 1;

-- cuboid sunday_weeks
select date_trunc('week', day + interval 1 day) - interval 1 day as week, count(*) as n from sale group by 1;

-- given weekly
-- case weeks
--   uses weekly
select date_trunc('week', day) as w, sum(amount) as s from sale group by w

-- case weeks as dates
--   uses weekly
select date_trunc('week', day)::date as w, sum(amount) as s from sale group by w

-- case the number of the week and its year
--   uses weekly
select isoyear(day) as iy, weekofyear(day) as iw, count(*) as n from sale group by all

-- case year and week in one number
--   uses weekly
select yearweek(day) as yw, count(*) as n from sale group by yw

-- case the ISO year
--   uses weekly
select extract(isoyear from day) as iy, count(*) as n from sale group by iy

-- case a calendar year is not made of weeks
--   star level
select year(day) as y, count(*) from sale group by y

-- case a month is not made of weeks
--   star level
--   trap StarRocks 75081
select date_trunc('month', day) as m, count(*) from sale group by m

-- case a quarter is not made of weeks
--   star level
select date_trunc('quarter', day) as q, count(*) from sale group by q

-- case Sunday weeks from Monday weeks
--   star level
select date_trunc('week', day + interval 1 day) - interval 1 day as w, count(*) from sale group by w

-- case pairs of weeks
--   star
select date_trunc('week', day) as w, dayofweek(day) as d, count(*) from sale group by all

-- case the last day of the week
--   uses weekly
select date_trunc('week', day) + interval 6 day as w, count(*) as n from sale group by w

-- case a shift of whole weeks
--   uses weekly
select date_trunc('week', day - interval 7 day) as w, count(*) as n from sale group by w

-- case weeks of one calendar year
--   star
select date_trunc('week', day) as w, median(amount) from sale where year(day) = 2024 group by w

-- given iso
-- case the ISO year from its weeks
--   uses iso
select isoyear(day) as iy, count(*) as n from sale group by iy

-- case a week's number over all years
--   uses iso
select week(day) as w, count(*) as n from sale group by w

-- case a calendar year with an ISO week is another thing
--   star level
select year(day) as y, weekofyear(day) as w, count(*) from sale group by all

-- given daily
-- case Sunday weeks from days
--   uses daily
select date_trunc('week', day + interval 1 day) - interval 1 day as w, sum(amount) as s from sale group by w

-- case Sunday weeks through the number of the weekday
--   uses daily
select day - dayofweek(day)::integer as w, sum(amount) as s from sale group by w

-- case a calendar year with an ISO week, from days
--   uses daily
select year(day) as y, weekofyear(day) as w, count(*) as n from sale group by all

-- case weeks counted from the first of January
--   uses daily
select (dayofyear(day) - 1) // 7 + 1 as w, count(*) as n from sale group by w

-- given monthly
-- case weeks from months
--   star level
select date_trunc('week', day) as w, count(*) from sale group by w

-- given sunday_weeks
-- case Sunday weeks
--   uses sunday_weeks
select date_trunc('week', day + interval 1 day) - interval 1 day as w, count(*) as n from sale group by w

-- case Monday weeks from Sunday weeks
--   star level
select date_trunc('week', day) as w, count(*) from sale group by w
