-- Names: in any case, quoted or not, in schemas, like keywords; outputs keep the spelling of the question.

-- tables
create schema crm;
create table crm."Kunde" ("Id" integer primary key, "Name" varchar not null, "order" varchar);
insert into crm."Kunde" values (1, 'A', 'x'), (2, 'B', null), (3, 'A', 'y');

create table crm.sale (id integer primary key, "Kunde Id" integer not null references crm."Kunde" ("Id"), "group" varchar, "Select" integer,
    "from" date, "ümlaut" integer, "a.b" integer, "say ""hi""" integer);
insert into crm.sale
select i, 1 + i % 3, ['a', 'b', null][1 + i % 3], i * 7 % 11 - 3, date '2024-01-30' + (i % 5)::integer, i % 4, i % 2, i
from range(1, 25) as t (i);

create table "Order" (k integer primary key, v integer, count integer, sum integer);
insert into "Order" values (1, 2, 3, 4), (2, null, 3, 5), (3, 7, null, null);

-- cuboid crm.by_kunde
select "Kunde Id", "group", count(*), sum("Select"), count("Select") as "count", min("from") as "from"
from crm.sale group by "Kunde Id", "group";

-- cuboid By Day
select "from", "a.b", "ümlaut" as "Ümlaut", count(*) as "n rows", sum("say ""hi""") as "sum" from crm.sale group by all;

-- cuboid order_counts
select count, count(*) as n, sum(v) as sum from "Order" group by count;

-- cuboid unnamed
select "Kunde Id" % 2, ("Select" + 2), count(*), avg("ümlaut"), sum("ümlaut"), count("ümlaut") from crm.sale group by 1, 2;

-- given crm.by_kunde
-- case names with spaces, keywords, outputs without alias
--   uses crm.by_kunde
select "Kunde Id", sum("Select") from crm.sale group by "Kunde Id"

-- case names in other letters
--   uses crm.by_kunde
SELECT "KUNDE ID", "GROUP", SUM("select"), COUNT(*) FROM CRM.SALE GROUP BY ALL

-- case an alias in quotes
--   uses crm.by_kunde
select "group" as "Die Gruppe", count(*) as "Zahl der ""Käufe""" from crm.sale group by "group"

-- case an alias for the table
--   uses crm.by_kunde
select "S"."group", sum(s."Select") from crm.sale as "S" group by S."GROUP"

-- case the table by its schema, columns by the table's name
--   uses crm.by_kunde
select sale."group", count(*) from crm.sale group by sale."group"

-- case columns by schema and table
--   uses crm.by_kunde
select crm.sale."group", count(*) from crm.sale group by crm.sale."group"

-- case a join with a table in quotes
--   uses crm.by_kunde with crm.Kunde
select k."Name", sum(s."Select") as "Sum" from crm.sale as s join crm."Kunde" as k on k."Id" = s."Kunde Id" group by k."Name"

-- case a join of a column like a keyword
--   uses crm.by_kunde with crm.Kunde
select k."order", count(*) as "select" from crm."Kunde" as k join crm.sale as s on s."Kunde Id" = k."Id" group by k."order"

-- case an average whose parts have names like functions
--   uses crm.by_kunde
select "group", avg("Select") from crm.sale group by "group"

-- case a stored column named like a column that is no level
--   uses crm.by_kunde
select "group", min("from") from crm.sale group by "group"

-- case a level that is not there, though an output of its name is
--   star
select "from", count(*) from crm.sale group by "from"

-- case an alias like a stored output
--   uses crm.by_kunde
select "group" as "count_star()", count(*) as "group" from crm.sale group by crm.sale."group"

-- given By Day
-- case a cuboid with a space in its name
--   uses By Day
select "from", count(*) from crm.sale group by "from"

-- case letters outside ASCII
--   uses By Day
select "ümlaut", count(*) as "größe" from crm.sale group by "ümlaut"

-- case a column with a dot
--   uses By Day
select "a.b", sum("say ""hi""") from crm.sale group by "a.b"

-- case a stored name that is a function
--   uses By Day
select sum("say ""hi""") as sum, count(*) as count from crm.sale

-- given order_counts
-- case a table and columns named like keywords and functions
--   uses order_counts
select count, count(*), sum(v) from "Order" group by count

-- case in other letters
--   uses order_counts
select "COUNT", sum("V") as "Sum" from "ORDER" group by "Count"

-- case a column is not the function
--   star
select sum(sum) from "Order"

-- given unnamed
-- case levels without alias
--   uses unnamed
select "Kunde Id" % 2, count(*) from crm.sale group by "Kunde Id" % 2

-- case a level without alias in another spelling
--   uses unnamed
select 2 + "Select" as x, count(*) as n from crm.sale group by x

-- case an average from stored sum and count, beside a stored average
--   uses unnamed
select avg("ümlaut") as a from crm.sale
