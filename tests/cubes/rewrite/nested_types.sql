-- Structs, lists, letters of a text, lambdas and COLUMNS: each is a function of what it reads.

-- tables
create table f (
    a integer,
    b integer,
    c varchar,
    l struct(p integer, q struct(r varchar)),
    d struct(x double),
    e integer[]
);
insert into f select
    case when i % 7 <> 0 then i % 5 end,
    case when i % 4 <> 0 then i end,
    ['xa', 'Xb', 'yc', null, ''][1 + i % 5],
    case when i % 6 <> 0 then {'p': case when i % 5 <> 0 then i % 4 end, 'q': {'r': 'z' || i % 2}} end,
    {'x': case when i % 2 = 0 then 0.0 else -0.0 end},
    [i % 2, i % 3]
from range(1, 41) as t (i);
create table k (a integer, upper varchar);
insert into k values (1, 'one'), (2, null), (null, 'none');

-- cuboid plain
select a, c, count(*) as n, sum(b) as s from f group by a, c;

-- cuboid nested
select l, d, e, count(*) as n, sum(b) as s from f group by l, d, e;

-- cuboid letters
select c[1] as first, {'k': a} as st, count(*) as n from f group by all;

-- given plain
-- case a letter
--   uses plain
select c[1] as first, count(*) as n from f group by first

-- case letters
--   uses plain
select c[2:] as tail, c[:1] as head, c[-1] as last, count(*) as n from f group by all

-- case a condition on a letter
--   uses plain
select sum(b) as s from f where c[1] = 'x'

-- case a struct
--   uses plain
select {'k': a, 'up': upper(c)} as st, count(*) as n from f group by st

-- case a struct of a group and an aggregate
--   uses plain
select a, {'a': a, 'n': count(*), 's': sum(b)} as st from f group by a

-- case a struct by its function
--   uses plain
select struct_pack(k := a, "l m" := c), count(*) from f group by a, c

-- case a condition on a struct
--   uses plain
select count(*) as n from f where {'k': a, 'c': c} = {'k': 1, 'c': 'xa'}

-- case a function with a dot
--   uses plain
select c.upper() as up, f.c.lower().length() as len, b.sum() as s from f group by all

-- case a list made by a lambda
--   uses plain
select list_transform([1, 2], lambda x: x + a) as l, count(*) as n from f group by all

-- case a lambda with the place
--   uses plain
select list_transform([3, 4], lambda x, i: x * i + coalesce(a, 0)) as l, count(*) as n from f group by all

-- case a lambda with a parameter that has the name of a column
--   uses plain
select list_filter([1, 2, 3], lambda a: a > 1) as l, sum(b) as s from f group by all

-- case a list comprehension
--   uses plain
select [x + a for x in [1, 2] if x > 1] as l, count(*) as n from f group by all

-- case a function with a dot in a lambda is of the column, not of the parameter
--   star shape
select list_transform(['q'], lambda c: c.upper()) as l, count(*) as n from f group by all

-- case COLUMNS of a name
--   uses plain
select columns('a'), count(*) from f group by all

-- case COLUMNS in an aggregate
--   uses plain
select sum(columns('b')) from f

-- case COLUMNS twice in an expression
--   uses plain
select max(columns('a')) - min(columns('a')) from f

-- case COLUMNS of all
--   uses plain
select count(columns(*)), max(columns(*)) from (select a, c as a_c from f)

-- case COLUMNS by a part of several names
--   uses plain
select columns('_k'), s from (select a as a_k, c as b_k, sum(b) as s from f group by all)

-- case COLUMNS of two patterns in an expression
--   star
select max(columns('a')), min(columns('b')) from f where b > 3

-- case COLUMNS of a regular expression
--   star shape
select columns('^a$'), count(*) from f group by all

-- case an order of letters of its own
--   uses plain
select c, sum(b) as s from f group by c order by c collate nocase desc, c

-- case an order of letters of its own, by an alias
--   uses plain
select c as name, sum(b) as s from f group by c order by name collate nocase, name

-- case an order of letters of its own leaves ties
--   star order
select c, sum(b) as s from f group by c order by c collate nocase limit 2

-- case an order by a name that is an alias and a column
--   star order
select upper(c) as c, count(*) as n from f group by all order by c collate nocase

-- case a comparison of letters of its own
--   star shape
select count(*) as n from f where c collate nocase = 'XA'

-- case groups of letters of their own
--   star shape
select any_value(a) as a, count(*) as n from f group by c collate nocase

-- given nested
-- case a field
--   uses nested
select l.p, sum(b) as s from f group by l.p order by l.p

-- case a field of a field
--   uses nested
select f.l.q.r, (l).p as p, l['q'] as q, count(*) as n from f group by all

-- case a condition on a field
--   uses nested
select count(*) as n from f where l.p > 1 and l.q.r = 'z1'

-- case a field that is null, or of a struct that is
--   uses nested
select count(*) as n from f where l.p is null

-- case aggregates of a field
--   uses nested
select max(l.p) as m, sum(l.p) as s, count(l.p) as n, count(distinct l.q.r) as d from f

-- case a field that reads the row around it
--   uses nested with k
select count(*) as n from f where exists (select 1 from k where k.a = f.l.p)

-- case a field of DOUBLE: nought has two signs
--   star level
select 1 / d.x as x, count(*) as n from f group by all

-- case an element of a list that is a level
--   star level
select e[1] as first, count(*) as n from f group by all

-- case a column with the name of its source
--   star shape
select l.p, count(*) as n from f as l group by l.p

-- given letters
-- case a letter that is a level
--   uses letters
select c[1] as first, count(*) as n from f group by first

-- case a struct that is a level
--   uses letters
select {'k': a} as st, count(*) as n from f group by all

-- case a field of a struct made of a level
--   any
select st.k, count(*) as n from (select {'k': a} as st from f) group by st.k

-- case a struct with another name of its field
--   star
select {'j': a} as st, count(*) as n from f group by all
