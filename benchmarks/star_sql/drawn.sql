-- What answers and contacts are drawn from. A number below 65,536 picks a site; the sites of a type
-- stand in it about as often as 1 / rank^0.7, so that few have most of the answers.
create temp table site_pick as
with ranked as (
    select
        site_key,
        site_type,
        row_number() over (partition by site_type order by hash(site_key)) as rank
    from small.main.dim_site
    where is_current and site_key > 0 and site_type in ('sales_branch', 'service_center')
),
weighed as (
    select *, sum(pow(rank, -0.7)) over (partition by site_type order by rank) as reached,
        sum(pow(rank, -0.7)) over (partition by site_type) as whole
    from ranked
),
stretched as (
    select site_key, site_type,
        coalesce(lag((reached / whole * getvariable('picks'))::bigint) over (partition by site_type order by rank), 0) as low,
        (reached / whole * getvariable('picks'))::bigint as high
    from weighed
)
select site_type, unnest(range(low, high)) as pick, site_key from stretched;

-- Which questions a response answers together, and how often it is of that process.
create temp table asked as
select process, question_key, low, high, direction
from small.main.dim_question
where question_key > 0;

create temp table process_pick as
select unnest(range(low, high)) as pick, process, site_type
from (values
    (0, 45, 'after_sales', 'service_center'),
    (45, 75, 'sales', 'sales_branch'),
    (75, 90, 'product', 'service_center'),
    (90, 100, 'contact_centre', 'service_center')
) as p (low, high, process, site_type);

create temp table drawn_count as
select
    (select count(*) from small.main.dim_channel) as channels,
    (select count(*) from small.main.dim_product) as products,
    (select count(*) from small.main.dim_reason) as reasons,
    (select count(*) from small.main.dim_customer_profile) as profiles,
    (select list(touchpoint_key order by touchpoint_key) from small.main.dim_process) as touchpoints;
