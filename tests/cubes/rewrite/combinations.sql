-- A sum as a combination of stored sums, all of the very same rows.

-- tables
create table line (id integer primary key, kind varchar, price decimal(9, 2) not null, cut decimal(4, 2) not null, tax decimal(4, 2), pieces integer not null, weight double not null);
insert into line select i, ['a', 'b', null][1 + i % 3], i * 1.25 - 20, (i % 5) / 10.0, case when i % 4 > 0 then i % 3 / 100.0 end, i % 7, i / 3.0
from range(50) as t (i);

-- cuboid cells
select kind, sum(price) as sp, sum(price * (1 - cut)) as net, sum(price * (1 - cut) * (1 + tax)) as gross,
    sum(pieces) filter (where price > 0) as good, sum(pieces) as pieces, sum(weight) as w, sum(weight * pieces) as wp
from line group by kind;

-- given cells
-- case the same product, spelt as a difference
--   uses cells
select kind, sum(price - price * cut) as s from line group by kind

-- case what is taken off
--   uses cells
select kind, sum(price * cut) as s from line group by kind

-- case a share of what is taken off
--   uses cells
select kind, sum(price * cut * 0.5) as s from line group by kind

-- case of a level alone
--   uses cells
select sum(price * cut) as s from line where kind = 'a'

-- case over nothing
--   uses cells
select sum(price * cut) as s, sum(price - cut * price) as n from line where kind = 'c'

-- case in arithmetic
--   uses cells
select sum(price) - sum(price * cut) as net, sum(price * cut) / sum(price) as share from line

-- case of rows that are not all, as one factor may be NULL
--   star aggregate
select kind, sum(price * tax - price * cut * tax) as s from line group by kind

-- case all of it, where one factor may be NULL
--   uses cells
select kind, sum(price * (1 - cut) + price * (1 - cut) * tax) as s from line group by kind

-- case a third of it, which ends nowhere
--   star aggregate
select kind, sum(price * cut / 3) as s from line group by kind

-- case a product that is in none
--   star aggregate
select kind, sum(price * pieces) as s from line group by kind

-- case of other rows
--   star aggregate
select kind, sum(pieces) filter (where price <= 0) as s from line group by kind

-- case of DOUBLE nothing is put together
--   star aggregate
select kind, sum(weight + weight * pieces) as s from line group by kind
