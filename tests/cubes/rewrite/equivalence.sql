-- Columns that a join makes equal stand for each other where equal is the same, and where the join is not outer.

-- tables shop
create table code_book (code varchar primary key, label varchar);
insert into code_book values ('1', 'one'), ('01', 'one again'), ('2', 'two'), ('3.0', 'three');

create table weight (k decimal(6, 2) primary key, w integer);
insert into weight values (1.00, 5), (2.00, 6), (2.50, 7);

create table dated (at_midnight timestamp primary key, note varchar);
insert into dated values ('2024-01-01 00:00:00', 'a'), ('2024-02-29 00:00:00', 'b'), ('2024-03-01 12:00:00', 'c');

create table loose (id integer primary key, product_key integer, amount integer, code integer not null);
insert into loose values (1, 1, 5, 1), (2, 99, 7, 2), (3, null, -1, 1), (4, 4, null, 3), (5, 1, 2, 2), (6, 99, 1, 1);

-- cuboid loose_cells
select product_key, code, count(*) as n, sum(amount) as s from loose group by product_key, code;

-- cuboid sale_cells
select product_key, site_key, day, count(*) as n, sum(amount) as s from sale group by product_key, site_key, day;

-- cuboid by_code_text
select b.code, count(*) as n, sum(f.amount) as s from loose as f join code_book as b on b.code = f.code group by b.code;

-- given sale_cells
-- case a left join: the other side's key is null where nothing was met
--   uses sale_cells with product
select p.product_key, count(*) as n from sale as f left join product as p on p.product_key = f.product_key group by p.product_key

-- case an inner join: either side's key
--   uses sale_cells with product
select p.product_key, count(*) as n from sale as f join product as p on p.product_key = f.product_key group by p.product_key

-- case a condition on the other side's key
--   uses sale_cells with product, site
select f.site_key, sum(f.amount) as s from sale as f join site as t on t.site_key = f.site_key where t.site_key in (1, 2) group by f.site_key

-- case a chain of equalities
--   uses sale_cells with site, target
select g.site_key, count(*) as n from sale as f join site as t on t.site_key = f.site_key join target as g on g.site_key = t.site_key
where g.month = date '2024-02-01' group by g.site_key

-- case equal to a level of another type
--   uses sale_cells with dated
select d.at_midnight, count(*) as n from sale as f join dated as d on d.at_midnight = f.day group by d.at_midnight

-- given loose_cells
-- case a left join without a foreign key: a key that is nowhere is not null on the left
--   uses loose_cells with product
select p.product_key, count(*) as n, sum(f.amount) as s from loose as f left join product as p on p.product_key = f.product_key
group by p.product_key

-- case a left join without a foreign key, those that were met
--   uses loose_cells with product
select count(p.product_key) as met, count(f.product_key) as named, count(*) as n
from loose as f left join product as p on p.product_key = f.product_key

-- case a text that equals a number is not the number
--   uses loose_cells with code_book
select b.code, count(*) as n from loose as f join code_book as b on b.code = f.code group by b.code

-- case a number that equals a text
--   uses loose_cells with code_book
select f.code, count(*) as n from loose as f join code_book as b on b.code = f.code group by f.code

-- case a number of other digits
--   uses loose_cells with weight
select k.k, sum(f.amount) as s from loose as f join weight as k on k.k = f.code group by k.k

-- case a number of other digits in text
--   uses loose_cells with weight
select k.k::varchar as t, sum(k.w) as s from loose as f join weight as k on k.k = f.code group by t

-- given by_code_text
-- case the text is a level, the number was joined by it
--   any
select f.code, count(*) as n from loose as f join code_book as b on b.code = f.code group by f.code

-- case the text itself
--   uses by_code_text
select b.code, sum(f.amount) as s from loose as f join code_book as b on b.code = f.code group by b.code

-- case the text under a condition on the number
--   any
select b.code, sum(f.amount) as s from loose as f join code_book as b on b.code = f.code where f.code = 1 group by b.code
