-- One month: responses :low: to :high:, evenly over its :days: days, and its contacts. The numbers
-- in hash() only keep the draws apart.
create or replace temp table response as
select
    r.i,
    4611686018427387904 + (hash(r.i, 1) >> 2)::bigint as response_key,
    s.site_key,
    p.process,
    p.site_type,
    (hash(r.i, 4) % c.channels)::integer as channel_key,
    (hash(r.i, 5) % c.products)::integer as product_key,
    (hash(r.i, 6) % c.profiles)::integer as profile_key,
    (hash(r.i, 7) % 3000000)::bigint as customer_key,
    :first: + ((r.i - :low:) * :days: // greatest(:high: - :low:, 1))::integer as local_date,
    (540 + hash(r.i, 8) % 660)::smallint as local_minute
from range(:low:, :high:) as r (i)
cross join drawn_count as c
join process_pick as p on p.pick = hash(r.i, 2) % 100
join site_pick as s on s.site_type = p.site_type and s.pick = hash(r.i, 3) % getvariable('picks');

create or replace temp table answer_month as
select
    4611686018427387904 + (hash(r.i, q.question_key, 10) >> 2)::bigint as answer_key,
    r.response_key,
    r.site_key,
    q.question_key,
    r.channel_key,
    r.product_key,
    0 as agent_key,
    0 as campaign_key,
    r.customer_key,
    r.profile_key,
    case when hash(r.i, q.question_key, 11) % 40 > 0 then
        case q.direction
            when -1 then q.low + (pow((hash(r.i, q.question_key, 12) % 1000) / 1000, 2) * (q.high - q.low + 1))::integer % (q.high - q.low + 1)
            else q.high - (pow((hash(r.i, q.question_key, 12) % 1000) / 1000, 2) * (q.high - q.low + 1))::integer % (q.high - q.low + 1)
        end
    end as score,
    case when hash(r.i, q.question_key, 13) % 30 = 0 then (hash(r.i, q.question_key, 14) >> 2)::bigint end as text_id,
    r.local_date + to_minutes(r.local_minute) - interval 9 hours as at_utc,
    r.local_date,
    r.local_minute,
    r.response_key as record_key,
    r.local_date + 1 as landed_day
from response as r
join asked as q on q.process = r.process;

create or replace temp table record_month as
select
    response_key as record_key,
    (hash(i, 20) >> 1)::bigint as content,
    local_date + 1 as landed_day,
    'network_survey_phone' as source,
    'raw' as raw_table,
    1 as file_no,
    i as record_no,
    local_date::varchar as version,
    'live' as state
from response;

create or replace temp table contact_month as
with drawn as (
    select
        r.i,
        s.site_key,
        c.*,
        :first: + ((r.i - :contact_low:) * :days: // greatest(:contact_high: - :contact_low:, 1))::integer as local_date,
        (480 + hash(r.i, 38) % 720)::smallint as local_minute,
        hash(r.i, 31) % 100 as kind,
        hash(r.i, 32) % 100 < 7 as is_abandoned,
        (hash(r.i, 33) % 1000) / 1000 as luck
    from range(:contact_low:, :contact_high:) as r (i)
    cross join drawn_count as c
    join site_pick as s on s.site_type = 'service_center' and s.pick = hash(r.i, 30) % getvariable('picks')
)
select
    2199023255552 + i as contact_key,
    site_key,
    touchpoints[1 + (hash(i, 39) % len(touchpoints))::integer] as touchpoint_key,
    (hash(i, 34) % channels)::integer as channel_key,
    (hash(i, 35) % reasons)::integer as reason_key,
    (hash(i, 36) % products)::integer as product_key,
    0 as agent_key,
    0 as campaign_key,
    (hash(i, 37) % 3000000)::bigint as customer_key,
    0 as profile_key,
    case when kind < 85 then 'inbound' else 'outbound' end as direction,
    case when kind < 12 then 'complaint' when kind < 60 then 'inquiry' when kind < 85 then 'request' else 'happy_call' end as purpose,
    'closed' as status,
    not is_abandoned and not is_open as is_resolved,
    is_abandoned,
    (luck * 120)::integer as wait_seconds,
    case when not is_abandoned then (60 + luck * 600)::integer end as talk_seconds,
    case when not is_abandoned and not is_open then (pow(luck, 4) * 20000)::integer end as cycle_minutes,
    (hash(i, 40) % 5 // 4)::smallint as transfers,
    (hash(i, 41) % 50 // 49)::smallint as reopens,
    local_date + to_minutes(local_minute) - interval 9 hours as at_utc,
    local_date,
    local_minute
from (
    select *, hash(i, 42) % 1000 < case when local_date >= date ':until:' - 30 then 60 else 1 end as is_open
    from drawn
);
