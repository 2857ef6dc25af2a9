-- A key determines the columns of its table; a day determines its month.

-- tables shop

-- cuboid by_site
select site_key, count(*) as n, sum(amount) as s from sale group by site_key;

-- cuboid by_site_name
select t.site, count(*) as n from sale as f join site as t on t.site_key = f.site_key group by t.site;

-- cuboid by_site_and_names
select t.site_key, t.site, t.kind, r.region, count(*) as n, sum(f.amount) as s, median(f.amount) as m
from sale as f join site as t using (site_key) join region as r using (region_key)
group by t.site_key, t.site, t.kind, r.region;

-- cuboid by_sale
select sale_key, amount, count(*) as n from sale group by sale_key, amount;

-- cuboid by_target
select site_key, month, sum(goal) as g from target group by site_key, month;

-- given by_site
-- case a column that the key determines, beside the key
--   uses by_site with site
select t.site_key, t.site, sum(f.amount) as s from sale as f join site as t using (site_key) group by t.site_key, t.site

-- case a column that the key determines, which several keys share
--   uses by_site with site
select t.site, sum(f.amount) as s from sale as f join site as t on f.site_key = t.site_key group by t.site

-- case two steps up a snowflake
--   uses by_site with site, region
select r.region, count(*) as n from sale as f join site as t using (site_key) join region as r using (region_key)
group by r.region

-- case the key of the dimension stands for the key of the fact
--   uses by_site with site
select t.site_key, count(*) as n from sale as f join site as t on t.site_key = f.site_key group by t.site_key

-- case the key one level up
--   uses by_site with site
select t.region_key, count(*) as n from sale as f join site as t on t.site_key = f.site_key group by t.region_key

-- case a column nothing determines
--   star level
select t.site, f.channel, count(*) from sale as f join site as t using (site_key) group by t.site, f.channel

-- given by_site_name
-- case a name two sites share does not determine the site
--   star level
select t.site_key, count(*) from sale as f join site as t on t.site_key = f.site_key group by t.site_key

-- case the name itself
--   uses by_site_name
select t.site, count(*) as n from sale as f join site as t on t.site_key = f.site_key group by t.site

-- case a column of the same row that the name does not determine
--   star level
select t.kind, count(*) from sale as f join site as t on t.site_key = f.site_key group by t.kind

-- given by_site_and_names
-- case fewer of the determined columns
--   uses by_site_and_names
select t.site_key, t.site, count(*) as n from sale as f join site as t using (site_key) group by t.site_key, t.site

-- case the key alone has one cell a group, so that a median may be taken
--   uses by_site_and_names
select f.site_key, median(f.amount) as m from sale as f group by f.site_key

-- case a median by a name that sites share
--   star grain
select t.site, median(f.amount) from sale as f join site as t using (site_key) group by t.site

-- case a determined column that the cuboid does not keep comes by the key
--   uses by_site_and_names with site
select t.opened, sum(f.amount) as s from sale as f join site as t using (site_key) group by t.opened

-- given by_sale
-- case all columns follow from the key of the fact
--   uses by_sale
select amount, count(*) as n from sale group by amount

-- case a measure that the key determines
--   uses by_sale
select sum(amount) as s, min(amount) as m from sale

-- given by_target
-- case the grain of a key of two columns
--   uses by_target
select site_key, sum(goal) as g from target group by site_key

-- case one column of a key of two determines nothing
--   star level
select site_key, goal, count(*) from target group by site_key, goal
