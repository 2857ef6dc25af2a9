-- What comes after grouping works on cells as on rows.

-- tables shop

-- cuboid cells
select site_key, day, count(*) as n, sum(amount) as s, count(amount) as c, max(price) as high from sale group by site_key, day;

-- cuboid by_channel
select channel, count(*) as n, sum(amount) as s from sale group by channel;

-- given cells
-- case HAVING on a selected measure
--   uses cells
select site_key, sum(amount) as s from sale group by site_key having sum(amount) > 10

-- case HAVING on an alias
--   uses cells
select site_key, sum(amount) as s from sale group by site_key having s > 10

-- case HAVING on a measure nobody selected
--   uses cells
select site_key from sale group by site_key having count(*) > 10 and max(price) is not null

-- case HAVING on a measure the cuboid lacks
--   star aggregate
select site_key, count(*) from sale group by site_key having min(price) < 0

-- case HAVING without groups
--   uses cells
select sum(amount) as s from sale having count(*) > 1000

-- case HAVING on a level
--   uses cells
select site_key, count(*) as n from sale group by site_key having site_key > 1

-- case ORDER BY a measure
--   uses cells
select site_key, sum(amount) as s from sale group by site_key order by sum(amount) desc, site_key

-- case ORDER BY a measure nobody selected
--   uses cells
--   ordered
select site_key from sale group by site_key order by avg(amount), count(*) desc, site_key

-- case ORDER BY an alias
--   uses cells
select day, sum(amount) as total from sale group by day order by total desc nulls last, day

-- case ORDER BY an alias that is also a column
--   uses cells
select day, sum(amount) as amount from sale group by day order by amount, day

-- case ORDER BY a position
--   uses cells
select site_key, day, count(*) from sale group by 1, 2 order by 2 desc, 1

-- case ORDER BY ALL
--   uses cells
select site_key, count(*) as n from sale group by site_key order by all

-- case ORDER BY an expression of level and measure
--   uses cells
--   ordered
select site_key, sum(amount) as s from sale group by site_key order by s - site_key, site_key

-- case rank of groups
--   uses cells
select site_key, sum(amount) as s, rank() over (order by sum(amount) desc) as r from sale group by site_key

-- case share of the whole
--   uses cells
select site_key, sum(amount) * 1.0 / sum(sum(amount)) over () as share from sale group by site_key

-- case running total
--   uses cells
select day, sum(sum(amount)) over (order by day) as running from sale group by day

-- case running total in each site
--   uses cells
select site_key, day, sum(sum(amount)) over (partition by site_key order by day) as running from sale group by site_key, day

-- case change from the day before, in the order of the one level
--   uses cells
select day, sum(amount) - lag(sum(amount)) over (order by day) as change from sale group by day

-- case a moving average over rows, in a total order
--   uses cells
select day, avg(sum(amount)) over (order by day rows between 2 preceding and current row) as a from sale group by day

-- case a moving sum over a range of days
--   uses cells
select day, sum(count(*)) over (order by day range between interval 7 day preceding and current row) as n from sale group by day

-- case a named window
--   uses cells
select day, sum(sum(amount)) over w as a, count(*) over w as b from sale group by day window w as (order by day)

-- case the best day of each site
--   uses cells
select site_key, day, sum(amount) as s from sale group by site_key, day
qualify row_number() over (partition by site_key order by sum(amount) desc nulls last, day) = 1

-- case the best of each site, ties and all
--   uses cells
select site_key, day, count(*) as n from sale group by site_key, day qualify rank() over (partition by site_key order by count(*) desc) = 1

-- case a number among ties is anyone's
--   star order
select site_key, day, count(*) as n from sale group by site_key, day qualify row_number() over (partition by site_key order by count(*) desc) = 1

-- case quartiles among ties are anyone's
--   star order
select site_key, day, ntile(4) over (order by count(*)) as q from sale group by site_key, day

-- case a window over rows, not groups
--   star
select site_key, sum(amount) over (partition by site_key order by sold_at, sale_key) from sale

-- case a window over a derived table
--   uses cells
select site_key, s, rank() over (order by s desc nulls last) as r from (select site_key, sum(amount) as s from sale group by site_key) as t

-- case percent of rank
--   uses cells
select site_key, percent_rank() over (order by sum(amount)) as p, cume_dist() over (order by sum(amount)) as c from sale group by site_key

-- case the first of an order without ties
--   uses cells
select site_key, day, first_value(sum(amount)) over (partition by site_key order by day) as f from sale group by site_key, day

-- given by_channel
-- case NULL among the ordered
--   uses by_channel
select channel, sum(amount) as s from sale group by channel order by channel nulls first

-- case NULL last
--   uses by_channel
select channel, sum(amount) as s from sale group by channel order by channel desc nulls last

-- case QUALIFY and HAVING
--   uses by_channel
select channel, count(*) as n from sale group by channel having channel is not null qualify dense_rank() over (order by count(*) desc) <= 2
