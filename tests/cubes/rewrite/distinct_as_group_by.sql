-- DISTINCT is a GROUP BY without aggregates.

-- tables shop

-- cuboid cells
select site_key, channel, day, count(*) as n from sale group by site_key, channel, day;

-- cuboid no_rows_kept
select distinct site_key, channel from sale;

-- cuboid levels_only
select site_key, quantity from sale group by site_key, quantity;

-- given cells
-- case distinct levels
--   uses cells
--   trap ClickHouse 59611
select distinct site_key from sale

-- case distinct pairs
--   uses cells
select distinct site_key, channel from sale

-- case distinct expressions
--   uses cells
select distinct upper(channel) as c, year(day) as y from sale

-- case distinct under a condition
--   uses cells
select distinct channel from sale where site_key = 1 and channel is not null

-- case distinct levels of a dimension
--   uses cells with site
select distinct t.kind from sale as f join site as t on t.site_key = f.site_key

-- case distinct rows of what is no level
--   star
select distinct site_key, amount from sale

-- case distinct over groups
--   uses cells
select distinct count(*) as n from sale group by site_key

-- case distinct in order
--   uses cells
select distinct channel from sale order by channel nulls last

-- case DISTINCT ON picks a row
--   star
select distinct on (site_key) site_key, amount from sale order by site_key, sold_at, sale_key

-- case distinct and limited in total order
--   uses cells
select distinct day from sale order by day desc limit 3

-- case distinct with star
--   star
select distinct * from sale

-- given no_rows_kept
-- case a cuboid that is distinct itself
--   uses no_rows_kept
select distinct channel from sale

-- case a cuboid that is distinct itself, for groups
--   uses no_rows_kept
select site_key, channel from sale group by site_key, channel

-- case a cuboid that is distinct itself, for distinct values
--   uses no_rows_kept
select site_key, count(distinct channel) as channels from sale group by site_key

-- case a cuboid that is distinct itself knows no number of rows
--   star
select site_key, count(*) from sale group by site_key

-- case nor rows
--   star
select site_key, channel from sale

-- given levels_only
-- case a cuboid of levels only
--   uses levels_only
select quantity from sale group by quantity

-- case the least of levels needs no number of rows
--   uses levels_only
select site_key, min(quantity) as a, max(quantity) as b from sale group by site_key

-- case the sum of levels does
--   star
--   trap Calcite 2522
select site_key, sum(quantity) from sale group by site_key

-- case so does their number
--   star
select site_key, count(quantity) from sale group by site_key
