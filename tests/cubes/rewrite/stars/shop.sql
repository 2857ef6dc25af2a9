-- A small shop: sales by site, product and day, with what is nasty about real ones.
create table region (
    region_key integer primary key,
    region varchar not null,
    country varchar
);
insert into region values (1, 'north', 'KR'), (2, 'south', 'KR'), (3, 'islands', null), (4, 'empty', 'KR');

create table site (
    site_key integer primary key,
    site varchar not null,
    region_key integer not null references region (region_key),
    kind varchar,
    opened date,
    size integer
);
insert into site values
    (1, 'Jongno', 1, 'branch', '2019-02-28', 3),
    (2, 'Mapo', 1, 'service', '2020-02-29', null),
    (3, 'Haeundae', 2, 'branch', null, 7),
    (4, 'Jongno', 3, null, '2019-02-28', 3),
    (5, 'Unsold', 2, 'service', '2024-01-01', 1);

create table product (
    product_key integer primary key,
    product varchar not null,
    category varchar,
    list_price decimal(9, 2)
);
insert into product values
    (1, 'tyre', 'parts', 10.50), (2, 'oil', 'parts', null), (3, 'car', 'sales', 99.99), (4, 'wash', null, 0.00);

create table calendar (
    day date primary key,
    month date not null,
    quarter date not null,
    year integer not null,
    week date not null,
    holiday boolean not null
);
insert into calendar
select d::date, date_trunc('month', d)::date, date_trunc('quarter', d)::date, year(d), date_trunc('week', d)::date,
    d::date in ('2023-12-31', '2024-01-01', '2024-03-01')
from unnest(generate_series(timestamp '2023-12-25', timestamp '2024-05-05', interval 1 day)) as t (d);

create table sale (
    sale_key integer primary key,
    site_key integer not null references site (site_key),
    product_key integer references product (product_key),
    day date not null references calendar (day),
    sold_at timestamp not null,
    due date,
    amount integer,
    price decimal(9, 2),
    quantity integer not null,
    channel varchar,
    returned boolean
);
insert into sale
select i,
    1 + (i * 7 + i // 5) % 4,
    case when i % 9 <> 0 then 1 + i * 5 % 4 end,
    d,
    d + ['00:00:00', '23:59:59.999999', '12:30:00', '00:30:00', '23:30:00', '09:00:00', '00:00:00.000001']
        [1 + i % 7]::time,
    case when i % 4 <> 1 then (d + to_days(i % 3 * 20))::date end,
    case when i % 6 <> 5 then (i * 37) % 23 - 9 end,
    case when i % 8 <> 3 then ((i * 53) % 41 - 11) * 1.25 end,
    i % 4,
    ['web', 'phone', null, 'Web', 'desk'][1 + i * 3 % 5],
    [true, false, null][1 + i % 3]
from (
    select i, ['2023-12-31', '2024-01-01', '2024-01-31', '2024-02-01', '2024-02-28', '2024-02-29', '2024-03-01',
        '2024-03-03', '2024-03-04', '2024-03-31', '2024-04-01', '2024-04-30'][1 + (i + i // 12) % 12]::date as d
    from range(1, 62) as t (i)
);

create table visit (
    visit_key integer primary key,
    site_key integer not null references site (site_key),
    day date not null references calendar (day),
    visitors integer not null,
    weather varchar
);
insert into visit
select i, 1 + i * 3 % 5, date '2024-01-30' + (i * 11 % 40)::integer, i * 7 % 5, ['rain', null, 'sun'][1 + i % 3]
from range(1, 25) as t (i);

create table target (
    site_key integer not null references site (site_key),
    month date not null,
    goal integer,
    primary key (site_key, month)
);
insert into target
select s, m, case when s <> 2 then s * 10 + month(m) end
from range(1, 6) as a (s), (values (date '2024-01-01'), (date '2024-02-01'), (date '2024-03-01')) as b (m);
