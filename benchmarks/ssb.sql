-- The star-schema benchmark's tables at scale :scale:, from hashes: a number in hash() only keeps the
-- draws apart. Names and ranges are those of O'Neil and others (2009); a brand is p_brand here.
create table calendar as
select
    strftime(day, '%Y%m%d')::integer as d_datekey,
    year(day)::integer as d_year,
    (year(day) * 100 + month(day))::integer as d_yearmonthnum,
    strftime(day, '%b%Y') as d_yearmonth,
    ((dayofyear(day) - 1) // 7 + 1)::integer as d_weeknuminyear
from (select unnest(generate_series(date '1992-01-01', date '1998-12-31', interval 1 day))::date as day);

create temp table nation as
select *, row_number() over () - 1 as nation_no
from (
    select region, unnest(nations) as nation
    from (values
        ('AFRICA', ['ALGERIA', 'ETHIOPIA', 'KENYA', 'MOROCCO', 'MOZAMBIQUE']),
        ('AMERICA', ['ARGENTINA', 'BRAZIL', 'CANADA', 'PERU', 'UNITED STATES']),
        ('ASIA', ['CHINA', 'INDIA', 'INDONESIA', 'JAPAN', 'VIETNAM']),
        ('EUROPE', ['FRANCE', 'GERMANY', 'ROMANIA', 'RUSSIA', 'UNITED KINGDOM']),
        ('MIDDLE EAST', ['EGYPT', 'IRAN', 'IRAQ', 'JORDAN', 'SAUDI ARABIA'])
    ) as r (region, nations)
);

create table customer as
select
    c.i::integer as c_custkey,
    rpad(n.nation, 9, ' ')[1:9] || (hash(c.i, 2) % 10)::varchar as c_city,
    n.nation as c_nation,
    n.region as c_region
from range(1, (30000 * :scale:)::bigint + 1) as c (i)
join nation as n on n.nation_no = hash(c.i, 1) % 25;

create table supplier as
select
    s.i::integer as s_suppkey,
    rpad(n.nation, 9, ' ')[1:9] || (hash(s.i, 4) % 10)::varchar as s_city,
    n.nation as s_nation,
    n.region as s_region
from range(1, (2000 * :scale:)::bigint + 1) as s (i)
join nation as n on n.nation_no = hash(s.i, 3) % 25;

create table part as
select
    i::integer as p_partkey,
    'MFGR#' || (1 + hash(i, 5) % 5)::varchar as p_mfgr,
    'MFGR#' || (1 + hash(i, 5) % 5)::varchar || (1 + hash(i, 6) % 5)::varchar as p_category,
    'MFGR#' || (1 + hash(i, 5) % 5)::varchar || (1 + hash(i, 6) % 5)::varchar || (1 + hash(i, 7) % 40)::varchar as p_brand
from range(1, 200000 * (1 + floor(log2(greatest(1, :scale:))))::integer + 1) as p (i);

create table lineorder as
with ordered as (
    select i, strftime(date '1992-01-01' + (hash(i, 10) % 2406)::integer, '%Y%m%d')::integer as lo_orderdate,
        (1 + hash(i, 11) % (30000 * :scale:)::bigint)::integer as lo_custkey
    from range(1, (1500000 * :scale:)::bigint + 1) as o (i)
),
lined as (
    select *, unnest(range(1, 2 + (hash(i, 12) % 7)::integer)) as line from ordered
)
select
    i::integer as lo_orderkey,
    line::integer as lo_linenumber,
    lo_custkey,
    (1 + hash(i, line, 13) % (select count(*) from part))::integer as lo_partkey,
    (1 + hash(i, line, 14) % (select count(*) from supplier))::integer as lo_suppkey,
    lo_orderdate,
    ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECI', '5-LOW'][1 + (hash(i, 15) % 5)::integer] as lo_orderpriority,
    '0' as lo_shippriority,
    (1 + hash(i, line, 16) % 50)::integer as lo_quantity,
    (90000 + hash(i, line, 17) % 10000000)::integer as lo_extendedprice,
    (hash(i, line, 18) % 11)::integer as lo_discount,
    ((90000 + hash(i, line, 17) % 10000000) * (100 - hash(i, line, 18) % 11) // 100)::integer as lo_revenue,
    (54000 + hash(i, line, 19) % 66000)::integer as lo_supplycost,
    (hash(i, line, 20) % 9)::integer as lo_tax,
    ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'][1 + (hash(i, line, 21) % 7)::integer] as lo_shipmode
from lined
order by lo_orderdate, lo_orderkey, lo_linenumber;
