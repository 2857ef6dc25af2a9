-- Aliases: DuckDB lets them be used in places where others do not, and columns come first or second.

-- tables shop

-- cuboid cells
select site_key, channel, quantity, day, count(*) as n, sum(amount) as s, count(amount) as c, sum(price) as ps from sale group by all;

-- given cells
-- case an alias in WHERE
--   uses cells
select upper(channel) as u, count(*) as n from sale where u = 'WEB' group by u

-- case an alias in WHERE that is also a column: the column
--   uses cells
select upper(channel) as channel, count(*) as n from sale where channel = 'web' group by all

-- case an alias in HAVING that is also a column
--   uses cells
select site_key, sum(quantity) as quantity from sale group by site_key having quantity > 20

-- case an alias in ORDER BY that is also a column: the alias
--   uses cells
--   ordered
select -site_key as site_key, count(*) as n from sale group by sale.site_key order by site_key

-- case an alias of a later output
--   uses cells
select sum(amount) as s, s * 2 as twice, site_key from sale group by site_key

-- case an alias of an output that is also a column: the column
--   uses cells
select site_key as quantity, quantity + 1 as next, count(*) as n from sale group by sale.site_key, sale.quantity

-- case an alias in front
--   uses cells
select total: sum(amount), place: site_key from sale group by site_key

-- case the same alias twice
--   uses cells
select site_key as a, sum(amount) as a from sale group by site_key

-- case a table named like a column
--   uses cells
select channel.site_key, count(*) as n from sale as channel group by channel.site_key

-- case a table named like the cuboid
--   uses cells
select cells.site_key, count(*) as n from sale as cells group by cells.site_key

-- case tables with exchanged names
--   uses cells with site
select sale.kind, sum(site.amount) as s from sale as site join site as sale on sale.site_key = site.site_key group by sale.kind

-- case columns renamed in the alias of the table
--   uses cells
select t.b, count(*) as n from sale as t (a, b) group by t.b

-- case a group named by its position twice
--   uses cells
select site_key, count(*) from sale group by 1, 1, site_key

-- case groups by position, order by position
--   uses cells
select day, site_key, count(*) from sale group by 2, 1 order by 2, 1

-- case an alias grouped, hiding no column, of an expression with an aggregate's name
--   uses cells
select quantity as count, count(*) as quantity from sale group by count

-- case GROUP BY ALL with an expression of levels
--   uses cells
select site_key + quantity as k, channel || '!' as c, sum(amount) as s from sale group by all

-- case GROUP BY ALL with nothing but aggregates
--   uses cells
select count(*) as n, sum(amount) as s from sale group by all

-- case a star over a derived table
--   uses cells
select * from (select site_key as "Site Key", sum(amount) as "SUM" from sale group by site_key) as t where "sum" > 0

-- case a star with REPLACE and RENAME over a derived table
--   uses cells
select * replace (s * 2 as s) from (select site_key, sum(amount) as s from sale group by site_key) as t

-- case a group that is an alias of the same letters as another column
--   uses cells
select Channel as QUANTITY, count(*) as n from sale group by sale.channel

-- case a group by alias where the alias names two things: the column wins
--   uses cells
select site_key % 2 as quantity, count(*) as n from sale group by sale.quantity, site_key % 2
