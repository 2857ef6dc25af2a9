-- One table in several roles: which instance is which must be worked out, not guessed from names.

-- tables shop
create table employee (
    employee_key integer primary key,
    boss_key integer references employee (employee_key),
    salary integer,
    grade varchar
);
insert into employee values (1, null, 90, 'a');
insert into employee values (2, 1, 50, 'b'), (3, 1, null, 'b');
insert into employee values (4, 2, 30, null), (5, 2, 30, 'c');
insert into employee values (6, 4, 10, 'c');

-- cuboid two_days
select f.site_key, a.month as sold_month, b.month as due_month, count(*) as n, sum(f.amount) as s
from sale as f join calendar as a on a.day = f.day join calendar as b on b.day = f.due
group by f.site_key, a.month, b.month;

-- cuboid by_boss
select b.grade as boss_grade, e.grade, count(*) as n, sum(e.salary) as s, sum(b.salary) as bs
from employee as e join employee as b on b.employee_key = e.boss_key group by b.grade, e.grade;

-- cuboid by_grade
select grade, boss_key, count(*) as n, sum(salary) as s from employee group by grade, boss_key;

-- cuboid by_site_day
select site_key, day, count(*) as n, sum(amount) as s from sale group by site_key, day;

-- given two_days
-- case two roles of the calendar
--   uses two_days
select x.month as m, y.month as d, sum(f.amount) as s
from sale as f join calendar as y on y.day = f.due join calendar as x on x.day = f.day group by x.month, y.month

-- case two roles, one asked for
--   uses two_days
select y.month as d, sum(f.amount) as s
from sale as f join calendar as x on x.day = f.day join calendar as y on y.day = f.due group by y.month

-- case a role the cuboid does not have twice
--   star
select x.month as m, y.month as d, sum(f.amount)
from sale as f join calendar as x on x.day = f.day join calendar as y on y.day = f.day group by x.month, y.month

-- case rows without a due day are not in the cuboid
--   star
select x.month, sum(f.amount) from sale as f join calendar as x on x.day = f.day group by x.month

-- case one role, said to be due
--   uses two_days
select y.month as d, count(*) as n from sale as f join calendar as y on y.day = f.due group by y.month

-- given by_boss
-- case bosses of grades
--   uses by_boss
select b.grade, count(*) as n, sum(e.salary) as s
from employee as e join employee as b on e.boss_key = b.employee_key group by b.grade

-- case grades of bosses, written from the boss's side
--   uses by_boss
select up.grade as boss, down.grade as own, count(*) as n
from employee as up join employee as down on down.boss_key = up.employee_key group by up.grade, down.grade

-- case whose salary is summed
--   uses by_boss
select e.grade, sum(b.salary) as s from employee as e join employee as b on b.employee_key = e.boss_key group by e.grade

-- case a join the other way is another question
--   star
select e.grade, count(*) from employee as e join employee as b on b.boss_key = e.boss_key group by e.grade

-- case one instance where the cuboid has two: those without a boss are missing
--   star
select grade, count(*) from employee group by grade

-- case those with a boss
--   uses by_boss
select grade, count(*) as n from employee where boss_key is not null group by grade

-- given by_grade
-- case the table joined to itself: one side from the cuboid
--   uses by_grade with employee
select b.grade as boss, count(*) as n, sum(e.salary) as s
from employee as e join employee as b on b.employee_key = e.boss_key group by b.grade

-- case a column that both have, of the side that is not summed
--   uses by_grade with employee
select b.salary, count(*) as n from employee as e join employee as b on b.employee_key = e.boss_key group by b.salary

-- given by_site_day
-- case pairs of sales of one site and day
--   star
select a.site_key, count(*) from sale as a join sale as b on a.site_key = b.site_key and a.day = b.day and a.sale_key < b.sale_key
group by a.site_key

-- case a day beside the day before, each from cells
--   uses by_site_day
with d as (select day, sum(amount) as s from sale group by day)
select a.day, a.s - b.s as change from d as a join d as b on b.day = a.day - 1
