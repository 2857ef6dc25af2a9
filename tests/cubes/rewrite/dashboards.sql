-- Questions as screens and people write them, long ones.

-- tables shop

-- cuboid site_day
select f.day, f.site_key, count(*) as n, sum(f.amount) as s, count(f.amount) as c, sum(f.amount * f.amount) as ss,
    count(*) filter (where f.returned) as back
from sale as f group by f.day, f.site_key;

-- cuboid channel_month
select date_trunc('month', day) as month, channel, count(*) as n, sum(amount) as s from sale group by 1, 2;

-- cuboid visit_site_day
select day, site_key, sum(visitors) as v from visit group by day, site_key;

-- given all
-- case this month against the month before
--   uses site_day with site
with m as (select site_key, date_trunc('month', day) as month, sum(amount) as s from sale where day >= '2024-01-01' group by all)
select t.site, a.s as now, b.s as before, a.s - b.s as change
from m as a left join m as b on b.site_key = a.site_key and b.month = a.month - interval 1 month
join site as t on t.site_key = a.site_key
where a.month = '2024-03-01' order by change desc nulls last, t.site, a.site_key

-- case a league table with an interval
--   uses site_day with site
select t.site, t.site_key, count(f.amount) as n, avg(f.amount) as mean,
    avg(f.amount) - 1.96 * stddev(f.amount) / sqrt(count(f.amount)) as low,
    rank() over (order by avg(f.amount) desc) as place
from sale as f join site as t on t.site_key = f.site_key
where f.day between '2024-01-01' and '2024-03-31'
group by t.site, t.site_key having count(f.amount) >= 3
order by place, t.site_key limit 10

-- case a trend with gaps filled
--   uses site_day with calendar
select k.day, coalesce(x.n, 0) as n, coalesce(x.s, 0) as s
from calendar as k left join (select day, count(*) as n, sum(amount) as s from sale where site_key = 1 group by day) as x on x.day = k.day
where k.day >= '2024-02-25' and k.day < '2024-03-10' order by k.day

-- case sales for each visitor
--   uses site_day, visit_site_day with site
select t.kind, sum(a.n) * 1.0 / nullif(sum(b.v), 0) as rate
from site as t
left join (select site_key, count(*) as n from sale group by site_key) as a on a.site_key = t.site_key
left join (select site_key, sum(visitors) as v from visit group by site_key) as b on b.site_key = t.site_key
group by t.kind order by t.kind nulls last

-- case against target
--   uses site_day with target, site
select t.site, g.month, g.goal, x.s, x.s * 100.0 / nullif(g.goal, 0) as reached
from target as g join site as t on t.site_key = g.site_key
left join (select site_key, date_trunc('month', day)::date as month, sum(amount) as s from sale group by all) as x
    on x.site_key = g.site_key and x.month = g.month

-- case share of returns by weekday
--   uses site_day
select dayname(day) as d, 100.0 * count(*) filter (where returned) / count(*) as share from sale group by d

-- case channels by month, crossed by hand
--   uses channel_month
select date_trunc('month', day)::date as m, sum(case when channel = 'web' then amount else 0 end) as web,
    sum(case when channel = 'phone' then amount else 0 end) as phone,
    sum(case when channel not in ('web', 'phone') then amount else 0 end) as other,
    sum(case when channel is null then amount else 0 end) as unknown
from sale where day < '2024-04-01' group by 1 order by 1

-- case top three and the rest
--   uses site_day
with t as (select site_key, sum(amount) as s from sale group by site_key),
    r as (select site_key, s, row_number() over (order by s desc nulls last, site_key) as i from t)
select case when i <= 3 then site_key end as site_key, sum(s) as s from r group by 1

-- case to date
--   uses site_day
select day, sum(sum(amount)) over (partition by date_trunc('month', day) order by day) as to_date from sale group by day

-- case how many sites sold at all on each day
--   uses site_day
select day, count(distinct site_key) as sites, avg(count(distinct site_key)) over () as a from sale group by day

-- case sites above the mean of all sites
--   uses site_day
select site_key from sale group by site_key having avg(amount) > (select avg(a) from (select avg(amount) as a from sale group by site_key) as t)

-- case one question in many blocks
--   uses site_day, channel_month
select 'sites' as what, count(*) as n from (select site_key from sale group by site_key having sum(amount) > 0) as t
union all select 'channels', count(*) from (select channel from sale where day < '2024-03-01' group by channel) as t
union all select 'days', count(distinct day) from sale
