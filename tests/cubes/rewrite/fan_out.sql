-- Fan-out and chasm: what a join repeats, it repeats in the answer too; a cuboid must repeat it the same.

-- tables shop

-- cuboid sales
select site_key, day, count(*) as n, sum(amount) as s, count(amount) as c, min(amount) as low, avg(amount) as a
from sale group by site_key, day;

-- cuboid visits
select site_key, day, count(*) as n, sum(visitors) as v from visit group by site_key, day;

-- cuboid sales_with_visits
select f.site_key, count(*) as n, sum(f.amount) as s, sum(w.visitors) as v, max(f.amount) as high
from sale as f join visit as w on w.site_key = f.site_key group by f.site_key;

-- cuboid per_target
select g.site_key, g.month, count(*) as n, sum(f.amount) as s, sum(g.goal) as goals, max(g.goal) as goal
from target as g join sale as f on f.site_key = g.site_key group by g.site_key, g.month;

-- given sales
-- case each sale as often as its site was visited
--   uses sales with visit
select f.site_key, sum(f.amount) as s, count(*) as n from sale as f join visit as w on w.site_key = f.site_key group by f.site_key

-- case each visit as often as its site sold
--   uses sales with visit
select f.site_key, sum(w.visitors) as v, avg(w.visitors) as a from sale as f join visit as w on w.site_key = f.site_key group by f.site_key

-- case both at once, wrong for the asker and the same for us
--   uses sales with visit
--   trap Lightdash 861, Lightdash 10361
select f.site_key, sum(f.amount) as s, sum(w.visitors) as v, count(distinct w.visit_key) as visits
from sale as f join visit as w on w.site_key = f.site_key and w.day = f.day group by f.site_key

-- case the least is not changed by repeating
--   uses sales with visit
select w.weather, min(f.amount) as low from sale as f join visit as w on w.site_key = f.site_key group by w.weather

-- case a stored average under a join that repeats
--   star
select f.site_key, f.day, avg(f.amount) as a, count(w.weather) from sale as f join visit as w on w.site_key = f.site_key and w.visitors > f.quantity
group by f.site_key, f.day

-- case an average of sums under a join that repeats each cell alike
--   uses sales with visit
select w.weather, avg(f.amount) as a from sale as f join visit as w on w.site_key = f.site_key and w.day = f.day group by w.weather

-- case a product of both sides
--   uses sales with visit
select sum(f.amount * w.visitors) as v from sale as f join visit as w on w.site_key = f.site_key and w.day = f.day

-- given visits
-- case distinct sales of visited sites
--   uses visits with sale
select w.site_key, count(distinct f.sale_key) as sales, sum(w.visitors) as v
from sale as f join visit as w on w.site_key = f.site_key group by w.site_key

-- given sales, visits
-- case a chasm crossed on one side only: one cuboid stands for one side
--   uses sales with visit
--   sizes sales=10, visits=1000, sale=100000, visit=10
select f.site_key, count(*) as n from sale as f join visit as w on w.site_key = f.site_key group by f.site_key

-- given sales_with_visits
-- case the same chasm
--   uses sales_with_visits
select f.site_key, sum(f.amount) as s, sum(w.visitors) as v from visit as w join sale as f on f.site_key = w.site_key group by f.site_key

-- case the sales alone are not in it as often as they are
--   star
--   trap Lightdash 10361
select site_key, sum(amount) from sale group by site_key

-- case nor is the greatest: sites without visits are missing
--   star
select site_key, max(amount) from sale group by site_key

-- case nor the visits
--   star
select site_key, sum(visitors) from visit group by site_key

-- given per_target
-- case sales under each target
--   uses per_target
select g.month, sum(f.amount) as s, sum(g.goal) as goals from sale as f join target as g on g.site_key = f.site_key group by g.month

-- case the goal once for each target, not for each sale
--   star
select site_key, sum(goal) from target group by site_key

-- given sales, visits
-- case two facts, each summed on its own, side by side
--   uses sales, visits
--   trap Lightdash 15700
with a as (select site_key, sum(amount) as s from sale group by site_key),
    b as (select site_key, sum(visitors) as v from visit group by site_key)
select site_key, s, v from a full join b using (site_key)

-- case one fact summed first, then joined to the rows of the other
--   uses sales, visits
select w.site_key, sum(w.visitors) as v, sum(t.s) as s
from visit as w join (select site_key, sum(amount) as s from sale group by site_key) as t on t.site_key = w.site_key
group by w.site_key

-- case two scalars of two facts
--   uses sales, visits
select (select sum(amount) from sale) as s, (select sum(visitors) from visit) as v
