-- Views: what a question reads through a view is what it would read from its tables.

-- tables shop

-- view sale_view
select site_key, day, amount, channel, quantity from sale;

-- view web_sale
select * from sale where channel = 'web';

-- view sale_with_site
select f.*, t.site, t.kind, r.region from sale as f join site as t on t.site_key = f.site_key join region as r on r.region_key = t.region_key;

-- view daily_view
select day, site_key, sum(amount) as s, count(*) as n from sale group by day, site_key;

-- view views_on_views
select region, sum(amount) as s from sale_with_site group by region;

-- view first_sales
select * from sale order by sold_at, sale_key limit 10;

-- cuboid by_site_day
select site_key, day, count(*) as n, sum(amount) as s from sale group by site_key, day;

-- cuboid web_by_site
select site_key, count(*) as n, sum(amount) as s from web_sale group by site_key;

-- cuboid by_kind
select kind, region, count(*) as n, sum(amount) as s from sale_with_site group by kind, region;

-- cuboid from_daily
select site_key, sum(s) as s, sum(n) as n, max(s) as best from daily_view group by site_key;

-- given by_site_day
-- case a view of columns
--   uses by_site_day
select site_key, sum(amount) as s from sale_view group by site_key

-- case a view with a join
--   uses by_site_day with site, region
select region, sum(amount) as s from sale_with_site group by region

-- case a view that is grouped
--   uses by_site_day
select site_key, max(s) as best from daily_view group by site_key

-- case a view that is grouped, read as it is
--   uses by_site_day
select * from daily_view

-- case a view on a view
--   uses by_site_day with site, region
select * from views_on_views where region = 'north'

-- case a view with a condition that is no level
--   star
select site_key, count(*) from web_sale group by site_key

-- case a view with a limit
--   star
select site_key, count(*) from first_sales group by site_key

-- case a view and its table
--   uses by_site_day
select a.site_key, a.s, b.n from (select site_key, sum(amount) as s from sale_view group by site_key) as a
join (select site_key, count(*) as n from sale group by site_key) as b using (site_key)

-- given web_by_site
-- case a cuboid over a view with a condition
--   uses web_by_site
select site_key, sum(amount) as s from sale where channel = 'web' group by site_key

-- case the same view
--   uses web_by_site
select sum(amount) as s from web_sale

-- case without its condition
--   star filter
select sum(amount) from sale

-- given by_kind
-- case a cuboid over a view with joins
--   uses by_kind
select t.kind, sum(f.amount) as s from site as t join sale as f on f.site_key = t.site_key group by t.kind

-- case a cuboid over a view with joins that lose nothing
--   uses by_kind
select count(*) as n from sale

-- given from_daily
-- case a cuboid over a grouped view, to the base
--   uses from_daily
select site_key, sum(amount) as s, count(*) as n from sale group by site_key

-- case a cuboid over a grouped view: the best day is no part of a sum
--   star
select site_key, max(amount) from sale group by site_key
