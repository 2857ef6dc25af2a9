-- NULL is a member of its own, is no value, and is neither true nor false.

-- tables
create table parent (p integer primary key, name varchar);
insert into parent values (1, 'a'), (2, null), (3, 'c');

create table fact (id integer primary key, a varchar, b varchar, p integer references parent (p), x integer, y integer, flag boolean);
insert into fact values
    (1, null, null, null, null, 1, null), (2, null, 'u', 1, 5, null, true), (3, 'q', null, 2, null, null, false),
    (4, 'q', 'u', 3, -5, 2, null), (5, 'q', 'u', null, 0, 0, true), (6, '', '', 1, 7, 7, false), (7, null, null, null, null, null, null),
    (8, 'r', null, 2, null, 3, null), (9, 'r', 'r', 2, 4, 4, true);

-- cuboid cells
select a, b, p, count(*) as n, count(x) as cx, sum(x) as sx, sum(y) as sy, count(y) as cy, min(x) as lx, bool_and(flag) as fa
from fact group by a, b, p;

-- cuboid by_coalesced
select coalesce(a, '') as a, count(*) as n, sum(x) as sx from fact group by 1;

-- cuboid flags
select flag, a, count(*) as n, sum(x) as sx from fact group by flag, a;

-- cuboid all_null_sums
select a, sum(x) as sx, sum(case when flag then x end) as fx, sum(case when flag then x else 0 end) as zx from fact group by a;

-- given cells
-- case groups of NULL merge with each other alone
--   uses cells
select a, count(*) as n, sum(x) as s from fact group by a

-- case a sum of NULLs is NULL, and NULL beside a value is the value
--   uses cells
select b, sum(x) as sx, sum(y) as sy, avg(x) as a from fact group by b

-- case values that are not NULL
--   uses cells
select count(a) as a, count(b) as b, count(p) as p, count(x) as x from fact

-- case one level equal to another: NULL is equal to nothing
--   uses cells
select count(*) as n from fact where a = b

-- case one level not distinct from another
--   uses cells
select count(*) as n from fact where a is not distinct from b

-- case empty text is not NULL
--   uses cells
select a, count(*) as n from fact where a = '' or a is null group by a

-- case NOT of what is unknown
--   uses cells
select count(*) as n from fact where not (a = 'q')

-- case NOT IN a list of a question that holds NULL
--   uses cells with parent
select count(*) as n from fact where a not in (select name from parent)

-- case an inner join drops NULL keys
--   uses cells with parent
select q.name, count(*) as n from fact as f join parent as q on q.p = f.p group by q.name

-- case a left join keeps them, beside a parent whose name is NULL
--   uses cells with parent
select q.name, count(*) as n, sum(f.x) as s from fact as f left join parent as q on q.p = f.p group by q.name

-- case a join that takes NULL for equal
--   uses cells with parent
select q.name, count(*) as n from fact as f join parent as q on q.name is not distinct from f.a group by q.name

-- case either side of OR unknown
--   uses cells
select count(*) as n from fact where a = 'q' or b = 'u'

-- case least of nothing
--   uses cells
select a, min(x) as m from fact group by a

-- case all of nothing known
--   uses cells
select b, bool_and(flag) as f from fact group by b

-- case greatest of two levels
--   uses cells
select greatest(a, b) as g, count(*) as n from fact group by g

-- case nullif
--   uses cells
select nullif(a, 'q') as z, count(*) as n from fact group by z

-- case a sum where the missing is 0
--   uses cells
select a, sum(coalesce(x, 0)) as s, sum(ifnull(y, 0)) as t from fact group by a

-- case an average where the missing is 0
--   uses cells
select a, avg(coalesce(x, 0)) as s from fact group by a

-- case a sum of two columns of which either may be missing
--   star aggregate
select a, sum(x + y) from fact group by a

-- given by_coalesced
-- case NULL and empty text are one
--   uses by_coalesced
select coalesce(a, '') as a, sum(x) as s from fact group by coalesce(a, '')

-- case NULL and empty text apart
--   star level
select a, sum(x) from fact group by a

-- case only NULL
--   star predicate
select count(*) from fact where a is null

-- case a member that only itself becomes
--   any
select count(*) as n from fact where a = 'q'

-- given flags
-- case a count under a truth value that is a level
--   uses flags
select a, count(*) filter (where flag) as t, count(*) filter (where not flag) as f, count(*) filter (where flag is null) as u
from fact group by a

-- case true, and not known to be false
--   uses flags
select count(*) as n from fact where flag is not false

-- case a truth value as a number
--   uses flags
select sum(flag::integer) as t, avg(flag::integer) as share from fact

-- case a truth value beside another
--   uses flags
select sum(x) as s from fact where flag and a = 'q'

-- case either of them
--   uses flags
select sum(x) as s from fact where flag or a = 'q'

-- given all_null_sums
-- case a sum under a condition
--   uses all_null_sums
select a, sum(x) filter (where flag) as s from fact group by a

-- case a sum with else 0 is 0 where the other is NULL
--   uses all_null_sums
select a, sum(case when flag then x else 0 end) as s from fact group by a

-- case 0 from NULL, where all values that are there would be counted
--   any
select a, coalesce(sum(case when flag then x end), 0) as s from fact group by a

-- case a sum does not know whether it is missing in all rows or in none
--   star aggregate
select a, count(x) from fact group by a
